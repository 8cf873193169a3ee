"""The real pcscd with its virtual reader, and a place to lay cards on; see `tests.support.pcscd`."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from kiosk.errors import CardError, CardProblem
from kiosk.hardware.card_reader import PcscCardReader
from kiosk.hardware.simulated.citizen_card.card import VirtualCard
from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.hardware.simulated.citizen_card.image import CardImage
from kiosk.hardware.simulated.citizen_card.profiles import CardOffice, CardProfile
from kiosk.model.identity import PartialDate, Sex
from tests.support.pcscd import READER, Pcscd, Slot

EXCHANGE_SECONDS = 1.0


@pytest.fixture(scope="session")
def only_pcscd() -> Iterator[Pcscd]:
    """The library under pyscard looks once in a process where pcscd is, so there is one for all tests."""
    pcscd = Pcscd()
    os.environ["PCSCLITE_CSOCK_NAME"] = str(pcscd.address)
    yield pcscd
    del os.environ["PCSCLITE_CSOCK_NAME"]
    pcscd.close()


@pytest.fixture
def pcscd(only_pcscd: Pcscd) -> Pcscd:
    """The daemon, running."""
    only_pcscd.resume()
    if only_pcscd.pid is None or not only_pcscd.with_reader:
        only_pcscd.stop()
        only_pcscd.start()
    return only_pcscd


@pytest.fixture
def slot(pcscd: Pcscd) -> Iterator[Slot]:
    """The place before the reader, empty."""
    slot = Slot(pcscd)
    yield slot
    slot.lift()


@pytest.fixture
def reader(pcscd: Pcscd) -> Iterator[PcscCardReader]:
    """Ours, over the running daemon; a test leaves no thread of it behind."""
    reader = PcscCardReader(READER, exchange_seconds=EXCHANGE_SECONDS, allow_virtual=True)
    wait_for(reader, card=False)
    yield reader
    pcscd.resume()
    ends = time.monotonic() + 5
    while pcsc_threads() and time.monotonic() < ends:
        time.sleep(0.01)
    assert pcsc_threads() == 0


def pcsc_threads() -> int:
    return sum(thread.name == "pcsc" for thread in threading.enumerate())


def wait_for(reader: PcscCardReader, *, card: bool) -> None:
    """pcscd looks at its readers every 0.4 s."""
    ends = time.monotonic() + 3
    while reader.has_card(200) != card:
        assert time.monotonic() < ends


class Tray:
    """A place where citizen cards change without being lifted, which saves pcscd's 0.4 s of looking twice."""

    def __init__(self, pcscd: Pcscd) -> None:
        self.slot = Slot(pcscd)
        self.atr = b""
        self._card: VirtualCard | None = None
        self._silenced = threading.Event()

    def lay(self, image: CardImage) -> None:
        """The card that the next connection finds."""
        self._card = VirtualCard(image)
        self.atr = self._card.power_on()
        if not self.slot.holds_card:
            self.slot.lay(self)
        reader, ends = PcscCardReader(READER, allow_virtual=True), time.monotonic() + 3
        while not connects(reader):
            assert time.monotonic() < ends
            time.sleep(0.05)

    def lift(self) -> None:
        """An empty reader."""
        self._silenced.set()
        self.slot.lift()
        self._silenced.clear()

    def reset(self) -> None:
        if self._card:
            self._card.power_on()

    def transmit(self, command: bytes) -> bytes:
        try:
            return self._card.exchange(command) if self._card else b""
        except CardError as error:
            if error.kind == CardProblem.NO_ANSWER:
                self._silenced.wait(10)
            self.slot.pull()
            return b""


def connects(reader: PcscCardReader) -> bool:
    try:
        with reader.connect():
            return True
    except CardError:
        return False


@pytest.fixture(scope="module")
def tray(only_pcscd: Pcscd) -> Iterator[Tray]:
    tray = Tray(only_pcscd)
    yield tray
    tray.lift()


@pytest.fixture(scope="session")
def office() -> CardOffice:
    return CardOffice()


@pytest.fixture(scope="session")
def holder() -> Holder:
    return Holder(
        number="001190012345",
        name="Nguyễn Thị Mẫu",
        birth_date=PartialDate(1990, 3, 5),
        sex=Sex.FEMALE,
        residence="Số 1 Phố Ví Dụ, Phường Mẫu, Quận Thử, Hà Nội",
        issued_on=date(2021, 4, 15),
        expires_on=date(2030, 3, 5),
    )


@pytest.fixture(scope="session")
def trust(office: CardOffice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trust")
    (folder / "anchor.cer").write_bytes(office.home.authority.certificate)
    return folder


@pytest.fixture
def lay(pcscd: Pcscd, tray: Tray) -> Callable[[CardImage], None]:
    assert pcscd.pid
    return tray.lay


@pytest.fixture(scope="session")
def genuine(office: CardOffice, holder: Holder) -> CardImage:
    return office.make(CardProfile.GENUINE, holder, date(2026, 11, 22))
