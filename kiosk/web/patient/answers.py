"""What a step answers: the page of what came of it, and the paper that goes with it."""

from flask import jsonify, redirect, session, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import BusUnreachable
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Stage
from kiosk.model.events import Command, CommandKind
from kiosk.model.queue import PrintState
from kiosk.web.errors import wants_json
from kiosk.web.patient.screen import show, the_screen


def go_to(endpoint: str) -> ResponseReturnValue:
    """See the result on a page fetched anew; a script is told where, and replaces its page in the history."""
    if wants_json():
        return jsonify({"next": url_for(endpoint)})
    return redirect(url_for(endpoint), 303)


def go_on(view: CheckInView, endpoint: str = "pages.step", *, print_it: bool = True) -> ResponseReturnValue:
    """To the page of what came of it; a number that was just given, and a receipt, is printed."""
    show(view)
    if print_it and session.get("printed") != view.id:
        order_paper(view)
    return go_to(endpoint)


def order_paper(view: CheckInView) -> None:
    """Order the paper; a number shown again is the ticket of an earlier check-in, which then tells reception."""
    screen = the_screen()
    has_paper = view.ticket is not None or view.stage is Stage.FORGOTTEN
    if not has_paper or screen.settings.station.printer == "none":
        return
    session["printed"] = view.id
    try:
        screen.bus.command(screen.station_id, Command(CommandKind.PRINT, view.id))
    except BusUnreachable:
        screen.check_ins.printed(view.ticket.code if view.ticket else view.id, PrintState.FAILED)
