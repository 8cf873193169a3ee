"""Whole cards from reset to verdict: our reader and the virtual card share no code, so each tries the other."""

import secrets
from dataclasses import dataclass, replace
from datetime import date

import pytest

from kiosk.errors import CardError, CardProblem
from kiosk.hardware.simulated.citizen_card.card import VirtualCard
from kiosk.hardware.simulated.citizen_card.ciphers import Suite
from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.hardware.simulated.citizen_card.image import Behaviour, CardImage, Interference, Oversize, PaceOffer
from kiosk.hardware.simulated.citizen_card.personalisation import Plan, personalise
from kiosk.hardware.simulated.citizen_card.profiles import CardOffice, CardProfile
from kiosk.hardware.simulated.citizen_card.reader import SimulatedCardReader
from kiosk.identify.chip_card.access_key import AccessKeys, KeyAttempts, QrFacts
from kiosk.identify.chip_card.apdu import Limits
from kiosk.identify.chip_card.card_contents import Progress
from kiosk.identify.chip_card.certificates import read_certificate
from kiosk.identify.chip_card.document import Document, read_document
from kiosk.identify.chip_card.issuer import CITIZEN_CARD, Pinned
from kiosk.identify.chip_card.trust_store import TrustStore
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
    old_number="012345678",
)
SCANNED = QrFacts(
    HOLDER.number, HOLDER.birth_date, PartialDate(2021, 4, 15), name=HOLDER.name, sex=HOLDER.sex, scanned=True
)
SOMEBODY_ELSE = replace(SCANNED, number="001190054321", name="Trần Văn Khác")


@pytest.fixture(scope="module")
def office() -> CardOffice:
    return CardOffice()


@pytest.fixture(scope="module")
def genuine(office: CardOffice) -> CardImage:
    return office.make(CardProfile.GENUINE, HOLDER, TODAY)


@pytest.fixture(scope="module")
def trust(office: CardOffice) -> TrustStore:
    return TrustStore.of([Pinned(CITIZEN_CARD, read_certificate(office.home.authority.certificate))])


@dataclass
class Time:
    """A clock that only waiting moves."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def lay(
    card: CardImage,
    claimed: QrFacts = SCANNED,
    *,
    trust: TrustStore | None = None,
    attempts: KeyAttempts | None = None,
    limits: Limits | None = None,
    keys: AccessKeys | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Document:
    """Lay a card on the reader and read it."""
    time = Time()
    virtual = VirtualCard(card, wait=time.wait)
    with SimulatedCardReader(lambda: virtual).connect() as connection:
        return read_document(
            connection,
            keys or AccessKeys.from_qr(claimed),
            trust=trust or TrustStore(),
            today=TODAY,
            claimed=claimed,
            attempts=attempts,
            limits=limits,
            clock=time,
            progress=progress,
        )


def problem_of(card: CardImage, claimed: QrFacts = SCANNED, attempts: KeyAttempts | None = None) -> CardProblem:
    with pytest.raises(CardError) as refusal:
        lay(card, claimed, attempts=attempts)
    return refusal.value.kind


def behaving(card: CardImage, behaviour: Behaviour) -> CardImage:
    return replace(card, behaviour=behaviour)


def test_a_genuine_card_says_who_its_holder_is(genuine: CardImage, trust: TrustStore) -> None:
    document = lay(genuine, trust=trust)
    assert document.judgement.verdict is ChipVerdict.GENUINE
    assert document.files == {name: raw for name, raw in genuine.files.items() if name != "DG3"}
    assert document.access.protocol == "pace"
    assert document.access.algorithm == "id-PACE-ECDH-GM-AES-CBC-CMAC-128"
    assert document.access.curve == "brainpoolP256r1"
    assert document.access.password == "can"
    reading = document.reading
    assert reading.citizen is not None
    assert reading.citizen.name == HOLDER.name
    assert reading.citizen.number == HOLDER.number
    assert reading.contradictions == ()
    assert reading.portrait is not None
    assert reading.portrait.startswith(b"\xff\xd8\xff")
    assert reading.chip_key is not None
    assert not reading.expired


def test_without_an_anchor_the_same_card_is_consistent(genuine: CardImage) -> None:
    judgement = lay(genuine).judgement
    assert (judgement.verdict, judgement.reasons) == (ChipVerdict.CONSISTENT, (ChipReason.ISSUER_UNKNOWN,))


def test_a_card_without_pace_is_opened_with_bac_by_the_expiry_rule(office: CardOffice, trust: TrustStore) -> None:
    document = lay(personalise(HOLDER, office.home, Plan(pace=())), trust=trust)
    assert document.judgement.verdict is ChipVerdict.GENUINE
    assert (document.access.protocol, document.access.algorithm) == ("bac", "id-BAC-3DES")
    assert document.access.offered == ()


@pytest.mark.parametrize("suite", Suite)
@pytest.mark.parametrize("curve", [12, 18])
def test_every_cipher_reads_a_whole_card_on_small_and_large_curves(
    office: CardOffice, trust: TrustStore, suite: Suite, curve: int
) -> None:
    plan = Plan(pace=(PaceOffer(suite=suite, curve=curve),))
    document = lay(personalise(HOLDER, office.home, plan), trust=trust)
    assert document.judgement.verdict is ChipVerdict.GENUINE
    assert document.access.protocol == "pace"


def test_of_several_offers_the_strongest_is_taken_and_named_to_the_card(office: CardOffice) -> None:
    offers = (PaceOffer(suite=Suite.TDES, curve=12), PaceOffer(suite=Suite.AES_256, curve=16))
    access = lay(personalise(HOLDER, office.home, Plan(pace=offers))).access
    assert (access.algorithm, access.curve) == ("id-PACE-ECDH-GM-AES-CBC-CMAC-256", "brainpoolP384r1")
    assert len(access.offered) == 2


@pytest.mark.parametrize(
    ("arc", "name"),
    [
        ("0102", "id-PACE-DH-GM-AES-CBC-CMAC-128"),
        ("0302", "id-PACE-DH-IM-AES-CBC-CMAC-128"),
        ("0402", "id-PACE-ECDH-IM-AES-CBC-CMAC-128"),
        ("0602", "id-PACE-ECDH-CAM-AES-CBC-CMAC-128"),
    ],
)
def test_a_mapping_that_this_reader_cannot_do_is_named_and_bac_is_taken(
    genuine: CardImage, arc: str, name: str
) -> None:
    offered = bytes.fromhex("3114301206 0A 04007F0007020204" + arc + "020102 02010D")
    access = lay(replace(genuine, files={**genuine.files, "EF.CardAccess": offered})).access
    assert access.protocol == "bac"
    assert access.offered == (name,)
    assert access.fallback is not None


@pytest.mark.parametrize("content", ["", "00", "FFFF", "31840000FFFF", "3103300101", "3000", "61024F00"])
def test_whatever_stands_in_card_access_bac_still_opens(genuine: CardImage, content: str) -> None:
    card = replace(genuine, files={**genuine.files, "EF.CardAccess": bytes.fromhex(content)})
    assert lay(card).access.protocol == "bac"


def test_a_card_that_announces_pace_and_cannot_do_it_is_opened_with_bac_at_no_cost(genuine: CardImage) -> None:
    attempts = KeyAttempts()
    document = lay(replace(genuine, pace=()), attempts=attempts)
    assert document.access.protocol == "bac"
    assert document.access.fallback is not None
    assert attempts.left == 3


def hiding(card: CardImage, *, has_bac: bool = True) -> CardImage:
    return behaving(card, Behaviour(selects_mf=True, hides_card_access=True, has_bac=has_bac))


def test_a_card_whose_card_access_is_hidden_is_opened_with_the_key_of_the_zone(
    genuine: CardImage, trust: TrustStore
) -> None:
    document = lay(hiding(genuine), trust=trust)
    assert document.access.protocol == "bac"
    assert document.judgement.verdict is ChipVerdict.GENUINE


def test_a_card_that_knows_no_bac_is_asked_for_pace_behind_its_master_file(genuine: CardImage) -> None:
    attempts = KeyAttempts()
    assert lay(hiding(genuine, has_bac=False), attempts=attempts).access.protocol == "pace"
    assert attempts.left == 3


def test_without_a_key_of_the_zone_pace_is_looked_for_behind_the_master_file(genuine: CardImage) -> None:
    document = lay(hiding(genuine), keys=AccessKeys.from_can(HOLDER.number[-6:]))
    assert document.access.protocol == "pace"
    assert document.access.password == "can"


def test_a_card_that_refuses_a_guessed_expiry_is_opened_with_its_can_behind_the_master_file(genuine: CardImage) -> None:
    wrong_zone = AccessKeys.from_document(HOLDER.number, "900305", "310101").mrz
    keys = AccessKeys(HOLDER.number[-6:], wrong_zone, scanned=True)
    assert lay(hiding(genuine), keys=keys).access.protocol == "pace"


def test_a_typed_key_that_the_card_refuses_is_not_followed_by_another(genuine: CardImage) -> None:
    attempts = KeyAttempts()
    keys = AccessKeys("000000", AccessKeys.from_document(HOLDER.number, "900305", "310101").mrz, scanned=False)
    with pytest.raises(CardError) as refusal:
        lay(hiding(genuine), keys=keys, attempts=attempts)
    assert refusal.value.kind is CardProblem.WRONG_KEY
    assert attempts.left == 2


def test_a_clone_is_refused_with_an_alarm_and_still_read_to_its_end(office: CardOffice, trust: TrustStore) -> None:
    document = lay(office.make(CardProfile.CLONED, HOLDER, TODAY), trust=trust)
    assert document.judgement.verdict is ChipVerdict.REFUSED
    assert document.judgement.alarm
    assert document.judgement.checks[ChipCheck.CHIP_AUTHENTICATION] is CheckOutcome.FAILED
    assert document.judgement.checks[ChipCheck.ACTIVE_AUTHENTICATION] is CheckOutcome.FAILED
    assert "DG2" in document.files


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        (CardProfile.ISSUER_UNKNOWN, ChipReason.ISSUER_UNKNOWN),
        (CardProfile.NO_COPY_PROTECTION, ChipReason.COPY_NOT_EXCLUDED),
        (CardProfile.FORGED, ChipReason.DATA_FORGED),
    ],
)
def test_each_sort_of_card_has_its_reason(
    office: CardOffice, trust: TrustStore, profile: CardProfile, reason: ChipReason
) -> None:
    assert reason in lay(office.make(profile, HOLDER, TODAY), trust=trust).judgement.reasons


def test_an_expired_document_still_says_who_its_holder_is(office: CardOffice, trust: TrustStore) -> None:
    card = office.make(CardProfile.EXPIRED, HOLDER, TODAY)
    reading = lay(card, keys=AccessKeys.from_can(HOLDER.can), trust=trust).reading
    assert reading.expired
    assert reading.citizen is not None


@pytest.mark.parametrize(
    ("profile", "problem"),
    [
        (CardProfile.NO_CHIP, CardProblem.UNSUPPORTED),
        (CardProfile.PULLED_EARLY, CardProblem.REMOVED),
        (CardProfile.THROTTLED, CardProblem.THROTTLED),
    ],
)
def test_each_card_that_cannot_be_read_says_why(office: CardOffice, profile: CardProfile, problem: CardProblem) -> None:
    assert problem_of(office.make(profile, HOLDER, TODAY)) is problem


def test_a_card_pulled_early_costs_no_attempt(office: CardOffice) -> None:
    attempts = KeyAttempts()
    problem_of(office.make(CardProfile.PULLED_EARLY, HOLDER, TODAY), attempts=attempts)
    assert attempts.left == 3


def test_a_typed_number_that_is_wrong_is_tried_once_only(genuine: CardImage) -> None:
    attempts = KeyAttempts()
    assert problem_of(genuine, replace(SOMEBODY_ELSE, scanned=False), attempts) is CardProblem.WRONG_KEY
    assert attempts.left == 2


def test_after_a_neighbours_card_was_laid_by_mistake_the_right_one_still_opens(genuine: CardImage) -> None:
    attempts = KeyAttempts()
    assert problem_of(genuine, SOMEBODY_ELSE, attempts) is CardProblem.WRONG_KEY
    assert attempts.left == 1  # PACE, then BAC once: whoever scanned a code did not mistype it
    assert lay(genuine, SCANNED, attempts=attempts).access.protocol == "pace"


def test_a_scanned_code_of_somebody_else_is_never_tried_more_than_thrice(genuine: CardImage) -> None:
    attempts = KeyAttempts()
    kinds = [problem_of(genuine, SOMEBODY_ELSE, attempts) for _ in range(3)]
    assert kinds == [CardProblem.WRONG_KEY, CardProblem.WRONG_KEY, CardProblem.THROTTLED]
    assert attempts.left == 0
    assert problem_of(genuine, SCANNED, attempts) is CardProblem.THROTTLED


def test_a_card_laid_again_counts_its_wrong_keys_together(genuine: CardImage) -> None:
    attempts = KeyAttempts()
    typed = replace(SOMEBODY_ELSE, scanned=False)
    kinds = [problem_of(genuine, typed, attempts) for _ in range(4)]
    assert kinds == [CardProblem.WRONG_KEY] * 3 + [CardProblem.THROTTLED]


def test_a_wrong_number_typed_for_a_card_without_pace_is_tried_once_only(office: CardOffice) -> None:
    attempts = KeyAttempts()
    card = personalise(HOLDER, office.home, Plan(pace=()))
    assert problem_of(card, replace(SOMEBODY_ELSE, scanned=False), attempts) is CardProblem.WRONG_KEY
    assert attempts.left == 2


@pytest.mark.parametrize("status", [0x6300, 0x6982, 0x6985, 0x6A80])
def test_every_way_in_which_bac_refuses_a_key_is_a_wrong_key(office: CardOffice, status: int) -> None:
    plan = Plan(pace=(), behaviour=Behaviour(wrong_key_status=status))
    assert problem_of(personalise(HOLDER, office.home, plan), SOMEBODY_ELSE) is CardProblem.WRONG_KEY


def test_a_card_that_answers_slower_and_slower_is_left_alone(genuine: CardImage) -> None:
    card = behaving(genuine, Behaviour(seconds_a_wrong_key=4.0, tries_used=1))
    assert problem_of(card, SOMEBODY_ELSE) is CardProblem.THROTTLED


def test_a_card_with_one_try_left_is_left_alone(genuine: CardImage) -> None:
    assert problem_of(behaving(genuine, Behaviour(tries=3, tries_used=2))) is CardProblem.THROTTLED


def test_a_card_with_two_tries_left_opens_with_the_right_key(genuine: CardImage) -> None:
    assert lay(behaving(genuine, Behaviour(tries=3, tries_used=1))).access.protocol == "pace"


def test_without_a_key_of_the_zone_a_card_without_pace_asks_for_one(office: CardOffice) -> None:
    card = personalise(HOLDER, office.home, Plan(pace=()))
    with pytest.raises(CardError) as refusal:
        lay(card, keys=AccessKeys.from_can(HOLDER.can))
    assert refusal.value.kind is CardProblem.WRONG_KEY


def test_another_card_is_not_supported_whatever_keys_are_known(office: CardOffice) -> None:
    plan = Plan(pace=(), behaviour=Behaviour(has_application=False))
    with pytest.raises(CardError) as refusal:
        lay(personalise(HOLDER, office.home, plan), keys=AccessKeys.from_can(HOLDER.can))
    assert refusal.value.kind is CardProblem.UNSUPPORTED


def test_a_card_that_has_neither_bac_nor_pace_is_not_supported(office: CardOffice) -> None:
    plan = Plan(pace=(), behaviour=Behaviour(has_bac=False))
    assert problem_of(personalise(HOLDER, office.home, plan)) is CardProblem.UNSUPPORTED


def least_exchanges(document: Document, block: int) -> int:
    """File bytes by block size, and what nothing can spare: access control, SELECT, two proofs."""
    files = [raw for name, raw in document.files.items() if name != "EF.CardAccess"]
    return 1 + 6 + 3 + 1 + sum(-(-len(raw) // block) for raw in files)


def test_extended_blocks_cost_no_exchange_more_than_needed(genuine: CardImage) -> None:
    document = lay(genuine)
    assert document.exchanges <= least_exchanges(document, 4096) * 1.1


def test_a_card_that_refuses_extended_lengths_is_asked_once_and_read_in_short_blocks(genuine: CardImage) -> None:
    document = lay(behaving(genuine, Behaviour(extended_length=False)))
    assert document.judgement.verdict is ChipVerdict.CONSISTENT
    assert document.exchanges <= least_exchanges(document, 223) * 1.1


class RefusingLongProtected:
    """What comes between: it refuses protected commands of extended length before the chip sees them."""

    def __init__(self, connection: CardConnection) -> None:
        self._connection = connection
        self.refused = 0

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        if command[0] & 0x0C and command[4] == 0:
            self.refused += 1
            return b"", 0x6700
        return self._connection.transmit(command)


@pytest.mark.parametrize("access", ["pace", "bac"])
def test_a_card_that_drops_protection_over_the_first_long_block_is_opened_again(
    genuine: CardImage, access: str
) -> None:
    virtual = VirtualCard(genuine if access == "pace" else replace(genuine, pace=()))
    attempts = KeyAttempts()
    with SimulatedCardReader(lambda: virtual).connect() as connection:
        between = RefusingLongProtected(connection)
        document = read_document(
            between, AccessKeys.from_qr(SCANNED), trust=TrustStore(), today=TODAY, attempts=attempts
        )
    assert document.access.protocol == access
    assert document.judgement.verdict is ChipVerdict.CONSISTENT
    assert between.refused == 1
    assert attempts.left == 3


class RefusingUnprotected:
    """What comes between: it refuses one instruction without protecting the refusal."""

    def __init__(self, connection: CardConnection, instruction: int) -> None:
        self._connection = connection
        self._instruction = instruction

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        if command[0] & 0x0C and command[1] == self._instruction:
            return b"", 0x6D00
        return self._connection.transmit(command)


@pytest.mark.parametrize(
    ("instruction", "check"), [(0x22, ChipCheck.CHIP_AUTHENTICATION), (0x88, ChipCheck.ACTIVE_AUTHENTICATION)]
)
def test_a_proof_that_is_refused_without_protection_is_not_possible_and_the_rest_is_read(
    genuine: CardImage, trust: TrustStore, instruction: int, check: ChipCheck
) -> None:
    virtual = VirtualCard(genuine)
    with SimulatedCardReader(lambda: virtual).connect() as connection:
        between = RefusingUnprotected(connection, instruction)
        document = read_document(between, AccessKeys.from_qr(SCANNED), trust=trust, today=TODAY)
    assert document.judgement.checks[check] is CheckOutcome.NOT_POSSIBLE
    assert document.judgement.verdict is ChipVerdict.GENUINE
    assert "DG2" in document.files


def test_extended_lengths_are_never_asked_for_where_a_reader_breaks_over_them(genuine: CardImage) -> None:
    document = lay(genuine, limits=Limits(extended=False))
    assert document.exchanges <= least_exchanges(document, 223) * 1.1


@pytest.mark.parametrize("oversize", Oversize)
@pytest.mark.parametrize(("largest", "extended"), [(100, False), (200, True), (1000, True)])
def test_a_card_that_hands_out_small_blocks_only_is_read_all_the_same(
    genuine: CardImage, oversize: Oversize, largest: int, *, extended: bool
) -> None:
    card = behaving(genuine, Behaviour(oversize=oversize, largest_block=largest, extended_length=extended))
    assert lay(card).files.keys() >= {"DG1", "DG2", "DG13", "DG14", "DG15"}


def test_answers_in_pieces_are_put_together(genuine: CardImage) -> None:
    assert lay(behaving(genuine, Behaviour(chunk=100))).judgement.verdict is ChipVerdict.CONSISTENT


def test_a_portrait_beyond_the_reach_of_short_offsets_is_read_to_its_end(office: CardOffice) -> None:
    far = secrets.token_bytes(60_000)
    card = personalise(HOLDER, office.home, Plan(more={16: b"\x70\x82" + len(far).to_bytes(2) + far}))
    for extended in (True, False):
        document = lay_everything(behaving(card, Behaviour(extended_length=extended)))
        assert document.files["DG16"] == card.files["DG16"]
        assert document.judgement.verdict is ChipVerdict.CONSISTENT


def lay_everything(card: CardImage) -> Document:
    virtual = VirtualCard(card)
    with SimulatedCardReader(lambda: virtual).connect() as connection:
        return read_document(connection, AccessKeys.from_qr(SCANNED), trust=TrustStore(), today=TODAY, everything=True)


def test_a_file_longer_than_any_is_refused(office: CardOffice) -> None:
    card = personalise(HOLDER, office.home)
    huge = replace(card, files={**card.files, "DG2": b"\x75\x83\x01\x00\x01" + bytes(70_000)})
    assert problem_of(huge) is CardProblem.MALFORMED


HOSTILE = [kind for kind in Interference if kind is not Interference.REMOVED]


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("after", [0, 4, 7, 11, 18])
def test_a_hostile_card_ends_in_a_card_error_or_in_a_verdict_that_trusts_nothing(
    genuine: CardImage, trust: TrustStore, kind: Interference, after: int
) -> None:
    card = behaving(genuine, Behaviour(interference=kind, after=after))
    try:
        document = lay(card, trust=trust)
    except CardError as error:
        assert error.kind in set(CardProblem) - {CardProblem.SERVICE_DOWN, CardProblem.NO_READER}  # noqa: PT017 # either
    else:
        assert document.judgement.verdict is not ChipVerdict.GENUINE


@pytest.mark.parametrize("after", range(1, 22, 4))
def test_a_card_pulled_at_any_moment_is_told_as_pulled(genuine: CardImage, after: int) -> None:
    card = behaving(genuine, Behaviour(interference=Interference.REMOVED, after=after))
    assert problem_of(card) is CardProblem.REMOVED


@pytest.mark.parametrize("after", [8, 15])
def test_a_silent_card_is_given_up(genuine: CardImage, after: int) -> None:
    card = behaving(genuine, Behaviour(interference=Interference.SILENT, after=after))
    assert problem_of(card) is CardProblem.NO_ANSWER


def test_a_wrong_mac_in_the_middle_ends_the_reading(genuine: CardImage) -> None:
    card = behaving(genuine, Behaviour(interference=Interference.BAD_MAC, after=15))
    assert problem_of(card) is CardProblem.SECURE_MESSAGING


def test_progress_moves_with_the_files_and_ends_at_the_last(genuine: CardImage) -> None:
    told: list[tuple[int, int]] = []
    lay(genuine, progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (7, 7)


def test_what_the_zone_and_the_code_disagree_on_is_told(genuine: CardImage) -> None:
    assert lay(genuine, replace(SCANNED, name="Nguyễn Thị Khác")).contradictions == ("name",)


@pytest.mark.parametrize("name", ["DG1", "DG2", "DG13"])
def test_a_data_group_that_cannot_be_understood_does_not_hide_the_others(genuine: CardImage, name: str) -> None:
    broken = genuine.files[name][:1] + b"\x02\xff\xff"
    document = lay(replace(genuine, files={**genuine.files, name: broken}))
    assert document.unusable == (name,)
    assert document.judgement.verdict is ChipVerdict.REFUSED
    assert (document.citizen is None) == (name == "DG1")


def test_nothing_of_the_holder_shows_where_a_document_is_printed(genuine: CardImage) -> None:
    shown = repr(lay(genuine))
    for secret in (HOLDER.number, HOLDER.name, "NGUYEN", "012345", HOLDER.residence):
        assert secret not in shown
