"""Cards made to deceive, to cry wolf or to exhaust: what they reach, and what real ones must not suffer for it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from kiosk.errors import CardError, CardProblem
from kiosk.hardware.simulated.citizen_card.card import VirtualCard
from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.hardware.simulated.citizen_card.image import Behaviour, CardImage
from kiosk.hardware.simulated.citizen_card.personalisation import ChipInfos, Plan, personalise
from kiosk.hardware.simulated.citizen_card.profiles import CardOffice, CardProfile
from kiosk.hardware.simulated.citizen_card.reader import SimulatedCardReader
from kiosk.identify.chip_card.access_key import AccessKeys, QrFacts
from kiosk.identify.chip_card.certificates import read_certificate
from kiosk.identify.chip_card.document import Document, read_document
from kiosk.identify.chip_card.issuer import CITIZEN_CARD, Pinned
from kiosk.identify.chip_card.proof import Proof
from kiosk.identify.chip_card.trust_store import TrustStore
from kiosk.identify.chip_card.verdict import judge
from kiosk.model.chip_card import CheckOutcome, ChipCheck, ChipReason, ChipVerdict
from kiosk.model.identity import PartialDate, Sex
from kiosk.ports.devices import CardConnection

TODAY = date(2026, 11, 22)
HOLDER = Holder(
    number="001190012345",
    name="Nguyễn Thị Mẫu",
    birth_date=PartialDate(1990, 3, 5),
    sex=Sex.FEMALE,
    residence="Số 1 Phố Ví Dụ, Phường Mẫu, Quận Thử, Hà Nội",
    issued_on=date(2021, 4, 15),
    expires_on=date(2030, 3, 5),
)
SCANNED = QrFacts(HOLDER.number, HOLDER.birth_date, PartialDate(2021, 4, 15), name=HOLDER.name, sex=HOLDER.sex)
GENERAL_AUTHENTICATE, INTERNAL_AUTHENTICATE = 0x86, 0x88
PROTECTED = 0x0C

Answer = Callable[[], tuple[bytes, int]]


@pytest.fixture(scope="module")
def office() -> CardOffice:
    return CardOffice()


@pytest.fixture(scope="module")
def trust(office: CardOffice) -> TrustStore:
    return TrustStore.of([Pinned(CITIZEN_CARD, read_certificate(office.home.authority.certificate))])


def pulled() -> tuple[bytes, int]:
    raise CardError(CardProblem.REMOVED, "the card was pulled")


def saying(status: int) -> Answer:
    return lambda: (b"", status)


@dataclass
class Between:
    """Answers in the card's place, from the `after`th exchange behind a protected `instruction` on."""

    connection: CardConnection
    instruction: int
    after: int
    answer: Answer
    times: int = 1_000
    seen: list[bytes] = field(default_factory=list)

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        if self.seen or (command[0] & PROTECTED and command[1] == self.instruction):
            self.seen.append(command)
        if self.after < len(self.seen) <= self.after + self.times:
            return self.answer()
        return self.connection.transmit(command)


def lay(
    card: CardImage, trust: TrustStore, between: Callable[[CardConnection], CardConnection] = lambda wire: wire
) -> Document:
    virtual = VirtualCard(card)
    with SimulatedCardReader(lambda: virtual).connect() as connection:
        return read_document(
            between(connection), AccessKeys.from_qr(SCANNED), trust=trust, today=TODAY, claimed=SCANNED
        )


def cloned_for_sure(document: Document) -> bool:
    judgement = document.judgement
    return judgement.alarm and (judgement.verdict, judgement.reasons) == (
        ChipVerdict.REFUSED,
        (ChipReason.CHIP_CLONED,),
    )


@pytest.mark.parametrize("status", [0x6987, 0x6988, 0x6D00, 0x6F00, 0x9000])
def test_an_answer_without_protection_under_the_new_keys_is_that_of_a_copy(
    office: CardOffice, trust: TrustStore, status: int
) -> None:
    card = office.make(CardProfile.GENUINE, HOLDER, TODAY)
    document = lay(card, trust, lambda wire: Between(wire, GENERAL_AUTHENTICATE, 1, saying(status), times=1))
    assert document.judgement.checks[ChipCheck.CHIP_AUTHENTICATION] is CheckOutcome.FAILED
    assert cloned_for_sure(document)
    assert "DG2" in document.files


@pytest.mark.parametrize("answer", [pulled, saying(0x6983), saying(0x6300), saying(0x6982), saying(0x6F00)])
@pytest.mark.parametrize("later", [1, 2, 5, 9, 14])
def test_a_copy_that_stops_after_its_wrong_answer_is_a_copy_and_nothing_else(
    office: CardOffice, trust: TrustStore, answer: Answer, later: int
) -> None:
    card = office.make(CardProfile.CLONED, HOLDER, TODAY)
    document = lay(card, trust, lambda wire: Between(wire, GENERAL_AUTHENTICATE, 1 + later, answer))
    assert document.judgement.alarm
    assert ChipReason.CHIP_CLONED in document.judgement.reasons
    if answer is pulled:
        assert cloned_for_sure(document)


def test_a_copy_pulled_after_a_wrong_signature_is_a_copy(office: CardOffice, trust: TrustStore) -> None:
    plan = Plan(chip_infos=ChipInfos.PACE_ONLY)
    card = replace(personalise(HOLDER, office.home, plan), active_key=office.copier[0])
    document = lay(card, trust, lambda wire: Between(wire, INTERNAL_AUTHENTICATE, 3, pulled))
    assert cloned_for_sure(document)


@pytest.mark.parametrize("after", [0, 1])
def test_a_genuine_card_pulled_during_its_proof_raises_no_alarm(
    office: CardOffice, trust: TrustStore, after: int
) -> None:
    card = office.make(CardProfile.GENUINE, HOLDER, TODAY)
    with pytest.raises(CardError) as refusal:
        lay(card, trust, lambda wire: Between(wire, GENERAL_AUTHENTICATE, after, pulled))
    assert refusal.value.kind is CardProblem.REMOVED


@pytest.mark.parametrize("pace", [True, False])
def test_a_card_without_extended_lengths_proves_itself_with_a_long_signature(
    office: CardOffice, trust: TrustStore, *, pace: bool
) -> None:
    plan = Plan(chip_infos=ChipInfos.ABSENT, behaviour=Behaviour(extended_length=False))
    card = personalise(HOLDER, office.home, plan if pace else replace(plan, pace=()))
    judgement = lay(card, trust).judgement
    assert judgement.checks[ChipCheck.ACTIVE_AUTHENTICATION] is CheckOutcome.PASSED
    assert judgement.verdict is ChipVerdict.GENUINE


def test_card_access_that_cannot_be_read_is_no_forgery_for_it_opened_nothing(
    office: CardOffice, trust: TrustStore
) -> None:
    card = office.make(CardProfile.GENUINE, HOLDER, TODAY)
    document = lay(replace(card, files={**card.files, "EF.CardAccess": b"\x31\x02\x30\x7f"}), trust)
    assert document.access.protocol == "bac"
    assert document.judgement.verdict is ChipVerdict.GENUINE


def test_files_of_one_genuine_card_on_the_chip_of_another_are_refused(office: CardOffice, trust: TrustStore) -> None:
    """The thief's own card, with the victim's zone and data, but his own keys and portrait."""
    own, victims = (
        office.make(CardProfile.GENUINE, replace(HOLDER, name=name), TODAY) for name in ("Trần Văn Khác", HOLDER.name)
    )
    for taken in ({"DG1"}, {"DG1", "DG13"}, {"DG1", "DG13", "EF.SOD"}, {"DG2"}, {"DG14"}, {"DG15"}):
        mixed = replace(own, files={**own.files, **{name: victims.files[name] for name in taken}})
        judgement = lay(mixed, trust).judgement
        assert judgement.verdict is ChipVerdict.REFUSED
        assert ChipReason.DATA_FORGED in judgement.reasons


@pytest.mark.parametrize("name", ["DG1", "DG2", "DG13", "DG14", "DG15"])
def test_no_bit_of_a_data_group_can_be_turned(office: CardOffice, trust: TrustStore, name: str) -> None:
    card = office.make(CardProfile.GENUINE, HOLDER, TODAY)
    files = {other: raw for other, raw in card.files.items() if other != "DG3"}
    proven = Proof(CheckOutcome.PASSED, "key")
    picks = random.Random(20261122)  # noqa: S311 # repeatable, not secret
    for at in picks.sample(range(8 * len(files[name])), 60):
        turned = bytearray(files[name])
        turned[at // 8] ^= 1 << at % 8
        changed = {**files, name: bytes(turned)}
        judgement = judge(changed, trust=trust, today=TODAY, active=proven, chip=proven)
        assert ChipReason.DATA_FORGED in judgement.reasons, at


def test_a_bit_turned_in_what_nobody_signed_proves_nothing_more(office: CardOffice, trust: TrustStore) -> None:
    """EF.SOD has parts outside its signature; EF.COM and EF.CardAccess have none inside one."""
    files = office.make(CardProfile.ISSUER_UNKNOWN, HOLDER, TODAY).files
    proven = Proof(CheckOutcome.PASSED, "key")
    for name in ("EF.SOD", "EF.COM", "EF.CardAccess"):
        for at in range(0, 8 * len(files[name]), 37):
            turned = bytearray(files[name])
            turned[at // 8] ^= 1 << at % 8
            changed = {**files, name: bytes(turned)}
            judgement = judge(changed, trust=trust, today=TODAY, active=proven, chip=proven)
            assert judgement.verdict is not ChipVerdict.GENUINE
