"""What a unit of work reads and writes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn
from kiosk.model.chip_evidence import CardState, KnownChip
from kiosk.model.events import AuditRow, Event, EventKind
from kiosk.model.staff import StaffAccount, StaffSession
from kiosk.ports.desk import FoundStore, OpeningStore, UndoStore
from kiosk.ports.faces import FaceAttemptStore, FaceReferenceStore
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
        """The check-in that was begun last at the station, whatever became of it."""

    def add(self, check_in: CheckIn) -> None:
        """Store a new check-in, version 1."""

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
        """Those with a `help_reason`, the longest waiting first."""

    def of_patient(self, patient_id: str, day: date) -> Sequence[CheckIn]:
        """All of one patient's that day, by start."""

    def unresolved(self, limit: int) -> Sequence[CheckIn]:
        """Arrived while the record did not answer, oldest first."""

    def left_open(self, before: date, limit: int) -> Sequence[CheckIn]:
        """Those of earlier days that nobody ended, oldest first."""

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

    def unpublished(self, limit: int) -> Sequence[Event]:
        """Rows not yet marked, oldest first."""

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
    staff: StaffStore
    cards: CardStore
    portraits: PortraitStore
    known_chips: KnownChipStore
    face_attempts: FaceAttemptStore
    faces: FaceReferenceStore
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

    def finish_erasure(self) -> None:
        """Rid the files of faces that were withdrawn, where a reader or a crash was in the way of it; waits for nobody.

        Cheap when nothing is owed; to be called again and again.

        Raises:
            StorageError: the database cannot be read.
        """

    def forget_ended(self, before: date) -> int:
        """Delete ended check-ins of earlier days with their claims; the audit chain stays.

        Returns:
            How many.
        """
