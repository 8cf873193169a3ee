"""Comparing a password takes a while, in which an account can change."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from kiosk.checkin import accounts
from kiosk.checkin.accounts import SessionLimits
from kiosk.checkin.services import Services
from kiosk.errors import AccessDenied
from kiosk.model.actor import Actor
from kiosk.model.staff import Role, StaffAccount
from tests.support.small_hospital import SetClock

PASSWORD = "một câu đủ dài"
OPERATOR = Actor.command_line("tests")
LIMITS = SessionLimits(timedelta(minutes=30), timedelta(hours=12), tries=5, lock=timedelta(minutes=15))


@dataclass
class ThenClock(SetClock):
    """Something happens the first time that anybody asks for the time."""

    then: Callable[[], object] = field(default=lambda: None)

    def now(self) -> datetime:
        then, self.then = self.then, lambda: None
        then()
        return super().now()


@pytest.fixture
def doctor(services: Services) -> StaffAccount:
    return accounts.add_account(
        services,
        sign_in_name="bacsi",
        shown_name="BS. Thử",
        role=Role.DOCTOR,
        clinics=("noi",),
        password=PASSWORD,
        by=OPERATOR,
    )


def sign_in(services: Services, password: str = PASSWORD, name: str = "bacsi") -> None:
    accounts.sign_in(services, name=name, password=password, role=Role.DOCTOR, limits=LIMITS)


def test_an_account_disabled_during_the_sign_in_stays_disabled(services: Services, doctor: StaffAccount) -> None:
    clock = ThenClock(then=lambda: accounts.disable(services, staff_id=doctor.id, by=OPERATOR))
    with pytest.raises(AccessDenied):
        sign_in(replace(services, clock=clock))
    assert accounts.account_named(services, sign_in_name="bacsi").disabled


def test_a_password_replaced_during_the_sign_in_stays_replaced(services: Services, doctor: StaffAccount) -> None:
    newer = "một câu khác hẳn"
    clock = ThenClock(then=lambda: accounts.set_password(services, staff_id=doctor.id, password=newer, by=OPERATOR))
    with pytest.raises(AccessDenied):
        sign_in(replace(services, clock=clock))
    sign_in(services, newer)


@pytest.mark.usefixtures("doctor")
def test_a_refusal_writes_as_much_for_an_unknown_name(services: Services) -> None:
    for name in ("bacsi", "nobody"):
        with pytest.raises(AccessDenied):
            sign_in(services, "sai rồi sai rồi", name)
    with services.storage.read() as work:
        actions = [row.action for row in work.audit.rows()]
    assert actions == ["add_account", "sign_in_refused", "sign_in_refused"]
