"""Administration: staff accounts, and whether the parts of this host work."""

from collections.abc import Sequence

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kiosk.checkin import accounts
from kiosk.checkin.watch import owed_for
from kiosk.errors import BusUnreachable, NotPossibleNow, StorageError
from kiosk.model.events import StationHealth
from kiosk.model.staff import Role
from kiosk.web.access import ADMIN, account, actor, guarded, parts
from kiosk.web.health import part_state
from kiosk.web.sign_in import add_sign_in

blueprint = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")
add_sign_in(blueprint, ADMIN)


@blueprint.get("/")
@guarded(Role.ADMINISTRATOR)
def home() -> str:
    """Accounts and the state of the parts."""
    services = parts().services
    return render_template(
        "admin/home.html",
        accounts=accounts.all_accounts(services),
        now=services.clock.now(),
        service_day=services.clock.today(),
        me=account().id,
        states={name: part_state(check) for name, check in current_app.extensions["kiosk_checks"].items()},
        stations=_stations(),
        outbox=_outbox(),
        late_minutes=_late_minutes(),
        free_gigabytes=_free_gigabytes(),
        screens=parts().feed.open_streams,
        note=request.args.get("note"),
    )


@blueprint.post("/accounts/<staff_id>/unlock")
@guarded(Role.ADMINISTRATOR)
def unlock(staff_id: str) -> Response:
    """Let a locked or disabled account sign in again."""
    accounts.unlock(parts().services, staff_id=staff_id, by=actor())
    return redirect(url_for(".home", note="unlocked"), 303)


@blueprint.post("/accounts/<staff_id>/disable")
@guarded(Role.ADMINISTRATOR)
def disable(staff_id: str) -> Response:
    """End an account's sessions and refuse further ones; nobody shuts themselves out."""
    if staff_id == account().id:
        raise NotPossibleNow("this is your own account")
    accounts.disable(parts().services, staff_id=staff_id, by=actor())
    return redirect(url_for(".home", note="disabled"), 303)


def _stations() -> Sequence[StationHealth] | None:
    try:
        return parts().services.bus.stations()
    except BusUnreachable:
        return None


def _late_minutes() -> int | None:
    """How long the delivery that is due longest has been due."""
    try:
        return int(owed_for(parts().services).total_seconds() // 60)
    except StorageError:
        return None


def _free_gigabytes() -> float | None:
    try:
        free = parts().free_bytes()
    except StorageError:
        return None
    return None if free is None else free / 1e9


def _outbox() -> tuple[int, int] | None:
    """How many deliveries wait, and how many the record refused."""
    try:
        with parts().services.storage.read() as work:
            return work.outbox.waiting(), len(work.outbox.refusals())
    except StorageError:
        return None
