"""The patient's pages: one question each, drawn from the stage of the check-in, never kept by a browser."""

from dataclasses import replace

from flask import Blueprint, Response, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import OVER_WITHOUT_NUMBER, Stage
from kiosk.web.patient.card import card_note, card_panel
from kiosk.web.patient.devices import dead_devices
from kiosk.web.patient.face import consent_lead, enrolment_note, face_state, guide_text, percent, receipt_text
from kiosk.web.patient.news import card_key
from kiosk.web.patient.presenters import (
    STEPS,
    STRUGGLING_AFTER,
    Page,
    ahead_text,
    clinics_page,
    expiry_page,
    mark_of,
    notice,
    number_page,
    other_clinic_page,
    page_of,
    paper_text,
    room_label,
    without_camera,
)
from kiosk.web.patient.screen import (
    PATIENCE_WITH_HELP,
    SLACK_SECONDS,
    count_problems,
    present,
    put_away,
    show,
    switches,
    the_screen,
    to_say,
)

pages = Blueprint("pages", __name__, template_folder="templates")

SEEN_COOKIE = "kiosk_seen"


@pages.get("/")
def step() -> ResponseReturnValue:
    """The question of the moment."""
    view = _as_this_kiosk_offers(present())
    if _forgotten(view):
        put_away(view)
        view = None
    if view:
        show(view)
    page = page_of(view)
    if page.name == "show" and "camera" in dead_devices():
        page = without_camera(page)
    return _draw(page, view)


@pages.get("/number")
def number() -> ResponseReturnValue:
    """Type a number instead of showing a code."""
    view = present()
    if view is None or view.stage is not Stage.STARTED or view.typing_closed or _forgotten(view):
        return redirect(url_for("pages.step"), 303)
    show(view)
    return _draw(number_page(), view, back=url_for("pages.step"))


@pages.get("/clinics")
def clinics() -> ResponseReturnValue:
    """Another clinic than the appointment's."""
    view = present()
    if view is None or view.stage is not Stage.CHOOSING or not view.clinics or _forgotten(view):
        return redirect(url_for("pages.step"), 303)
    show(view)
    return _draw(clinics_page(), view, back=url_for("pages.step") if view.appointments else None)


@pages.get("/other-clinic")
def other_clinic() -> ResponseReturnValue:
    """Another clinic in place of the number's, for whom the masked name is."""
    view = present()
    if view is None or not view.may_change or _forgotten(view):
        return redirect(url_for("pages.step"), 303)
    show(view)
    return _draw(other_clinic_page(), view, back=url_for("pages.step"))


@pages.get("/expiry")
def expiry() -> ResponseReturnValue:
    """The expiry date on the card, where number and birth date did not open its chip."""
    view = present()
    if view is None or not view.takes_expiry or view.stage is not Stage.IS_THIS_YOU or _forgotten(view):
        return redirect(url_for("pages.step"), 303)
    show(view)
    return _draw(expiry_page(), view, back=url_for("pages.step"))


@pages.get("/problem")
def problem() -> str:
    """Where a script goes when a touch could not be carried out."""
    return render_template("patient/error.html", kind="fault", status=503)


@pages.after_app_request
def remember_touch(response: Response) -> Response:
    """When somebody last did something here: a time and nothing else."""
    by_itself = request.args.get("by") == "clock" or g.get("refused")
    if request.blueprint in {"pages", "steps", "face_steps"} and not by_itself:
        now = int(the_screen().clock.now().timestamp())
        secure = the_screen().settings.mode != "demo"
        response.set_cookie(SEEN_COOKIE, str(now), secure=secure, httponly=True, samesite="Lax")
    return response


@pages.app_context_processor
def words() -> dict[str, object]:
    """What every page of this listener may say."""
    settings = the_screen().settings
    return {
        "hospital": settings.hospital,
        "faces_on": the_screen().faces_on,
        "policy": settings.policy,
        "station": settings.station,
        "steps": STEPS,
        "room_label": room_label,
        "switches": switches(),
    }


def _as_this_kiosk_offers(view: CheckInView | None) -> CheckInView | None:
    """Without a camera that works no face is taken here, whatever the house knows."""
    has_camera = the_screen().settings.station.camera != "none" and "camera" not in dead_devices()
    if view is None or has_camera:
        return view
    return replace(view, face=replace(view.face, offered=False))


def _draw(page: Page, view: CheckInView | None, back: str | None = None) -> str:
    policy, station = the_screen().settings.policy, the_screen().settings.station
    paper = None
    if view and view.ticket:
        paper = paper_text(view.ticket, has_printer=station.printer != "none")
    dead = dead_devices()
    panel = card_panel(view, has_reader=station.card_reader != "none", reader_dead="card_reader" in dead)
    is_over = _is_over(view)
    return render_template(
        f"patient/{page.name}.html",
        page=page,
        view=view,
        back=back,
        mark=mark_of(view, dead),
        dead=dead,
        notice=notice(view, to_say(), dead),
        struggling=view is not None and not is_over and count_problems(view) >= STRUGGLING_AFTER,
        idle_seconds=_idle_seconds(view),
        warning_seconds=0 if is_over else policy.idle_warning_seconds,
        ahead=ahead_text(view.ticket) if view and view.ticket else None,
        paper=paper,
        card=panel,
        card_key=card_key(panel),
        card_note=card_note(view),
        face=_face(view),
        enrolment_note=enrolment_note(view),
        receipt=receipt_text(view, has_printer=station.printer != "none"),
        to_print=view is not None and session.get("printed") != view.id,
        untouched=view is None and not (session.keys() - {"left"}),
        also=[f"{one.number} · {room_label(one.room)}" for one in view.also] if view else [],
    )


def _is_over(view: CheckInView | None) -> bool:
    """Whether all is done, and the screen stays for reading only."""
    return view is not None and (view.ticket is not None or view.stage in OVER_WITHOUT_NUMBER)


def _face(view: CheckInView | None) -> dict[str, object]:
    """What the two pages about a face show."""
    if view is None or view.stage not in {Stage.FACE_CONSENT, Stage.FACE}:
        return {}
    state = face_state(view)
    return {
        "guide": state.guide.value,
        "text": guide_text(state.guide),
        "percent": percent(state),
        "lead": consent_lead(view),
    }


def _idle_seconds(view: CheckInView | None) -> int:
    policy = the_screen().settings.policy
    if _is_over(view):
        return policy.ticket_seconds
    if view and view.help_told and session.get("asked") == view.id:
        return policy.idle_seconds * PATIENCE_WITH_HELP
    return policy.idle_seconds


def _forgotten(view: CheckInView | None) -> bool:
    """Whether what this browser showed last is too old to be shown again."""
    seen = request.cookies.get(SEEN_COOKIE, "")
    known = session.get("check_in")
    if not seen.isdigit() or (view and view.id != known):
        return False
    longest = _idle_seconds(view) + the_screen().settings.policy.idle_warning_seconds + SLACK_SECONDS
    return the_screen().clock.now().timestamp() - int(seen[:12]) > longest
