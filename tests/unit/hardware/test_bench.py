import os
import stat
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray

from kiosk.errors import DeviceError, InputError
from kiosk.hardware.simulated.bench import FileBench, clock_ahead_flag, record_off_flag, redis_off_flag
from kiosk.hardware.simulated.devices import SimulatedCamera
from kiosk.identify.codes.images import read_codes


@pytest.fixture
def bench(tmp_path: Path) -> FileBench:
    return FileBench(tmp_path)


def qr(text: str, scale: int) -> NDArray[np.uint8]:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    return np.asarray(code.to_image(scale=scale), dtype=np.uint8)


def png(picture: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()


def test_a_new_bench_is_empty_and_everything_works(bench: FileBench) -> None:
    state = bench.state()
    assert (state.picture, state.unplugged, state.paper_out) == (False, (), False)
    assert (state.record_off, state.redis_off, state.tickets) == (False, False, ())


@pytest.mark.parametrize("scale", [3, 10, 60])
def test_a_code_held_up_is_seen_by_the_camera_whatever_its_size(bench: FileBench, scale: int) -> None:
    bench.hold_up(png(qr("BN000042", scale)))
    assert bench.state().picture
    assert [code.text for code in read_codes(SimulatedCamera(bench).frame())] == ["BN000042"]


def test_a_picture_taken_away_leaves_the_grey_wall(bench: FileBench) -> None:
    camera = SimulatedCamera(bench)
    empty = camera.frame()
    bench.hold_up(png(qr("BN000042", 5)))
    assert camera.frame() != empty
    bench.hold_up(None)
    assert camera.frame() == empty
    assert not bench.state().picture


def test_the_same_picture_held_up_again_was_away_for_a_moment(bench: FileBench, tmp_path: Path) -> None:
    card = png(qr("BN000042", 5))
    bench.hold_up(card)
    held = bench.picture()
    bench.hold_up(card)
    assert bench.picture() is None
    assert bench.state().picture
    now = time.time()
    assert now + 3 < (tmp_path / "bench" / "picture.jpg").stat().st_mtime < now + 5
    os.utime(tmp_path / "bench" / "picture.jpg", (now, now))
    assert bench.picture() == held


def test_another_picture_is_there_at_once(bench: FileBench) -> None:
    bench.hold_up(png(qr("BN000042", 5)))
    bench.hold_up(png(qr("BN000043", 5)))
    assert [code.text for code in read_codes(SimulatedCamera(bench).frame())] == ["BN000043"]


@pytest.mark.parametrize("garbage", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0broken"])
def test_what_is_no_picture_is_refused_and_changes_nothing(bench: FileBench, garbage: bytes) -> None:
    with pytest.raises(InputError):
        bench.hold_up(garbage)
    assert not bench.state().picture


def test_an_unplugged_camera_is_absent(bench: FileBench) -> None:
    bench.plug("camera", connected=False)
    assert bench.state().unplugged == ("camera",)
    with pytest.raises(DeviceError) as refused:
        SimulatedCamera(bench).frame()
    assert refused.value.kind == "absent"
    bench.plug("camera", connected=True)
    assert SimulatedCamera(bench).frame()


@pytest.mark.parametrize("device", ["", "toaster", "../picture.jpg"])
def test_a_device_that_does_not_exist_cannot_be_unplugged(bench: FileBench, device: str) -> None:
    with pytest.raises(InputError):
        bench.plug(device, connected=False)


def test_record_redis_and_the_clock_are_switched_by_flags_that_others_obey(bench: FileBench, tmp_path: Path) -> None:
    bench.switch_record(off=True)
    bench.switch_redis(off=True)
    bench.set_clock(ahead=True)
    assert clock_ahead_flag(tmp_path).exists()
    assert bench.state().clock_ahead
    assert record_off_flag(tmp_path).exists()
    assert redis_off_flag(tmp_path).exists()
    assert (bench.state().record_off, bench.state().redis_off) == (True, True)
    for off in (False, False):
        bench.switch_record(off=off)
        bench.switch_redis(off=off)
        bench.set_clock(ahead=off)
    assert not record_off_flag(tmp_path).exists()
    assert not redis_off_flag(tmp_path).exists()
    assert not clock_ahead_flag(tmp_path).exists()


def test_tickets_lie_newest_first_and_old_ones_go(bench: FileBench) -> None:
    for number in range(55):
        bench.keep_ticket(f"ticket {number}")
    tickets = bench.state().tickets
    assert tickets[0] == "ticket 54"
    assert len(tickets) == 50


def test_two_processes_see_one_bench(tmp_path: Path) -> None:
    FileBench(tmp_path).set_paper(out=True)
    assert FileBench(tmp_path).state().paper_out


def test_the_folder_is_for_this_user_only(bench: FileBench, tmp_path: Path) -> None:
    bench.scan("BN000001")
    assert stat.S_IMODE((tmp_path / "bench").stat().st_mode) == 0o700
