"""What an operator may ask of a host."""

from collections.abc import Callable

from flask import Flask

from kiosk.errors import BusUnreachable, PartDegraded, RecordUnreachable, StorageError
from kiosk.live.memory_bus import MemoryBus
from kiosk.settings import Settings
from kiosk.web.health import METRICS_ADDRESS, Metrics, install_health
from kiosk.web.live import LiveFeed


def works() -> None:
    return None


def fails(error: Exception) -> Callable[[], None]:
    def check() -> None:
        raise error

    return check


def ready(**checks: Callable[[], None]) -> tuple[int, object]:
    app = Flask(__name__)
    install_health(app, checks)
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.json


def test_a_process_that_answers_is_alive() -> None:
    app = Flask(__name__)
    install_health(app, {"database": fails(StorageError())})
    assert app.test_client().get("/healthz").json == {"status": "ok"}


def test_a_host_whose_parts_answer_is_ready() -> None:
    assert ready(database=works, bus=works) == (200, {"status": "ok", "database": "ok", "bus": "ok"})


def test_a_host_without_bus_and_record_still_gives_numbers() -> None:
    assert ready(database=works, bus=fails(BusUnreachable()), record=fails(RecordUnreachable())) == (
        200,
        {"status": "ok", "database": "ok", "bus": "down", "record": "down"},
    )


def test_a_host_whose_clock_is_in_doubt_is_degraded_and_ready() -> None:
    assert ready(database=works, clock=fails(PartDegraded("doubt"))) == (
        200,
        {"status": "degraded", "database": "ok", "clock": "doubt"},
    )


def test_a_host_without_its_database_is_not_ready() -> None:
    assert ready(database=fails(StorageError()))[0] == 503


def test_the_figures_hold_no_ids() -> None:
    app = Flask(__name__)
    metrics = Metrics()
    metrics.watch_app(app, "staff")
    feed = LiveFeed(MemoryBus())
    metrics.watch_feed(feed, "staff")

    @app.get("/check-ins/<check_in_id>")
    def show(check_in_id: str) -> str:
        return check_in_id

    app.test_client().get("/check-ins/secret-id")
    shown = str(list(metrics.registry.collect()))
    assert "'endpoint': 'show'" in shown
    assert "secret-id" not in shown
    assert "kiosk_streams_open" in shown
    feed.close()


def test_the_figures_are_on_loopback_only() -> None:
    assert METRICS_ADDRESS == "127.0.0.1"
    assert Settings().web.metrics_port > 0
