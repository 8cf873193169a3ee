"""OpenCV in this process: how many processors it takes, and what it says."""

import cv2
from cv2.utils import logging as opencv_log


def prepare_opencv(threads: int = 1) -> None:
    """Once, when a process starts: faces must not take every processor of a host that serves screens.

    Its warnings are left out: one comes with each network that is opened, and means nothing.
    """
    cv2.setNumThreads(threads)
    opencv_log.setLogLevel(opencv_log.LOG_LEVEL_ERROR)
