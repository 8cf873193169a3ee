"""What a page fetches beside itself: its live stream, its state, the camera's picture and its measure."""

from collections.abc import Callable, Iterator
from dataclasses import asdict

from flask import Blueprint, Response, abort, jsonify
from flask.typing import ResponseReturnValue

from kiosk.errors import DeviceError, KioskError
from kiosk.model.checkin import Stage
from kiosk.model.events import Event, EventKind
from kiosk.web.live import event_stream
from kiosk.web.patient.devices import dead_devices
from kiosk.web.patient.news import news_of, progress_of
from kiosk.web.patient.presenters import mark_of
from kiosk.web.patient.screen import KioskScreen, present, shown, the_screen
from kiosk.web.patient.screen_pass import still_held

feeds = Blueprint("feeds", __name__)

CAMERA_STEPS = frozenset({Stage.STARTED, Stage.FACE})
LOOK_AGAIN_SECONDS = 0.5
"""How long a picture may still be shown after the check-in went on."""


@feeds.get("/live")
def live() -> Response:
    """Server-sent events of this station: ids only, the page asks for its state."""
    screen, view = the_screen(), shown()
    check_in_id = view.id if view else None

    def wanted(event: Event) -> bool:
        if event.kind is EventKind.GONE:
            # one that comes late must not wipe the number of whoever stands there by then
            return event.check_in_id == check_in_id
        return event.station_id == screen.station_id or event.check_in_id == check_in_id

    return event_stream(screen.feed, wanted)


@feeds.get("/state")
def state() -> ResponseReturnValue:
    """A word that differs when the page should be fetched anew, and what changes while it stays."""
    view, dead = present(), dead_devices()
    has_reader = the_screen().settings.station.card_reader != "none"
    news = news_of(view, has_reader=has_reader, reader_dead="card_reader" in dead)
    parts = {name: asdict(part) for name, part in news.items()}
    answer = {"mark": mark_of(view, dead), "news": parts, "progress": progress_of(view)}
    return jsonify({name: value for name, value in answer.items() if value})


@feeds.get("/preview")
def preview() -> Response:
    """The camera's picture, only while the person before it is asked to show something, and only on this screen."""
    view, allowed = shown(), still_held()
    if view is None or view.stage not in CAMERA_STEPS:
        abort(404)
    return Response(_pictures(the_screen(), view.id, allowed), mimetype="multipart/x-mixed-replace; boundary=picture")


@feeds.get("/theme.css")
def theme() -> Response:
    """How many pixels of this kiosk's screen are a millimetre."""
    pixels = round(1 / the_screen().settings.station.mm_per_pixel, 4)
    return Response(f':root[data-screen="kiosk"] {{ --mm: {pixels}px; }}\n', mimetype="text/css")


def _pictures(screen: KioskScreen, check_in_id: str, allowed: Callable[[], bool]) -> Iterator[bytes]:
    looked_at = screen.clock.monotonic()
    try:
        for jpeg in screen.preview.frames():
            if screen.clock.monotonic() - looked_at >= LOOK_AGAIN_SECONDS:
                looked_at = screen.clock.monotonic()
                stage = screen.check_ins.view(screen.station_id, check_in_id).stage
                if stage not in CAMERA_STEPS or not allowed():
                    return
            yield b"--picture\r\nContent-Type: image/jpeg\r\n\r\n" + jpeg + b"\r\n"
    except DeviceError:
        return
    except KioskError:
        # whether the check-in is still at this stage cannot be known: no further picture
        return
