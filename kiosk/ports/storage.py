"""What a unit of work reads and writes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn
from kiosk.model.events import AuditRow, Event, EventKind
from kiosk.model.kept_time import KeptTime
from kiosk.model.staff import StaffAccount, StaffSession
from kiosk.ports.beside import CardStore, KnownChipStore, PaperStore, PortraitStore, ShowingStore
from kiosk.ports.desk import FoundStore, OpeningStore, UndoStore
from kiosk.ports.doubts import AttemptStore, DoubtStore
from kiosk.ports.faces import FaceAttemptStore, FaceReferenceStore
from kiosk.ports.lost_numbers import LostNumberStore
from kiosk.ports.outbox import OutboxStore


class CheckInStore(Protocol):
    """Check-ins of this hospital."""

    def get(self, check_in_id: str) -> CheckIn:
        """One check-in.

        Raises:
            NotFound: no such id.
        """

    def at_station(self, station_id: str) -> CheckIn | None:
        """The newest check-in of the station at a stage of `AT_STATION`."""

    def newest_at(self, station_id: str) -> CheckIn | None:
        """The check-in that is still on the station's screen, begun last, whatever became of it."""

    def put_away(self, station_id: str, at: datetime, *, check_in_id: str | None = None) -> None:
        """Nothing, or not this check-in, is on the station's screen any more; the version stays."""

    def add(self, check_in: CheckIn) -> None:
        """Store a new check-in, version 1, as the newest."""

    def save(self, check_in: CheckIn) -> None:
        """Store a change: `check_in.version` is the one read plus one.

        Raises:
            StaleVersion: the stored version is not the one before.
            AlreadyCheckedIn: another check-in holds `active_key`.
        """

    def holder_of(self, active_key: str) -> CheckIn | None:
        """The check-in that holds this key."""

    def by_ticket_code(self, code: str) -> CheckIn | None:
        """The check-in of a printed ticket's QR: its id."""

    def in_clinic(self, clinic_id: str, day: date) -> Sequence[CheckIn]:
        """The clinic's queue in calling order, then its called, absent and ended ones. `reception` is a clinic here."""

    def needing_help(self, day: date) -> Sequence[CheckIn]:
        """That day's with a `help_reason`, the longest waiting first."""

    def of_patient(self, patient_id: str, day: date) -> Sequence[CheckIn]:
        """All of one patient's that day, in the order in which they were begun."""

    def of_day(self, day: date) -> Sequence[CheckIn]:
        """All of that day that have a number, by clinic and number."""

    def unresolved(self, limit: int) -> Sequence[CheckIn]:
        """Arrived while the record did not answer, oldest first."""

    def left_open(self, before: date, limit: int, *, but: Collection[str] = ()) -> Sequence[CheckIn]:
        """Those of earlier days that nobody ended, oldest first.

        Args:
            before: a day; of the one right before it,
            limit: how many at most;
            but: those in these queues are left out.
        """

    def oldest_over(self, before: date) -> date | None:
        """The earliest day, before that one, of which something may be forgotten."""

    def last_called(self, clinic_ids: Sequence[str], day: date, limit: int) -> Sequence[CheckIn]:
        """Most recently called first."""

    def ahead_of(self, check_in: CheckIn) -> int:
        """How many in the same queue will be called before this one."""


class CounterStore(Protocol):
    """Queue numbers: a counter row for each clinic and day, raised in the caller's transaction."""

    def next_number(self, clinic_id: str, day: date) -> int:
        """The next number, from 1."""

    def number_again(self, check_in_id: str, clinic_id: str, day: date) -> int | None:
        """The number that this check-in had there before; until the end of the transaction nobody draws one there."""


class EventStore(Protocol):
    """Events written with the change they tell of."""

    def add(self, kind: EventKind, check_in: CheckIn, clinic_id: str | None, at: datetime) -> None:
        """Write an event row; it is published after the commit."""

    def added(self) -> Sequence[Event]:
        """What this unit of work wrote, in order; to be asked before it ends."""

    def unpublished(self, limit: int, up_to: int | None = None) -> Sequence[Event]:
        """Rows not yet marked, oldest first; none with an id above `up_to`."""

    def newest_unpublished(self) -> int | None:
        """The highest id of those."""

    def mark_published(self, event_ids: Sequence[int], at: datetime) -> None:
        """Mark rows as published."""


class AuditStore(Protocol):
    """The append-only chain: each row's hash covers the row before."""

    def add(self, at: datetime, actor: Actor, action: str, subject: str, detail: Mapping[str, str]) -> None:
        """Append a row. `subject` is an id such as ``check-in/…`` or ``Patient/…``; nothing personal in `detail`."""

    def rows(self, after: int = 0) -> Iterator[AuditRow]:
        """All rows in order, for verification and export."""


class KeptTimeStore(Protocol):
    """What the database holds of time, in a row of its own."""

    def get(self, *, for_change: bool = False) -> KeptTime | None:
        """It; None before anybody kept time. Whoever will put it back keeps others from it until then."""

    def put(self, kept: KeptTime) -> None:
        """Keep this."""

    def take_back(self, now: datetime) -> None:
        """The latest moment was too high: what was dated later than this counts from now on, and waits for nothing."""


class StaffStore(Protocol):
    """Accounts and their sessions."""

    def add(self, account: StaffAccount) -> None:
        """Store a new account.

        Raises:
            InputError: kind ``taken``, field ``sign_in_name``.
        """

    def save(self, account: StaffAccount) -> None:
        """Store a change."""

    def get(self, staff_id: str) -> StaffAccount:
        """One account.

        Raises:
            NotFound: no such id.
        """

    def by_sign_in_name(self, name: str) -> StaffAccount | None:
        """The account that signs in with this name, compared without case."""

    def all(self) -> Sequence[StaffAccount]:
        """Every account, by name."""

    def add_session(self, session: StaffSession) -> None:
        """Store a new session."""

    def session(self, token_hash: str) -> StaffSession | None:
        """A session, ended or not."""

    def touch_session(self, token_hash: str, at: datetime) -> None:
        """It was used."""

    def end_session(self, token_hash: str) -> None:
        """Delete it."""

    def end_sessions_of(self, staff_id: str) -> None:
        """Delete all of an account."""


class Work(Protocol):
    """One unit of work: everything in it commits together or not at all."""

    check_ins: CheckInStore
    counters: CounterStore
    events: EventStore
    audit: AuditStore
    outbox: OutboxStore
    attempts: AttemptStore
    doubts: DoubtStore
    staff: StaffStore
    cards: CardStore
    papers: PaperStore
    showings: ShowingStore
    portraits: PortraitStore
    known_chips: KnownChipStore
    lost_numbers: LostNumberStore
    face_attempts: FaceAttemptStore
    faces: FaceReferenceStore
    time: KeptTimeStore
    undos: UndoStore
    found: FoundStore
    readers: OpeningStore


class Storage(Protocol):
    """The database, SQLite or PostgreSQL.

    Raises:
        StorageError: from each method, when the database cannot be used.
    """

    def read(self) -> AbstractContextManager[Work]:
        """A consistent view; writing in it is an error."""

    def write(self) -> AbstractContextManager[Work]:
        """A transaction: commits at the end of the block, rolls back on any exception."""

    def beat(self, at: datetime) -> None:
        """Write a row of its own and commit it: whoever must know whether writing is possible calls this.

        Raises:
            StorageError: nothing can be written.
        """

    def finish_erasure(self) -> None:
        """Rid the files of faces that were withdrawn, where a reader or a crash was in the way of it; waits for nobody.

        Cheap when nothing is owed; to be called again and again.

        Raises:
            StorageError: the database cannot be read.
        """

    def forget_ended(self, before: date, now: datetime) -> int:
        """Delete ended check-ins of earlier days with their claims, and sessions that are over; the audit chain stays.

        Returns:
            How many.
        """
