"""How large a picture is, from its first bytes: known before a decoder reserves memory for it."""

from kiosk.errors import InputError

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_JPEG_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Start-of-frame markers (ITU-T T.81, table B.1)."""
_JPEG_SCAN = b"\xff\xda"
MAX_JPEG_SCANS = 50
"""A camera writes 1 to 12. Each costs a pass over all pixels, however short it is in the file."""


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG or JPEG picture.

    Raises:
        InputError: kind ``bad_image``, field ``image``.
    """
    size = (0, 0)
    if data.startswith(_PNG) and data[12:16] == b"IHDR":
        size = (int.from_bytes(data[16:20]), int.from_bytes(data[20:24]))
    elif data.startswith(_JPEG) and data.count(_JPEG_SCAN) <= MAX_JPEG_SCANS:
        size = _jpeg_size(data)
    if 0 in size:
        raise InputError("bad_image", "image", "expected a PNG or JPEG picture")
    return size


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Walk the segments to the frame header (ITU-T T.81, B.2.2); (0, 0) where there is none."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 # every marker begins so
        marker = data[at + 1]
        if marker in _JPEG_FRAME:
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        if marker == 0xFF:  # noqa: PLR2004 # a fill byte
            at += 1
        elif marker in _JPEG_STANDALONE:
            at += 2
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4]))
    return 0, 0
