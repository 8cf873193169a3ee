"""A virtual card speaks vpcd's protocol to whatever listens where vpcd would."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kiosk.hardware.simulated.citizen_card.card import VirtualCard
from kiosk.hardware.simulated.citizen_card.chip import ATR
from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.hardware.simulated.citizen_card.image import Behaviour, CardImage, Interference, to_bytes
from kiosk.hardware.simulated.citizen_card.personalisation import personalise
from kiosk.hardware.simulated.citizen_card.pki import new_issuer
from kiosk.hardware.simulated.citizen_card.vpcd import CardOnVpcd
from kiosk.model.identity import PartialDate, Sex
from tests.support.patience import until

pytestmark = pytest.mark.integration
SELECT_APPLICATION = bytes.fromhex("00A4040C07A0000002471001")
GET_CHALLENGE = bytes.fromhex("0084000008")


@pytest.fixture(scope="module")
def image() -> CardImage:
    holder = Holder(
        number="001190012345",
        name="Nguyễn Thị Mẫu",
        birth_date=PartialDate(1990, 3, 5),
        sex=Sex.FEMALE,
        residence="Số 1 Phố Ví Dụ, Hà Nội",
        issued_on=date(2021, 4, 15),
        expires_on=date(2030, 3, 5),
    )
    return personalise(holder, new_issuer())


class ListeningReader:
    """As vpcd listens: one card at a time."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._card: socket.socket | None = None
        self.port: int = self._listener.getsockname()[1]

    def accept(self) -> None:
        self._card = self._listener.accept()[0]
        self._card.settimeout(10)

    def send(self, message: bytes) -> None:
        assert self._card is not None
        self._card.sendall(len(message).to_bytes(2, "big"))
        self._card.sendall(message)

    def ask(self, message: bytes) -> bytes:
        self.send(message)
        return self._receive(int.from_bytes(self._receive(2), "big"))

    def hears_nothing_more(self) -> bool:
        return self._receive(1) == b""

    def _receive(self, count: int) -> bytes:
        assert self._card is not None
        data = b""
        while len(data) < count and (piece := self._card.recv(count - len(data))):
            data += piece
        return data

    def close(self) -> None:
        if self._card is not None:
            self._card.close()
        self._listener.close()


@pytest.fixture
def reader() -> Iterator[ListeningReader]:
    listening = ListeningReader()
    yield listening
    listening.close()


def test_a_card_is_powered_reset_and_asked(image: CardImage, reader: ListeningReader) -> None:
    with CardOnVpcd(VirtualCard(image), reader.port) as laid:
        reader.accept()
        reader.send(b"\x01")
        assert reader.ask(b"\x04") == ATR
        assert reader.ask(SELECT_APPLICATION) == b"\x90\x00"
        assert len(reader.ask(GET_CHALLENGE)) == 10
        reader.send(b"\x02")
        assert reader.ask(GET_CHALLENGE) == b"\x6d\x00"
        reader.send(b"\x00")
        assert laid.lies_there
    assert reader.hears_nothing_more()


def test_a_pulled_card_hangs_up(image: CardImage, reader: ListeningReader) -> None:
    pulled = replace(image, behaviour=Behaviour(interference=Interference.REMOVED, after=1))
    with CardOnVpcd(VirtualCard(pulled), reader.port):
        reader.accept()
        assert reader.ask(SELECT_APPLICATION) == b"\x90\x00"
        reader.send(GET_CHALLENGE)
        assert reader.hears_nothing_more()


def test_a_silent_card_is_taken_away_all_the_same(image: CardImage, reader: ListeningReader) -> None:
    silent = replace(image, behaviour=Behaviour(interference=Interference.SILENT))
    with CardOnVpcd(VirtualCard(silent), reader.port) as laid:
        reader.accept()
        reader.send(SELECT_APPLICATION)
        laid.remove()
    assert reader.hears_nothing_more()


def test_a_reader_that_goes_away_leaves_no_thread(image: CardImage, reader: ListeningReader) -> None:
    with CardOnVpcd(VirtualCard(image), reader.port) as laid:
        reader.accept()
        reader.close()
        until(lambda: not laid.lies_there)


def test_without_a_reader_nothing_is_laid(image: CardImage, reader: ListeningReader) -> None:
    reader.close()
    with pytest.raises(OSError, match="refused"), CardOnVpcd(VirtualCard(image), reader.port, patience=0.1):
        pass


def test_a_card_is_laid_from_its_file(image: CardImage, reader: ListeningReader, tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    file.write_bytes(to_bytes(image))
    module = "kiosk.hardware.simulated.citizen_card.vpcd"
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(file), "--port", str(reader.port)], stdin=subprocess.PIPE, env=os.environ
    )
    with process:
        reader.accept()
        assert reader.ask(b"\x04") == ATR
        process.communicate(timeout=10)
    assert process.returncode == 0
