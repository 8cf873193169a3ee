"""The data groups that hold a person's data: DG1, DG2, DG3, DG13 (ICAO Doc 9303-10, 4.7), and EF.COM."""

import struct
from collections.abc import Iterable

from kiosk.hardware.simulated.citizen_card import ber
from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.model.identity import PartialDate, Sex

TAGS = {1: 0x61, 2: 0x75, 3: 0x63, 4: 0x76, 5: 0x65, 6: 0x66, 7: 0x67, 8: 0x68, 9: 0x69, 10: 0x6A} | {
    11: 0x6B,
    12: 0x6C,
    13: 0x6D,
    14: 0x6E,
    15: 0x6F,
    16: 0x70,
}
"""The tag of each data group by its number."""
_JPEG, _JPEG_2000 = 0, 1
_PLACEHOLDER_OID = "2.999.1"
"""DG13's real object identifier is not published."""


def common_data(numbers: Iterable[int]) -> bytes:
    """EF.COM: LDS 1.7, Unicode 4.0.0 and the tags of the data groups (9303-10, 4.6.1)."""
    tags = bytes(TAGS[number] for number in sorted(numbers))
    return ber.tlv(0x60, ber.tlv(0x5F01, b"0107"), ber.tlv(0x5F36, b"040000"), ber.tlv(0x5C, tags))


def data_group_1(mrz: str) -> bytes:
    """DG1."""
    return ber.tlv(0x61, ber.tlv(0x5F1F, mrz.encode("ascii")))


def data_group_2(picture: bytes, width: int, height: int) -> bytes:
    """DG2: one portrait in a facial record of ISO/IEC 19794-5 in CBEFF (9303-10, 4.7.2)."""
    header = ber.tlv(
        0xA1,
        ber.tlv(0x80, b"\x01\x01"),
        ber.tlv(0x81, b"\x02"),
        ber.tlv(0x87, b"\x01\x01"),
        ber.tlv(0x88, b"\x00\x08"),
    )
    template = ber.tlv(0x7F60, header, ber.tlv(0x5F2E, facial_record(picture, width, height)))
    return ber.tlv(0x75, ber.tlv(0x7F61, ber.tlv(0x02, b"\x01"), template))


def facial_record(picture: bytes, width: int, height: int) -> bytes:
    """ISO/IEC 19794-5:2005, 5: header, facial information, image information, picture."""
    kind = _JPEG if picture.startswith(b"\xff\xd8") else _JPEG_2000
    facial = struct.pack(">HBBB3s2s3s3s", 0, 0, 0, 0, bytes(3), bytes(2), bytes(3), bytes(3))
    image = struct.pack(">BBHHBBHH", 1, kind, width, height, 1, 2, 0, 0)
    block = len(facial) + 4 + len(image) + len(picture)
    return (
        struct.pack(">4s4sIH", b"FAC\0", b"010\0", 14 + block, 1) + struct.pack(">I", block) + facial + image + picture
    )


def data_group_3() -> bytes:
    """DG3: no finger in it, and nobody gets to see that (9303-10, 4.7.3)."""
    return ber.tlv(0x63, ber.tlv(0x7F61, ber.tlv(0x02, b"\x00")))


def data_group_13(holder: Holder) -> bytes:
    """DG13 as Vietnamese cards have it: numbered fields in a SET."""
    texts: dict[int, bytes] = {
        1: ber.printable(holder.number),
        2: ber.utf8(holder.name),
        3: ber.printable(_date(holder.birth_date)),
        4: ber.utf8("Nữ" if holder.sex is Sex.FEMALE else "Nam"),
        5: ber.utf8("Việt Nam"),
        6: ber.utf8(holder.ethnicity),
        7: ber.utf8(holder.religion),
        8: ber.utf8(holder.origin),
        9: ber.utf8(holder.residence),
        10: ber.utf8(holder.marks),
        11: ber.printable(holder.issued_on.strftime("%d/%m/%Y")),
        12: _expiry(holder),
        13: ber.sequence(*map(ber.utf8, holder.parents)),
        14: ber.sequence(*([ber.utf8(holder.spouse)] if holder.spouse else [])),
        15: ber.printable(holder.old_number or ""),
        16: ber.printable(f"0001{holder.number}"),
    }
    fields = ber.tlv(0x31, *(ber.sequence(ber.integer(number), text) for number, text in texts.items()))
    return ber.tlv(0x6D, ber.sequence(ber.integer(0), ber.oid(_PLACEHOLDER_OID), fields))


def _expiry(holder: Holder) -> bytes:
    if holder.expires_on is None:
        return ber.utf8("Không thời hạn")
    return ber.printable(holder.expires_on.strftime("%d/%m/%Y"))


def _date(partial: PartialDate) -> str:
    known = [part for part in (partial.day, partial.month) if part is not None]
    return "/".join([f"{part:02}" for part in known] + [f"{partial.year:04}"])
