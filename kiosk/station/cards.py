"""The card reader's thread: waits for a card, opens it with what the patient presented, tells how far it is."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from kiosk.errors import CardError, CardProblem, InputError, KioskError
from kiosk.identify.chip_card.access_key import AccessKeys, KeyAttempts, QrFacts
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import AT_STATION
from kiosk.model.chip_card import ChipReading
from kiosk.model.chip_evidence import CardFacts, CardPhase, CardState
from kiosk.model.events import DeviceState
from kiosk.ports.check_ins import CheckIns
from kiosk.ports.devices import CardConnection, CardReader
from kiosk.ports.time import Clock
from kiosk.station.health import Health
from kiosk.station.signals import CHECK_INS, Signals

WAIT_MS = 300
PAUSE_SECONDS = 0.2
LOST_SECONDS = 1.0
TICKET_SECONDS = 30.0
"""After a number was given its patient may still lift the card and lay it down: nobody new came."""
DEVICE = "card_reader"

_PASSING = frozenset({CardPhase.UNAVAILABLE, CardPhase.NEEDS_NUMBER, CardPhase.LIFT})
"""What is not true any more once the card is gone, or the reader back; a problem stays to be read."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a card is opened with.

    Attributes:
        claimed: what the patient presented, for the comparison with the chip.
        attempts: of this check-in, across re-laying.
    """

    keys: AccessKeys
    attempts: KeyAttempts
    claimed: QrFacts


Progress = Callable[[int, int], None]
"""Told how many files are read, and how many there are to read."""

ReadChip = Callable[[CardConnection, Opening, Progress], ChipReading]
"""Opens a card, reads it and judges it; raises `CardError`."""


@dataclass(slots=True)
class _Laid:
    """A card on the reader since then.

    Attributes:
        check_in_id: who stood here when it was laid; None for nobody.
        tried: what it was opened with already.
    """

    check_in_id: str | None
    tried: CardFacts | None = None


class Cards:
    """The thread; what it reads goes to the use cases by the queue that codes take."""

    def __init__(  # each is a part of its own
        self,
        station_id: str,
        check_ins: CheckIns,
        reader: CardReader,
        read: ReadChip,
        signals: Signals,
        clock: Clock,
        health: Health,
    ) -> None:
        self._station_id = station_id
        self._check_ins = check_ins
        self._reader = reader
        self._read = read
        self._signals = signals
        self._scanned = signals.scanned
        self._clock = clock
        self._health = health
        self._laid: _Laid | None = None
        self._attempts: tuple[str | None, KeyAttempts] = (None, KeyAttempts())

    def run(self, stop: threading.Event) -> None:
        """Wait and read, until stopped."""
        while not stop.is_set():
            try:
                lies = self._reader.has_card(WAIT_MS)
            except CardError as error:
                self._lost(error)
                stop.wait(LOST_SECONDS)
                continue
            self._health.note(DEVICE, DeviceState.WORKING)
            try:
                self._look(stop, lies=lies)
            except KioskError as error:
                # whose card this is cannot be known now: it lies there, the next look is a moment away
                self._health.note(CHECK_INS, DeviceState.FAULT)
                _log.warning("a card was not taken", exception_type=type(error).__name__)
                stop.wait(LOST_SECONDS)
            stop.wait(PAUSE_SECONDS)

    def _lost(self, error: CardError) -> None:
        self._laid = None
        absent = error.kind is CardProblem.NO_READER
        self._health.note(DEVICE, DeviceState.ABSENT if absent else DeviceState.FAULT)
        try:
            view = self._check_ins.current(self._station_id)
            if view and view.takes_card:
                self._tell(view, CardState(CardPhase.UNAVAILABLE, error.kind))
        except KioskError as fault:
            _log.warning("nobody was told of the reader", exception_type=type(fault).__name__)

    def _look(self, stop: threading.Event, *, lies: bool) -> None:
        view = self._check_ins.current(self._station_id)
        self._scanned.forget_others(view.id if view else None)
        if not lies:
            self._laid = None
            self._no_longer(view)
            return
        newly = self._laid is None
        if self._laid is None:
            view = view or self._begin()
            self._laid = _Laid(view.id if view else None)
        if view is None:
            return
        if not view.takes_card:
            if newly:
                self._tell_of_a_stranger(view)
            return
        # laid while nobody was there: whoever begins now laid it, and only their own code opens it
        self._laid.check_in_id = self._laid.check_in_id or view.id
        if view.id != self._laid.check_in_id:
            self._tell(view, CardState(CardPhase.LIFT))
            return
        facts = self._check_ins.card_facts(self._station_id, view.id)
        if facts is None:
            self._tell(view, CardState(CardPhase.NEEDS_NUMBER))
        elif facts != self._laid.tried:
            self._laid.tried = facts
            self._open(view, facts, stop)

    def _tell_of_a_stranger(self, view: CheckInView) -> None:
        """A card that is of no use on this page may be somebody else's: the page asks, unless its own was read."""
        if view.chip is None and view.stage in AT_STATION:
            self._tell(view, CardState(CardPhase.NEEDS_NUMBER))

    def _begin(self) -> CheckInView | None:
        """A card laid unasked begins a check-in, as a code shown unasked does."""
        before = self._check_ins.newest(self._station_id)
        if before and before.ticket:
            since = (self._clock.now() - before.ticket.given_at).total_seconds()
            if 0 <= since < TICKET_SECONDS:
                return None
        return self._check_ins.start(self._station_id, "vi")

    def _open(self, view: CheckInView, facts: CardFacts, stop: threading.Event) -> None:
        attempts = self._attempts_of(view.id)

        def told(done: int, total: int) -> None:
            if stop.is_set():
                raise CardError(CardProblem.NO_ANSWER, "the station stops")
            self._tell(view, CardState(CardPhase.READING, None, done, total, attempts.left))

        self._tell(view, CardState(CardPhase.READING, tries_left=attempts.left))
        try:
            opening = self._opening(view.id, facts, attempts)
            with self._reader.connect() as connection:
                reading = self._read(connection, opening, told)
        except CardError as error:
            _log.info("a card was not read", check_in=view.id, kind=error.kind.value)
            self._tell(view, CardState(CardPhase.PROBLEM, error.kind, tries_left=attempts.left))
        except InputError as error:
            _log.info("a card was not read", check_in=view.id, kind=error.kind)
            self._tell(view, CardState(CardPhase.PROBLEM, CardProblem.MALFORMED, tries_left=attempts.left))
        else:
            self._tell(view, CardState(CardPhase.READ))
            self._signals.offer_chip(view.id, reading)

    def _opening(self, check_in_id: str, facts: CardFacts, attempts: KeyAttempts) -> Opening:
        claimed = self._scanned.facts(check_in_id, facts.number)
        if claimed is None:
            claimed = QrFacts(facts.number, facts.birth_date, scanned=not facts.typed)
        born = facts.birth_date
        if facts.expires_on and born and born.is_full:
            birth = f"{born.year % 100:02}{born.month or 0:02}{born.day or 0:02}"
            keys = AccessKeys.from_document(facts.number, birth, f"{facts.expires_on:%y%m%d}")
        else:
            keys = AccessKeys.from_qr(claimed)
        return Opening(keys, attempts, claimed)

    def _attempts_of(self, check_in_id: str) -> KeyAttempts:
        if self._attempts[0] != check_in_id:
            self._attempts = (check_in_id, KeyAttempts())
        return self._attempts[1]

    def _tell(self, view: CheckInView, state: CardState) -> None:
        self._check_ins.card_state(self._station_id, view.id, state)

    def _no_longer(self, view: CheckInView | None) -> None:
        if view and view.card and view.card.phase in _PASSING:
            self._check_ins.card_state(self._station_id, view.id, None)
