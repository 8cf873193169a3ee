"""The reader over the real pcscd: what happens to cards, readers and the service, and what is told of it."""

import threading
import time
from pathlib import Path

import pytest
from smartcard import scard

from kiosk.errors import CardError, CardProblem, ConfigurationError
from kiosk.hardware.card_reader import PcscCardReader, reader_names
from tests.integration.card_reader.conftest import wait_for
from tests.support.card_endurance import pcsc_threads
from tests.support.patience import until
from tests.support.pcscd import READER, Pcscd, Slot

pytestmark = pytest.mark.integration

ECHO, OPEN, IS_OPEN, STALL = 0x10, 0x20, 0x30, 0x40


class SmallCard:
    """Sends back what it gets; can be opened, which it forgets at a reset; can stop answering."""

    atr = bytes.fromhex("3B800181")

    def __init__(self) -> None:
        self.opened = False
        self.stalled = threading.Event()
        self.go_on = threading.Event()

    def reset(self) -> None:
        self.opened = False

    def transmit(self, command: bytes) -> bytes:
        if command[1] == OPEN:
            self.opened = True
        if command[1] == STALL:
            self.stalled.set()
            self.go_on.wait(10)
        if command[1] == IS_OPEN:
            return bytes([self.opened, 0x90, 0x00])
        return command[4:] + b"\x90\x00"


def apdu(instruction: int, data: bytes = b"") -> bytes:
    return bytes([0, instruction, 0, 0]) + data


@pytest.fixture
def card(slot: Slot, reader: PcscCardReader) -> SmallCard:
    card = SmallCard()
    slot.lay(card)
    wait_for(reader, card=True)
    return card


def problem_of(reader: PcscCardReader) -> CardProblem:
    with pytest.raises(CardError) as caught, reader.connect() as connection:
        connection.transmit(apdu(ECHO))
    return caught.value.kind


@pytest.mark.usefixtures("card")
def test_a_card_answers_with_data_and_status(reader: PcscCardReader) -> None:
    with reader.connect() as connection:
        assert connection.transmit(apdu(ECHO, b"abc")) == (b"abc", 0x9000)


@pytest.mark.usefixtures("card")
def test_sixty_thousand_bytes_pass_in_one_exchange(reader: PcscCardReader) -> None:
    data = bytes(range(256)) * 234
    with reader.connect() as connection:
        assert connection.transmit(apdu(ECHO, data)) == (data, 0x9000)


@pytest.mark.usefixtures("card")
def test_every_connection_begins_with_a_reset(reader: PcscCardReader) -> None:
    with reader.connect() as connection:
        connection.transmit(apdu(OPEN))
        assert connection.transmit(apdu(IS_OPEN))[0] == b"\x01"
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _, other, _ = scard.SCardConnect(context, READER, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T1)
    assert scard.SCardTransmit(other, scard.SCARD_PCI_T1, list(apdu(OPEN)))[0] == code == scard.SCARD_S_SUCCESS
    scard.SCardDisconnect(other, scard.SCARD_LEAVE_CARD)
    scard.SCardReleaseContext(context)
    with reader.connect() as connection:
        assert connection.transmit(apdu(IS_OPEN))[0] == b"\x00"


@pytest.mark.usefixtures("card")
def test_the_card_is_ours_alone(reader: PcscCardReader) -> None:
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    with reader.connect():
        taken = scard.SCardConnect(context, READER, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T1)[0]
        assert taken == scard.SCARD_E_SHARING_VIOLATION
    _, other, _ = scard.SCardConnect(context, READER, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T1)
    assert problem_of(reader) == CardProblem.NO_READER
    scard.SCardDisconnect(other, scard.SCARD_LEAVE_CARD)
    scard.SCardReleaseContext(context)


def test_waiting_ends_when_a_card_is_laid_and_when_it_is_lifted(reader: PcscCardReader, slot: Slot) -> None:
    for change in (lambda: slot.lay(SmallCard()), slot.lift):
        before = reader.has_card(0)
        timer = threading.Timer(0.2, change)
        timer.start()
        assert reader.has_card(5000) is not before
        timer.join()


def test_waiting_ends_with_the_time_when_nothing_changes(reader: PcscCardReader) -> None:
    began = time.monotonic()
    assert not reader.has_card(300)
    assert time.monotonic() - began >= 0.3


def test_no_card(reader: PcscCardReader) -> None:
    assert problem_of(reader) == CardProblem.NO_CARD


def test_a_card_pulled_in_the_middle_of_an_exchange(reader: PcscCardReader, slot: Slot, card: SmallCard) -> None:
    def pull() -> None:
        card.stalled.wait()
        slot.pull()
        card.go_on.set()

    puller = threading.Thread(target=pull)
    puller.start()
    with reader.connect() as connection, pytest.raises(CardError) as caught:
        connection.transmit(apdu(STALL))
    puller.join()
    assert caught.value.kind == CardProblem.REMOVED


def test_a_card_that_was_pulled_and_laid_again_at_once(reader: PcscCardReader, slot: Slot, card: SmallCard) -> None:
    with reader.connect() as connection:
        slot.lift()
        with pytest.raises(CardError):
            connection.transmit(apdu(ECHO))
    slot.lay(card)
    wait_for(reader, card=True)
    with reader.connect() as connection:
        assert connection.transmit(apdu(ECHO)) == (b"", 0x9000)


@pytest.mark.usefixtures("card")
def test_a_card_pulled_between_two_exchanges(reader: PcscCardReader, slot: Slot) -> None:
    with reader.connect() as connection:
        connection.transmit(apdu(ECHO))
        slot.lift()
        for _ in range(3):
            with pytest.raises(CardError) as caught:
                connection.transmit(apdu(ECHO))
            assert caught.value.kind == CardProblem.REMOVED
    wait_for(reader, card=False)


def test_a_card_that_stops_answering_holds_nobody(reader: PcscCardReader, slot: Slot, card: SmallCard) -> None:
    with pytest.raises(CardError) as caught, reader.connect() as connection:
        connection.transmit(apdu(STALL))
    assert caught.value.kind == CardProblem.NO_ANSWER

    for _ in range(3):
        assert problem_of(reader) == CardProblem.NO_ANSWER
        assert reader.has_card(0)
    assert pcsc_threads() == 1

    card.go_on.set()
    slot.lift()
    wait_for(reader, card=False)
    slot.lay(SmallCard())
    wait_for(reader, card=True)
    with reader.connect() as connection:
        assert connection.transmit(apdu(ECHO)) == (b"", 0x9000)


@pytest.mark.usefixtures("card")
def test_the_service_is_down_and_comes_back(reader: PcscCardReader, pcscd: Pcscd) -> None:
    pcscd.stop()
    assert problem_of(reader) == CardProblem.SERVICE_DOWN
    for ask in (lambda: reader.has_card(100), reader_names):
        with pytest.raises(CardError) as caught:
            ask()
        assert caught.value.kind == CardProblem.SERVICE_DOWN
    pcscd.start()
    wait_for(reader, card=True)
    with reader.connect() as connection:
        assert connection.transmit(apdu(ECHO)) == (b"", 0x9000)


def test_the_service_dies_in_the_middle_of_an_exchange(reader: PcscCardReader, pcscd: Pcscd, card: SmallCard) -> None:
    def kill() -> None:
        card.stalled.wait()
        pcscd.kill()
        card.go_on.set()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(CardError) as caught, reader.connect() as connection:
        connection.transmit(apdu(STALL))
    killer.join()
    assert caught.value.kind == CardProblem.SERVICE_DOWN
    pcscd.start()
    wait_for(reader, card=True)
    with reader.connect() as connection:
        assert connection.transmit(apdu(ECHO)) == (b"", 0x9000)


def test_the_service_dies_while_a_card_is_waited_for(reader: PcscCardReader, pcscd: Pcscd) -> None:
    timer = threading.Timer(0.3, pcscd.kill)
    timer.start()
    with pytest.raises(CardError) as caught:
        reader.has_card(5000)
    assert caught.value.kind == CardProblem.SERVICE_DOWN
    timer.join()


@pytest.mark.usefixtures("card")
def test_a_service_that_hangs_holds_one_thread_for_each_purpose(reader: PcscCardReader, pcscd: Pcscd) -> None:
    pcscd.pause()
    kinds = set()
    for _ in range(3):
        with pytest.raises(CardError) as caught:
            reader.has_card(0)
        kinds.add((caught.value.kind, problem_of(reader)))
    assert kinds == {(CardProblem.SERVICE_DOWN, CardProblem.NO_ANSWER)}
    assert pcsc_threads() == 2
    pcscd.resume()
    until(lambda: pcsc_threads() == 0)
    assert reader.has_card(0)
    with reader.connect() as connection:
        assert connection.transmit(apdu(ECHO)) == (b"", 0x9000)


@pytest.mark.usefixtures("card")
def test_the_reader_is_unplugged_and_comes_back(reader: PcscCardReader, pcscd: Pcscd) -> None:
    pcscd.stop()
    pcscd.start(with_reader=False)
    assert reader_names() == ()
    assert problem_of(reader) == CardProblem.NO_READER
    with pytest.raises(CardError) as caught:
        reader.has_card(1000)
    assert caught.value.kind == CardProblem.NO_READER
    pcscd.stop()
    pcscd.start()
    wait_for(reader, card=True)
    with reader.connect() as connection:
        assert connection.transmit(apdu(ECHO)) == (b"", 0x9000)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ACS ACR1252", "no readers are called ACS ACR1252"),
        ("Virtual PCD 00 0", "no readers"),
        ("Virtual PCD", "2 readers are called Virtual PCD"),
    ],
)
@pytest.mark.usefixtures("pcscd")
def test_a_name_that_is_nobodys_or_two_readers(name: str, told: str) -> None:
    assert len(reader_names()) == 2
    with pytest.raises(CardError, match=told) as caught:
        PcscCardReader(name, allow_virtual=True).has_card(0)
    assert caught.value.kind == CardProblem.NO_READER


@pytest.mark.parametrize("name", ["Virtual PCD 00 00", "Virtual PCD", "VIRTUAL PCD 00 01"])
def test_a_virtual_reader_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigurationError, match="virtual reader"):
        PcscCardReader(name)


@pytest.mark.usefixtures("pcscd")
def test_a_virtual_reader_is_refused_when_a_short_name_leads_to_it() -> None:
    assert READER in reader_names()
    with pytest.raises(ConfigurationError, match="virtual reader"):
        PcscCardReader("Virtual").has_card(0)


def test_a_nameless_reader_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="expected the name"):
        PcscCardReader(" ")


def test_nobody_outside_can_be_the_card(pcscd: Pcscd) -> None:
    """Port 35963 is not open on all addresses of this host; a container in which it must be is told apart."""
    listening = Path("/proc/net/tcp").read_text(encoding="ascii")
    assert ("00000000:8C7B" in listening) is not pcscd.has_own_network
