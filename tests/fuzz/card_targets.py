"""Larger targets: the checks over a whole card, its proofs, and a card that answers anything at all."""

from dataclasses import dataclass
from functools import cache

from kiosk.errors import CardError, CardProblem, InputError
from kiosk.identify.chip_card import (
    access_control,
    active_authentication,
    card_files,
    chip_authentication,
    pace,
    passive_authentication,
    verdict,
)
from kiosk.identify.chip_card.access_key import AccessKeys
from kiosk.identify.chip_card.apdu import Command, Limits, PlainChannel, Response
from kiosk.identify.chip_card.certificates import read_certificate
from kiosk.identify.chip_card.curves import Curve
from kiosk.identify.chip_card.document import read_document
from kiosk.identify.chip_card.issuer import CITIZEN_CARD, Pinned
from kiosk.identify.chip_card.tlv import read_tlv
from kiosk.identify.chip_card.trust_store import TrustStore
from kiosk.model.chip_card import CheckOutcome, ChipCheck, ChipVerdict
from tests.fuzz.target import CORPUS, Target
from tests.unit.identify.chip_card.invented_holder import DG13, TODAY, dg1

KEYS = AccessKeys.from_document("001190012345", "900305", "300305")
CHALLENGE = bytes(8)
DG14_WITH_SHA_256 = bytes.fromhex("6E1B311930170606678108010105020101060A04007F00070101040103")
"""ActiveAuthenticationInfo, so that an elliptic key is asked at all (ICAO Doc 9303-11, 9.2.9)."""


@cache
def _trust() -> TrustStore:
    """The authority that signed the seeds' document signers."""
    return TrustStore.of([Pinned(CITIZEN_CARD, read_certificate((CORPUS / "certificate" / "01").read_bytes()))])


def judged(data: bytes) -> None:
    """Any EF.SOD beside the seeds' DG1 and DG13 gets a verdict; without a proof of the chip never `genuine`."""
    files = {"EF.SOD": data, "DG1": dg1(), "DG13": DG13}
    found = verdict.judge(files, trust=_trust(), today=TODAY, active=None, chip=None)
    if found.verdict is ChipVerdict.GENUINE:
        raise AssertionError("genuine without a proof")
    if found.verdict is ChipVerdict.CONSISTENT and {
        found.checks[check] for check in (ChipCheck.SIGNATURE, ChipCheck.HASHES, ChipCheck.COMPLETENESS)
    } != {CheckOutcome.PASSED}:
        raise AssertionError("consistent although a check did not pass")


class _Scripted:
    """A card whose answers are the input: a length, so many bytes, two bytes of status; then it is gone."""

    def __init__(self, script: bytes) -> None:
        self._script = script

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """The next answer, whatever the command."""
        del command
        if not self._script:
            raise CardError(CardProblem.REMOVED, "the input has ended")
        end = 1 + self._script[0]
        answer, status = self._script[1:end], self._script[end : end + 2]
        self._script = self._script[end + 2 :]
        return answer, int.from_bytes(status or b"\x90\0")

    def exchange(self, command: Command) -> Response:
        """The same, for those that are given a channel."""
        return Response(*self.transmit(command.to_bytes()))


@dataclass(frozen=True)
class _Fixed:
    """The same each time, so that an input that breaks something breaks it again."""

    def challenge(self) -> bytes:
        """Zeros."""
        return CHALLENGE

    def private_key(self, curve: Curve) -> int:
        """Small, which is quick."""
        del curve
        return 2


def actively_proven(data: bytes) -> None:
    """DG15, then what the chip answers; the key of nobody proves nothing."""
    try:
        dg15 = read_tlv(data).raw
    except InputError:
        return
    proof = active_authentication.prove(_Answering(data[len(dg15) :]), dg15, DG14_WITH_SHA_256, CHALLENGE)
    if proof.outcome is CheckOutcome.PASSED and not proof.key_fingerprint:
        raise AssertionError("proven, and no key")


def chip_proven(data: bytes) -> None:
    """DG14, then what the chip answers."""
    try:
        dg14 = read_tlv(data).raw
    except InputError:
        return
    card = _Scripted(data[len(dg14) :])
    try:
        proof, _ = chip_authentication.prove(PlainChannel(card), card, dg14, _Fixed())
    except CardError:
        return
    if proof.outcome is CheckOutcome.PASSED:
        raise AssertionError("a chip that knows no key has proven one")


def card_read(data: bytes) -> None:
    """A card that does not know the key is never open, whatever it answers, and never keeps the reader."""
    try:
        read_document(_Scripted(data), KEYS, trust=_trust(), today=TODAY, limits=Limits(exchanges=200))
    except CardError:
        return
    raise AssertionError("a card was opened that does not know its key")


@dataclass(frozen=True)
class _Answering:
    """One answer to everything, with the status 9000."""

    answer: bytes

    def exchange(self, command: Command) -> Response:
        """The answer."""
        del command
        return Response(self.answer, 0x9000)


CARD_TARGETS = {
    "verdict": Target(judged, (verdict, passive_authentication), 4096),
    "active_authentication": Target(actively_proven, (active_authentication,), 1024),
    "chip_authentication": Target(chip_proven, (chip_authentication,), 1024),
    "card": Target(card_read, (card_files, access_control, pace), 1024, is_tree=False),
}
