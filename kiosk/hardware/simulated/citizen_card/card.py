"""A card that may lie on a reader: the chip, and what comes between it and its answers."""

import secrets
from collections.abc import Callable

from kiosk.errors import CardError, CardProblem
from kiosk.hardware.simulated.citizen_card.chip import Chip
from kiosk.hardware.simulated.citizen_card.commands import SECURED_CLASS, Reply, Sw
from kiosk.hardware.simulated.citizen_card.image import CardImage, Interference

_LONGEST_NOISE = 256
_HUGE = bytes.fromhex("7F4984FFFFFFFF3084FFFFFFFF")
_MORE_OF_IT = 16


class VirtualCard:
    """A virtual citizen card.

    Args:
        image: what it holds and how it behaves.
        random: gives that many random bytes.
        wait: called with the seconds that a throttled chip would take; by default nobody waits.
    """

    def __init__(
        self,
        image: CardImage,
        *,
        random: Callable[[int], bytes] = secrets.token_bytes,
        wait: Callable[[float], object] = float,
    ) -> None:
        self._behaviour = image.behaviour
        self._random = random
        self._chip = Chip(image, random=random, wait=wait)
        self._exchanges = 0

    def power_on(self) -> bytes:
        """Start anew, as after a reset.

        Returns:
            The answer to reset.
        """
        self._exchanges = 0
        return self._chip.power_on()

    def exchange(self, apdu: bytes) -> bytes:
        """Answer one command: data and status word.

        Raises:
            CardError: ``removed`` or ``no_answer``, on a card made for that.
        """
        self._exchanges += 1
        interference = self._behaviour.interference
        if interference is None or self._exchanges <= self._behaviour.after:
            return self._chip.exchange(apdu)
        match interference:
            case Interference.REMOVED:
                raise CardError(CardProblem.REMOVED, "the card was pulled")
            case Interference.SILENT:
                raise CardError(CardProblem.NO_ANSWER, "the card is silent")
            case Interference.RANDOM_BYTES:
                return self._random(2 + self._random(1)[0] % _LONGEST_NOISE)
            case Interference.ENDLESS_MORE:
                return Reply(bytes(_MORE_OF_IT), Sw.MORE | _MORE_OF_IT).to_bytes()
            case Interference.HUGE_LENGTHS:
                return Reply(_HUGE).to_bytes()
            case Interference.BAD_MAC:
                return _with_a_bit_turned(apdu, self._chip.exchange(apdu))


def _with_a_bit_turned(apdu: bytes, answer: bytes) -> bytes:
    """Turn the last bit before the status word of a protected answer: it is the MAC's."""
    if not apdu or apdu[0] & SECURED_CLASS != SECURED_CLASS or len(answer) <= 2:  # noqa: PLR2004 # a status word alone
        return answer
    return answer[:-3] + bytes([answer[-3] ^ 1]) + answer[-2:]
