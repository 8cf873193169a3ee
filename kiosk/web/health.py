"""Whether the host works, and figures for Prometheus on an address that only this host can reach."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from flask import Flask, Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Gauge, Histogram, start_http_server

from kiosk.checkin.services import Services
from kiosk.checkin.watch import Heartbeat, check_deliveries, check_space, owed_for
from kiosk.errors import BusUnreachable, ConfigurationError, PartDegraded, RecordError, StorageError
from kiosk.ports.outbox import OutboxStore
from kiosk.ports.time import Clock
from kiosk.settings import Settings
from kiosk.web.access import public
from kiosk.web.live import LiveFeed

METRICS_ADDRESS = "127.0.0.1"


def install_health(app: Flask, checks: Mapping[str, Callable[[], None]]) -> None:
    """Serve ``/healthz`` (the process answers) and ``/readyz`` (what it needs answers too).

    A host without its record or its bus still gives numbers, and so does one whose clock is in doubt: only a database
    that cannot be written makes it unready.

    Args:
        app: either listener's app.
        checks: by the name that is shown; each raises an error of ours when its part cannot be used.
    """

    @app.get("/healthz")
    @public
    def healthz() -> ResponseReturnValue:
        return jsonify({"status": "ok"})

    @app.get("/readyz")
    @public
    def readyz() -> ResponseReturnValue:
        states = {name: part_state(check) for name, check in checks.items()}
        ready = states.get("database") != "down"
        status = "down" if not ready else "degraded" if "doubt" in states.values() else "ok"
        return jsonify({"status": status, **states}), 200 if ready else 503


def part_state(check: Callable[[], None]) -> str:
    """``ok``, ``down``, or the one word of a part that is degraded, nothing more: who asks may be anybody."""
    try:
        check()
    except PartDegraded as degraded:
        return degraded.state
    except (StorageError, BusUnreachable, RecordError):
        return "down"
    return "ok"


def service_checks(
    services: Services, heartbeat: Heartbeat, free_bytes: Callable[[], int | None]
) -> dict[str, Callable[[], None]]:
    """The checks of a host that has the database itself; that it can be written was tried at most 5 s ago."""

    def bus() -> None:
        services.bus.last_event()

    return {
        "database": heartbeat.check,
        "record": services.record.check,
        "bus": bus,
        "clock": clock_check(services.clock),
        "deliveries": lambda: check_deliveries(services),
        "space": lambda: check_space(free_bytes),
    }


def clock_check(clock: Clock) -> Callable[[], None]:
    """Raises `PartDegraded` while the host's clock is not trusted."""

    def trusted() -> None:
        if clock.doubt:
            raise PartDegraded("doubt")

    return trusted


class Metrics:
    """The series of one process; no label holds an id."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "kiosk_request_seconds",
            "Time to the first byte of an answer",
            ("app", "endpoint", "status"),
            registry=self.registry,
        )

    def watch_app(self, app: Flask, name: str) -> None:
        """Time every request by its endpoint."""

        @app.before_request
        def began() -> None:
            g.began = time.perf_counter()

        @app.after_request
        def ended(response: Response) -> Response:
            seconds = time.perf_counter() - g.get("began", time.perf_counter())
            endpoint = request.endpoint or "none"
            self._seconds.labels(name, endpoint, f"{response.status_code // 100}xx").observe(seconds)
            return response

    def watch_feed(self, feed: LiveFeed, name: str) -> None:
        """Show the open screens and the events of one app's feed."""
        streams = self._gauge("kiosk_streams_open", "Live screens connected", "app")
        streams.labels(name).set_function(lambda: feed.open_streams)
        refused = self._gauge("kiosk_streams_refused", "Live screens refused since the start: too many", "app")
        refused.labels(name).set_function(lambda: feed.places.refused)
        events = self._gauge("kiosk_events_read", "Events read from the bus since the start", "app")
        events.labels(name).set_function(lambda: feed.events_read)
        up = self._gauge("kiosk_bus_up", "Whether the bus answered when last asked", "app")
        up.labels(name).set_function(lambda: not feed.is_down)

    def watch_outbox(self, services: Services) -> None:
        """Show what waits to be sent to the record, and what it refused."""

        def count(of: Callable[[OutboxStore], int]) -> float:
            def counted() -> float:
                with services.storage.read() as work:
                    return of(work.outbox)

            return _or_nan(counted)

        waiting = Gauge("kiosk_outbox_waiting", "Deliveries that wait", registry=self.registry)
        waiting.set_function(lambda: count(lambda outbox: outbox.waiting()))
        refused = Gauge("kiosk_outbox_refused", "Deliveries that the record refused", registry=self.registry)
        refused.set_function(lambda: count(lambda outbox: len(outbox.refusals())))
        oldest = Gauge(
            "kiosk_outbox_oldest_seconds", "How long the oldest due delivery has been due", registry=self.registry
        )
        oldest.set_function(lambda: _or_nan(lambda: owed_for(services).total_seconds()))

    def watch_space(self, free_bytes: Callable[[], int | None]) -> None:
        """Show the room that is left for the data folder."""
        free = Gauge("kiosk_data_free_bytes", "Room left for the data folder", registry=self.registry)
        free.set_function(lambda: _or_nan(free_bytes))

    def watch_clock(self, clock: Clock) -> None:
        """Show whether the host's clock is in doubt."""
        doubt = Gauge("kiosk_clock_in_doubt", "1 while the host's clock is not trusted", registry=self.registry)
        doubt.set_function(lambda: clock.doubt is not None)

    def _gauge(self, name: str, text: str, label: str) -> Gauge:
        return Gauge(name, text, (label,), registry=self.registry)


def _or_nan(figure: Callable[[], float | None]) -> float:
    try:
        found = figure()
    except StorageError:
        return float("nan")
    return float("nan") if found is None else found


@contextmanager
def serve_metrics(settings: Settings, registry: CollectorRegistry) -> Iterator[int]:
    """Serve ``/metrics`` on loopback until the block ends.

    Yields:
        The port, which the system chose when the setting is 0.

    Raises:
        ConfigurationError: the port is taken.
    """
    try:
        server, thread = start_http_server(settings.web.metrics_port, METRICS_ADDRESS, registry)
    except OSError as error:
        raise ConfigurationError(f"web.metrics_port {settings.web.metrics_port}: {error.strerror}") from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
