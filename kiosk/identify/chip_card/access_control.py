"""Which way a card is opened: PACE where the card and this reader can, BAC once otherwise, and never by guessing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from kiosk.errors import CardError, CardProblem, InputError
from kiosk.identify.chip_card.access_key import AccessKeys, KeyAttempts
from kiosk.identify.chip_card.apdu import PlainChannel
from kiosk.identify.chip_card.basic_access_control import open_with_bac
from kiosk.identify.chip_card.card_files import select_application, select_master_file
from kiosk.identify.chip_card.pace import Password, open_with_pace
from kiosk.identify.chip_card.secure_messaging import SecureChannel
from kiosk.identify.chip_card.security_infos import PaceInfo, pace_infos, read_security_infos

BAC = "id-BAC-3DES"
SLOW_SECONDS = 3.0
"""A chip that takes so long to refuse a key has begun to slow down after wrong ones."""

_TROUBLE = frozenset({CardProblem.UNSUPPORTED, CardProblem.MALFORMED, CardProblem.SECURE_MESSAGING})


@dataclass(frozen=True, slots=True)
class Access:
    """How a card was opened.

    Attributes:
        protocol: ``pace`` or ``bac``.
        algorithm: such as ``id-PACE-ECDH-GM-AES-CBC-CMAC-128``.
        curve: of PACE.
        password: what opened it, ``can`` or ``mrz``.
        offered: every way to do PACE that EF.CardAccess names, the ones that this reader cannot do among them.
        fallback: why it is BAC although the card offers PACE, without anything of the card's contents.
    """

    protocol: str
    algorithm: str
    curve: str | None
    password: str
    offered: tuple[str, ...] = ()
    fallback: str | None = None


class AccessControl:
    """Opens one card, and opens it again with the same key when its session broke.

    Args:
        plain: to the card, freshly reset.
        keys: to try, best first.
        attempts: of this check-in.
    """

    def __init__(self, plain: PlainChannel, keys: AccessKeys, attempts: KeyAttempts) -> None:
        self._plain = plain
        self._keys = keys
        self._attempts = attempts
        self._way: Callable[[], SecureChannel] | None = None

    def open(self, card_access: bytes | None) -> tuple[SecureChannel, Access]:
        """Open the card and select its application: with PACE, or else once with BAC.

        Args:
            card_access: EF.CardAccess as read; None for a card without it.

        Raises:
            CardError: ``wrong_key``, ``throttled``, ``unsupported``, and whatever the channel raises.
        """
        offered = _offered(card_access)
        names = tuple(info.name for info in offered)
        trouble = None
        if offered:
            try:
                channel, access = self._open_with_pace(offered)
            except CardError as error:
                trouble = self._require_bac(error)
            else:
                return channel, replace(access, offered=names)
        channel = self._open_with_bac(trouble)
        return channel, Access("bac", BAC, None, "mrz", names, str(trouble) if trouble else None)

    @property
    def has_zone_key(self) -> bool:
        """Whether BAC can be tried."""
        return bool(self._keys.mrz)

    def may_try_pace_after(self, error: CardError) -> bool:
        """Whether PACE is worth a try after BAC failed so, with a CAN that was not mistyped and not against a lock."""
        if error.kind is CardProblem.WRONG_KEY:
            return self._keys.can is not None and self._keys.scanned and self._attempts.left > 0
        return error.kind is CardProblem.UNSUPPORTED

    def open_again(self) -> SecureChannel:
        """Open the card once more with the key that opened it; costs no attempt, for the key is right.

        Raises:
            CardError: as `open`.
        """
        if self._way is None:
            raise CardError(CardProblem.UNSUPPORTED, "the card was not open yet")
        select_master_file(self._plain)
        return self._way()

    def _open_with_pace(self, offered: tuple[PaceInfo, ...]) -> tuple[SecureChannel, Access]:
        info = next((info for info in offered if info.is_usable), None)
        password = self._password()
        if info is None or password is None:
            raise CardError(CardProblem.UNSUPPORTED, "no way to do PACE that this reader and the known keys can go")
        is_ambiguous = len({other.parameter_id for other in offered}) > 1

        def way() -> SecureChannel:
            channel = open_with_pace(self._plain, info, password, is_ambiguous=is_ambiguous)
            select_application(channel)
            return channel

        channel = self._attempt(way)
        return channel, Access("pace", info.name, info.curve.name if info.curve else None, password.name)

    def _password(self) -> Password | None:
        if self._keys.can is not None:
            return Password.from_can(self._keys.can)
        return Password.from_mrz(self._keys.mrz[0]) if self._keys.mrz else None

    def _require_bac(self, error: CardError) -> CardError:
        """PACE's error, where BAC may be tried after it: never with a number that may have been mistyped."""
        if error.kind in _TROUBLE or (error.kind is CardProblem.WRONG_KEY and self._keys.scanned):
            return error
        raise error

    def _open_with_bac(self, trouble: CardError | None) -> SecureChannel:
        wrong = trouble if trouble and trouble.kind is CardProblem.WRONG_KEY else None
        # a card that refused the CAN gets one key more, and the next card laid down may be the right one
        for text in self._keys.mrz[:1] if wrong else self._keys.mrz:
            if wrong and not (self._keys.scanned and self._attempts.left):
                raise wrong
            try:
                return self._attempt(partial(self._bac, text))
            except CardError as error:
                if wrong and error.kind is CardProblem.UNSUPPORTED:
                    raise wrong from error
                if error.kind is not CardProblem.WRONG_KEY:
                    raise
                wrong = error
        if wrong:
            raise wrong
        select_application(self._plain)  # a card without it is another card, whatever keys are known
        raise CardError(CardProblem.WRONG_KEY, "the card asks for the zone's key, which is not known")

    def _bac(self, text: str) -> SecureChannel:
        select_application(self._plain)
        return open_with_bac(self._plain, text)

    def _attempt(self, way: Callable[[], SecureChannel]) -> SecureChannel:
        self._attempts.take()
        try:
            channel = way()
        except CardError as error:
            if error.kind is CardProblem.WRONG_KEY and self._plain.last_seconds >= SLOW_SECONDS:
                raise CardError(CardProblem.THROTTLED, "the card slows down after wrong keys") from error
            if error.kind not in {CardProblem.WRONG_KEY, CardProblem.THROTTLED}:
                self._attempts.give_back()
            raise
        self._attempts.give_back()
        self._way = way
        return channel


def _offered(card_access: bytes | None) -> tuple[PaceInfo, ...]:
    try:
        return pace_infos(read_security_infos(card_access)) if card_access else ()
    except InputError:
        return ()
