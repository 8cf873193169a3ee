"""What every use case is given, built once by bootstrap."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from kiosk.checkin.faces import Faces
from kiosk.errors import BusUnreachable, StorageError
from kiosk.model.clinic import Clinic
from kiosk.model.events import Event
from kiosk.ports.live import Bus
from kiosk.ports.record import PatientRecord
from kiosk.ports.storage import Storage, Work
from kiosk.ports.time import Clock


@dataclass(frozen=True, slots=True)
class Policy:
    """Figures that the settings state; config/kiosk.example.toml says what each one guards."""

    birth_date_tries: int
    station_failures: int
    station_failure_window: timedelta
    answer_after_seconds: float
    open_question_tries: int
    undo_window: timedelta
    change_clinic: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Services:
    """The ports and the policy.

    Attributes:
        faces: None where faces are off.
    """

    storage: Storage
    record: PatientRecord
    bus: Bus
    clock: Clock
    clinics: Mapping[str, Clinic]
    policy: Policy
    hospital_code_pattern: str
    faces: Faces | None = None

    @contextmanager
    def write(self) -> Iterator[Work]:
        """One transaction; the events that it wrote, and no others, are published right after the commit.

        `deliver` publishes what this could not.
        """
        with self.storage.write() as work:
            yield work
            events = work.events.added()
        # what was committed has happened, whatever becomes of telling it
        with suppress(StorageError):
            self._publish(events)

    def publish(self, limit: int = 100, up_to: int | None = None) -> int:
        """Publish events not yet marked, whoever wrote them; without a bus they stay for later.

        Args:
            limit: how many at most.
            up_to: the highest id; what is newer is still its writer's to publish.

        Returns:
            How many were published.
        """
        with self.storage.read() as work:
            events = work.events.unpublished(limit, up_to)
        return self._publish(events)

    def _publish(self, events: Sequence[Event]) -> int:
        if not events:
            return 0
        try:
            self.bus.publish(events)
        except BusUnreachable:
            return 0
        with self.storage.write() as work:
            work.events.mark_published([event.id for event in events], self.clock.now())
        return len(events)
