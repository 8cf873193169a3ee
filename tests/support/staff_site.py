"""The staff's screens over the small hospital, and browsers that sign in to them."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from argon2 import PasswordHasher
from flask import Flask
from werkzeug.test import TestResponse

from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.model.actor import Actor
from kiosk.model.check_in_view import CheckInView
from kiosk.model.staff import Role, StaffAccount
from kiosk.model.summary import (
    Allergy,
    LabSeries,
    Measurement,
    Medicine,
    PastEncounter,
    Problem,
    Recorded,
    RecordSummary,
)
from kiosk.ports.devices import SignalSource
from tests.support.small_hospital import MORNING, SmallRecord

PASSWORD = "một câu đủ dài"
AREA_OF = {Role.DOCTOR: "doctor", Role.RECEPTION: "reception", Role.DISPLAY: "display", Role.ADMINISTRATOR: "admin"}
OPERATOR = Actor.command_line("tests")
_LIGHT_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""At a cost that hundreds of tests can pay; what a password really costs is asked of `add_account`."""


def usual_laboratory() -> tuple[LabSeries, ...]:
    """One abnormal series and two others."""
    return (
        series("HbA1c", "%", 4.0, 6.0, (7.9, 7.2, 8.1)),
        series("Creatinin", "µmol/L", 62, 106, (80, 84, 82)),
        series("Cholesterol toàn phần", "mmol/L", None, 5.2, (4.9,)),
    )


@dataclass
class FullRecord(SmallRecord):
    """A record whose patients have something in every part, or nothing known, or nothing recorded."""

    laboratory: tuple[LabSeries, ...] = field(default_factory=usual_laboratory)

    def summary(self, patient_id: str) -> RecordSummary:
        """Everything for one patient, gaps for the others."""
        patient = self.patient(patient_id)
        if patient_id != "mau":
            known, unknown = Recorded.NONE_KNOWN, Recorded.NOT_RECORDED
            return RecordSummary(patient, (), known, (), unknown, (), unknown, (), ())
        items = Recorded.ITEMS
        return RecordSummary(
            patient,
            (Allergy("Penicillin", "phát ban, khó thở", severe=True, recorded_on="2019-04-02"),),
            items,
            (Problem("Đái tháo đường típ 2", "2018"), Problem("Tăng huyết áp vô căn", "2026-10")),
            items,
            (Medicine("Metformin 500 mg", "1 viên × 2 lần/ngày", "2018-05-01"),),
            items,
            self.laboratory,
            (
                PastEncounter("2026-08-20", "Nội tổng quát", "Khám định kỳ", "Tăng liều metformin, hẹn 3 tháng"),
                PastEncounter("2026-02-11", "Mắt", "Mờ mắt", None),
            ),
        )


def series(name: str, unit: str, low: float | None, high: float | None, values: tuple[float, ...]) -> LabSeries:
    """One value a month, the newest ten days ago."""
    newest = MORNING - timedelta(days=10)
    at = [newest - timedelta(days=30 * back) for back in range(len(values) - 1, -1, -1)]
    return LabSeries(name, unit, low, high, tuple(Measurement(*pair) for pair in zip(at, values, strict=True)))


def add_staff(services: Services, name: str, role: Role, *clinics: str) -> StaffAccount:
    """An account that signs in with `PASSWORD`."""
    account = StaffAccount(secrets.token_hex(8), name, f"Nhân viên {name}", role, clinics, _LIGHT_HASH)
    with services.storage.write() as work:
        work.staff.add(account)
    return account


def arrive(services: Services, payload: str, clinic_id: str, station: str = "kiosk-1") -> CheckInView:
    """A patient shows a code, says yes and gets a number of that clinic."""
    kiosk = LocalCheckIns(services)
    view = kiosk.claim(station, payload, SignalSource.CAMERA)
    view = kiosk.accept_name(station, view.id, view.version)
    return kiosk.choose_clinic(station, view.id, view.version, clinic_id)


@dataclass
class Browser:
    """One browser; `browser.get` and `browser.post` act in it, forms with their token."""

    app: Flask
    base_url: str = "http://localhost"
    headers: dict[str, str] = field(default_factory=lambda: {"Accept": "text/html"})

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, base_url=self.base_url, headers=self.headers)

    def text(self, path: str) -> str:
        """Open a page that is there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status)
        return answer.text

    def token(self, area: str) -> str:
        """The token in a form of this area."""
        found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', self.text(f"/{area}/sign-in"))
        assert found
        return found[1]

    def post(self, path: str, **fields: object) -> TestResponse:
        """Send a form of the page."""
        area = path.split("/")[1]
        data = {"csrf_token": self.token(area), **{name: str(value) for name, value in fields.items()}}
        return self.client.post(path, data=data, base_url=self.base_url, headers=self.headers)

    def sign_in(self, role: Role, name: str, password: str = PASSWORD) -> TestResponse:
        """Sign in to the role's area."""
        return self.post(f"/{AREA_OF[role]}/sign-in", name=name, password=password)
