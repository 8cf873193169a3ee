"""How usable a picture of a face is: one number for each reason to take another one (compare ISO/IEC 29794-5).

Quality says nothing of who it is: it is neither mixed into a score nor does it move a threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.identify.face.detection import DetectedFace
from kiosk.identify.face.image import Image
from kiosk.identify.face.pose import head_pose
from kiosk.settings.sections import FaceSettings

MIN_OTHER_SHARE = 0.5
"""A face narrower than this share of the one that counts stands behind it, at twice the distance."""

_SIDE = 112
_EYES_AND_MOUTH = np.array([[38.3, 51.6], [73.5, 51.6], [56.0, 71.7], [41.5, 92.3], [70.7, 92.3]], dtype=np.float32)
"""Where the landmarks of an upright face lie in a square of 112 pixels, as SFace wants them."""
_CHEEKS = (slice(58, 78), slice(34, 78))
_MOUTH_AND_CHIN = (slice(84, 108), slice(40, 72))


class QualityReason(StrEnum):
    """Why a picture is not good enough; the first is the one to say."""

    SEVERAL_FACES = "several_faces"
    CUT_OFF = "cut_off"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    COVERED = "covered"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    NOT_FACING = "not_facing"
    TILTED = "tilted"
    BLURRED = "blurred"


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of one face in one picture.

    Attributes:
        face_pixels: width of the face.
        face_share: the same as a share of the picture's width.
        yaw, pitch, roll: degrees, see `pose.Pose`.
        sharpness: of edges against the face's own contrast; above 0, no upper bound.
        exposure: mean brightness of the face, 0 to 255.
        covered: how far the colour around the mouth is from the cheeks' (CIELAB, a and b only).
        faces: how many faces are near enough to count.
        cut_off: share of the face outside the picture, 0 to 1.
    """

    face_pixels: float
    face_share: float
    yaw: float
    pitch: float
    roll: float
    sharpness: float
    exposure: float
    covered: float
    faces: int
    cut_off: float


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """What is refused, in the units of `Quality`; docs/reference/face-evaluation.md says how many each refuses."""

    face_pixels: float = 80
    face_share: float = 0.5
    yaw: float = 20
    pitch: float = 25
    roll: float = 10
    sharpness: float = 0.05
    dark: float = 50
    bright: float = 220
    covered: float = 20
    cut_off: float = 0.05


def limits(settings: FaceSettings) -> QualityLimits:
    """As the settings say."""
    return QualityLimits(
        face_pixels=settings.quality_face_pixels,
        face_share=settings.quality_face_share,
        yaw=settings.quality_yaw,
        pitch=settings.quality_pitch,
        roll=settings.quality_roll,
        sharpness=settings.quality_sharpness,
        dark=settings.quality_dark,
        bright=settings.quality_bright,
        covered=settings.quality_covered,
        cut_off=settings.quality_cut_off,
    )


def measure(image: Image, faces: Sequence[DetectedFace], face: DetectedFace) -> Quality:
    """Measure one face.

    Args:
        image: the picture.
        faces: all that were found in it.
        face: one of them.
    """
    height, width = image.shape[:2]
    pose = head_pose(face.landmarks, (width, height))
    upright = _upright(image, face.landmarks)
    grey = np.asarray(cv2.cvtColor(upright, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    return Quality(
        face_pixels=face.box[2],
        face_share=face.box[2] / width,
        yaw=pose.yaw if pose else 180.0,
        pitch=pose.pitch if pose else 0.0,
        roll=pose.roll if pose else 0.0,
        sharpness=_sharpness(grey),
        exposure=float(np.mean(grey)),
        covered=_colour_step(upright),
        faces=sum(other.box[2] >= MIN_OTHER_SHARE * face.box[2] for other in faces),
        cut_off=_cut_off(face.box, width, height),
    )


def problems(quality: Quality, limits: QualityLimits) -> list[QualityReason]:
    """Every reason to take another picture, the one to say first; empty for a good one."""
    wrong = {
        QualityReason.SEVERAL_FACES: quality.faces > 1,
        QualityReason.CUT_OFF: quality.cut_off > limits.cut_off,
        QualityReason.TOO_SMALL: quality.face_pixels < limits.face_pixels,
        QualityReason.TOO_LARGE: quality.face_share > limits.face_share,
        QualityReason.COVERED: quality.covered > limits.covered,
        QualityReason.TOO_DARK: quality.exposure < limits.dark,
        QualityReason.TOO_BRIGHT: quality.exposure > limits.bright,
        QualityReason.NOT_FACING: abs(quality.yaw) > limits.yaw or abs(quality.pitch) > limits.pitch,
        QualityReason.TILTED: abs(quality.roll) > limits.roll,
        QualityReason.BLURRED: quality.sharpness < limits.sharpness,
    }
    return [reason for reason, applies in wrong.items() if applies]


def _upright(image: Image, landmarks: NDArray[np.float32]) -> Image:
    """The face alone, turned upright and brought to one size, so that numbers of different pictures compare."""
    change, _ = cv2.estimateAffinePartial2D(landmarks, _EYES_AND_MOUTH, method=cv2.LMEDS)
    if change is None or not np.isfinite(change).all():
        return np.zeros((_SIDE, _SIDE, 3), dtype=np.uint8)
    pixels = cv2.warpAffine(image, change, (_SIDE, _SIDE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(pixels, dtype=np.uint8)


def _sharpness(grey: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian as a share of the variance of brightness: light and contrast cancel out."""
    middle = grey[24:104, 20:92].astype(np.float64)
    return float(np.var(cv2.Laplacian(middle, cv2.CV_64F)) / max(float(np.var(middle)), 1.0))


def _colour_step(upright: Image) -> float:
    """A mask or a hand-held cloth has another colour than the skin above it, in any light that shows colour."""
    lab = cv2.cvtColor(upright, cv2.COLOR_BGR2Lab)[:, :, 1:].astype(np.float64)
    above, below = (np.median(lab[part].reshape(-1, 2), axis=0) for part in (_CHEEKS, _MOUTH_AND_CHIN))
    return float(np.linalg.norm(above - below))


def _cut_off(box: tuple[float, float, float, float], width: int, height: int) -> float:
    left, top, across, down = box
    inside_across = max(0.0, min(left + across, width) - max(left, 0.0))
    inside_down = max(0.0, min(top + down, height) - max(top, 0.0))
    return 1 - inside_across * inside_down / max(across * down, 1e-9)
