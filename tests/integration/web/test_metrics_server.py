"""The figures for Prometheus, over a real socket."""

import socket
from urllib.request import urlopen

import pytest
from flask import Flask

from kiosk.errors import ConfigurationError
from kiosk.live.memory_bus import MemoryBus
from kiosk.settings import Settings
from kiosk.settings.sections import WebSettings
from kiosk.web.health import Metrics, serve_metrics
from kiosk.web.live import LiveFeed

pytestmark = pytest.mark.integration


def test_the_figures_are_served_on_this_host_until_the_end() -> None:
    app, metrics, feed = Flask(__name__), Metrics(), LiveFeed(MemoryBus())
    metrics.watch_app(app, "staff")
    metrics.watch_feed(feed, "staff")
    app.test_client().get("/nowhere")
    serving = serve_metrics(Settings(web=WebSettings(metrics_port=0)), metrics.registry)
    with serving as port, urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        shown = answer.read().decode()
    assert 'kiosk_request_seconds_count{app="staff",endpoint="none",status="4xx"} 1.0' in shown
    assert 'kiosk_streams_open{app="staff"} 0.0' in shown
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    feed.close()


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(ConfigurationError, match=f"web.metrics_port {port}"),
            serve_metrics(Settings(web=WebSettings(metrics_port=port)), Metrics().registry),
        ):
            pass
