"""The small hospital on a host whose clocks a test sets, as all its processes see it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from kiosk.checkin import close_day, deliver, forget
from kiosk.checkin.keep_time import keep_time
from kiosk.checkin.resolve_waiting import resolve_waiting
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.live.clock import SystemClock
from kiosk.live.memory_bus import MemoryBus
from kiosk.live.set_time import SetTime
from kiosk.model.check_in_view import CheckInView
from kiosk.model.clinic import Clinic
from kiosk.model.identity import Patient
from kiosk.ports.storage import Storage
from kiosk.storage.engine import open_engine
from kiosk.storage.migrations import upgrade
from kiosk.storage.unit_of_work import SqlStorage
from tests.support.at_the_kiosk import show_card
from tests.support.small_hospital import MORNING, SmallRecord, services_on

ZONE = "Asia/Ho_Chi_Minh"


@dataclass
class SetHospital:
    """A database, the host's clocks, and a process of each kind when it is asked for."""

    storage: Storage
    host: SetTime = field(default_factory=lambda: SetTime(MORNING))
    record: SmallRecord = field(default_factory=SmallRecord)
    bus: MemoryBus = field(default_factory=MemoryBus)
    services: Services = field(init=False)

    def __post_init__(self) -> None:
        self.services = self.process()

    def process(self) -> Services:
        """A process that starts now: it knows nothing but what the database holds."""
        services = services_on(self.storage, self.record, self.bus, SystemClock(ZONE, self.host))
        keep_time(services)
        return services

    def restart(self) -> None:
        """All processes start anew."""
        self.services = self.process()

    def with_clinics(self, *clinics: Clinic) -> None:
        self.services = replace(self.services, clinics={clinic.id: clinic for clinic in clinics})

    @property
    def kiosk(self) -> LocalCheckIns:
        return LocalCheckIns(self.services)

    def beat(self) -> None:
        keep_time(self.services)

    def go_on(self, **duration: float) -> None:
        """Time passes and is kept, as in a running host."""
        left = timedelta(**duration)
        while left > timedelta(0):
            step = min(left, timedelta(minutes=30))
            self.host.go_on(seconds=step.total_seconds())
            self.beat()
            left -= step

    def round(self, keep: timedelta = timedelta(days=90)) -> None:
        """What `deliver` does again and again, at most a day's deletion with it."""
        keep_time(self.services)
        deliver.send_due(self.services)
        resolve_waiting(self.services)
        close_day.close_earlier_days(self.services)
        forget.forget_old(self.services, keep)

    def arrive(self, payload: str, clinic_id: str = "noi", station_id: str = "kiosk-1") -> CheckInView:
        """With a code to a number as a walk-in, or to the number that the patient has."""
        kiosk = self.kiosk
        view = show_card(kiosk, payload, station_id)
        view = kiosk.accept_name(station_id, view.id, view.version)
        if view.ticket is None and view.clinics:
            view = kiosk.choose_clinic(station_id, view.id, view.version, clinic_id)
        return view


def set_hospital(folder: Path) -> SetHospital:
    """One with a database of its own."""
    engine = open_engine(f"sqlite:///{folder / 'kiosk.sqlite'}")
    upgrade(engine)
    return SetHospital(SqlStorage(engine))


def qr_of(patient: Patient) -> str:
    """The code of a patient's card."""
    born = patient.birth_date
    number = patient.identifiers[0].value
    shown = f"{born.day:02}{born.month:02}{born.year}" if born and born.day and born.month else ""
    sex = "Nam" if patient.sex == "male" else "Nữ"
    return f"{number}||{patient.name}|{shown}|{sex}|Số 1 Phố Ví Dụ, Hà Nội|15042021"


def people(some: Sequence[tuple[str, str, str]], like: Patient) -> list[Patient]:
    """Patients by id, number and name."""
    return [
        replace(like, id=one, name=name, identifiers=(replace(like.identifiers[0], value=number),))
        for one, number, name in some
    ]
