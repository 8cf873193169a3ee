"""OpenCV's capture on a recording: it ends again and again, as a camera that is lost and comes back."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.errors import DeviceError
from kiosk.hardware.camera import STALE_SECONDS, OpenCvCamera
from kiosk.hardware.camera_device import video_number
from kiosk.hardware.simulated.bench import FileBench
from kiosk.hardware.simulated.devices import SimulatedCamera
from kiosk.ports.devices import Camera
from tests.support.patience import until


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "camera.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (320, 240))
    for grey in range(0, 250, 10):
        writer.write(np.full((240, 320, 3), grey, dtype=np.uint8))
    writer.release()
    return path


@pytest.fixture(params=["recording", "bench"])
def camera(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Camera]:
    if request.param == "bench":
        yield SimulatedCamera(FileBench(tmp_path))
        return
    with closing(OpenCvCamera(str(request.getfixturevalue("recording")), cv2.CAP_ANY)) as made:
        yield made


def test_a_frame_is_a_jpeg_picture(camera: Camera) -> None:
    picture = cv2.imdecode(np.frombuffer(camera.frame(), dtype=np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape[2] == 3


def test_a_camera_that_stops_is_opened_again(recording: Path) -> None:
    with closing(OpenCvCamera(str(recording), cv2.CAP_ANY)) as camera:
        camera.frame()
        time.sleep(STALE_SECONDS + 0.5)
        assert camera.frame(), "the recording was over at once: a picture younger than 2 s is of its second opening"


def test_a_camera_that_is_not_there_is_absent_and_found_when_it_comes(tmp_path: Path, recording: Path) -> None:
    path = tmp_path / "video"
    with closing(OpenCvCamera(str(path), cv2.CAP_ANY)) as camera:
        with pytest.raises(DeviceError) as refused:
            camera.frame()
        assert refused.value.kind == "absent"
        path.symlink_to(recording)
        assert camera.frame().startswith(b"\xff\xd8")


def test_a_file_that_is_no_camera_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "video0"
    path.touch()
    with closing(OpenCvCamera(str(path))) as camera, pytest.raises(DeviceError) as refused:
        camera.frame()
    assert refused.value.kind == "fault"


def test_closing_ends_the_thread_that_reads(recording: Path) -> None:
    before = threading.active_count()
    with closing(OpenCvCamera(str(recording), cv2.CAP_ANY)) as camera:
        camera.frame()
    until(lambda: threading.active_count() == before)


def test_a_name_by_id_leads_to_the_number_that_the_kernel_gave_today(tmp_path: Path) -> None:
    by_id = tmp_path / "usb-Example_Camera-video-index0"
    by_id.symlink_to("/dev/video12")
    assert video_number(by_id) == 12
    assert video_number(Path("/dev/video0")) == 0
    assert video_number(tmp_path / "none") is None
    assert video_number(Path("/dev/video0/../null")) is None
