"""The verdict over every chip that may lie on the reader, and the level that each holder gets from it."""

from dataclasses import dataclass
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.checkin.chip_level import chip_level
from kiosk.identify.chip_card import active_authentication, chip_authentication
from kiosk.identify.chip_card.apdu import PlainChannel, Response
from kiosk.identify.chip_card.certificates import read_certificate
from kiosk.identify.chip_card.challenges import CHALLENGE_BYTES, OwnChallenges
from kiosk.identify.chip_card.issuer import CITIZEN_CARD, Issuer, Pinned
from kiosk.identify.chip_card.key_derivation import Cipher
from kiosk.identify.chip_card.proof import Proof
from kiosk.identify.chip_card.trust_store import TrustStore
from kiosk.identify.chip_card.verdict import Judgement, judge
from kiosk.model.chip_evidence import Holder
from tests.support.chip_issuer import (
    TODAY,
    Party,
    authority,
    dg1,
    document_signer,
    ec_key,
    key_info,
    rsa_key,
    security_object,
)
from tests.support.proving_chip import (
    CARD_ACCESS,
    PACE_ONLY,
    AgreeingChip,
    Answers,
    agreement_info,
    chip_key_info,
    dg14,
    dg15,
    sign_rsa,
)

HOLDERS = (Holder.MATCH, Holder.MISS, Holder.NOBODY, Holder.STAFF)

# the state of the anchor that the card leads to; DG14; DG15; how the chip answers (missing: without the files that
# it was asked to answer with); verdict; reasons; alarm; levels by what is known of the holder, in the order of HOLDERS
TABLE = """
VNM    | key      | yes| right   | genuine   |                                 | no   | proven claimed claimed proven
VNM    | key      | yes| wrong   | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
VNM    | key      | yes| replayed| refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
VNM    | key      | yes| 6D00    | refused   | chip-not-proven                 | no   | claimed claimed claimed claimed
VNM    | key      | yes| missing | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
VNM    | key      | no | right   | genuine   |                                 | no   | proven claimed claimed proven
VNM    | key      | no | wrong   | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
VNM    | key      | no | replayed| refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
VNM    | key      | no | 6D00    | refused   | chip-not-proven                 | no   | claimed claimed claimed claimed
VNM    | key      | no | missing | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
VNM    | PACE only| yes| right   | genuine   |                                 | no   | proven claimed claimed proven
VNM    | PACE only| yes| wrong   | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
VNM    | PACE only| yes| replayed| refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
VNM    | PACE only| yes| 6D00    | refused   | chip-not-proven                 | no   | claimed claimed claimed claimed
VNM    | PACE only| yes| missing | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
VNM    | PACE only| no | right   | consistent| copy-not-excluded               | no   | claimed claimed claimed claimed
VNM    | PACE only| no | wrong   | consistent| copy-not-excluded               | no   | claimed claimed claimed claimed
VNM    | PACE only| no | replayed| consistent| copy-not-excluded               | no   | claimed claimed claimed claimed
VNM    | PACE only| no | 6D00    | consistent| copy-not-excluded               | no   | claimed claimed claimed claimed
VNM    | PACE only| no | missing | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
VNM    | absent   | yes| right   | genuine   |                                 | no   | proven claimed claimed proven
VNM    | absent   | yes| wrong   | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
VNM    | absent   | yes| replayed| refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
VNM    | absent   | yes| 6D00    | refused   | chip-not-proven                 | no   | claimed claimed claimed claimed
VNM    | absent   | yes| missing | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
VNM    | absent   | no | right   | consistent| copy-not-excluded               | no   | claimed claimed claimed claimed
VNM    | absent   | no | wrong   | consistent| copy-not-excluded               | no   | claimed claimed claimed claimed
VNM    | absent   | no | replayed| consistent| copy-not-excluded               | no   | claimed claimed claimed claimed
VNM    | absent   | no | 6D00    | consistent| copy-not-excluded               | no   | claimed claimed claimed claimed
VNM    | absent   | no | missing | consistent| copy-not-excluded               | no   | claimed claimed claimed claimed
another| key      | yes| right   | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| key      | yes| wrong   | refused   | wrong-state-or-kind chip-cloned | alarm| claimed claimed claimed claimed
another| key      | yes| replayed| refused   | wrong-state-or-kind chip-cloned | alarm| claimed claimed claimed claimed
another| key      | yes| 6D00    | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| key      | yes| missing | refused   | wrong-state-or-kind chip-cloned | alarm| claimed claimed claimed claimed
another| key      | no | right   | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| key      | no | wrong   | refused   | wrong-state-or-kind chip-cloned | alarm| claimed claimed claimed claimed
another| key      | no | replayed| refused   | wrong-state-or-kind chip-cloned | alarm| claimed claimed claimed claimed
another| key      | no | 6D00    | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| key      | no | missing | refused   | wrong-state-or-kind chip-cloned | alarm| claimed claimed claimed claimed
another| PACE only| yes| right   | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| PACE only| yes| wrong   | refused   | wrong-state-or-kind chip-cloned | alarm| claimed claimed claimed claimed
another| PACE only| yes| replayed| refused   | wrong-state-or-kind chip-cloned | alarm| claimed claimed claimed claimed
another| PACE only| yes| 6D00    | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| PACE only| yes| missing | refused   | wrong-state-or-kind chip-cloned | alarm| claimed claimed claimed claimed
another| PACE only| no | right   | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| PACE only| no | wrong   | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| PACE only| no | replayed| refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| PACE only| no | 6D00    | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| PACE only| no | missing | refused   | wrong-state-or-kind chip-cloned | alarm| claimed claimed claimed claimed
another| absent   | yes| right   | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| absent   | yes| wrong   | refused   | wrong-state-or-kind chip-cloned | alarm| claimed claimed claimed claimed
another| absent   | yes| replayed| refused   | wrong-state-or-kind chip-cloned | alarm| claimed claimed claimed claimed
another| absent   | yes| 6D00    | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| absent   | yes| missing | refused   | wrong-state-or-kind chip-cloned | alarm| claimed claimed claimed claimed
another| absent   | no | right   | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| absent   | no | wrong   | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| absent   | no | replayed| refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| absent   | no | 6D00    | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
another| absent   | no | missing | refused   | wrong-state-or-kind             | no   | claimed claimed claimed claimed
none   | key      | yes| right   | consistent| issuer-unknown                  | no   | claimed claimed claimed claimed
none   | key      | yes| wrong   | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
none   | key      | yes| replayed| refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
none   | key      | yes| 6D00    | refused   | chip-not-proven                 | no   | claimed claimed claimed claimed
none   | key      | yes| missing | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
none   | key      | no | right   | consistent| issuer-unknown                  | no   | claimed claimed claimed claimed
none   | key      | no | wrong   | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
none   | key      | no | replayed| refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
none   | key      | no | 6D00    | refused   | chip-not-proven                 | no   | claimed claimed claimed claimed
none   | key      | no | missing | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
none   | PACE only| yes| right   | consistent| issuer-unknown                  | no   | claimed claimed claimed claimed
none   | PACE only| yes| wrong   | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
none   | PACE only| yes| replayed| refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
none   | PACE only| yes| 6D00    | refused   | chip-not-proven                 | no   | claimed claimed claimed claimed
none   | PACE only| yes| missing | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
none   | PACE only| no | right   | consistent| issuer-unknown copy-not-excluded| no   | claimed claimed claimed claimed
none   | PACE only| no | wrong   | consistent| issuer-unknown copy-not-excluded| no   | claimed claimed claimed claimed
none   | PACE only| no | replayed| consistent| issuer-unknown copy-not-excluded| no   | claimed claimed claimed claimed
none   | PACE only| no | 6D00    | consistent| issuer-unknown copy-not-excluded| no   | claimed claimed claimed claimed
none   | PACE only| no | missing | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
none   | absent   | yes| right   | consistent| issuer-unknown                  | no   | claimed claimed claimed claimed
none   | absent   | yes| wrong   | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
none   | absent   | yes| replayed| refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
none   | absent   | yes| 6D00    | refused   | chip-not-proven                 | no   | claimed claimed claimed claimed
none   | absent   | yes| missing | refused   | chip-cloned                     | alarm| claimed claimed claimed claimed
none   | absent   | no | right   | consistent| issuer-unknown copy-not-excluded| no   | claimed claimed claimed claimed
none   | absent   | no | wrong   | consistent| issuer-unknown copy-not-excluded| no   | claimed claimed claimed claimed
none   | absent   | no | replayed| consistent| issuer-unknown copy-not-excluded| no   | claimed claimed claimed claimed
none   | absent   | no | 6D00    | consistent| issuer-unknown copy-not-excluded| no   | claimed claimed claimed claimed
none   | absent   | no | missing | consistent| issuer-unknown copy-not-excluded| no   | claimed claimed claimed claimed
"""


@dataclass(frozen=True)
class Row:
    anchor: str
    dg14: str
    dg15: str
    answer: str
    verdict: str
    reasons: str
    alarm: str
    levels: str

    def __str__(self) -> str:
        return f"anchor {self.anchor}, DG14 {self.dg14}, DG15 {self.dg15}, {self.answer}"


ROWS = [Row(*(cell.strip() for cell in line.split("|"))) for line in TABLE.strip().splitlines()]


@cache
def state(name: str) -> tuple[TrustStore, Party]:
    """What the hospital trusts, and who signed the card."""
    country = "DE" if name == "another" else "VN"
    root = authority(country)
    issuer = Issuer("D", "ID") if name == "another" else CITIZEN_CARD
    pinned = [] if name == "none" else [Pinned(issuer, read_certificate(root.certificate))]
    return TrustStore.of(pinned), document_signer(root, country=country)


@cache
def chip_files(kind: str, active: str) -> dict[str, bytes]:
    files = {"DG1": dg1(), "DG2": b"\x75\x00"}
    if kind != "absent":
        offered = dg14(agreement_info(Cipher.AES_128), chip_key_info(key_info(agreement_key())))
        files["DG14"] = offered if kind == "key" else PACE_ONLY
    if active == "yes":
        files["DG15"] = dg15(rsa_key(1024))
    return files


@cache
def agreement_key() -> ec.EllipticCurvePrivateKey:
    return ec_key()


def active_proof(row: Row, files: dict[str, bytes]) -> Proof | None:
    if "DG15" not in files:
        return None
    challenge = OwnChallenges().challenge()
    answers = {
        "right": Response(sign_rsa(rsa_key(1024), challenge), 0x9000),
        "wrong": Response(sign_rsa(rsa_key(1024, 1), challenge), 0x9000),
        "replayed": Response(sign_rsa(rsa_key(1024), bytes(CHALLENGE_BYTES)), 0x9000),
        "6D00": Response(b"", 0x6D00),
    }
    channel = Answers(lambda _: answers[row.answer])
    return active_authentication.prove(channel, files["DG15"], files.get("DG14"), challenge)


def chip_proof(row: Row, files: dict[str, bytes]) -> Proof | None:
    if "DG14" not in files:
        return None
    key = ec_key() if row.answer == "wrong" else agreement_key()
    refusal = 0x6D00 if row.answer == "6D00" else None
    recorded = None
    if row.answer == "replayed":
        earlier = AgreeingChip(key, Cipher.AES_128)
        chip_authentication.prove(PlainChannel(earlier), earlier, files["DG14"], OwnChallenges())
        recorded = earlier.answered or None
    chip = AgreeingChip(key, Cipher.AES_128, refusal, recorded)
    return chip_authentication.prove(PlainChannel(chip), chip, files["DG14"], OwnChallenges())[0]


def judged(row: Row) -> Judgement:
    trust, signer = state(row.anchor)
    signed = chip_files(row.dg14, row.dg15)
    gone = {"DG14", "DG15"} if row.answer == "missing" else set()
    files = {name: raw for name, raw in signed.items() if name not in gone}
    active, chip = active_proof(row, files), chip_proof(row, files)
    files |= {"EF.SOD": security_object(signed, signer), "EF.CardAccess": CARD_ACCESS}
    if row.dg14 == "key":
        del files["EF.CardAccess"]
    return judge(files, trust=trust, today=TODAY, active=active, chip=chip)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_verdict_reasons_alarm_and_levels_are_those_of_the_table(row: Row) -> None:
    judgement = judged(row)
    assert judgement.verdict == row.verdict
    assert list(judgement.reasons) == row.reasons.split()
    assert judgement.alarm is (row.alarm == "alarm")
    assert [chip_level(judgement.verdict, holder) for holder in HOLDERS] == row.levels.split()


def test_the_table_has_every_combination() -> None:
    combinations = {(row.anchor, row.dg14, row.dg15, row.answer) for row in ROWS}
    assert len(combinations) == len(ROWS) == 3 * 3 * 2 * 5
