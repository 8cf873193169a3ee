"""Lays a virtual card on vpcd, the virtual reader of vsmartcard, so that the real PC/SC service reads it.

The protocol: two bytes of length and a message, both ways. A message of one byte is a control, of which only the one
for the answer to reset is answered; any other is a command APDU.
"""

import argparse
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from kiosk.errors import CardError, CardProblem
from kiosk.hardware.simulated.citizen_card.card import VirtualCard
from kiosk.hardware.simulated.citizen_card.image import from_bytes

FIRST_PORT = 35963
_POWER_ON, _RESET, _SEND_ATR = 1, 2, 4
_LENGTH_BYTES = 2
_RETRY_SECONDS = 0.05


class CardOnVpcd:
    """A card lying on a virtual reader for as long as the context lasts.

    Args:
        card: the card.
        port: of the virtual reader: 35963, 35964, ….
        patience: how long vpcd may take to listen, in seconds.
    """

    def __init__(self, card: VirtualCard, port: int = FIRST_PORT, *, patience: float = 5.0) -> None:
        self._card = card
        self._port = port
        self._patience = patience
        self._atr = b""
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._socket = self._connect()
        self._thread = threading.Thread(target=self._serve, args=(self._socket,), name="virtual-card", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    @property
    def lies_there(self) -> bool:
        """Whether neither side has ended it."""
        return self._thread is not None and self._thread.is_alive()

    def remove(self) -> None:
        """Take the card away, whatever it is doing."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join()
        if self._socket is not None:
            self._socket.close()

    def _connect(self) -> socket.socket:
        ends = time.monotonic() + self._patience
        while True:
            try:
                connection = socket.create_connection(("127.0.0.1", self._port), timeout=self._patience)
            except OSError:
                if time.monotonic() > ends:
                    raise
                time.sleep(_RETRY_SECONDS)
            else:
                connection.settimeout(None)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection

    def _serve(self, connection: socket.socket) -> None:
        """Answer until either side hangs up; a pulled card hangs up itself."""
        with suppress(OSError):
            while (message := _receive(connection)) is not None:
                try:
                    answer = self._answer(message)
                except CardError as error:
                    if error.kind is CardProblem.REMOVED:
                        break
                    continue
                if answer is not None:
                    connection.sendall(len(answer).to_bytes(_LENGTH_BYTES, "big") + answer)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, message: bytes) -> bytes | None:
        if len(message) != 1:
            return self._card.exchange(message)
        if message[0] in {_POWER_ON, _RESET} or not self._atr:
            self._atr = self._card.power_on()
        # asked for every now and then, also in the middle of a reading: no reset
        return self._atr if message[0] == _SEND_ATR else None


def _receive(connection: socket.socket) -> bytes | None:
    length = _receive_exactly(connection, _LENGTH_BYTES)
    return None if length is None else _receive_exactly(connection, int.from_bytes(length, "big"))


def _receive_exactly(connection: socket.socket, count: int) -> bytes | None:
    data = b""
    while len(data) < count:
        # vpcd sends length and message apart and waits for the acknowledgement between them; the kernel forgets this
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        piece = connection.recv(count - len(data))
        if not piece:
            return None
        data += piece
    return data


def main(arguments: list[str] | None = None) -> None:
    """Lay the card of a file on vpcd until standard input ends."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("file", type=Path, help="a card's image")
    parser.add_argument("--port", type=int, default=FIRST_PORT)
    chosen = parser.parse_args(arguments)
    with CardOnVpcd(VirtualCard(from_bytes(chosen.file.read_bytes())), chosen.port):
        sys.stdin.read()


if __name__ == "__main__":
    main()
