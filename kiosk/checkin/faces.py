"""What the face needs of a host: thresholds everywhere, a gallery and a recogniser where samples are taken."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from kiosk.identify.face.policy import FaceThresholds
from kiosk.model.face import FaceFeatures
from kiosk.ports.faces import FaceGallery

PortraitFeatures = Callable[[bytes], FaceFeatures | None]
"""Features of the one face in a chip's portrait, a JPEG; None when no face is found in it."""


@dataclass(frozen=True, slots=True)
class Faces:
    """Where faces are on, what every use case is given of them.

    Attributes:
        tries: attempts that may lead to nothing: of a check-in, and of a candidate in a day.
        attempt_lasts: from drawing an attempt until it is worth nothing.
        unseen_for: how long a face that the station says nothing of still counts.
        gallery: None in processes that take no samples.
        score: as `gallery`: the cosine of probe and reference. Other processes are spared the libraries.
        portrait_features: as `gallery`.
    """

    thresholds: FaceThresholds
    tries: int
    attempt_lasts: timedelta
    unseen_for: timedelta
    gallery: FaceGallery | None = None
    score: Callable[[FaceFeatures, FaceFeatures], float] | None = None
    portrait_features: PortraitFeatures | None = None
