"""What the patient's touches do about a face: begin, agree or not, turn no head, last digits, keep it, forget it."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.errors import InputError
from kiosk.model.checkin import AT_STATION, Intent, Stage
from kiosk.web.patient.answers import go_on, go_to
from kiosk.web.patient.forms import read_last_four, read_version
from kiosk.web.patient.screen import chosen_language, present, say_next, shown, the_screen

face_steps = Blueprint("face_steps", __name__)


@face_steps.post("/face")
def begin() -> ResponseReturnValue:
    """The patient would be known by face."""
    view = shown()
    has_camera = the_screen().settings.station.camera != "none"
    if view is None or view.stage is not Stage.STARTED or not view.face.offered or not has_camera:
        return go_to("pages.step")
    return go_on(the_screen().check_ins.begin_face(the_screen().station_id, view.id, read_version(request.form)))


@face_steps.post("/face-consent")
def answer_consent() -> ResponseReturnValue:
    """Whether the face may be compared; a form without an answer is none."""
    view, answer = shown(), request.form.get("answer")
    if view is None or view.stage is not Stage.FACE_CONSENT or answer not in {"yes", "no"}:
        return go_to("pages.step")
    screen, version = the_screen(), read_version(request.form)
    return go_on(
        screen.check_ins.answer_face_consent(screen.station_id, view.id, version, agreed=answer == "yes"),
    )


@face_steps.post("/cannot-turn")
def cannot_turn() -> ResponseReturnValue:
    """The patient cannot turn the head: another way follows."""
    view = shown()
    if view is None or view.stage is not Stage.FACE:
        return go_to("pages.step")
    return go_on(the_screen().check_ins.cannot_turn(the_screen().station_id, view.id, read_version(request.form)))


@face_steps.post("/last-four")
def give_last_four() -> ResponseReturnValue:
    """The last four digits of the number, where a birth date is not enough."""
    view = shown()
    if view is None or view.stage is not Stage.LAST_FOUR:
        return go_to("pages.step")
    try:
        digits = read_last_four(request.form)
    except InputError:
        say_next("bad_digits")
        return go_to("pages.step")
    version = read_version(request.form)
    return go_on(the_screen().check_ins.answer_last_four(the_screen().station_id, view.id, version, digits))


@face_steps.post("/enrolment")
def answer_enrolment() -> ResponseReturnValue:
    """Whether the face may be kept for the next visit; a form without an answer is none."""
    view, answer = shown(), request.form.get("answer")
    if view is None or view.stage is not Stage.ENROL_CONSENT or answer not in {"yes", "no"}:
        return go_to("pages.step")
    screen, version = the_screen(), read_version(request.form)
    return go_on(screen.check_ins.answer_enrolment(screen.station_id, view.id, version, agreed=answer == "yes"))


@face_steps.post("/forget")
def forget() -> ResponseReturnValue:
    """Somebody came to have the face forgotten: who it is comes first."""
    screen, view = the_screen(), present()
    if not screen.faces_on:
        return go_to("pages.step")
    if view is None or view.stage not in AT_STATION:
        view = screen.check_ins.start(screen.station_id, chosen_language(), Intent.FORGET_FACE)
    return go_on(view)
