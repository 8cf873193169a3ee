"""Codes in pictures: photographed badly, several at once, and pictures made to do harm."""

import struct
import zlib
from collections.abc import Callable

import cv2
import numpy as np
import pytest
import zxingcpp

from benchmarks import photographs as photo
from kiosk.errors import InputError
from kiosk.identify.codes.images import FoundCode, read_codes
from kiosk.identify.codes.views import Pixels
from tests.unit.identify.codes.vectors import CITIZEN_2021, CITIZEN_2024, INSURANCE_NEW, INSURANCE_OLD

CARDS = [CITIZEN_2021, CITIZEN_2024, INSURANCE_NEW, INSURANCE_OLD]
HOSPITAL = "BN000123"


def texts(image: bytes | Pixels, *, thorough: bool = False) -> list[str]:
    return [code.text for code in read_codes(image, thorough=thorough)]


def encoded(picture: Pixels, kind: str = ".png", *options: int) -> bytes:
    return cv2.imencode(kind, picture, options)[1].tobytes()


@pytest.mark.parametrize("text", CARDS)
class TestQrPhotographedBadly:
    """A frame of 1280 x 720; each damage is one that a reader meets at a kiosk."""

    def test_turned_any_way(self, text: str) -> None:
        code = photo.in_scene(photo.render_qr(text), width=400)
        assert [texts(photo.rotated(code, degrees)) for degrees in range(0, 360, 30)] == [[text]] * 12

    def test_seen_from_the_side(self, text: str) -> None:
        assert texts(photo.tilted(photo.in_scene(photo.render_qr(text), width=400), 0.4)) == [text]

    def test_small(self, text: str) -> None:
        assert texts(photo.in_scene(photo.render_qr(text), width=150)) == [text]

    def test_out_of_focus(self, text: str) -> None:
        assert texts(photo.blurred(photo.in_scene(photo.render_qr(text), width=400), 2.0)) == [text]

    def test_shaken(self, text: str) -> None:
        assert texts(photo.shaken(photo.in_scene(photo.render_qr(text), width=400), 6)) == [text]

    def test_in_a_dark_room(self, text: str) -> None:
        dark = photo.faint(photo.in_scene(photo.render_qr(text), width=400), 0.3)
        assert texts(photo.noisy(dark, 8, seed=1)) == [text]

    def test_noisy(self, text: str) -> None:
        assert texts(photo.noisy(photo.in_scene(photo.render_qr(text), width=400), 60, seed=2)) == [text]

    def test_under_a_lamp(self, text: str) -> None:
        assert texts(photo.glare(photo.in_scene(photo.render_qr(text), width=400), 100)) == [text]

    def test_compressed_hard(self, text: str) -> None:
        data = encoded(photo.in_scene(photo.render_qr(text), width=300), ".jpg", cv2.IMWRITE_JPEG_QUALITY, 15)
        assert texts(data) == [text]

    def test_light_on_dark(self, text: str) -> None:
        assert texts(photo.inverted(photo.in_scene(photo.render_qr(text), width=300))) == [text]


class TestCode128PhotographedBadly:
    """The hospital's own code as bars; thorough reading gets those that one look misses."""

    code = staticmethod(lambda width=400: photo.in_scene(photo.render_bars(HOSPITAL), width=width))

    def test_straight(self) -> None:
        assert [(code.text, code.format) for code in read_codes(self.code())] == [(HOSPITAL, "Code 128")]

    def test_turned_any_way(self) -> None:
        assert [texts(photo.rotated(self.code(), turn), thorough=True) for turn in range(0, 360, 30)] == [
            [HOSPITAL]
        ] * 12

    def test_small(self) -> None:
        assert texts(self.code(170), thorough=True) == [HOSPITAL]

    def test_out_of_focus(self) -> None:
        assert texts(photo.blurred(self.code(), 1.5), thorough=True) == [HOSPITAL]

    def test_noisy(self) -> None:
        assert texts(photo.noisy(self.code(), 40, seed=3), thorough=True) == [HOSPITAL]

    def test_light_on_dark(self) -> None:
        assert texts(photo.inverted(self.code()), thorough=True) == [HOSPITAL]


def two_codes() -> Pixels:
    scene = photo.in_scene(photo.render_qr(CITIZEN_2021), width=330, at=(300, 200))
    other = photo.in_scene(photo.render_qr(INSURANCE_NEW), width=330, at=(900, 480))
    return np.where(np.arange(photo.SCENE[1]) < 640, scene, other).astype(np.uint8)


def test_two_codes_in_view_are_both_read_from_top_to_bottom() -> None:
    assert texts(two_codes()) == [CITIZEN_2021, INSURANCE_NEW]


def test_a_qr_and_bars_in_view_are_both_read() -> None:
    scene = photo.in_scene(photo.render_qr(CITIZEN_2021), width=330, at=(300, 360))
    bars = photo.in_scene(photo.render_bars(HOSPITAL), width=330, at=(900, 360))
    both = np.where(np.arange(photo.SCENE[1]) < 640, scene, bars).astype(np.uint8)
    assert sorted(texts(both)) == sorted([CITIZEN_2021, HOSPITAL])


def test_corners_enclose_the_code_clockwise_from_its_own_top_left() -> None:
    (code,) = read_codes(photo.in_scene(photo.render_qr(CITIZEN_2021), width=400))
    expected = np.array([[440, 160], [840, 160], [840, 560], [440, 560]])
    assert np.abs(np.array(code.corners) - expected).max() < 45, "the quiet zone lies outside"


def middle(code: FoundCode) -> tuple[float, ...]:
    return tuple(np.mean(code.corners, axis=0))


@pytest.mark.parametrize(
    ("damage", "at"),
    [
        (lambda code: photo.rotated(code, 45), (640, 360)),
        (lambda code: photo.rotated(photo.inverted(code), 0), (640, 360)),
        (lambda code: photo.noisy(code, 70, seed=3), (640, 360)),
    ],
)
def test_corners_found_in_a_changed_copy_are_those_of_the_picture(damage: photo.Change, at: tuple[int, int]) -> None:
    scene = damage(photo.in_scene(photo.render_bars(HOSPITAL), width=400, at=at))
    assert texts(scene) == []
    (code,) = read_codes(scene, thorough=True)
    assert middle(code) == pytest.approx(at, abs=12)


def test_a_code_in_a_large_photograph_is_found_where_it_is() -> None:
    scene = photo.in_scene(photo.render_bars(HOSPITAL), width=400, at=(400, 300))
    large = cv2.resize(photo.rotated(scene, 45), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    (code,) = read_codes(encoded(np.asarray(large, dtype=np.uint8), ".jpg"), thorough=True)
    x, y = photo.turned_point((400, 300), 45)
    assert middle(code) == pytest.approx((3 * x, 3 * y), abs=40)


def test_colour_frames_are_read() -> None:
    frame = cv2.cvtColor(photo.in_scene(photo.render_bars(HOSPITAL), width=400), cv2.COLOR_GRAY2BGR)
    colour = np.asarray(frame, dtype=np.uint8)
    assert texts(colour) == [HOSPITAL]
    assert texts(np.asarray(photo.rotated(colour, 45)), thorough=True) == [HOSPITAL]


@pytest.mark.parametrize("text", [*CARDS, "Nữ", "Hà", "ỳ", "Lê Mỹ Lệ", "Đỗ Thị Ữ"])
def test_vietnamese_without_a_declared_character_set_is_utf_8(text: str) -> None:
    assert texts(photo.render_qr(text)) == [text]


def test_a_declared_character_set_never_changes_the_name() -> None:
    wrongly_declared = zxingcpp.create_barcode(
        CITIZEN_2021.encode(), zxingcpp.BarcodeFormat.QRCode, eci="ISO8859_1"
    ).to_image(scale=4)
    assert texts(np.array(wrongly_declared, dtype=np.uint8)) == [CITIZEN_2021]


def test_a_code_that_is_not_utf_8_is_left_out() -> None:
    latin = zxingcpp.create_barcode("Nguyên Thê".encode("latin-1"), zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
    assert texts(np.array(latin, dtype=np.uint8)) == []


def test_noise_is_never_read_as_a_code() -> None:
    random_ = np.random.default_rng(7)
    frames = (random_.integers(0, 256, (480, 640), dtype=np.uint8) for _ in range(20))
    assert [code for frame in frames for code in read_codes(frame, thorough=True)] == []


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that claims this size and holds next to nothing."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in (header, b"IDAT" + zlib.compress(b"\0" * 100), b"IEND")
    )


def jpeg_of_size(width: int, height: int) -> bytes:
    """A JPEG whose frame header claims this size."""
    data = bytearray(encoded(np.zeros((8, 8), np.uint8), ".jpg"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


@pytest.mark.parametrize("make", [png_of_size, jpeg_of_size])
def test_a_small_file_that_claims_a_huge_picture_is_refused_before_decoding(make: Callable[[int, int], bytes]) -> None:
    with pytest.raises(InputError) as raised:
        read_codes(make(65_000, 65_000))
    assert (raised.value.kind, raised.value.field) == ("too_large", "image")


def test_a_jpeg_of_very_many_scans_is_refused() -> None:
    data = encoded(np.zeros((64, 64), np.uint8), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    last = data[data.rindex(b"\xff\xda") : -2]
    with pytest.raises(InputError) as raised:
        read_codes(data[:-2] + last * 100 + b"\xff\xd9")
    assert raised.value.kind == "bad_image"


def test_a_file_over_the_limit_is_refused() -> None:
    with pytest.raises(InputError) as raised:
        read_codes(b"\xff\xd8\xff" + bytes(20_000_000))
    assert raised.value.kind == "too_long"


def test_a_frame_over_the_limit_is_refused() -> None:
    with pytest.raises(InputError) as raised:
        read_codes(np.zeros((8000, 8000), np.uint8))
    assert raised.value.kind == "too_large"


GOOD_PNG = encoded(photo.in_scene(photo.render_bars(HOSPITAL), width=400))
GOOD_JPEG = encoded(photo.in_scene(photo.render_bars(HOSPITAL), width=400), ".jpg")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        b"\xff\xd8" + b"\xff" * 1000,
        b"\xff\xd8\xff\xe0\x00\x00" * 50,
        b"GIF89a" + bytes(100),
        b"BM" + bytes(100),
        b"II*\0" + bytes(100),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        png_of_size(0, 10),
        GOOD_PNG[:40],
        GOOD_JPEG[:300],
    ],
)
def test_what_is_no_picture_is_an_input_error(data: bytes) -> None:
    with pytest.raises(InputError) as raised:
        read_codes(data)
    assert (raised.value.kind, raised.value.field) == ("bad_image", "image")


@pytest.mark.parametrize("good", [GOOD_PNG, GOOD_JPEG])
def test_damaged_pictures_are_read_or_refused(good: bytes) -> None:
    random_ = np.random.default_rng(11)
    for _ in range(60):
        data = bytearray(good)
        for at in random_.integers(0, len(data), 5):
            data[at] = random_.integers(0, 256)
        try:
            found = texts(bytes(data))
        except InputError:
            continue
        assert found in ([], [HOSPITAL])
