"""What the rings ask of each other. Each port has a real and a simulated implementation and one contract suite."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from kiosk.model.actor import Actor
from kiosk.model.appointment import Appointment
from kiosk.model.checkin import CheckIn, CheckInView
from kiosk.model.chip_card import ChipReading
from kiosk.model.chip_evidence import CardFacts, CardState, KnownChip
from kiosk.model.events import AuditRow, Command, DeviceState, Event, EventKind, PublishedEvent, StationHealth
from kiosk.model.identity import Identifier, PartialDate, Patient
from kiosk.model.queue import PrintState
from kiosk.model.staff import StaffAccount, StaffSession
from kiosk.model.summary import RecordSummary


class Clock(Protocol):
    """Time, and the hospital's calendar."""

    def now(self) -> datetime:
        """Now, aware, in UTC."""

    def today(self) -> date:
        """The date at the hospital."""

    def to_hospital(self, moment: datetime) -> datetime:
        """The same moment in the hospital's zone."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start."""

    def sleep_until(self, monotonic: float) -> None:
        """Return no sooner than that reading of `monotonic`."""


# --- storage --------------------------------------------------------------------------------------------------------


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


class DeliveryKind(StrEnum):
    """What must leave the host for the hospital's record."""

    ENCOUNTER = "encounter"
    """The Encounter of a check-in must show the check-in's present stage."""
    APPOINTMENT = "appointment"
    """The Appointment must show that the patient arrived, or that this was taken back."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the outbox: what it says is drawn from the check-in when it is sent, so a repeat is harmless.

    Attributes:
        asked: raised by each `OutboxStore.add` for the same check-in and kind.
    """

    id: int
    kind: DeliveryKind
    check_in_id: str
    attempts: int
    asked: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A delivery that the record refused for good.

    Attributes:
        error: the kind of refusal.
        asked_at: when it was to be sent.
    """

    kind: DeliveryKind
    check_in_id: str
    error: str
    asked_at: datetime


class OutboxStore(Protocol):
    """What must be sent, written with the change that causes it."""

    def add(self, kind: DeliveryKind, check_in_id: str, due_at: datetime) -> None:
        """Queue a delivery; of one check-in and kind only one waits, with the newest due time."""

    def due(self, now: datetime, limit: int) -> Sequence[Delivery]:
        """Those to be tried now, oldest first."""

    def done(self, delivery: Delivery) -> None:
        """It arrived; one that was asked for again meanwhile stays due."""

    def retry(self, delivery: Delivery, error: str, due_at: datetime) -> None:
        """It did not: try again then, unless asked for again meanwhile. `error` is a kind, without personal data."""

    def refused(self, delivery: Delivery, error: str) -> None:
        """It never will: kept for the operator, not tried again unless asked for again."""

    def waiting(self) -> int:
        """How many are queued, for the metrics."""

    def refusals(self) -> Sequence[Refusal]:
        """What was refused, oldest first."""

    def send_refused_again(self, due_at: datetime) -> int:
        """Queue everything that was refused, as if asked for anew.

        Returns:
            How many.
        """


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


class Storage(Protocol):
    """The database, SQLite or PostgreSQL.

    Raises:
        StorageError: from either method, when the database cannot be used.
    """

    def read(self) -> AbstractContextManager[Work]:
        """A consistent view; writing in it is an error."""

    def write(self) -> AbstractContextManager[Work]:
        """A transaction: commits at the end of the block, rolls back on any exception."""

    def forget_ended(self, before: date) -> int:
        """Delete ended check-ins of earlier days with their claims; the audit chain stays.

        Returns:
            How many.
        """


# --- the hospital's record ------------------------------------------------------------------------------------------


class EncounterStatus(StrEnum):
    """FHIR R4 Encounter.status, as far as a check-in sets it."""

    ARRIVED = "arrived"
    IN_PROGRESS = "in-progress"
    FINISHED = "finished"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class EncounterUpdate:
    """The Encounter that a check-in stands for; `check_in_id` is its identifier in the record.

    Attributes:
        place: FHIR reference of the clinic.
    """

    check_in_id: str
    patient_id: str
    status: EncounterStatus
    place: str
    arrived_at: datetime
    ended_at: datetime | None = None
    appointment_id: str | None = None


class PatientRecord(Protocol):
    """The hospital's record, FHIR R4.

    Raises:
        RecordUnreachable, RecordRefused: from any method.
    """

    def find_patients(self, identifier: Identifier) -> Sequence[Patient]:
        """Every patient with this identifier; insurance numbers match on their last 10 digits."""

    def patient(self, patient_id: str) -> Patient:
        """One patient.

        Raises:
            NotFound: no such id.
        """

    def appointments(self, patient_id: str, day: date) -> Sequence[Appointment]:
        """The patient's appointments of that day at the hospital, of any status, by start."""

    def summary(self, patient_id: str) -> RecordSummary:
        """The ten-second view.

        Raises:
            NotFound: no such id.
        """

    def put_encounter(self, update: EncounterUpdate) -> None:
        """Create the Encounter or bring it to this state; a repeat changes nothing (conditional create, If-Match).

        Raises:
            RecordConflict: changed meanwhile; trying again is right.
        """

    def set_appointment_status(self, appointment_id: str, status: str) -> None:
        """Bring the Appointment to this status; a repeat changes nothing.

        Raises:
            RecordConflict: changed meanwhile; trying again is right.
            NotFound: no such id.
        """

    def check(self) -> None:
        """Return if the record answers."""


# --- live -----------------------------------------------------------------------------------------------------------


class Bus(Protocol):
    """Two streams and the heartbeats. Ids only; never the only copy of anything.

    Raises:
        BusUnreachable: from any method.
    """

    def publish(self, events: Sequence[Event]) -> None:
        """Append to the event stream (trimmed to a fixed length)."""

    def last_event(self) -> str:
        """The stream id of the newest event, or ``0-0``."""

    def events(self, after: str, wait_ms: int) -> Sequence[PublishedEvent]:
        """Events after that stream id; waits for the first one up to `wait_ms`."""

    def command(self, station_id: str, command: Command) -> None:
        """Send an order to a station."""

    def last_command(self, station_id: str) -> str:
        """The stream id of the station's newest command, or ``0-0``."""

    def commands(self, station_id: str, after: str, wait_ms: int) -> Sequence[tuple[str, Command]]:
        """Orders after that stream id; waits for the first one up to `wait_ms`."""

    def beat(self, health: StationHealth, expires: timedelta) -> None:
        """Say that a station lives."""

    def stations(self) -> Sequence[StationHealth]:
        """Those whose heartbeat has not expired, by id."""

    def allow(self, key: str, limit: int, window: timedelta) -> bool:
        """Count one use of `key`; False when there were more than `limit` in the window."""


# --- a station and its patient --------------------------------------------------------------------------------------


class CheckIns(Protocol):
    """All that a station and its patient screen may do: in process, or over HTTPS to the hub.

    Every change names the version that was seen. A step that does not fit the present stage changes nothing and returns
    the present view, so a double tap is harmless.

    Raises:
        NotFound: from any method with an id that is not this station's.
        StorageError: the check-in cannot be kept.
    """

    def current(self, station_id: str) -> CheckInView | None:
        """What the patient at this station is doing, if anybody stands there."""

    def newest(self, station_id: str) -> CheckInView | None:
        """The check-in begun last here, in the last ten minutes, whatever became of it.

        A code that is shown unasked may lead to a number at once; the screen finds it by this.
        """

    def view(self, station_id: str, check_in_id: str) -> CheckInView:
        """One check-in of this station, also after its end."""

    def start(self, station_id: str, language: str) -> CheckInView:
        """Begin; one that was left open at this station is abandoned."""

    def set_language(self, station_id: str, check_in_id: str, language: str) -> CheckInView:
        """Change the screen's language."""

    def claim(self, station_id: str, payload: str, source: "SignalSource") -> CheckInView:
        """Take a code or number; begins a check-in when none is open.

        A code that cannot be used leaves the check-in where it was; the view's `problem` says why.

        Raises:
            InputError: the code cannot be used and no check-in is open.
        """

    def claim_chip(self, station_id: str, check_in_id: str, reading: ChipReading) -> CheckInView:
        """Take what a chip card said, for the check-in before which it was laid on the reader.

        One that is over, or that has gone to another step meanwhile, is left as it is.
        """

    def card_facts(self, station_id: str, check_in_id: str) -> CardFacts | None:
        """What the patient presented that may open the chip; None before a citizen's number."""

    def card_state(self, station_id: str, check_in_id: str, state: CardState | None) -> None:
        """How far the station is with the card; None when there is nothing to tell any more."""

    def give_card_expiry(self, station_id: str, check_in_id: str, version: int, expires_on: date) -> CheckInView:
        """The expiry date as printed on the card, typed because the chip did not open without."""

    def answer_birth_date(self, station_id: str, check_in_id: str, version: int, answer: PartialDate) -> CheckInView:
        """The birth date after a bare number."""

    def accept_name(self, station_id: str, check_in_id: str, version: int) -> CheckInView:
        """The patient says that it is them."""

    def reject_name(self, station_id: str, check_in_id: str, version: int) -> CheckInView:
        """The patient says that it is not them: drops the claim."""

    def choose_appointment(self, station_id: str, check_in_id: str, version: int, appointment_id: str) -> CheckInView:
        """Confirm for one of today's appointments: gives the number."""

    def choose_clinic(self, station_id: str, check_in_id: str, version: int, clinic_id: str) -> CheckInView:
        """Confirm as a walk-in: gives the number."""

    def help(self, station_id: str, check_in_id: str | None, *, struggling: bool = False) -> CheckInView:
        """Ask for a person; keeps the place."""

    def leave(self, station_id: str, check_in_id: str) -> None:
        """The patient is gone or started over: abandoned, unless a number was given."""

    def printed(self, check_in_id: str, state: PrintState) -> None:
        """What became of the paper ticket; a failure tells reception."""


class SignalSource(StrEnum):
    """How a code or number reached the station."""

    CAMERA = "camera"
    SCANNER = "scanner"
    TYPED = "typed"


class Camera(Protocol):
    """The station's camera.

    Raises:
        DeviceError: absent or broken.
    """

    def frame(self) -> bytes:
        """The newest picture as JPEG."""


class CodeScanner(Protocol):
    """A scanner that gives whole lines."""

    def line(self, wait_ms: int) -> str | None:
        """The next line, or None after that time.

        Raises:
            DeviceError: absent or broken; the caller tries again later.
        """


class CardConnection(Protocol):
    """A contactless chip in the reader's field, freshly reset."""

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """Send one command APDU (ISO/IEC 7816-4).

        Returns:
            The response's data and its status word, such as 0x9000.

        Raises:
            CardError: ``removed``, ``no_answer``, ``service_down``, ``no_reader``.
        """


class CardReader(Protocol):
    """The station's reader for chip cards."""

    def has_card(self, wait_ms: int) -> bool:
        """Whether a card lies on the reader; waits for a change up to `wait_ms`.

        Raises:
            CardError: ``service_down`` or ``no_reader``; the caller tries again later.
        """

    def connect(self) -> AbstractContextManager[CardConnection]:
        """The card, exclusively and freshly reset; disconnected at the end.

        Raises:
            CardError: ``no_card``, ``no_reader``, ``service_down``; ``no_answer``, ``removed`` or ``unsupported``, when
                the card does not come to life.
        """


@dataclass(frozen=True, slots=True)
class TicketText:
    """What a paper ticket says, ready in both languages; `code` goes into its QR."""

    lines: tuple[str, ...]
    number: str
    code: str


class TicketPrinter(Protocol):
    """The station's printer."""

    def print(self, ticket: TicketText) -> None:
        """Print and cut.

        Raises:
            DeviceError: ``no_paper``, ``absent`` or ``fault``.
        """

    def state(self) -> DeviceState:
        """Its health, as far as it tells."""


class PreviewSink(Protocol):
    """Where the station puts the camera's picture."""

    def show(self, jpeg: bytes) -> None:
        """The newest picture; dropped when nobody watches."""

    @property
    def watched(self) -> bool:
        """Whether somebody watches."""

    def close(self) -> None:
        """Stop and remove the socket."""


class PreviewSource(Protocol):
    """Where the patient's screen gets it."""

    def frames(self) -> Iterator[bytes]:
        """JPEG pictures until the station or the reader stops.

        Raises:
            DeviceError: no station answers.
        """


@dataclass(frozen=True, slots=True)
class BenchState:
    """What lies before the simulated devices."""

    picture: bool
    unplugged: tuple[str, ...]
    paper_out: bool
    record_off: bool
    redis_off: bool
    tickets: tuple[str, ...]
    card: bool = False


class DeviceBench(Protocol):
    """The demo's bench: holds things before the simulated devices."""

    def state(self) -> BenchState:
        """What is set now; `tickets` are the printed texts, newest first."""

    def hold_up(self, picture: bytes | None) -> None:
        """Put a JPEG or PNG before the camera, or take it away."""

    def scan(self, line: str) -> None:
        """Let the hand scanner read this line."""

    def plug(self, device: str, *, connected: bool) -> None:
        """Unplug or plug in ``camera``, ``scanner``, ``printer`` or ``card_reader``."""

    def lay_card(self, card: bytes | None) -> None:
        """Lay a virtual chip card on the reader, given as the content of its file, or take it away."""

    def set_paper(self, *, out: bool) -> None:
        """Take the paper out, or put it in."""

    def switch_record(self, *, off: bool) -> None:
        """Let the hospital's record be unreachable."""

    def switch_redis(self, *, off: bool) -> None:
        """Stop Redis, or start it again."""
