"""Whether faces are on at this host, and with what they are taken: real networks, or the demo's stand-ins."""

# ruff: noqa: PLC0415 # networks and index are loaded only where faces are taken

from dataclasses import replace
from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from structlog import get_logger

from kiosk.bootstrap.face_keys import MASTER_KEYS
from kiosk.checkin.faces import Faces
from kiosk.checkin.services import Services
from kiosk.errors import ConfigurationError
from kiosk.identify.face.policy import FaceThresholds
from kiosk.identify.face.weights import missing
from kiosk.settings import Settings
from kiosk.settings.sections import FaceSettings

if TYPE_CHECKING:
    from kiosk.identify.face.eyes import FaceEyes
    from kiosk.station.faces import FaceParts

log = get_logger(__name__)

TOLD_LATE_SECONDS = 1.0
"""For a station to say that it sees a face: it looks twice a second."""


def why_faces_are_off(settings: Settings) -> str | None:
    """What is missing for faces; None where they are on."""
    if not settings.face.enabled:
        return "face.enabled is false"
    roles = _roles(settings.face)
    gone = [weights.file for weights in missing(settings.models_dir) if weights.role in roles]
    if gone:
        return f"{', '.join(gone)} missing in {settings.models_dir}: run `kiosk models install`"
    if settings.face.recogniser == "face-recognition" and find_spec("face_recognition") is None:
        return "face.recogniser: install the group `face`"
    return None


def open_faces(settings: Settings) -> Faces | None:
    """What every process is told of faces; None where they are off, and then the log says why."""
    reason = why_faces_are_off(settings)
    if reason is None:
        face = settings.face
        return Faces(
            FaceThresholds.of(face),
            face.tries,
            attempt_lasts=timedelta(seconds=face.attempt_seconds),
            unseen_for=timedelta(seconds=face.gone_seconds + TOLD_LATE_SECONDS),
        )
    if settings.face.enabled:
        log.warning("faces are off", reason=reason)
    return None


def with_face_parts(settings: Settings, services: Services) -> "tuple[Services, FaceParts | None]":
    """What the station needs beside: the index, and eyes for its one thread that takes faces.

    Raises:
        ConfigurationError: OpenCV or dlib cannot use the networks; or the station, the only process that opens face
            references, was given no key for them.
    """
    if services.faces is None or settings.station.camera == "none":
        return services, None
    if not any(settings.credential_path(name) for name in MASTER_KEYS):
        raise ConfigurationError(f"face.enabled needs the credential {MASTER_KEYS[0]}; make one, or switch faces off")
    from kiosk.checkin.face_gallery import KeptGallery
    from kiosk.identify.face.capture import capture_limits
    from kiosk.identify.face.comparison import score
    from kiosk.identify.face.opencv import prepare_opencv
    from kiosk.identify.face.portrait import portrait_features
    from kiosk.station.faces import FaceParts

    prepare_opencv()
    eyes, gallery = _eyes(settings), KeptGallery(services.storage, services.clock)
    faces = replace(services.faces, gallery=gallery, score=score, portrait_features=partial(portrait_features, eyes))
    return replace(services, faces=faces), FaceParts(eyes, capture_limits(settings.face), gallery)


def _roles(face: FaceSettings) -> frozenset[str]:
    roles = {"detector"}
    if face.recogniser == "sface":
        roles.add("recogniser")
    if face.attack_detection == "network":
        roles.add("attack_detector")
    return frozenset(roles)


def _eyes(settings: Settings) -> "FaceEyes":
    from kiosk.identify.face.eyes import open_eyes

    if settings.face.attack_detection == "network":
        return open_eyes(settings.face, settings.models_dir)
    from kiosk.hardware.simulated.bench import FileBench
    from kiosk.hardware.simulated.faces import SimulatedAttackDetector, SimulatedHead

    bench = FileBench(settings.runtime_dir)
    return open_eyes(
        settings.face,
        settings.models_dir,
        attack_detector=SimulatedAttackDetector(bench),
        head=SimulatedHead(bench),
    )
