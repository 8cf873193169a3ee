"""Numbers that were given after the backup that was restored: reception makes them again."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from kiosk.checkin import lost_numbers
from kiosk.errors import AlreadyCheckedIn
from kiosk.model.staff import Role
from kiosk.web.access import actor, guarded, parts


def add_lost_numbers(blueprint: Blueprint) -> None:
    """Give reception one press for each, and one for all."""

    @blueprint.post("/lost-numbers/<check_in_id>/again")
    @guarded(Role.RECEPTION)
    def make_number_again(check_in_id: str) -> Response:
        try:
            made = lost_numbers.make_again(parts().services, check_in_id, by=actor())
        except AlreadyCheckedIn as error:
            return redirect(url_for("reception.show", check_in_id=error.check_in_id, note="already"), 303)
        return redirect(url_for("reception.show", check_in_id=made.id, note="number-again"), 303)

    @blueprint.post("/lost-numbers/again")
    @guarded(Role.RECEPTION)
    def make_all_numbers_again() -> Response:
        left = lost_numbers.make_all_again(parts().services, by=actor())
        return redirect(url_for("reception.home", note="some-numbers-again" if left else "numbers-again"), 303)
