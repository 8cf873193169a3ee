"""The staff's screens on a real port, over a bus that can be switched off."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from werkzeug.serving import make_server

from kiosk.checkin.services import Services
from kiosk.errors import BusUnreachable
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.events import Command, Event, PublishedEvent, StationHealth
from kiosk.settings import Settings
from kiosk.web.live import LiveFeed, Pace
from kiosk.web.staff_app import StaffParts, create_staff_app


class SwitchedBus(MemoryBus):
    """A bus that does not answer while `off` is set."""

    off = False

    def _answer(self) -> None:
        if self.off:
            raise BusUnreachable("switched off")

    def publish(self, events: Sequence[Event]) -> None:
        """See the port."""
        self._answer()
        super().publish(events)

    def last_event(self) -> str:
        """See the port."""
        self._answer()
        return super().last_event()

    def events(self, after: str, wait_ms: int) -> Sequence[PublishedEvent]:
        """See the port."""
        self._answer()
        found = super().events(after, wait_ms)
        self._answer()
        return found

    def command(self, station_id: str, command: Command) -> None:
        """See the port."""
        self._answer()
        super().command(station_id, command)

    def stations(self) -> Sequence[StationHealth]:
        """See the port."""
        self._answer()
        return super().stations()

    def allow(self, key: str, limit: int, window: timedelta) -> bool:
        """See the port."""
        self._answer()
        return super().allow(key, limit, window)


@dataclass(frozen=True)
class StaffSite:
    """Where the screens are, and what is behind them."""

    address: str
    services: Services
    feed: LiveFeed


@contextmanager
def serve_staff(services: Services, keep_alive: float = 1) -> Iterator[StaffSite]:
    """Serve the screens on a free port of this host; their streams say every `keep_alive` seconds that they live."""
    feed = LiveFeed(services.bus, pace=Pace(wait=0.1, retry=0.1, keep_alive=keep_alive))
    app = create_staff_app(StaffParts(Settings(mode="demo"), services, feed))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield StaffSite(f"http://127.0.0.1:{server.server_port}", services, feed)
    finally:
        feed.close()
        server.shutdown()
        thread.join()
        server.server_close()
