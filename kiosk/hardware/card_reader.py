"""The chip-card reader by PC/SC: the only home of pyscard.

Reader states are asked for in our own loop; pyscard's card monitor, a thread that ends quietly when pcscd goes away, is
not used. Each question and each card has a PC/SC context of its own that ends with it, so after a restart of pcscd or a
reader unplugged and back nothing needs mending.

No call of PC/SC but `SCardGetStatusChange` takes a time-out, and even that one never returns while the daemon hangs. So
each context lives on a thread of its own: after the time-out the caller goes on, and the thread ends as soon as the
daemon answers. While it has not, the reader gives out no other card and starts no other thread for the same purpose: at
most two are ever left behind, one for the state and one for the card.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import TypeVar

from smartcard import scard

from kiosk.errors import CardError, CardProblem, ConfigurationError
from kiosk.hardware.call_thread import CallThread

EXCHANGE_SECONDS = 10.0
"""For one command. A slow chip signs or agrees on a key in 1 to 3 s; readers give up after about 5 s without a sign."""
STATE_SECONDS = 2.0
"""How much longer than it was told to wait the daemon may take to say what lies on the reader."""
VIRTUAL = "virtual pcd"

_KINDS = {
    scard.SCARD_E_NO_SERVICE: CardProblem.SERVICE_DOWN,
    scard.SCARD_E_SERVICE_STOPPED: CardProblem.SERVICE_DOWN,
    scard.SCARD_E_INVALID_HANDLE: CardProblem.SERVICE_DOWN,
    scard.SCARD_E_NO_READERS_AVAILABLE: CardProblem.NO_READER,
    scard.SCARD_E_READER_UNAVAILABLE: CardProblem.NO_READER,
    scard.SCARD_E_UNKNOWN_READER: CardProblem.NO_READER,
    scard.SCARD_E_SHARING_VIOLATION: CardProblem.NO_READER,
    scard.SCARD_E_NO_SMARTCARD: CardProblem.REMOVED,
    scard.SCARD_W_REMOVED_CARD: CardProblem.REMOVED,
    scard.SCARD_W_RESET_CARD: CardProblem.REMOVED,
    scard.SCARD_W_UNPOWERED_CARD: CardProblem.REMOVED,
    scard.SCARD_W_UNRESPONSIVE_CARD: CardProblem.REMOVED,
    scard.SCARD_E_PROTO_MISMATCH: CardProblem.UNSUPPORTED,
    scard.SCARD_E_CARD_UNSUPPORTED: CardProblem.UNSUPPORTED,
    scard.SCARD_W_UNSUPPORTED_CARD: CardProblem.UNSUPPORTED,
}
"""Any other code, and a success without status word, may mean every one of these: `_Context.problem` looks."""
_NO_READER_STATES = scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_IGNORE
_PROTOCOLS = {scard.SCARD_PROTOCOL_T0: scard.SCARD_PCI_T0, scard.SCARD_PROTOCOL_T1: scard.SCARD_PCI_T1}

_T = TypeVar("_T")


def reader_names() -> tuple[str, ...]:
    """The readers that the PC/SC service knows now.

    Raises:
        CardError: ``service_down``.
    """
    worker = _Worker()
    try:
        return worker.ask(_Context.readers, STATE_SECONDS, CardProblem.SERVICE_DOWN)
    finally:
        worker.end()


class PcscCardReader:
    """Port `CardReader`.

    Args:
        name: of the reader, whole or its beginning up to a space: pcscd's numbers at the end may change when a reader
            is plugged in again.
        exchange_seconds: the longest that one command may take.
        allow_virtual: for tests and the demo only; whoever connects to vpcd's port is the card.

    Raises:
        ConfigurationError: the name is a virtual reader's, or empty.
    """

    def __init__(self, name: str, *, exchange_seconds: float = EXCHANGE_SECONDS, allow_virtual: bool = False) -> None:
        if not name.strip():
            raise ConfigurationError("station.card_reader: expected the name of a PC/SC reader")
        self._name = name
        self._exchange_seconds = exchange_seconds
        self._allow_virtual = allow_virtual
        self._refuse_virtual(name)
        self._told = False
        self._state: _Worker | None = None
        self._card: _Worker | None = None

    def has_card(self, wait_ms: int) -> bool:
        """Whether a card lies on the reader; returns early when that is not what was told before.

        Raises:
            CardError: ``service_down`` or ``no_reader``.
        """
        if self._state and self._state.alive:
            raise CardError(CardProblem.SERVICE_DOWN, "the PC/SC service does not answer")
        self._state = _Worker()
        seconds = wait_ms / 1000
        try:
            self._told = self._state.ask(
                lambda context: context.wait(self._find(context), told=self._told, seconds=seconds),
                seconds + STATE_SECONDS,
                CardProblem.SERVICE_DOWN,
            )
        finally:
            self._state.end()
        return self._told

    @contextmanager
    def connect(self) -> Iterator["PcscConnection"]:
        """The card, exclusively and after a cold reset: what another program left open on it is gone.

        Raises:
            CardError: ``no_card``, ``no_reader`` (also: held by another program), ``service_down``, ``no_answer``,
                ``removed`` or ``unsupported``.
        """
        if self._card and self._card.alive:
            raise CardError(CardProblem.NO_ANSWER, "the reader is still busy with the card before")
        self._card = worker = _Worker()
        seconds = self._exchange_seconds
        try:
            worker.ask(lambda context: context.connect(self._find(context)), seconds, CardProblem.NO_ANSWER)
            yield PcscConnection(worker, seconds)
        finally:
            worker.end()

    def _find(self, context: "_Context") -> str:
        known = context.readers()
        longer = [name for name in known if name.startswith(f"{self._name} ")]
        found = [self._name] if self._name in known else longer
        for name in found:
            self._refuse_virtual(name)
        if len(found) != 1:
            text = f"{len(found) or 'no'} readers are called {self._name}; there are: {', '.join(known) or 'none'}"
            raise CardError(CardProblem.NO_READER, text)
        return found[0]

    def _refuse_virtual(self, name: str) -> None:
        if VIRTUAL in name.lower() and not self._allow_virtual:
            text = f"station.card_reader: {name} is a virtual reader, whose card is whoever connects to its port"
            raise ConfigurationError(text)


class PcscConnection:
    """Port `CardConnection`: the card until the end of `PcscCardReader.connect`."""

    def __init__(self, worker: "_Worker", exchange_seconds: float) -> None:
        self._worker = worker
        self._exchange_seconds = exchange_seconds

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """Send one command APDU.

        Raises:
            CardError: ``removed``, ``no_answer``, ``service_down`` or ``no_reader``; the connection is dead then.
        """
        seconds = self._exchange_seconds
        return self._worker.ask(lambda context: context.transmit(command), seconds, CardProblem.NO_ANSWER)


class _Worker:
    """A PC/SC context on a thread of its own."""

    def __init__(self) -> None:
        self._thread = CallThread(_Context, "pcsc")

    @property
    def alive(self) -> bool:
        """Whether the daemon still holds it."""
        return self._thread.alive

    def ask(self, question: Callable[["_Context"], _T], seconds: float, too_late: CardProblem) -> _T:
        """What the question finds, within that time.

        Raises:
            CardError: of the question; `too_late` after that time.
        """
        if self._thread.ended:
            raise CardError(CardProblem.REMOVED, "the connection to the card has ended")
        try:
            return self._thread.ask(question, seconds)
        except TimeoutError as error:
            raise CardError(too_late, f"no answer within {seconds:g} s") from error
        except CancelledError as error:
            raise CardError(CardProblem.SERVICE_DOWN, "the PC/SC library failed") from error

    def end(self) -> None:
        """See `CallThread.end`."""
        self._thread.end(STATE_SECONDS)


class _Context:
    """A connection to pcscd, and through it to at most one card. Used by one thread."""

    def __init__(self) -> None:
        self._context: int | None = None
        self._card: int | None = None
        self._header = scard.SCARD_PCI_T1
        self._name = ""
        # to power off a card that is gone makes pcscd say "no card" until the next one has been away for 0.4 s, too
        self._at_end = scard.SCARD_LEAVE_CARD

    def readers(self) -> tuple[str, ...]:
        """All readers' names."""
        code, names = scard.SCardListReaders(self._open(), [])
        if code == scard.SCARD_E_NO_READERS_AVAILABLE:
            return ()
        self._check(code)
        return tuple(names)

    def wait(self, name: str, *, told: bool, seconds: float) -> bool:
        """Whether a card is there, as soon as that is not what was told, else after that time."""
        ends = time.monotonic() + seconds
        left, state, there = 0.0, scard.SCARD_STATE_UNAWARE, told
        while True:
            code, states = scard.SCardGetStatusChange(self._open(), round(left * 1000), [(name, state)])
            if code != scard.SCARD_E_TIMEOUT:
                self._check(code)
                there, state = _understand(states[0][1])
            left = ends - time.monotonic()
            if there != told or left <= 0:
                return there

    def connect(self, name: str) -> None:
        """Take the card for us alone, and turn it off and on."""
        self._name = name
        both = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, card, protocol = scard.SCardConnect(self._open(), name, scard.SCARD_SHARE_EXCLUSIVE, both)
        self._check_there(code)
        self._card = card
        code, protocol = scard.SCardReconnect(card, scard.SCARD_SHARE_EXCLUSIVE, both, scard.SCARD_UNPOWER_CARD)
        self._check_there(code)
        self._header = _PROTOCOLS.get(protocol, scard.SCARD_PCI_T1)
        self._at_end = scard.SCARD_UNPOWER_CARD

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """One exchange."""
        code, answer = scard.SCardTransmit(self._card, self._header, list(command))
        # after an error pyscard's answer is whatever lay in memory; a card pulled away may be an empty success
        if code != scard.SCARD_S_SUCCESS or len(answer) < 2:  # noqa: PLR2004 # a status word
            self._at_end = scard.SCARD_LEAVE_CARD
            raise self._problem(code)
        return bytes(answer[:-2]), answer[-2] << 8 | answer[-1]

    def close(self) -> None:
        """Give back what was taken; a daemon that went away needs nothing back."""
        if self._card is not None:
            scard.SCardDisconnect(self._card, self._at_end)
        if self._context is not None:
            scard.SCardReleaseContext(self._context)

    def _open(self) -> int:
        if self._context is None:
            code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
            if code != scard.SCARD_S_SUCCESS:
                raise CardError(CardProblem.SERVICE_DOWN, f"the PC/SC service is away ({_text(code)})")
            self._context = context
        return self._context

    def _check(self, code: int) -> None:
        if code != scard.SCARD_S_SUCCESS:
            raise CardError(_KINDS.get(code, CardProblem.SERVICE_DOWN), _text(code))

    def _check_there(self, code: int) -> None:
        """Before the first exchange a card that is gone was never there."""
        if code != scard.SCARD_S_SUCCESS:
            problem = self._problem(code)
            gone = problem.kind == CardProblem.REMOVED and not self._is_there()
            raise CardError(CardProblem.NO_CARD, str(problem)) if gone else problem

    def _problem(self, code: int) -> CardError:
        kind = _KINDS.get(code)
        if kind is None:
            try:
                self._is_there()
                kind = CardProblem.REMOVED
            except CardError as error:
                kind = error.kind
        return CardError(kind, _text(code))

    def _is_there(self) -> bool:
        return self.wait(self._name, told=False, seconds=0)


def _understand(state: int) -> tuple[bool, int]:
    """Whether a card is there, and the state from which to wait on.

    Raises:
        CardError: ``no_reader``.
    """
    if state & _NO_READER_STATES:
        raise CardError(CardProblem.NO_READER, "the reader is gone")
    return bool(state & scard.SCARD_STATE_PRESENT), state & ~scard.SCARD_STATE_CHANGED


def _text(code: int) -> str:
    return f"{scard.SCardGetErrorMessage(code)} 0x{code & 0xFFFFFFFF:08X}"
