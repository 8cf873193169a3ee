"""Pictures from strangers: read, or refused with a word; never more memory than allowed."""

import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from skimage.data import astronaut

from kiosk.errors import InputError
from kiosk.identify.face.image import read_image

MEMORY_CAP = 900 << 20
"""Address space of the process: OpenCV takes 300 MB of it, the largest picture 120 MB for its pixels, a progressive
JPEG as much again twice for its coefficients."""


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int = 8, colour: int = 0, rows: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def grey_png(width: int, height: int) -> bytes:
    return png(width, height, rows=(b"\0" + bytes(width)) * height)


def portrait_jpeg(**options: object) -> bytes:
    return encoded(Pillow.fromarray(astronaut()), "JPEG", **options)


def encoded(picture: Pillow.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def sideways(orientation: int) -> bytes:
    """A picture with its left half white, and an EXIF orientation (CIPA DC-008, 4.6.5: tag 0x0112)."""
    picture = Pillow.new("RGB", (80, 40))
    picture.paste((255, 255, 255), (0, 0, 40, 40))
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    return encoded(picture, "JPEG", exif=exif, quality=95)


def refusal(data: bytes) -> str:
    with pytest.raises(InputError) as refused:
        read_image(data)
    assert refused.value.field == "image"
    return refused.value.kind


def outcome(data: bytes) -> str:
    """The shape, or the word of the refusal."""
    try:
        return str(read_image(data).shape)
    except InputError as refused:
        return refused.kind


def test_a_portrait_is_read_as_blue_green_red() -> None:
    image = read_image(cv2.imencode(".png", cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR))[1].tobytes())
    assert image.dtype == np.uint8
    assert np.array_equal(image[:, :, ::-1], astronaut())


def test_a_picture_is_turned_upright() -> None:
    image = read_image(sideways(6))
    assert image.shape == (80, 40, 3)
    # the left half, after a quarter turn to the right, is the upper one
    assert image[10, 20].min() > 200
    assert image[70, 20].max() < 50


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation: int) -> None:
    assert read_image(sideways(orientation)).shape == (40, 80, 3)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "bad_image"),
        (b"not a picture", "bad_image"),
        (b"GIF89a" + bytes(100), "bad_image"),
        (encoded(Pillow.new("RGB", (64, 64)), "BMP"), "bad_image"),
        (encoded(Pillow.new("RGB", (64, 64)), "WEBP"), "bad_image"),
        (png(0, 0), "bad_image"),
        (png(0, 100), "bad_image"),
        (grey_png(1, 1), "too_small"),
        (grey_png(1, 100_000), "too_small"),
        (grey_png(100_000, 1), "too_small"),
        (grey_png(40, 400), "bad_image"),
        (grey_png(31, 64), "too_small"),
        (png(100_000, 100_000), "too_large"),
        (png(0x7FFFFFFF, 0x7FFFFFFF), "too_large"),
        (png(6400, 6400, depth=16, colour=6), "too_large"),
        (bytes(20_000_001), "too_large"),
        (png(64, 64), "bad_image"),
        (portrait_jpeg()[:300], "bad_image"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_used_is_refused_with_a_word(data: bytes, kind: str) -> None:
    assert refusal(data) == kind


def test_a_jpeg_of_many_scans_is_refused() -> None:
    data = portrait_jpeg(progressive=True)
    scan = data.index(b"\xff\xda")
    assert refusal(data[:scan] + data[scan:-2] * 60 + data[-2:]) == "bad_image"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_jpeg_that_was_cut_off_is_read_in_part_or_refused(share: float) -> None:
    data = portrait_jpeg()
    assert outcome(data[: int(len(data) * share)]) in {"(512, 512, 3)", "bad_image"}


@pytest.mark.parametrize("mode", ["CMYK", "L", "RGB"])
def test_every_kind_of_jpeg_becomes_three_colours(mode: str) -> None:
    image = read_image(encoded(Pillow.fromarray(astronaut()).convert(mode), "JPEG"))
    assert image.shape == (512, 512, 3)
    assert abs(float(image.mean()) - float(astronaut().mean())) < 12


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_becomes_eight_bits_of_three_colours(mode: str) -> None:
    data = encoded(Pillow.fromarray(astronaut()).convert(mode), "PNG")
    image = read_image(data)
    assert image.shape == (512, 512, 3)
    assert image.dtype == np.uint8


def test_sixteen_bits_keep_their_brightness() -> None:
    deep = astronaut().astype(np.uint16) * 257
    image = read_image(cv2.imencode(".png", deep)[1].tobytes())
    assert np.abs(image.astype(int) - astronaut().astype(int)).max() <= 1


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_bytes_are_read_or_refused(data: st.DataObject) -> None:
    damaged = bytearray(data.draw(st.sampled_from(SMALL)))
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    known = outcome(bytes(damaged))
    assert known in {"bad_image", "too_large", "too_small"} or known.endswith(", 3)")


SMALL = [
    encoded(Pillow.fromarray(astronaut()).resize((64, 64)), "JPEG"),
    encoded(Pillow.fromarray(astronaut()).resize((64, 64)), "JPEG", progressive=True),
    encoded(Pillow.fromarray(astronaut()).resize((64, 64)).convert("CMYK"), "JPEG"),
    encoded(Pillow.fromarray(astronaut()).resize((64, 64)), "PNG"),
]

READ = """
import resource, sys
from pathlib import Path
from kiosk.errors import InputError
from kiosk.identify.face.image import read_image
cap = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (cap, cap))
for name in sys.argv[2:]:
    try:
        print(read_image(Path(name).read_bytes()).shape)
    except InputError as refused:
        print(refused.kind)
"""


def test_the_worst_pictures_stay_below_a_memory_cap(tmp_path: Path) -> None:
    largest = encoded(Pillow.new("RGB", (6300, 6300), (90, 120, 150)), "JPEG", quality=20)
    pictures = {
        "bomb.png": png(60_000, 60_000, depth=16, colour=6, rows=bytes(10_000_000)),
        "lying.png": png(64, 64, rows=bytes(100_000_000)),
        "claims-much.png": png(6300, 6300, depth=16, colour=6, rows=bytes(1000)),
        "text-bomb.png": grey_png(64, 64)[:-12]
        + chunk(b"zTXt", b"name\0\0" + zlib.compress(bytes(200_000_000), 9))
        + chunk(b"IEND", b""),
        "profile-bomb.png": grey_png(64, 64)[:33]
        + chunk(b"iCCP", b"name\0\0" + zlib.compress(bytes(200_000_000), 9))
        + grey_png(64, 64)[33:],
        "thin.png": grey_png(1, 100_000),
        "largest.jpg": largest,
        "cut.jpg": largest[: len(largest) // 2],
        "largest-progressive.jpg": encoded(Pillow.new("RGB", (6300, 6300)), "JPEG", progressive=True, quality=20),
        "deep.png": png(6000, 6000, depth=16, colour=2, rows=(b"\0" + bytes(6 * 6000)) * 6000),
    }
    for name, data in pictures.items():
        (tmp_path / name).write_bytes(data)
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    read = subprocess.run(
        [sys.executable, "-c", READ, str(MEMORY_CAP), *pictures],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert read.returncode == 0, read.stderr
    said = dict(zip(pictures, read.stdout.splitlines(), strict=True))
    assert said["bomb.png"] == "too_large"
    assert said["thin.png"] == "too_small"
    assert said["largest.jpg"] == "(6300, 6300, 3)"
    assert said["largest-progressive.jpg"] == "(6300, 6300, 3)"
    assert {said["claims-much.png"], said["deep.png"]} <= {"bad_image", "(6300, 6300, 3)", "(6000, 6000, 3)"}
