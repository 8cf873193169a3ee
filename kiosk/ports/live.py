"""What wakes screens, and the way of the camera's picture to one of them."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Protocol

from kiosk.model.events import Command, Event, PublishedEvent, StationHealth


class Bus(Protocol):
    """Two streams and the heartbeats. Ids only; never the only copy of anything.

    Raises:
        BusUnreachable: from any method.
    """

    def publish(self, events: Sequence[Event]) -> None:
        """Append to the event stream (trimmed to a fixed length)."""

    def last_event(self) -> str:
        """The stream id of the newest event, or ``0-0``."""

    def events(self, after: str, wait_ms: int) -> Sequence[PublishedEvent]:
        """Events after that stream id; waits for the first one up to `wait_ms`."""

    def command(self, station_id: str, command: Command) -> None:
        """Send an order to a station."""

    def last_command(self, station_id: str) -> str:
        """The stream id of the station's newest command, or ``0-0``."""

    def commands(self, station_id: str, after: str, wait_ms: int) -> Sequence[tuple[str, Command]]:
        """Orders after that stream id; waits for the first one up to `wait_ms`."""

    def beat(self, health: StationHealth, expires: timedelta) -> None:
        """Say that a station lives."""

    def stations(self) -> Sequence[StationHealth]:
        """Those whose heartbeat has not expired, by id."""

    def allow(self, key: str, limit: int, window: timedelta) -> bool:
        """Count one use of `key`; False when there were more than `limit` in the window."""


class PreviewSink(Protocol):
    """Where the station puts the camera's picture."""

    def show(self, jpeg: bytes) -> None:
        """The newest picture; dropped when nobody watches."""

    @property
    def watched(self) -> bool:
        """Whether somebody watches."""

    def close(self) -> None:
        """Stop and remove the socket."""


class PreviewSource(Protocol):
    """Where the patient's screen gets it."""

    def frames(self) -> Iterator[bytes]:
        """JPEG pictures until the station or the reader stops.

        Raises:
            DeviceError: no station answers.
        """


class ScreenPass(Protocol):
    """Who may see and touch the patient's screen: the one browser of this station, and no other process of its host."""

    def redeem(self, token: str) -> str | None:
        """Exchange the token, once, for a pass; whoever held one before no longer does.

        Returns:
            The pass, for a cookie; None for any other token.
        """

    def is_held(self, value: str) -> bool:
        """Whether this is the pass that was given last."""
