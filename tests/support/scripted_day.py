"""A day of the demo's hospital: its screens, who stands before them, and a ledger of what each was given."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Locator, ViewportSize

from kiosk.demo.code_pictures import card_picture
from kiosk.demo.hospital import InventedPatient
from kiosk.record.folder import FolderRecord
from tests.conftest import close_gently
from tests.support.running_demo import RunningDemo
from tests.support.screens import DoctorScreen, KioskScreen, StaffScreen

PORTRAIT, DESK = ViewportSize(width=1080, height=1920), ViewportSize(width=1366, height=768)
NOBODY = "nobody"
"""Whoever holds another's card, or whom the hospital does not know: no record is theirs."""
DEAD = {"cancelled", "entered-in-error"}


@dataclass(frozen=True, order=True)
class Number:
    """As a patient reads it from the screen."""

    clinic_id: str
    number: int


@dataclass
class Ledger:
    """What the hospital would write down with a pencil.

    Attributes:
        holders: who truly holds each number that was shown: the id of a Patient, or `NOBODY`.
        void: those that somebody of the staff took away.
        seen: whose cards were held up.
    """

    holders: dict[Number, str] = field(default_factory=dict)
    void: set[Number] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def given(self, number: Number, holder: str) -> Number:
        assert self.holders.setdefault(number, holder) == holder, f"{number} belongs to somebody else"
        return number


@dataclass
class ScriptedDay:
    """The screens between two starts of the demo."""

    demo: RunningDemo
    kiosk: KioskScreen
    doctor: DoctorScreen
    reception: StaffScreen
    bench: StaffScreen
    ledger: Ledger
    _held: bytes | None = None

    def somebody(self, key: str) -> InventedPatient:
        return self.demo.hospital.planted(key)

    def newcomer(self) -> InventedPatient:
        """Somebody without an appointment who was not here today."""
        while (found := self.demo.newcomer()).id in self.ledger.seen:
            pass
        return found

    def holds_up(self, picture: bytes) -> None:
        """What lies before the camera."""
        if picture == self._held:
            # a code counts again when it was away for three seconds of looking
            self.kiosk.page.wait_for_timeout(3500)
        self._held = picture
        self.kiosk.hold_up(picture)

    def shows_card_of(self, patient: InventedPatient) -> None:
        """A person walks up to the kiosk and holds up this one's citizen card."""
        self.kiosk.start()
        self.holds_up_card_of(patient)

    def holds_up_card_of(self, patient: InventedPatient) -> None:
        self.ledger.seen.add(patient.id)
        self.holds_up(card_picture(patient, self.demo.card(patient, "citizen")))

    def answers_birth_date(self, patient: InventedPatient) -> None:
        born = patient.birth_date
        self.kiosk.enter_birth_date(born.day or 0, born.month or 0, born.year)

    def reads_number(self, holder: str) -> Number:
        """The person who stands there reads the number and goes."""
        number = self.kiosk.number
        where = self.kiosk.page.locator(".ticket__where").inner_text()
        rooms = {"quầy tiếp đón": "reception"} | {clinic.room: clinic.id for clinic in self.demo.settings.clinics}
        (clinic_id,) = (rooms[room] for room in rooms if room in where)
        self.leaves()
        return self.ledger.given(Number(clinic_id, number), holder)

    def leaves(self) -> None:
        self.demo.bench.hold_up(None)
        self.kiosk.at_welcome()

    def case(self, text: str) -> None:
        """Reception takes somebody's case in hand."""
        self.reception.page.goto(f"{self.demo.staff_url}/reception/")
        row = self.reception.page.locator("#needs a, .queue-box a").filter(has_text=text).first
        row.evaluate("row => { const box = row.closest('details'); if (box) box.open = true; row.click() }")
        self.reception.page.locator(".person__name").wait_for()

    def case_number(self, clinic_id: str) -> Number:
        return Number(clinic_id, int(self.reception.page.locator(".person__number").inner_text()))

    def case_button(self, text: str) -> Locator:
        return self.reception.page.get_by_role("button").filter(has_text=text).first

    def sets_clock(self, *, ahead: bool) -> None:
        """On the page of the bench, and until the service has noticed."""
        self.bench.page.goto(self.demo.bench_url)
        press = "Tắt" if ahead else "Bật"
        self.bench.page.get_by_role("button", name=f"{press} – Giờ đúng của máy chủ").click()
        self.bench.sees("Nhanh một ngày" if ahead else "Đúng giờ")
        kept = "SELECT count(*) FROM kept_time WHERE doubt IS NOT NULL"
        for _ in range(100):
            if bool(self.rows(kept)[0][0]) is ahead:
                return
            self.bench.page.wait_for_timeout(200)
        raise AssertionError("nobody noticed the clock")

    def rows(self, question: str) -> list[tuple[str, ...]]:
        return rows_of(self.demo.data, question)


@contextmanager
def scripted_day(browser: Browser, demo: RunningDemo, ledger: Ledger) -> Iterator[ScriptedDay]:
    """Everybody is at their screen until the block ends."""
    contexts = [browser.new_context(viewport=size, locale="vi-VN") for size in (PORTRAIT, DESK, DESK, DESK)]
    for context in contexts:
        context.set_default_timeout(15_000)
    at_kiosk, at_doctor, at_desk, at_bench = contexts
    try:
        yield ScriptedDay(
            demo,
            KioskScreen.at(at_kiosk, demo),
            DoctorScreen.signed_in(at_doctor, demo, "doctor", "bacsi"),
            StaffScreen.signed_in(at_desk, demo, "reception", "letan"),
            StaffScreen(at_bench.new_page(), demo),
            ledger,
        )
    finally:
        for context in contexts:
            close_gently(context)


def kiosk_command(data: Path, *words: str) -> str:
    """What `kiosk` prints for this demo's settings."""
    command = [sys.executable, "-m", "kiosk", "--settings", str(data / "demo.toml"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows_of(data: Path, question: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(f"file:{data / 'kiosk.sqlite'}?mode=ro", uri=True)) as database:
        return database.execute(question).fetchall()


def holder_of(data: Path, ledger: Ledger) -> dict[str, str]:
    """By check-in, who truly holds all its numbers; more than one is nobody's right."""
    found: dict[str, set[str]] = {}
    for clinic_id, number, check_in_id in rows_of(data, "SELECT clinic_id, number, check_in_id FROM tickets"):
        found.setdefault(check_in_id, set()).add(ledger.holders[Number(clinic_id, int(number))])
    assert all(len(holders) == 1 for holders in found.values()), found
    return {check_in_id: holders.pop() for check_in_id, holders in found.items()}


def wrong_records_opened(data: Path, ledger: Ledger) -> list[str]:
    """Every look into a record that was not that of the person who held the number."""
    reads = rows_of(data, "SELECT subject, detail FROM audit WHERE action = 'read_record'")
    assert reads, "nobody looked into any record"
    holders = holder_of(data, ledger)
    return [subject for subject, detail in reads if subject != f"Patient/{holders[json.loads(detail)['check_in']]}"]


def numbers_in_database(data: Path) -> tuple[list[Number], set[Number]]:
    """All that were ever given, and those of them that are void."""
    rows = rows_of(data, "SELECT clinic_id, number, void FROM tickets ORDER BY clinic_id, number")
    numbers = [Number(clinic_id, int(number)) for clinic_id, number, _ in rows]
    return numbers, {number for number, row in zip(numbers, rows, strict=True) if row[2]}


def record_agrees(demo: RunningDemo, ledger: Ledger) -> bool:
    """Whether one Encounter lives for each number of a clinic that stands, in its holder's record, and no other."""
    settings, data = demo.settings, demo.data
    day = date.fromisoformat(rows_of(data, "SELECT service_day FROM kept_time")[0][0])
    with closing(FolderRecord(settings.record_dir, ZoneInfo(settings.hospital.timezone))) as record:
        known = record.encounters_of(day)
    lives = [(one.check_in_id, one.patient_id) for one in known if one.status not in DEAD]
    holders = holder_of(data, ledger)
    standing = rows_of(data, "SELECT check_in_id FROM tickets WHERE NOT void AND clinic_id != 'reception'")
    return sorted(lives) == sorted((one, holders[one]) for (one,) in standing) != []
