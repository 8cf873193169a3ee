"""What the patient's touches do: each is one form, one change, and then a page that is fetched anew."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request, session, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import InputError, KioskError
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import AT_STATION, Stage
from kiosk.ports.devices import SignalSource
from kiosk.web.errors import wants_json
from kiosk.web.language import LANGUAGES
from kiosk.web.patient.answers import go_on, go_to, order_paper
from kiosk.web.patient.devices import dead_devices
from kiosk.web.patient.forms import read_birth_date, read_expiry, read_number, read_version
from kiosk.web.patient.presenters import mark_of
from kiosk.web.patient.screen import (
    SWITCHES,
    chosen_language,
    present,
    put_away,
    say_next,
    show,
    shown,
    switches,
    the_screen,
)

steps = Blueprint("steps", __name__)

TOUCHES = 3
"""How often a choice is tried that something else overtook."""
PAGES = {
    "number": "pages.number",
    "expiry": "pages.expiry",
    "clinics": "pages.clinics",
    "other_clinic": "pages.other_clinic",
}
"""Pages that a switch returns to; every other one is the step itself."""


@steps.post("/start")
def start() -> ResponseReturnValue:
    """Begin, in the language of the screen."""
    view = present()
    if view is None or view.stage not in AT_STATION:
        view = the_screen().check_ins.start(the_screen().station_id, chosen_language())
    return go_on(view)


@steps.post("/number")
def give_number() -> ResponseReturnValue:
    """Take a typed number, as a scanner's line would be taken."""
    view = shown()
    if view is None or view.stage is not Stage.STARTED:
        return go_to("pages.step")
    try:
        after = the_screen().check_ins.claim(the_screen().station_id, read_number(request.form), SignalSource.TYPED)
    except InputError as error:
        say_next("empty" if error.kind == "empty" else "unusable")
        return go_to("pages.number")
    if after.stage is Stage.STARTED and not after.typing_closed:
        say_next("unusable")
        return go_on(after, "pages.number")
    return go_on(after)


@steps.post("/birth-date")
def give_birth_date() -> ResponseReturnValue:
    """The answer after a bare number."""
    view = shown()
    if view is None or view.stage is not Stage.BIRTH_DATE:
        return go_to("pages.step")
    try:
        answer = read_birth_date(request.form, the_screen().clock.today())
    except InputError:
        say_next("bad_date")
        return go_to("pages.step")
    version = read_version(request.form)
    return go_on(the_screen().check_ins.answer_birth_date(the_screen().station_id, view.id, version, answer))


@steps.post("/expiry")
def give_expiry() -> ResponseReturnValue:
    """The expiry date on the card, to open its chip."""
    view = shown()
    if view is None or not view.takes_expiry:
        return go_to("pages.step")
    try:
        expiry = read_expiry(request.form, the_screen().clock.today())
    except InputError:
        say_next("bad_expiry")
        return go_to("pages.expiry")
    version = read_version(request.form)
    after = the_screen().check_ins.give_card_expiry(the_screen().station_id, view.id, version, expiry)
    say_next("lay_again")
    return go_on(after)


@steps.post("/name")
def answer_name() -> ResponseReturnValue:
    """Is this you?"""
    view, version = shown(), read_version(request.form)
    if view is None:
        return go_to("pages.step")
    if view.version == version:
        view = _in_screen_language(view)
        version = view.version
    check_ins = the_screen().check_ins
    if request.form.get("answer") == "yes":
        return go_on(check_ins.accept_name(the_screen().station_id, view.id, version))
    if view.stage is Stage.IS_THIS_YOU:
        view = check_ins.reject_name(the_screen().station_id, view.id, version)
        say_next("not_me")
    return go_on(view)


@steps.post("/appointment")
def choose_appointment() -> ResponseReturnValue:
    """Take a number for an appointment of today."""
    view = shown()
    if view is None:
        return go_to("pages.step")
    chosen = request.form.get("appointment", "")
    choose = the_screen().check_ins.choose_appointment
    return _chosen(lambda version: choose(the_screen().station_id, view.id, version, chosen))


@steps.post("/clinic")
def choose_clinic() -> ResponseReturnValue:
    """Take a number without an appointment."""
    view = shown()
    if view is None:
        return go_to("pages.step")
    chosen = request.form.get("clinic", "")
    choose = the_screen().check_ins.choose_clinic
    return _chosen(lambda version: choose(the_screen().station_id, view.id, version, chosen))


@steps.post("/other-clinic")
def change_clinic() -> ResponseReturnValue:
    """Another clinic in place of the one on the ticket, whose paper is void then."""
    view = shown()
    if view is None or view.ticket is None or not view.may_change:
        say_next("not_changed")
        return go_to("pages.step")
    screen, version, chosen = the_screen(), read_version(request.form), request.form.get("clinic", "")
    after = screen.check_ins.change_clinic(screen.station_id, view.id, version, chosen)
    changed = after.ticket is not None and after.ticket.clinic_id != view.ticket.clinic_id
    say_next("changed" if changed else "not_changed")
    if changed:
        order_paper(after)
    return go_on(after, print_it=False)


@steps.post("/further-clinic")
def further_clinic() -> ResponseReturnValue:
    """A number of a further clinic: begins with the question who it is."""
    view = shown()
    if view is None or not view.may_take_another:
        return go_to("pages.step")
    return go_on(the_screen().check_ins.another_clinic(the_screen().station_id, view.id), print_it=False)


@steps.post("/back")
def back() -> ResponseReturnValue:
    """One question back; from the first or the last one to the welcome screen."""
    view = shown()
    if view is None or view.stage is Stage.STARTED or view.stage not in AT_STATION:
        put_away_keeping_language(view)
        return go_to("pages.step")
    version = read_version(request.form)
    return go_on(the_screen().check_ins.reject_name(the_screen().station_id, view.id, version), print_it=False)


@steps.post("/help")
def ask_for_help() -> ResponseReturnValue:
    """A person comes; the place is kept. A script stays on its page and learns the new version."""
    view = present()
    struggling = request.form.get("struggling") == "yes"
    if view is None and struggling:
        return go_to("pages.step")
    screen = the_screen()
    view = screen.check_ins.help(screen.station_id, view.id if view else None, struggling=struggling)
    show(view)
    if not struggling:
        session["asked"] = view.id
    if wants_json():
        return jsonify({"mark": mark_of(view, dead_devices()), "version": view.version, "next": url_for(_page_asked())})
    return go_to(_page_asked())


@steps.post("/print")
def print_again() -> ResponseReturnValue:
    """A paper ticket of the number on the screen: the first one, if a code shown unasked led to it, or another."""
    view = shown()
    if view:
        order_paper(view)
    return go_to("pages.step")


@steps.post("/leave")
def leave() -> ResponseReturnValue:
    """Done, or nobody there any more: nothing of the patient stays."""
    try:
        view = shown() or present()
    except KioskError:
        put_away(None)
        raise
    put_away(view)
    return go_to("pages.step")


@steps.post("/language")
def choose_language() -> ResponseReturnValue:
    """Change the screen's language, and the ticket's."""
    language = request.form.get("language")
    if language in LANGUAGES:
        session["language"] = language
        view = shown()
        if view and view.stage in AT_STATION:
            _in_screen_language(view)
    return go_to(_page_asked())


@steps.post("/switch")
def switch() -> ResponseReturnValue:
    """High contrast, lower controls, voice: each on or off."""
    name = request.form.get("switch", "")
    if name in SWITCHES:
        session[name] = not switches()[name]
    return go_to(_page_asked())


@steps.post("/here")
def still_here() -> ResponseReturnValue:
    """Somebody touches the screen; see `pages.remember_touch`."""
    return Response(status=204)


def put_away_keeping_language(view: CheckInView | None) -> None:
    """Back on the welcome screen the same person may still stand there."""
    kept = {name: session[name] for name in ("language", *SWITCHES) if name in session}
    put_away(view)
    if view is None or view.ticket is None:
        session.update(kept)


def _chosen(choose: Callable[[int], CheckInView]) -> ResponseReturnValue:
    """Choose; a station that keeps a face meanwhile raises the version, and the question stays the same."""
    version = read_version(request.form)
    view = choose(version)
    for _ in range(TOUCHES):
        if view.stage is not Stage.CHOOSING or view.version == version:
            break
        version = view.version
        view = choose(version)
    if view.stage is Stage.CHOOSING:
        say_next("choose_again")
    return go_on(view)


def _in_screen_language(view: CheckInView) -> CheckInView:
    """A code shown unasked began in Vietnamese, whatever the screen was set to."""
    if view.language == chosen_language():
        return view
    return the_screen().check_ins.set_language(the_screen().station_id, view.id, chosen_language())


def _page_asked() -> str:
    return PAGES.get(request.form.get("page", ""), "pages.step")
