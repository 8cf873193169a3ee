"""A hospital with two patients and three clinics, and a clock that tests set."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kiosk.checkin.services import Policy, Services
from kiosk.errors import NotFound, RecordUnreachable
from kiosk.model.appointment import Appointment
from kiosk.model.clinic import Clinic
from kiosk.model.identity import Identifier, IdentifierSystem, PartialDate, Patient, Sex
from kiosk.model.kept_time import Doubt, HostReading, KeptTime
from kiosk.model.summary import Recorded, RecordSummary
from kiosk.ports.live import Bus
from kiosk.ports.record import EncounterUpdate, KnownEncounter, PatientRecord
from kiosk.ports.storage import Storage
from kiosk.ports.time import Clock
from kiosk.storage.engine import open_engine
from kiosk.storage.migrations import upgrade
from kiosk.storage.sealing import Seal
from kiosk.storage.unit_of_work import SqlStorage

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=HANOI)


@dataclass
class SetClock:
    """A clock that tests set; waiting moves it."""

    moment: datetime = MORNING
    seconds: float = 0.0
    doubt: Doubt | None = None

    def now(self) -> datetime:
        return self.moment.astimezone(UTC)

    def today(self) -> date:
        return self.moment.astimezone(HANOI).date()

    def to_hospital(self, moment: datetime) -> datetime:
        return moment.astimezone(HANOI)

    def monotonic(self) -> float:
        return self.seconds

    def sleep_until(self, monotonic: float) -> None:
        self.seconds = max(self.seconds, monotonic)

    def host(self) -> HostReading:
        return HostReading(self.now(), "boot-1", self.moment.timestamp(), synchronised=True)

    def follow(self, kept: KeptTime) -> None:
        """It is right, whatever else is known."""

    @property
    def knows_hour(self) -> bool:
        return True

    @property
    def closes_before(self) -> date | None:
        return None if self.doubt else self.today()

    def pass_time(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


CLINICS = (
    Clinic("mat", {"vi": "Phòng khám Mắt", "en": "Eye clinic"}, "Phòng 201", time(6), time(17), "Location/mat"),
    Clinic("noi", {"vi": "Nội tổng quát", "en": "Medicine"}, "Phòng 101", time(6), time(17), "Location/noi"),
    Clinic("tam", {"vi": "Tâm thần", "en": "Psychiatry"}, "Phòng 305", time(6), time(17), "Location/tt", discreet=True),
)
MAU = Patient(
    "mau",
    "Nguyễn Thị Mẫu",
    PartialDate(1990, 3, 5),
    Sex.FEMALE,
    (
        Identifier(IdentifierSystem.CITIZEN_ID, "001190012345"),
        Identifier(IdentifierSystem.INSURANCE, "0100123456"),
        Identifier(IdentifierSystem.HOSPITAL_CODE, "BN000123"),
    ),
)
GIA = Patient(
    "gia",
    "Trần Văn Già",
    PartialDate(1940, 1, 2),
    Sex.MALE,
    (Identifier(IdentifierSystem.CITIZEN_ID, "001040054321"), Identifier(IdentifierSystem.HOSPITAL_CODE, "BN000777")),
)
MAU_QR = "001190012345||Nguyễn Thị Mẫu|05031990|Nữ|Số 1 Phố Ví Dụ, Hà Nội|15042021"
GIA_QR = "001040054321||TRẦN VĂN GIÀ|02011940|Nam|Số 2 Phố Ví Dụ, Hà Nội|15042021"
STRANGER_QR = "001085000001||Lê Văn Lạ|01021985|Nam|Số 3 Phố Ví Dụ, Hà Nội|15042021"


def at(hour: int, minute: int = 0) -> datetime:
    return MORNING.replace(hour=hour, minute=minute)


EYE = Appointment("eye-0930", "mau", at(9, 30), ("Location/mat",), "booked", "Khám lại")


@dataclass
class SmallRecord:
    """A hospital's record with a handful of patients, which can be switched off."""

    patients: list[Patient] = field(default_factory=lambda: [MAU, GIA])
    booked: list[Appointment] = field(default_factory=lambda: [EYE])
    encounters: dict[str, EncounterUpdate] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    withdrawn: list[tuple[str, str]] = field(default_factory=list)
    off: bool = False
    asked: int = 0

    def check(self) -> None:
        self.asked += 1
        if self.off:
            raise RecordUnreachable("switched off")

    def find_patients(self, identifier: Identifier) -> Sequence[Patient]:
        self.check()
        return [patient for patient in self.patients if identifier in patient.identifiers]

    def patient(self, patient_id: str) -> Patient:
        self.check()
        found = [patient for patient in self.patients if patient.id == patient_id]
        if not found:
            raise NotFound(patient_id)
        return found[0]

    def appointments(self, patient_id: str, day: date) -> Sequence[Appointment]:
        self.check()
        return [
            replace(item, status=self.statuses.get(item.id, item.status))
            for item in self.booked
            if item.patient_id == patient_id and item.start.astimezone(HANOI).date() == day
        ]

    def expected(self, day: date) -> frozenset[str]:
        self.check()
        return frozenset(
            item.patient_id
            for item in self.booked
            if self.statuses.get(item.id, item.status) == "booked" and item.start.astimezone(HANOI).date() == day
        )

    def summary(self, patient_id: str) -> RecordSummary:
        nothing = Recorded.NOT_RECORDED
        return RecordSummary(self.patient(patient_id), (), nothing, (), nothing, (), nothing, (), ())

    def encounters_of(self, day: date) -> Sequence[KnownEncounter]:
        self.check()
        return [
            KnownEncounter(one.check_in_id, one.patient_id, one.status)
            for one in self.encounters.values()
            if one.arrived_at.astimezone(HANOI).date() == day
        ]

    def put_encounter(self, update: EncounterUpdate) -> None:
        self.check()
        self.encounters[update.check_in_id] = update

    def withdraw_encounter(self, check_in_id: str, patient_id: str) -> None:
        self.check()
        self.withdrawn.append((check_in_id, patient_id))
        self.encounters.pop(check_in_id, None)

    def set_appointment_status(self, appointment_id: str, status: str) -> None:
        self.check()
        self.statuses[appointment_id] = status


def open_small_hospital(url: str, record: PatientRecord, bus: Bus, clock: Clock) -> Services:
    """Services over a database that is made when it is missing."""
    engine = open_engine(url)
    upgrade(engine)
    return services_on(SqlStorage(engine, Seal(bytes(32))), record, bus, clock)


def services_on(storage: Storage, record: PatientRecord, bus: Bus, clock: Clock) -> Services:
    """Services over a database that somebody else opened."""
    policy = Policy(3, 5, timedelta(minutes=10), 0.7, 2, timedelta(seconds=10))
    return Services(
        storage,
        record,
        bus,
        clock,
        {clinic.id: clinic for clinic in CLINICS},
        policy,
        "BN[0-9]{6}",
    )
