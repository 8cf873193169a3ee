"""The waiting room: number and room of the last calls, nothing about anybody."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template

from kiosk.checkin import lists
from kiosk.model.clinic import RECEPTION
from kiosk.model.events import Event
from kiosk.model.staff import Role
from kiosk.web.access import DISPLAY, account, guarded, parts
from kiosk.web.language import gettext
from kiosk.web.live import event_stream
from kiosk.web.sign_in import add_sign_in

CALLS = 4

blueprint = Blueprint("display", __name__, url_prefix="/display", template_folder="templates")
add_sign_in(blueprint, DISPLAY)


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the hall may see it; `key` changes when the number is called again."""

    number: int
    room: str
    key: str


@blueprint.get("/")
@guarded(Role.DISPLAY)
def home() -> str:
    """The whole screen."""
    position = parts().feed.position()
    return render_template("display/home.html", calls=_calls(), position=position)


@blueprint.get("/calls")
@guarded(Role.DISPLAY, passive=True)
def calls() -> str:
    """The calls anew, after an event."""
    return render_template("display/calls.html", calls=_calls())


@blueprint.get("/live")
@guarded(Role.DISPLAY, passive=True)
def live() -> Response:
    """Events of this screen's clinics."""
    clinics = frozenset(_queues())

    def wanted(event: Event) -> bool:
        return event.clinic_id in clinics

    return event_stream(parts().feed, wanted)


def _queues() -> Sequence[str]:
    """The clinics of this screen, and the reception desk, which calls everywhere."""
    return [*account().clinics, RECEPTION]


def _calls() -> Sequence[Call]:
    called = lists.last_calls(parts().services, clinic_ids=_queues(), limit=CALLS)
    return [
        Call(one.ticket.number, one.room or gettext("Quầy tiếp đón"), one.called_at.strftime("%H%M%S%f"))
        for one in called
        if one.ticket and one.called_at
    ]
