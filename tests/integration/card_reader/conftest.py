"""The real pcscd with its virtual reader, and a place to lay cards on; see `tests.support.pcscd`."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from kiosk.hardware.card_reader import PcscCardReader
from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.hardware.simulated.citizen_card.image import CardImage
from kiosk.hardware.simulated.citizen_card.profiles import CardOffice, CardProfile
from tests.support.card_endurance import HOLDER, pcsc_threads
from tests.support.card_tray import Tray
from tests.support.patience import until
from tests.support.pcscd import READER, Pcscd, Slot

EXCHANGE_SECONDS = 1.0


@pytest.fixture
def pcscd(only_pcscd: Pcscd) -> Pcscd:
    """The daemon, running."""
    only_pcscd.be_there()
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
    until(lambda: pcsc_threads() == 0)


def wait_for(reader: PcscCardReader, *, card: bool) -> None:
    """pcscd looks at its readers every 0.4 s."""
    until(lambda: reader.has_card(200) == card)


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
    return HOLDER


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
