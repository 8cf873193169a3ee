"""The device bench of the demo: whoever has no hardware holds things before simulated devices here.

Mounted in demo mode only, on the patient's listener.
"""

from contextlib import closing
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import ConfigurationError, InputError
from kiosk.model.face import FaceGuide
from kiosk.ports.devices import DeviceBench, HeldFace
from kiosk.settings import Settings
from kiosk.web.bench.people import BenchPeople
from kiosk.web.language import LANGUAGES

bench = Blueprint("bench", __name__, template_folder="templates")

BEHAVIOURS = tuple(HeldFace)
TOGETHER = "together"
"""Not a behaviour: whoever is chosen comes beside the person who stands there already."""
DEVICES = ("camera", "scanner", "printer", "card_reader")
LARGEST_PICTURE = 8 * 1024 * 1024
PNG_START = b"\x89PNG"
GARBAGE = (
    "%%%###@@@",
    "001190012345|||||",
    "0\x1d\x1e\x04" * 20,
    "🙂" * 100,
    "A" * 5000,
)


@dataclass(frozen=True, slots=True)
class BenchParts:
    """The simulated devices and who can be put before them."""

    settings: Settings
    devices: DeviceBench
    people: BenchPeople


def install_bench(app: Flask, settings: Settings, devices: DeviceBench, people: BenchPeople) -> None:
    """Mount the bench and the gallery of components.

    Raises:
        ConfigurationError: the settings are not of a demo.
    """
    if settings.mode != "demo":
        raise ConfigurationError("the device bench is for mode = 'demo'")
    app.extensions["kiosk_bench"] = BenchParts(settings, devices, people)
    app.before_request(_allow_pictures)
    app.register_blueprint(bench)


@bench.get("/bench")
def home() -> str:
    """Everything on one page."""
    text = session.get("bench_search", "")
    return render_template(
        "bench/home.html",
        people=_parts().people.search(text),
        text=text,
        state=_parts().devices.state(),
        device_names=DEVICES,
        profiles=_parts().people.profiles(),
        behaviours=(*BEHAVIOURS, TOGETHER),
        standing=session.get("bench_standing"),
        station=_parts().settings.station,
    )


@bench.post("/bench/search")
def search() -> ResponseReturnValue:
    """Whom to list; a name never stands in an address."""
    session["bench_search"] = request.form.get("search", "")[:64]
    return _home()


@bench.get("/bench/cards/<person_id>/<card>")
def picture(person_id: str, card: str) -> Response:
    """What would be held before the camera."""
    content = _parts().people.picture(person_id, card)
    kind = "image/png" if content.startswith(PNG_START) else "image/jpeg"
    return Response(content, mimetype=kind)


@bench.get("/components")
def components() -> str:
    """Each component with its states."""
    return render_template("components.html", screen=request.args.get("screen", "staff"), guides=list(FaceGuide))


@bench.post("/bench/hold-up")
def hold_up() -> ResponseReturnValue:
    """Put a card or an uploaded picture before the camera."""
    uploaded = request.files.get("picture")
    if uploaded and uploaded.filename:
        with closing(uploaded):
            content = uploaded.read()
    else:
        content = _parts().people.picture(request.form.get("person", ""), request.form.get("card", ""))
    try:
        _parts().devices.hold_up(content)
    except InputError:
        return _home("not_a_picture")
    session.pop("bench_standing", None)
    return _home("held_up")


@bench.post("/bench/stand")
def stand() -> ResponseReturnValue:
    """Let somebody stand before the camera, in the place of whoever stood there or beside them."""
    person, does = request.form.get("person", ""), request.form.get("behaviour", "")
    other = session.get("bench_standing") if does == TOGETHER else None
    if does not in {*BEHAVIOURS, TOGETHER} or (does == TOGETHER and other in {None, person}):
        abort(400)
    behaviour = HeldFace.TURNS_HEAD if does == TOGETHER else HeldFace(does)
    _parts().devices.hold_face(_parts().people.face(person, other), behaviour)
    session["bench_standing"] = person
    return _home("stands")


@bench.get("/bench/faces/<person_id>")
def face(person_id: str) -> Response:
    """Who would stand before the camera."""
    return Response(_parts().people.face(person_id), mimetype="image/png")


@bench.post("/bench/take-away")
def take_away() -> ResponseReturnValue:
    """Nothing lies before the camera."""
    _parts().devices.hold_up(None)
    session.pop("bench_standing", None)
    return _home("taken_away")


@bench.post("/bench/lay")
def lay() -> ResponseReturnValue:
    """Lay somebody's chip card of some kind on the reader."""
    person, profile = request.form.get("person", ""), request.form.get("profile", "")
    _parts().devices.lay_card(_parts().people.chip_card(person, profile))
    return _home("laid")


@bench.post("/bench/lift")
def lift() -> ResponseReturnValue:
    """Nothing lies on the card reader."""
    _parts().devices.lay_card(None)
    return _home("lifted")


@bench.post("/bench/scan")
def scan() -> ResponseReturnValue:
    """Let the hand scanner read a line: typed, of a card, or garbage."""
    form = request.form
    if "garbage" in form:
        number = form["garbage"]
        line = GARBAGE[int(number) % len(GARBAGE)] if number.isdigit() and len(number) < len("1000") else GARBAGE[0]
    elif "person" in form:
        line = _parts().people.payload(form["person"], form.get("card", ""))
    else:
        line = form.get("line", "").strip()
    if line:
        _parts().devices.scan(line)
    return _home("scanned")


@bench.post("/bench/device")
def device() -> ResponseReturnValue:
    """Unplug a device or plug it in."""
    name = request.form.get("device", "")
    if name not in DEVICES:
        abort(400)
    _parts().devices.plug(name, connected=request.form.get("on") == "yes")
    return _home("switched")


@bench.post("/bench/paper")
def paper() -> ResponseReturnValue:
    """Take the paper out or put it in."""
    _parts().devices.set_paper(out=request.form.get("on") != "yes")
    return _home("switched")


@bench.post("/bench/record")
def record() -> ResponseReturnValue:
    """Let the hospital's record be unreachable, or answer again."""
    _parts().devices.switch_record(off=request.form.get("on") != "yes")
    return _home("switched")


@bench.post("/bench/redis")
def redis() -> ResponseReturnValue:
    """Stop Redis or start it again."""
    _parts().devices.switch_redis(off=request.form.get("on") != "yes")
    return _home("switched")


@bench.post("/bench/clock")
def clock() -> ResponseReturnValue:
    """Set the host's clock a day ahead, or right again."""
    _parts().devices.set_clock(ahead=request.form.get("on") != "yes")
    return _home("switched")


@bench.post("/bench/language")
def language() -> ResponseReturnValue:
    """The language of this tab's browser; the same one as the kiosk's screen in it."""
    if request.form.get("language") in LANGUAGES:
        session["language"] = request.form["language"]
    return _home()


def _parts() -> BenchParts:
    return cast("BenchParts", current_app.extensions["kiosk_bench"])


def _home(said: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("bench.home", said=said), 303)


def _allow_pictures() -> None:
    """A photograph is larger than any form of a patient."""
    if request.path == "/bench/hold-up":
        request.max_content_length = LARGEST_PICTURE
