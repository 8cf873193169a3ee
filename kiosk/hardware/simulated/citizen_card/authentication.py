"""The chip's security commands: BAC, PACE, chip and active authentication (ICAO Doc 9303-11, 4 and 6)."""

from collections.abc import Callable

from kiosk.hardware.simulated.citizen_card import active_authentication, ber, chip_authentication
from kiosk.hardware.simulated.citizen_card.bac import BasicAccess
from kiosk.hardware.simulated.citizen_card.ciphers import Suite
from kiosk.hardware.simulated.citizen_card.commands import (
    EXTENDED_LIMIT,
    SHORT_LIMIT,
    ReceivedCommand,
    Refusal,
    Reply,
    Sw,
)
from kiosk.hardware.simulated.citizen_card.image import CardImage, ChipKey, PaceOffer, Proof
from kiosk.hardware.simulated.citizen_card.key_guard import KeyGuard
from kiosk.hardware.simulated.citizen_card.pace import CAN_PASSWORD, MRZ_PASSWORD, PaceRun, mrz_secret
from kiosk.hardware.simulated.citizen_card.secure_messaging import CardChannel
from kiosk.hardware.simulated.citizen_card.security_infos import chip_authentication_oid, pace_oid

_SET_PACE, _SET_CHIP_AUTHENTICATION, _SET_KEY_AGREEMENT = 0xC1A4, 0x41A4, 0x41A6
_DYNAMIC_DATA = 0x7C
_OID, _PASSWORD, _REFERENCE, _PUBLIC_KEY = 0x80, 0x83, 0x84, 0x91
_EPHEMERAL = 0x80


class Authentication:
    """The security environment of one session.

    Args:
        image: the card.
        guard: its memory of wrong keys.
        random: gives that many random bytes.
    """

    def __init__(self, image: CardImage, guard: KeyGuard, random: Callable[[int], bytes]) -> None:
        self._image = image
        self._guard = guard
        self._random = random
        self._bac = BasicAccess(image.mrz_information, random)
        self._pace: PaceRun | None = None
        self._chip_key: ChipKey | None = None
        self._opened: CardChannel | None = None

    def take_opened(self) -> CardChannel | None:
        """The session that the last command opened; it counts from the next command on."""
        opened, self._opened = self._opened, None
        return opened

    def get_challenge(self, command: ReceivedCommand) -> Reply:
        """GET CHALLENGE, the first step of BAC."""
        if not self._image.behaviour.has_bac:
            raise Refusal(Sw.UNKNOWN_INSTRUCTION)
        self._guard.admit()
        challenge = self._bac.challenge()
        if command.expected not in {len(challenge), SHORT_LIMIT, EXTENDED_LIMIT}:
            raise Refusal(Sw.WRONG_LENGTH)
        return Reply(challenge)

    def external_authenticate(self, command: ReceivedCommand) -> Reply:
        """EXTERNAL AUTHENTICATE, the second step of BAC."""
        self._guard.slow_down()
        try:
            answer, self._opened = self._bac.authenticate(command.data)
        except Refusal as refusal:
            if refusal.status != Sw.NOT_AUTHENTICATED:
                raise
            self._guard.wrong()
            raise Refusal(self._image.behaviour.wrong_key_status) from refusal
        self._guard.right()
        return Reply(answer)

    def manage(self, command: ReceivedCommand, *, opened: bool) -> Reply:
        """MANAGE SECURITY ENVIRONMENT: choose what the next commands mean."""
        objects = dict(_objects(command.data))
        if command.p1_p2 == _SET_PACE:
            return self._set_pace(objects)
        if not opened:
            raise Refusal(Sw.SECURITY_NOT_SATISFIED)
        if command.p1_p2 == _SET_CHIP_AUTHENTICATION:
            return self._set_chip_authentication(objects)
        if command.p1_p2 == _SET_KEY_AGREEMENT:
            return self._set_key_agreement(objects)
        raise Refusal(Sw.WRONG_P1_P2)

    def _set_pace(self, objects: dict[int, bytes]) -> Reply:
        offer = next((offer for offer in self._image.pace if _meant(offer, objects)), None)
        if offer is None:
            raise Refusal(Sw.WRONG_DATA)
        secret = self._secret(objects.get(_PASSWORD, b""))
        status = self._guard.admit()
        self._pace, self._chip_key = PaceRun(offer, secret, self._random), None
        return Reply(status=status)

    def _secret(self, reference: bytes) -> bytes:
        if reference == bytes([MRZ_PASSWORD]):
            return mrz_secret(self._image.mrz_information)
        if reference == bytes([CAN_PASSWORD]) and self._image.can is not None:
            return self._image.can.encode()
        raise Refusal(Sw.REFERENCE_NOT_FOUND)

    def _set_chip_authentication(self, objects: dict[int, bytes]) -> Reply:
        key = self._offered_chip_key(objects)
        if objects.get(_OID) != ber.oid_value(chip_authentication_oid(key.suite)) or key.suite is Suite.TDES:
            raise Refusal(Sw.WRONG_DATA)
        self._pace, self._chip_key = None, key
        return Reply()

    def _set_key_agreement(self, objects: dict[int, bytes]) -> Reply:
        """MSE:Set KAT does it in one command, with 3DES only (9303-11, 6.2.4.1)."""
        key = self._offered_chip_key(objects)
        if key.suite is not Suite.TDES or _PUBLIC_KEY not in objects:
            raise Refusal(Sw.WRONG_DATA)
        self._agree(key, objects[_PUBLIC_KEY])
        return Reply()

    def _offered_chip_key(self, objects: dict[int, bytes]) -> ChipKey:
        if self._image.behaviour.chip is Proof.REFUSED:
            raise Refusal(self._image.behaviour.refusal)
        key = self._image.chip_key
        if key is None:
            raise Refusal(Sw.REFERENCE_NOT_FOUND)
        reference = objects.get(_REFERENCE)
        if key.key_id is not None and reference != bytes([key.key_id]):
            raise Refusal(Sw.REFERENCE_NOT_FOUND)
        return key

    def general_authenticate(self, command: ReceivedCommand, *, opened: bool) -> Reply:
        """GENERAL AUTHENTICATE: a step of PACE, or the whole of chip authentication with AES."""
        objects = _objects(command.data)
        if len(objects) != 1 or objects[0][0] != _DYNAMIC_DATA:
            raise Refusal(Sw.WRONG_DATA)
        inner = _objects(objects[0][1])
        if self._chip_key is not None and opened:
            key, self._chip_key = self._chip_key, None
            self._agree(key, dict(inner).get(_EPHEMERAL, b""))
            return Reply(ber.tlv(_DYNAMIC_DATA))
        return self._pace_step(command, inner)

    def _pace_step(self, command: ReceivedCommand, objects: list[tuple[int, bytes]]) -> Reply:
        run, self._pace = self._pace, None
        if run is None:
            raise Refusal(Sw.CONDITIONS_NOT_SATISFIED)
        if command.chained == run.is_last:
            raise Refusal(Sw.LAST_OF_CHAIN_EXPECTED)
        if run.is_last:
            return self._finish_pace(run, objects)
        answer = run.answer(objects)
        self._pace = run
        return Reply(ber.tlv(_DYNAMIC_DATA, answer))

    def _finish_pace(self, run: PaceRun, objects: list[tuple[int, bytes]]) -> Reply:
        self._guard.slow_down()
        try:
            answer = run.answer(objects)
        except Refusal as refusal:
            if refusal.status != Sw.NOT_AUTHENTICATED:
                raise
            self._guard.wrong()
            raise Refusal(self._guard.pace_status()) from refusal
        self._guard.right()
        self._opened = run.channel()
        return Reply(ber.tlv(_DYNAMIC_DATA, answer))

    def _agree(self, key: ChipKey, public_key: bytes) -> None:
        proof = self._image.behaviour.chip
        self._opened = chip_authentication.agree(key, public_key, proof, self._random)

    def internal_authenticate(self, command: ReceivedCommand, *, opened: bool) -> Reply:
        """INTERNAL AUTHENTICATE: active authentication."""
        if not opened:
            raise Refusal(Sw.SECURITY_NOT_SATISFIED)
        if self._image.behaviour.active is Proof.REFUSED:
            raise Refusal(self._image.behaviour.refusal)
        key = self._image.active_key
        if key is None:
            raise Refusal(Sw.UNKNOWN_INSTRUCTION)
        return Reply(active_authentication.answer(key, command.data, self._image.behaviour.active, self._random))


def _meant(offer: PaceOffer, objects: dict[int, bytes]) -> bool:
    """Whether the terminal chose this offer; the curve may go unsaid (9303-11, 4.4.5.1)."""
    curve = objects.get(_REFERENCE)
    is_curve = curve is None or int.from_bytes(curve, "big") == offer.curve
    return is_curve and objects.get(_OID) == ber.oid_value(pace_oid(offer.suite))


def _objects(data: bytes) -> list[tuple[int, bytes]]:
    try:
        return ber.parse(data)
    except ber.BadTlv as error:
        raise Refusal(Sw.WRONG_DATA) from error
