"""A card on the reader, from laying it down to the check-in; the reader here is one that tests move."""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from kiosk.checkin import lists
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import CardError, CardProblem
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Stage
from kiosk.model.chip_card import ChipReading, ChipReason, ChipVerdict, CitizenData
from kiosk.model.chip_evidence import CardPhase
from kiosk.model.events import DeviceState
from kiosk.model.identity import ClaimSource, PartialDate, Sex
from kiosk.ports.devices import CardConnection, SignalSource
from kiosk.station.cards import Cards, Opening, Progress
from kiosk.station.health import Health
from kiosk.station.signals import Signals
from tests.support.patience import PATIENCE, until
from tests.support.small_hospital import MAU_QR, SetClock, SmallRecord, open_small_hospital

HERE = "kiosk-1"
MAU_DATA = CitizenData("001190012345", "Nguyễn Thị Mẫu", PartialDate(1990, 3, 5), Sex.FEMALE, None, kept_from_dg13=True)
CONSISTENT = ChipReading(ChipVerdict.CONSISTENT, (ChipReason.ISSUER_UNKNOWN,), citizen=MAU_DATA)


class NoConnection:
    def transmit(self, command: bytes) -> tuple[bytes, int]:
        raise CardError(CardProblem.NO_ANSWER, f"{len(command)} bytes to nobody")


@dataclass
class Table:
    """A reader, a card that lies on it or not, and what it answers."""

    lies: bool = False
    fault: CardProblem | None = None
    answers: list[ChipReading | CardProblem] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    hold_on: threading.Event = field(default_factory=threading.Event)

    def has_card(self, wait_ms: int) -> bool:
        time.sleep(min(wait_ms, 10) / 1000)
        if self.fault:
            raise CardError(self.fault, "no reader")
        return self.lies

    def connect(self) -> AbstractContextManager[CardConnection]:
        return nullcontext(NoConnection())

    def read(self, _: CardConnection, opening: Opening, progress: Progress) -> ChipReading:
        self.openings.append(opening)
        for done in range(3):
            progress(done, 6)
        self.hold_on.wait(PATIENCE)
        answer = self.answers.pop(0)
        if isinstance(answer, ChipReading):
            return answer
        opening.attempts.take()
        raise CardError(answer, "as the test says")


@dataclass
class Hall:
    services: Services
    kiosk: LocalCheckIns
    table: Table
    health: Health
    signals: Signals

    @property
    def view(self) -> CheckInView:
        found = self.kiosk.current(HERE)
        assert found
        return found

    def phase(self) -> CardPhase | None:
        found = self.kiosk.current(HERE)
        return found.card.phase if found and found.card else None

    def lay(self, *answers: ChipReading | CardProblem) -> None:
        self.table.answers += answers
        self.table.lies = True

    def lift(self) -> None:
        self.table.lies = False
        time.sleep(0.6)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    clock = SetClock()
    services = open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", SmallRecord(), MemoryBus(), clock)
    kiosk, table, health, stop = LocalCheckIns(services), Table(), Health(), threading.Event()
    table.hold_on.set()
    signals = Signals(HERE, kiosk, clock, health)
    cards = Cards(HERE, kiosk, table, table.read, signals, clock, health)
    threads = [threading.Thread(target=run, args=(stop,)) for run in (signals.run, cards.run)]
    for thread in threads:
        thread.start()
    yield Hall(services, kiosk, table, health, signals)
    table.hold_on.set()
    stop.set()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def scan(hall: Hall, payload: str = MAU_QR) -> None:
    hall.signals.offer(payload, SignalSource.SCANNER)


def spent(hall: Hall, left: int) -> bool:
    return hall.view.card is not None and hall.view.card.tries_left == left


def test_a_scanned_code_opens_its_card_and_the_check_in_goes_on(hall: Hall) -> None:
    scan(hall)
    until(lambda: hall.kiosk.current(HERE))
    hall.lay(CONSISTENT)
    until(lambda: hall.view.chip)
    assert hall.view.stage is Stage.IS_THIS_YOU
    claim = lists.one(hall.services, hall.view.id).claim
    assert claim
    assert claim.source is ClaimSource.CHIP_CARD
    (opening,) = hall.table.openings
    assert (opening.keys.can, opening.keys.scanned, opening.claimed.name) == ("012345", True, "Nguyễn Thị Mẫu")
    assert opening.claimed.issued_on == PartialDate(2021, 4, 15)


def test_a_typed_number_opens_the_card_before_the_birth_date_is_asked(hall: Hall) -> None:
    hall.kiosk.claim(HERE, "001190012345", SignalSource.TYPED)
    hall.lay(CONSISTENT)
    until(lambda: hall.view.stage is Stage.IS_THIS_YOU)
    (opening,) = hall.table.openings
    assert (opening.keys.can, opening.keys.scanned, opening.claimed.scanned) == ("012345", False, False)


def test_the_screen_is_told_how_far_the_reading_is(hall: Hall) -> None:
    scan(hall)
    hall.table.hold_on.clear()
    until(lambda: hall.kiosk.current(HERE))
    hall.lay(CONSISTENT)
    until(lambda: hall.view.card and hall.view.card.done == 2)
    assert hall.view.card
    assert (hall.view.card.phase, hall.view.card.total) == (CardPhase.READING, 6)


def test_a_card_laid_unasked_begins_a_check_in_and_asks_for_its_code(hall: Hall) -> None:
    hall.lay(CONSISTENT)
    until(lambda: hall.phase() is CardPhase.NEEDS_NUMBER)
    assert hall.view.stage is Stage.STARTED
    scan(hall)
    until(lambda: hall.view.chip)


def test_a_card_left_lying_is_not_the_next_patient_s(hall: Hall) -> None:
    hall.lay()
    until(lambda: hall.phase() is CardPhase.NEEDS_NUMBER)
    hall.kiosk.leave(HERE, hall.view.id)
    scan(hall)
    until(lambda: hall.phase() is CardPhase.LIFT)
    assert not hall.table.openings
    hall.lift()
    until(lambda: hall.phase() is None)
    hall.lay(CONSISTENT)
    until(lambda: hall.view.chip)


def test_a_card_laid_on_a_page_that_has_no_use_for_it_asks_whose_the_page_is(hall: Hall) -> None:
    view = hall.kiosk.claim(HERE, "BN000123", SignalSource.TYPED)
    hall.kiosk.answer_birth_date(HERE, view.id, view.version, PartialDate(1990, 3, 5))
    hall.lay()
    until(lambda: hall.phase() is CardPhase.NEEDS_NUMBER)
    assert hall.view.stage is Stage.IS_THIS_YOU
    assert not hall.table.openings
    hall.lift()
    until(lambda: hall.phase() is None)


def test_a_card_pulled_early_is_read_when_it_is_laid_again(hall: Hall) -> None:
    scan(hall)
    until(lambda: hall.kiosk.current(HERE))
    hall.lay(CardProblem.REMOVED)
    until(lambda: hall.phase() is CardPhase.PROBLEM)
    hall.lift()
    assert hall.view.card
    assert hall.view.card.problem is CardProblem.REMOVED
    hall.lay(CONSISTENT)
    until(lambda: hall.view.chip)


def test_a_card_that_does_not_open_is_not_tried_again_until_it_is_laid_anew(hall: Hall) -> None:
    scan(hall)
    until(lambda: hall.kiosk.current(HERE))
    for left in (2, 1, 0):
        hall.lay(CardProblem.WRONG_KEY)
        until(partial(spent, hall, left))
        time.sleep(0.5)
        hall.lift()
    assert len(hall.table.openings) == 3
    assert len({id(opening.attempts) for opening in hall.table.openings}) == 1


def test_without_a_reader_the_screen_says_so_and_goes_on(hall: Hall) -> None:
    scan(hall)
    until(lambda: hall.kiosk.current(HERE))
    hall.table.fault = CardProblem.NO_READER
    until(lambda: hall.phase() is CardPhase.UNAVAILABLE)
    assert hall.health.states()["card_reader"] is DeviceState.ABSENT
    hall.table.fault = None
    until(lambda: hall.phase() is None)
    assert hall.health.states()["card_reader"] is DeviceState.WORKING


def test_a_code_without_a_citizen_s_number_leaves_the_card_alone(hall: Hall) -> None:
    hall.kiosk.claim(HERE, "BN000123", SignalSource.SCANNER)
    hall.lay()
    until(lambda: hall.phase() is CardPhase.NEEDS_NUMBER)
    assert hall.table.openings == []
