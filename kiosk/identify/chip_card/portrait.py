"""The holder's portrait: where it lies in DG2, and its pixels, decoded in a process of its own.

DG2 is 75 { 7F61 { 02, 7F60 { A1, 5F2E or 7F2E } } } (ICAO Doc 9303-10, 4.7.2; ISO/IEC 19785-1), with a facial record
of ISO/IEC 19794-5:2005 inside. It comes from a stranger. Its frame is read here in plain Python; the picture itself
goes through a large decoder in C, so that runs in `decode_portrait`, and only pixels come back.
"""

import os
import select
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.errors import DeviceError, InputError
from kiosk.identify.chip_card import decode_portrait as child
from kiosk.identify.chip_card.tlv import Tlv, children, find

DG2 = 0x75
MAX_DG2_BYTES = child.MAX_PICTURE_BYTES
MAX_SECONDS = 8.0
"""To wait for the pixels: decoding takes hundredths, starting the process on a slow and busy host over a second."""

_GROUP, _TEMPLATE = 0x7F61, 0x7F60
_DATA_BLOCKS = (0x5F2E, 0x7F2E)
_RECORD_HEADER, _FACE_HEADER, _FEATURE_POINT, _IMAGE_HEADER = 14, 20, 8, 12
_RECORD = b"FAC\0"
_JPEG = b"\xff\xd8\xff"
_JPEG_2000 = (b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")
_JPEG_QUALITY = 92
_PROGRAM = str(Path(child.__file__).resolve())
_ENVIRONMENT = {
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(child.MAX_PIXELS),
    "OPENCV_IO_MAX_IMAGE_WIDTH": str(child.MAX_SIDE_PIXELS),
    "OPENCV_IO_MAX_IMAGE_HEIGHT": str(child.MAX_SIDE_PIXELS),
    "OPENCV_OPENCL_RUNTIME": "disabled",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
"""All that the program is told; it has none of our settings or secrets. OpenCV checks the sizes before it decodes."""


class PictureFormat(StrEnum):
    """How DG2 holds the picture."""

    JPEG = "jpeg"
    JPEG_2000 = "jpeg2000"


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture as the card holds it, still encoded."""

    format: PictureFormat
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Portrait:
    """The holder's picture.

    Attributes:
        pixels: rows from the top, three bytes each for blue, green, red.
    """

    format: PictureFormat
    width: int
    height: int
    pixels: bytes = field(repr=False)

    def jpeg(self) -> bytes:
        """The picture as JPEG, made from its pixels: nothing of the card's file is in it."""
        import cv2  # noqa: PLC0415 # whoever reads cards without showing them does not wait for it
        import numpy as np  # noqa: PLC0415 # the same

        rows = np.frombuffer(self.pixels, np.uint8).reshape(self.height, self.width, child.CHANNELS)
        return cv2.imencode(".jpg", rows, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()


def find_picture(dg2: bytes) -> Picture:
    """The first picture in DG2's bytes as the card gave them.

    Raises:
        InputError: kinds of `tlv`, ``too_long`` (over 1 MB), ``not_dg2``, ``bad_facial_record`` or ``bad_picture``.
    """
    if len(dg2) > MAX_DG2_BYTES:
        raise InputError("too_long", "dg2", f"DG2 has at most {MAX_DG2_BYTES} bytes")
    template = find(dg2, DG2, _GROUP, _TEMPLATE)
    blocks = children(template.value) if template else []
    block = next((tlv for tlv in blocks if tlv.tag in _DATA_BLOCKS), None)
    if block is None:
        raise InputError("not_dg2", "dg2", "expected a biometric template with a data block")
    data = _picture_bytes(block)
    if data.startswith(_JPEG):
        return Picture(PictureFormat.JPEG, data)
    if data.startswith(_JPEG_2000):
        return Picture(PictureFormat.JPEG_2000, data)
    raise InputError("bad_picture", "dg2", "expected JPEG or JPEG 2000")


def _picture_bytes(block: Tlv) -> bytes:
    """What follows the headers of the first face (ISO/IEC 19794-5:2005, 5.4 to 5.7)."""
    record = block.value
    if not record.startswith(_RECORD):
        raise InputError("bad_facial_record", "dg2", "expected a record of ISO/IEC 19794-5")
    face = record[_RECORD_HEADER:]
    size = int.from_bytes(face[:4])
    points = int.from_bytes(face[4:6])
    begin = _FACE_HEADER + points * _FEATURE_POINT + _IMAGE_HEADER
    if not begin < size <= len(face):
        raise InputError("bad_facial_record", "dg2", "a length in the facial record does not fit")
    return face[begin:size]


class PortraitDecoder:
    """One process for one picture.

    Made when a card is laid down, it is ready when DG2 has been read. It is gone after `decode`, or `close`: the next
    holder's picture meets a process that no picture has touched.

    Args:
        seconds: the longest wait for one picture.

    Raises:
        DeviceError: kind ``fault``, the host gives no process or no memory.
    """

    def __init__(self, seconds: float = MAX_SECONDS) -> None:
        self._seconds = seconds
        with ExitStack() as memory:
            try:
                self._picture = _memory_file(memory, "picture")
                self._result = _memory_file(memory, "pixels")
                self._process = _start(self._picture, self._result)
            except OSError as error:
                raise DeviceError("fault", f"the portrait decoder cannot be started: {error.strerror}") from error
            self._memory = memory.pop_all()
        self._open = True

    def decode(self, picture: Picture) -> Portrait:
        """The picture's pixels; the decoder is closed then, whatever happened.

        Raises:
            InputError: kind ``bad_picture`` (damaged, or larger than 4 million pixels or 4096 on a side) or
                ``too_slow``.
        """
        if not self._open:
            raise InputError("bad_picture", "dg2", "a decoder is for one picture")
        try:
            os.pwrite(self._picture, picture.data[: child.MAX_PICTURE_BYTES], 0)
            self._await_pixels()
            self._stop()
            return self._read(picture.format)
        finally:
            self.close()

    def close(self) -> None:
        """End the process and let its memory go; may be called again."""
        if self._open:
            self._open = False
            self._stop()
            self._memory.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _await_pixels(self) -> None:
        asking, answer = self._process.stdin, self._process.stdout
        if asking is None or answer is None:
            raise DeviceError("fault", "the portrait decoder has no pipes")
        asking.close()
        waiting = select.poll()
        waiting.register(answer, select.POLLIN)
        if not waiting.poll(self._seconds * 1000):
            raise InputError("too_slow", "dg2", "the picture takes too long to decode")
        if answer.read(1) != child.DONE:
            raise InputError("bad_picture", "dg2", "the picture is damaged or too large")

    def _stop(self) -> None:
        """Killed rather than asked: it has nothing to tidy up, and a broken decoder would not listen."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def _read(self, picture_format: PictureFormat) -> Portrait:
        """The sizes are the process's word, so they are checked again."""
        sides = os.pread(self._result, 2 * child.SIDE_BYTES, 0)
        height, width = int.from_bytes(sides[: child.SIDE_BYTES]), int.from_bytes(sides[child.SIDE_BYTES :])
        size = height * width * child.CHANNELS
        fits = max(height, width) <= child.MAX_SIDE_PIXELS and size <= child.MAX_PIXELS * child.CHANNELS
        pixels = os.pread(self._result, size, 2 * child.SIDE_BYTES) if fits else b""
        if not pixels or len(pixels) != size:
            raise InputError("bad_picture", "dg2", "the picture is damaged or too large")
        return Portrait(picture_format, width, height, pixels)


def _memory_file(memory: ExitStack, name: str) -> int:
    """A file on no disk; the process has bounded itself in how large it can make one."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC)
    memory.callback(os.close, descriptor)
    return descriptor


def _start(picture: int, result: int) -> subprocess.Popen[bytes]:
    """Isolated: neither the working directory nor the environment decides what it imports."""
    return subprocess.Popen(  # noqa: S603 # our own program, by its path
        [sys.executable, "-I", _PROGRAM, str(picture), str(result)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd="/",
        env=_ENVIRONMENT,
        pass_fds=(picture, result),
    )
