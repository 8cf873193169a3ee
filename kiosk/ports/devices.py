"""What stands at a kiosk, real or simulated."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kiosk.model.events import DeviceState


class SignalSource(StrEnum):
    """How a code or number reached the station."""

    CAMERA = "camera"
    SCANNER = "scanner"
    TYPED = "typed"


class Camera(Protocol):
    """The station's camera.

    Raises:
        DeviceError: absent or broken.
    """

    def frame(self) -> bytes:
        """The newest picture as JPEG."""


class CodeScanner(Protocol):
    """A scanner that gives whole lines."""

    def line(self, wait_ms: int) -> str | None:
        """The next line, or None after that time.

        Raises:
            DeviceError: absent or broken; the caller tries again later.
        """


class CardConnection(Protocol):
    """A contactless chip in the reader's field, freshly reset."""

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """Send one command APDU (ISO/IEC 7816-4).

        Returns:
            The response's data and its status word, such as 0x9000.

        Raises:
            CardError: ``removed``, ``no_answer``, ``service_down``, ``no_reader``.
        """


class CardReader(Protocol):
    """The station's reader for chip cards."""

    def has_card(self, wait_ms: int) -> bool:
        """Whether a card lies on the reader; waits for a change up to `wait_ms`.

        Raises:
            CardError: ``service_down`` or ``no_reader``; the caller tries again later.
        """

    def connect(self) -> AbstractContextManager[CardConnection]:
        """The card, exclusively and freshly reset; disconnected at the end.

        Raises:
            CardError: ``no_card``, ``no_reader``, ``service_down``; ``no_answer``, ``removed`` or ``unsupported``, when
                the card does not come to life.
        """


@dataclass(frozen=True, slots=True)
class TicketText:
    """What a paper ticket or receipt says, ready in both languages.

    Attributes:
        number: of the queue; empty on a receipt.
        code: goes into its QR; empty for none.
    """

    lines: tuple[str, ...]
    number: str = ""
    code: str = ""


class TicketPrinter(Protocol):
    """The station's printer."""

    def print(self, ticket: TicketText) -> None:
        """Print and cut.

        Raises:
            DeviceError: ``no_paper``, ``absent`` or ``fault``.
        """

    def state(self) -> DeviceState:
        """Its health, as far as it tells."""


class HeldFace(StrEnum):
    """What the simulated person does whose picture is before the camera."""

    TURNS_HEAD = "turns_head"
    """As the screen asks."""
    PRINT = "print"
    """It is a photograph that somebody holds up."""
    CANNOT_TURN = "cannot_turn"
    WALKS_AWAY = "walks_away"
    """As soon as a turn is asked."""


@dataclass(frozen=True, slots=True)
class BenchState:
    """What lies before the simulated devices."""

    picture: bool
    unplugged: tuple[str, ...]
    paper_out: bool
    record_off: bool
    redis_off: bool
    tickets: tuple[str, ...]
    card: bool = False
    face: HeldFace | None = None
    clock_ahead: bool = False


class DeviceBench(Protocol):
    """The demo's bench: holds things before the simulated devices."""

    def state(self) -> BenchState:
        """What is set now; `tickets` are the printed texts, newest first."""

    def hold_up(self, picture: bytes | None) -> None:
        """Put a JPEG or PNG before the camera, or take it away."""

    def hold_face(self, picture: bytes, behaviour: HeldFace) -> None:
        """Let a person, given as a JPEG or PNG of the face, stand before the camera; `hold_up(None)` ends it."""

    def scan(self, line: str) -> None:
        """Let the hand scanner read this line."""

    def plug(self, device: str, *, connected: bool) -> None:
        """Unplug or plug in ``camera``, ``scanner``, ``printer`` or ``card_reader``."""

    def lay_card(self, card: bytes | None) -> None:
        """Lay a virtual chip card on the reader, given as the content of its file, or take it away."""

    def set_paper(self, *, out: bool) -> None:
        """Take the paper out, or put it in."""

    def switch_record(self, *, off: bool) -> None:
        """Let the hospital's record be unreachable."""

    def switch_redis(self, *, off: bool) -> None:
        """Stop Redis, or start it again."""

    def set_clock(self, *, ahead: bool) -> None:
        """Set the host's clock a day ahead, or right again."""
