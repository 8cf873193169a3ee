"""What a unit of work reads and writes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn
from kiosk.model.chip_evidence import CardState, KnownChip
from kiosk.model.doubt import Doubt
from kiosk.model.events import AuditRow, Event, EventKind
from kiosk.model.identity import Identifier
from kiosk.model.kept_time import KeptTime
from kiosk.model.queue import PrintState, Showings
from kiosk.model.staff import StaffAccount, StaffSession
from kiosk.ports.desk import FoundStore, OpeningStore, UndoStore
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


class AttemptStore(Protocol):
    """Failures of number and birth date at a station."""

    def add(self, station_id: str, at: datetime) -> None:
        """Count one."""

    def count_since(self, station_id: str, since: datetime) -> int:
        """How many since then."""


class KeptTimeStore(Protocol):
    """What the database holds of time, in a row of its own."""

    def get(self, *, for_change: bool = False) -> KeptTime | None:
        """It; None before anybody kept time. Whoever will put it back keeps others from it until then."""

    def put(self, kept: KeptTime) -> None:
        """Keep this."""

    def take_back(self, now: datetime) -> None:
        """The latest moment was too high: what was dated later than this counts from now on, and waits for nothing."""


class DoubtStore(Protocol):
    """What was doubtful about people, by day: one row a presentation."""

    def add(self, doubt: Doubt) -> None:
        """Keep one. Beyond a bound for one kind and person the oldest are only counted, in the oldest that is kept."""

    def about(self, day: date, *, identifiers: Collection[Identifier], patient_ids: Collection[str]) -> Sequence[Doubt]:
        """Those of that day with one of these numbers, or of one of these patients, oldest first.

        What is known of a number that was of a patient is known of that patient: their other rows belong to it.
        """

    def take_back(self, check_in_id: str) -> Sequence[Doubt]:
        """Drop what staff doubted in that check-in, by a slip of theirs.

        Returns:
            What was dropped.
        """

    def on(self, day: date) -> Sequence[Doubt]:
        """All of that day, oldest first."""


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


class PaperStore(Protocol):
    """What became of each check-in's paper, beside the check-in: it raises no version."""

    def put(self, check_in_id: str, state: PrintState) -> None:
        """Say what is now."""

    def get(self, check_in_id: str) -> PrintState:
        """What was said last."""


class ShowingStore(Protocol):
    """How often the code of somebody who has a number was shown again, beside the check-in: it raises no version."""

    def add(self, check_in_id: str, station_id: str, at: datetime) -> None:
        """Count one."""

    def of(self, check_in_id: str) -> Showings | None:
        """How often and where last; None for never."""


class CardStore(Protocol):
    """How far each station is with the card on its reader; ends with the check-in."""

    def put(self, check_in_id: str, state: CardState) -> None:
        """Say what is now."""

    def get(self, check_in_id: str) -> CardState | None:
        """What was said last."""

    def drop(self, check_in_id: str) -> None:
        """Forget it."""


class PortraitStore(Protocol):
    """Portraits from chips, sealed, for as long as staff may compare them with the holder."""

    def put(self, check_in_id: str, jpeg: bytes, at: datetime) -> bool:
        """Keep a portrait in place of an earlier one.

        Returns:
            Whether it is kept: without a key to seal with it is not.
        """

    def get(self, check_in_id: str) -> bytes | None:
        """The JPEG; None when there is none, or when it cannot be opened with this key."""

    def has(self, check_in_id: str) -> bool:
        """Whether there is one."""

    def drop(self, check_in_id: str) -> None:
        """Delete it."""

    def has_before(self, moment: datetime) -> bool:
        """Whether one was kept before that moment."""

    def drop_before(self, moment: datetime) -> int:
        """Delete what was kept before that moment.

        Returns:
            How many.
        """


class KnownChipStore(Protocol):
    """Chips that staff inspected and bound to patients."""

    def add(self, chip: KnownChip) -> None:
        """Store a new one."""

    def save(self, chip: KnownChip) -> None:
        """Store a change.

        Raises:
            NotFound: no such id.
        """

    def get(self, known_chip_id: str) -> KnownChip:
        """One.

        Raises:
            NotFound: no such id.
        """

    def alike(self, chip_key: str | None, security_object: str | None) -> Sequence[KnownChip]:
        """Those with this key or this security object, revoked ones too, by time."""

    def of_patient(self, patient_id: str) -> Sequence[KnownChip]:
        """Those bound to this patient, revoked ones too, by time."""


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
