"""The station's camera by OpenCV: the only home of picture capture."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import structlog
from numpy.typing import NDArray

from kiosk.errors import DeviceError
from kiosk.hardware.camera_device import video_number

WIDTH, HEIGHT = 1280, 720
PICTURES_A_SECOND = 15
STALE_SECONDS = 2.0
"""A picture older than this shows somebody who may be gone."""
REOPEN_SECONDS = 1.0
JPEG_QUALITY = 85

_log = structlog.get_logger(__name__)


def _admit(_: Path) -> None:
    """Any device."""


class OpenCvCamera:
    """Port `Camera`. A thread of its own takes every picture and keeps the newest; a lost camera is opened again.

    Any thread may ask for the newest picture; it is encoded once.

    Args:
        path: best ``/dev/v4l/by-id/…``; ``/dev/videoN`` changes from start to start.
        backend: of OpenCV; Video4Linux unless a recording stands in for a camera.
        refusal: says why the device behind the path must not be used; asked at each opening, since a name may lead to
            another device then.
    """

    def __init__(self, path: str, backend: int = cv2.CAP_V4L2, refusal: Callable[[Path], str | None] = _admit) -> None:
        self._path = path
        self._backend = backend
        self._refusal = refusal
        self._refused: str | None = None
        self._encoded: tuple[float, bytes] | None = None
        self._changed = threading.Condition()
        self._newest: tuple[float, NDArray[np.uint8]] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._capture, name="capture", daemon=True)
        self._thread.start()

    def frame(self) -> bytes:
        """The newest picture as JPEG; waits up to 2 s for one.

        Raises:
            DeviceError: ``absent`` when the device is not there, ``fault`` when it gives no picture, ``refused`` when
                it must not be used.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._fresh() or self._stop.is_set(), STALE_SECONDS)
            newest = self._newest if self._fresh() else None
        if newest is None and self._refused:
            raise DeviceError("refused", self._refused)
        if newest is None:
            kind = "fault" if Path(self._path).exists() else "absent"
            raise DeviceError(kind, f"the camera at {self._path} gives no picture")
        return self._jpeg(*newest)

    def close(self) -> None:
        """Let go of the camera; a driver that hangs is left behind."""
        self._stop.set()
        with self._changed:
            self._newest = None
            self._changed.notify_all()
        self._thread.join(1.0)

    def _jpeg(self, taken_at: float, picture: NDArray[np.uint8]) -> bytes:
        kept = self._encoded
        if kept and kept[0] == taken_at:
            return kept[1]
        encoded, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not encoded:
            raise DeviceError("fault", "the camera's picture cannot be encoded")
        self._encoded = (taken_at, jpeg.tobytes())
        return self._encoded[1]

    def _fresh(self) -> bool:
        return self._newest is not None and time.monotonic() - self._newest[0] < STALE_SECONDS

    def _capture(self) -> None:
        while not self._stop.is_set():
            self._capture_until_lost()
            self._stop.wait(REOPEN_SECONDS)

    def _capture_until_lost(self) -> None:
        capture = cv2.VideoCapture()
        try:
            if not self._open(capture):
                return
            # a camera sends more pictures a second as MJPEG than raw over USB 2
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
            capture.set(cv2.CAP_PROP_FPS, PICTURES_A_SECOND)
            while not self._stop.is_set():
                taken, picture = capture.read()
                if not taken:
                    return
                self._keep(np.asarray(picture, dtype=np.uint8))
        except cv2.error:
            _log.warning("the camera failed", device="camera", kind="fault")
        finally:
            capture.release()

    def _open(self, capture: cv2.VideoCapture) -> bool:
        before, self._refused = self._refused, self._refusal(Path(self._path))
        if self._refused and not before:
            _log.warning("the camera is refused", device="camera", kind="refused")
        if self._refused:
            return False
        if self._backend != cv2.CAP_V4L2:
            return capture.open(self._path, self._backend)
        # OpenCV's Video4Linux backend refuses names and takes numbers
        number = video_number(Path(self._path))
        return number is not None and capture.open(number, self._backend)

    def _keep(self, picture: NDArray[np.uint8]) -> None:
        with self._changed:
            self._newest = (time.monotonic(), picture)
            self._changed.notify_all()
