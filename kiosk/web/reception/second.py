"""The second person of the staff who stands for something at the desk, with their own name and password."""

from flask import request

from kiosk.checkin import accounts
from kiosk.model.actor import Actor
from kiosk.model.staff import Role
from kiosk.web import staff_forms
from kiosk.web.access import parts


def second_person() -> Actor | None:
    """Who else stands for it; nobody where the form asked for no second name.

    Raises:
        AccessDenied: name and password are not those of an account that may.
    """
    if "second" not in request.form:
        return None
    name, password = staff_forms.text("second"), staff_forms.text("second_password")
    limits = parts().limits(Role.RECEPTION)
    return Actor.staff(accounts.vouch(parts().services, name=name, password=password, limits=limits).id)
