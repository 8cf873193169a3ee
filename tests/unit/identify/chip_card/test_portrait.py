"""The portrait in DG2: found, decoded elsewhere, and nothing left behind."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.errors import InputError
from kiosk.identify.chip_card import decode_portrait
from kiosk.identify.chip_card.portrait import Picture, PictureFormat, PortraitDecoder, find_picture
from kiosk.identify.chip_card.tlv import encode
from tests.support.patience import until
from tests.unit.identify.chip_card.invented_holder import dg2, encoded_face, face, facial_record

JPEG = encoded_face()
JP2 = encoded_face(".jp2")
CODESTREAM = JP2[JP2.index(b"\xff\x4f\xff\x51") :]


def children_of_this_process() -> set[int]:
    return {int(line) for line in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    before = (descriptors(), children_of_this_process(), threading.active_count())
    yield
    assert (descriptors(), children_of_this_process()) == before[:2]
    assert threading.active_count() <= before[2]


def with_sizes(jpeg: bytes, width: int, height: int) -> bytes:
    """The JPEG with other sizes in its frame header."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + height.to_bytes(2) + width.to_bytes(2) + jpeg[at + 4 :]


def codestream_with_sizes(codestream: bytes, width: int, height: int) -> bytes:
    """The JPEG 2000 with other sizes of image and tile (ISO/IEC 15444-1, A.5.1)."""
    sizes = width.to_bytes(4) + height.to_bytes(4)
    return codestream[:8] + sizes + codestream[16:24] + sizes + codestream[32:]


def with_many_scans(count: int) -> bytes:
    """A small progressive JPEG that makes its decoder go over all pixels again and again (SOS segments repeated)."""
    plain = cv2.imencode(".jpg", np.zeros((1900, 1900, 3), np.uint8), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    scan = plain[plain.rindex(b"\xff\xda") : -2]
    return plain[:-2] + scan * count + plain[-2:]


def refused(data: bytes, picture_format: PictureFormat = PictureFormat.JPEG, seconds: float = 8) -> str:
    with pytest.raises(InputError) as raised:
        PortraitDecoder(seconds).decode(Picture(picture_format, data))
    assert raised.value.field == "dg2"
    return raised.value.kind


@pytest.mark.parametrize("tag", [0x5F2E, 0x7F2E])
@pytest.mark.parametrize("points", [0, 1, 60])
def test_the_picture_is_found_behind_its_headers(tag: int, points: int) -> None:
    assert find_picture(dg2(facial_record(JPEG, points), tag)) == Picture(PictureFormat.JPEG, JPEG)


@pytest.mark.parametrize("data", [JP2, CODESTREAM])
def test_jpeg_2000_is_known_as_a_file_and_as_a_codestream(data: bytes) -> None:
    assert find_picture(dg2(facial_record(data))) == Picture(PictureFormat.JPEG_2000, data)


def test_of_several_faces_the_first_is_taken() -> None:
    record = facial_record(JPEG)
    other = facial_record(JP2)
    assert find_picture(dg2(record + other[14:])).data == JPEG


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", "not_dg2"),
        (dg2(facial_record(JPEG))[:-1], "tlv_truncated"),
        (b"\x61" + dg2(facial_record(JPEG))[1:], "not_dg2"),
        (encode(0x75, encode(0x7F61, encode(0x02, b"\0"))), "not_dg2"),
        (dg2(facial_record(JPEG), 0x5F2D), "not_dg2"),
        (dg2(JPEG), "bad_facial_record"),
        (dg2(b""), "bad_facial_record"),
        (dg2(b"FAC\x00010\x00"), "bad_facial_record"),
        (dg2(facial_record(JPEG)[:-1]), "bad_facial_record"),
        (dg2(facial_record(b"")), "bad_facial_record"),
        (dg2(facial_record(JPEG)[:18] + b"\xff\xff" + facial_record(JPEG)[20:]), "bad_facial_record"),
        (dg2(facial_record(b"\x89PNG\r\n\x1a\n")), "bad_picture"),
        (dg2(facial_record(bytes(1 << 20))), "too_long"),
    ],
)
def test_other_bytes_than_a_portrait_are_refused(raw: bytes, kind: str) -> None:
    with pytest.raises(InputError) as raised:
        find_picture(raw)
    assert (raised.value.kind, raised.value.field) in {(kind, "dg2"), (kind, None)}


@pytest.mark.parametrize(
    ("data", "picture_format"),
    [(JPEG, PictureFormat.JPEG), (JP2, PictureFormat.JPEG_2000), (CODESTREAM, PictureFormat.JPEG_2000)],
)
def test_a_picture_becomes_pixels(data: bytes, picture_format: PictureFormat) -> None:
    portrait = PortraitDecoder().decode(Picture(picture_format, data))
    assert (portrait.format, portrait.width, portrait.height) == (picture_format, 120, 160)
    pixels = np.frombuffer(portrait.pixels, np.uint8).reshape(160, 120, 3).astype(int)
    assert np.abs(pixels - face()).mean() < 5


def test_a_grey_picture_has_three_channels_as_well() -> None:
    grey = cv2.imencode(".jpg", np.full((40, 30), 90, np.uint8))[1].tobytes()
    portrait = PortraitDecoder().decode(Picture(PictureFormat.JPEG, grey))
    assert (portrait.width, portrait.height, len(portrait.pixels)) == (30, 40, 3600)


def test_the_new_jpeg_holds_the_pixels_and_nothing_else_of_the_cards_file() -> None:
    secret = b"hidden in a comment"
    commented = JPEG[:2] + b"\xff\xfe" + (len(secret) + 2).to_bytes(2) + secret + JPEG[2:] + secret
    anew = PortraitDecoder().decode(Picture(PictureFormat.JPEG, commented)).jpeg()
    assert anew.startswith(b"\xff\xd8\xff")
    assert secret not in anew
    again = cv2.imdecode(np.frombuffer(anew, np.uint8), cv2.IMREAD_COLOR)
    assert again is not None
    assert np.abs(again.astype(int) - face()).mean() < 5


def test_pixels_never_show_in_a_log() -> None:
    portrait = PortraitDecoder().decode(Picture(PictureFormat.JPEG, JPEG))
    assert len(repr(portrait)) < 100


def test_a_decoder_made_early_is_ready_when_the_picture_comes() -> None:
    with PortraitDecoder() as decoder:
        (process,) = children_of_this_process()
        until(lambda: b"cv2" in Path(f"/proc/{process}/maps").read_bytes())
        assert decoder.decode(Picture(PictureFormat.JPEG, JPEG)).width == 120


def test_a_decoder_is_for_one_picture() -> None:
    decoder = PortraitDecoder()
    decoder.decode(Picture(PictureFormat.JPEG, JPEG))
    with pytest.raises(InputError):
        decoder.decode(Picture(PictureFormat.JPEG, JPEG))


def test_a_decoder_that_nobody_needed_goes_away() -> None:
    decoder = PortraitDecoder()
    decoder.close()
    decoder.close()
    with PortraitDecoder():
        pass


@pytest.mark.parametrize(
    ("data", "picture_format"),
    [
        (b"", PictureFormat.JPEG),
        (b"\xff\xd8\xff", PictureFormat.JPEG),
        (JPEG[:100], PictureFormat.JPEG),
        (JPEG[:2] + os.urandom(3000), PictureFormat.JPEG),
        (JP2[:60], PictureFormat.JPEG_2000),
        (CODESTREAM[:60], PictureFormat.JPEG_2000),
    ],
)
def test_a_damaged_picture_is_refused(data: bytes, picture_format: PictureFormat) -> None:
    assert refused(data, picture_format) == "bad_picture"


@pytest.mark.parametrize(("width", "height"), [(65_500, 65_500), (2001, 2000), (4097, 10), (10, 4097)])
def test_a_small_file_that_claims_a_huge_picture_is_refused(width: int, height: int) -> None:
    assert refused(with_sizes(JPEG, width, height)) == "bad_picture"
    bomb = codestream_with_sizes(CODESTREAM, width, height)
    assert refused(bomb, PictureFormat.JPEG_2000) == "bad_picture"


def test_a_picture_that_takes_too_long_is_given_up() -> None:
    slow = with_many_scans(400)
    assert len(slow) < decode_portrait.MAX_PICTURE_BYTES
    assert refused(slow, seconds=0.5) == "too_slow"


def test_a_process_that_dies_is_a_picture_refused() -> None:
    decoder = PortraitDecoder()
    (process,) = children_of_this_process()
    os.kill(process, signal.SIGKILL)
    with pytest.raises(InputError) as raised:
        decoder.decode(Picture(PictureFormat.JPEG, JPEG))
    assert raised.value.kind == "bad_picture"


def test_a_process_that_stops_is_given_up() -> None:
    decoder = PortraitDecoder(seconds=0.2)
    (process,) = children_of_this_process()
    os.kill(process, signal.SIGSTOP)
    with pytest.raises(InputError) as raised:
        decoder.decode(Picture(PictureFormat.JPEG, JPEG))
    assert raised.value.kind == "too_slow"


def test_many_threads_may_decode_at_once() -> None:
    found: list[int] = []

    def decode() -> None:
        found.append(PortraitDecoder().decode(Picture(PictureFormat.JPEG, JPEG)).width)

    threads = [threading.Thread(target=decode) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [120] * 4


@pytest.mark.parametrize(("data", "picture_format"), [(JPEG, PictureFormat.JPEG), (JP2, PictureFormat.JPEG_2000)])
def test_changed_pictures_become_pixels_or_are_refused(data: bytes, picture_format: PictureFormat) -> None:
    random_ = random.Random(20261122)  # noqa: S311 # repeatable, not secret
    for _ in range(8):
        changed = bytearray(data)
        for at in random_.sample(range(len(data)), 12):
            changed[at] = random_.randrange(256)
        try:
            portrait = PortraitDecoder().decode(Picture(picture_format, bytes(changed)))
        except InputError as error:
            assert error.kind == "bad_picture"  # noqa: PT017 # either is right
        else:
            assert len(portrait.pixels) == portrait.width * portrait.height * 3


def test_a_lower_limit_of_the_host_is_kept() -> None:
    lowered = "resource.setrlimit(resource.RLIMIT_CPU, (1, 1)); decode_portrait.limit(1 << 30, 9)"
    attempt = f"{lowered}; print(resource.getrlimit(resource.RLIMIT_CPU))"
    assert under_limits(attempt, memory=1 << 30, cpu=5).stdout == "(1, 1)\n"


LIMITED = """
import resource, sys
from kiosk.identify.chip_card import decode_portrait
decode_portrait.limit({memory}, {cpu})
{attempt}
"""


def under_limits(attempt: str, *, memory: int = 1 << 28, cpu: int = 1) -> subprocess.CompletedProcess[str]:
    program = LIMITED.format(memory=memory, cpu=cpu, attempt=attempt)
    return subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=30)


def test_its_memory_is_bounded() -> None:
    assert "MemoryError" in under_limits("bytearray(1 << 28)").stderr


def test_its_processor_time_is_bounded() -> None:
    assert under_limits("while True: pass").returncode == -signal.SIGKILL


def test_it_leaves_no_core_and_cannot_take_its_limits_back() -> None:
    attempt = "print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NPROC))"
    assert under_limits(attempt).stdout == "(0, 0) (0, 0)\n"


def test_it_is_told_nothing_of_our_environment() -> None:
    with PortraitDecoder():
        (process,) = children_of_this_process()
        until(lambda: b"decode_portrait" in Path(f"/proc/{process}/cmdline").read_bytes())
        names = {line.split(b"=")[0] for line in Path(f"/proc/{process}/environ").read_bytes().split(b"\0") if line}
    assert names
    assert all(name.startswith((b"OPENCV_", b"OPENBLAS_", b"OMP_", b"LC_")) for name in names)


def test_a_host_without_descriptors_is_a_fault_of_the_host() -> None:
    """In a process of its own, which may use up its descriptors."""
    program = """
import os, resource
from kiosk.errors import DeviceError
from kiosk.identify.chip_card.portrait import PortraitDecoder
for left in range(1, 9):
    before = len(os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (before - 1 + left, 1000))
    try:
        PortraitDecoder().close()
    except DeviceError as error:
        print(error.kind)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1000, 1000))
"""
    ran = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60)
    assert ran.stderr == ""
    assert set(ran.stdout.split()) == {"fault"}
