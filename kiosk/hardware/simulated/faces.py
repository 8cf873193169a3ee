"""The simulated person before the simulated camera: a still picture turns no head, so the bench says what it does.

These stand-ins judge nothing. The settings refuse them beside a real camera, record or trust folder, and they cannot be
made without a bench, which a real host has not.
"""

from kiosk.hardware.simulated.bench import FileBench
from kiosk.identify.face.detection import DetectedFace
from kiosk.identify.face.image import Image
from kiosk.model.face import Turn
from kiosk.ports.devices import HeldFace

_LIVE = 0.97
_ATTACK = 0.02
_TURNED_DEGREES = 40.0


class SimulatedAttackDetector:
    """Port `AttackDetector`: a picture is an attack, unless the bench says that it is a person."""

    def __init__(self, bench: FileBench) -> None:
        self._bench = bench

    def liveness(self, image: Image, face: DetectedFace) -> float:  # noqa: ARG002 # the bench knows
        """0 for an attack to 1 for a live person."""
        return _ATTACK if self._bench.face() in {None, HeldFace.PRINT} else _LIVE


class SimulatedHead:
    """Port `HeadYaw`: the person reads the screen and does what suits them."""

    def __init__(self, bench: FileBench) -> None:
        self._bench = bench

    def yaw(self, image: Image, face: DetectedFace, asked: Turn | None) -> float | None:  # noqa: ARG002 # the bench knows
        """Degrees, positive to the person's own left."""
        does = self._bench.face()
        if asked and does is HeldFace.WALKS_AWAY:
            self._bench.hold_up(None)
        if asked is None or does is not HeldFace.TURNS_HEAD:
            return 0.0
        return _TURNED_DEGREES if asked is Turn.LEFT else -_TURNED_DEGREES
