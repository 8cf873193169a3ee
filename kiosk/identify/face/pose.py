"""How a head is turned, from five landmarks: yaw is what can be used.

They carry no gaze, pitch is a guess, and in a head that leans YuNet draws them nearly upright: a third of roll shows.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

# Millimetres from the tip of the nose in an average head: x to their left, y down, z away from the camera. Across and
# down they are the places to which SFace aligns a face, the nose so high that who looks ahead has pitch 0.
_HEAD = np.array(
    [
        [-31.5, -40.0, 30.0],
        [31.5, -40.0, 30.0],
        [0.0, 0.0, 0.0],
        [-26.0, 32.5, 25.0],
        [26.0, 32.5, 25.0],
    ],
    dtype=np.float64,
)


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees, 0 for a face that looks straight into the camera.

    Attributes:
        yaw: positive when the person turns to their own left.
        pitch: positive when they look up.
        roll: positive when the head leans to their left shoulder.
    """

    yaw: float
    pitch: float
    roll: float


def head_pose(landmarks: NDArray[np.float32], size: tuple[int, int]) -> Pose | None:
    """The pose of a face.

    Args:
        landmarks: of `DetectedFace`.
        size: width and height of the picture in pixels; its focal length is taken for the longer side.

    Returns:
        None where the points are no face, such as all on one line.
    """
    width, height = size
    focal = float(max(width, height))
    camera = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]], dtype=np.float64)
    try:
        # the default method of OpenCV 5 refuses five points
        found, turn, _ = cv2.solvePnP(
            _HEAD, landmarks.astype(np.float64), camera, np.zeros(4), flags=cv2.SOLVEPNP_SQPNP
        )
    except cv2.error:
        return None
    if not found or not np.isfinite(turn).all():
        return None
    rotation = cv2.Rodrigues(turn)[0]
    facing = -rotation[:, 2]
    return Pose(
        yaw=float(np.degrees(np.arctan2(facing[0], -facing[2]))),
        pitch=float(np.degrees(np.arcsin(np.clip(-facing[1], -1, 1)))),
        roll=float(np.degrees(np.arctan2(rotation[1, 0], rotation[0, 0]))),
    )
