"""Port `CardReader` without PC/SC: virtual cards in the same process, for the demo and for tests."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from kiosk.errors import CardError, CardProblem
from kiosk.hardware.simulated.citizen_card.card import VirtualCard
from kiosk.ports.devices import CardConnection

CardSlot = Callable[[], VirtualCard | None]
"""Says which card lies on the reader now; each laying is an object of its own.

Raises:
    CardError: ``no_reader`` or ``service_down``.
"""
_POLL_SECONDS = 0.05


class SimulatedCardReader:
    """A reader over a slot.

    Args:
        slot: says which card lies there.
    """

    def __init__(self, slot: CardSlot) -> None:
        self._slot = slot
        self._pulled: VirtualCard | None = None
        self._reported: VirtualCard | None = None

    def has_card(self, wait_ms: int) -> bool:
        """Whether a card lies there; waits up to `wait_ms` for a change since it last said so.

        Raises:
            CardError: as the slot does.
        """
        ends = time.monotonic() + wait_ms / 1000
        while (now := self._lying()) is self._reported and time.monotonic() < ends:
            time.sleep(min(_POLL_SECONDS, max(0.0, ends - time.monotonic())))
        self._reported = now
        return now is not None

    def connect(self) -> AbstractContextManager[CardConnection]:
        """The card, freshly reset.

        Raises:
            CardError: ``no_card``, or as the slot does.
        """
        card = self._lying()
        if card is None:
            raise CardError(CardProblem.NO_CARD, "no card on the simulated reader")
        card.power_on()
        return self._connected(card)

    @contextmanager
    def _connected(self, card: VirtualCard) -> Iterator[CardConnection]:
        yield _SimulatedConnection(card, self._lying, self._pull)

    def _lying(self) -> VirtualCard | None:
        """A card that was pulled in the middle is gone until another is laid, or it is laid anew."""
        card = self._slot()
        if card is not self._pulled:
            self._pulled = None
        return None if card is self._pulled else card

    def _pull(self, card: VirtualCard) -> None:
        self._pulled = card


class _SimulatedConnection:
    """Port `CardConnection`."""

    def __init__(
        self, card: VirtualCard, lying: Callable[[], VirtualCard | None], pull: Callable[[VirtualCard], None]
    ) -> None:
        self._card = card
        self._lying = lying
        self._pull = pull

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """Send one command.

        Raises:
            CardError: ``removed``, ``no_answer``, or as the slot does.
        """
        if self._lying() is not self._card:
            raise CardError(CardProblem.REMOVED, "the card was taken away")
        try:
            answer = self._card.exchange(command)
        except CardError as error:
            if error.kind is CardProblem.REMOVED:
                self._pull(self._card)
            raise
        return answer[:-2], int.from_bytes(answer[-2:], "big")
