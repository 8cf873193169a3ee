from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.identify.chip_card.certificates import read_certificate
from kiosk.identify.chip_card.issuer import CITIZEN_CARD, Issuer, Pinned
from kiosk.identify.chip_card.proof import Proof
from kiosk.identify.chip_card.revocation_lists import read_revocation_list
from kiosk.identify.chip_card.trust_store import TrustStore
from kiosk.identify.chip_card.verdict import Judgement, judge
from kiosk.model.chip_card import CheckOutcome, ChipCheck, ChipReason, ChipVerdict
from tests.support.chip_issuer import (
    MOMENT,
    TODAY,
    Party,
    Signing,
    authority,
    dg1,
    document_signer,
    ec_key,
    explicit_key_info,
    link,
    revocation_list,
    rsa_key,
    security_object,
)
from tests.support.proving_chip import CARD_ACCESS, PACE_ONLY, dg15

PASSED, FAILED, NOT_POSSIBLE = CheckOutcome.PASSED, CheckOutcome.FAILED, CheckOutcome.NOT_POSSIBLE
GROUPS = {"DG1": dg1(), "DG2": b"\x75\x01\x01", "DG13": b"\x6d\x00", "DG15": dg15(rsa_key(1024))}
PROVEN = Proof(PASSED, "fingerprint")


def pinned(*parties: Party, issuer: Issuer = CITIZEN_CARD) -> TrustStore:
    return TrustStore.of([Pinned(issuer, read_certificate(party.certificate)) for party in parties])


def judged(
    signed: bytes, trust: TrustStore, files: Mapping[str, bytes] = GROUPS, today: date = TODAY, **more: list[str]
) -> Judgement:
    given = {"EF.SOD": signed, **files}
    return judge(given, trust=trust, today=today, active=PROVEN, chip=None, not_read=more.get("not_read", ()))


def refused_for(judgement: Judgement) -> tuple[ChipReason, ...]:
    assert judgement.verdict is ChipVerdict.REFUSED
    return judgement.reasons


def consistent_for(judgement: Judgement) -> tuple[ChipReason, ...]:
    assert judgement.verdict is ChipVerdict.CONSISTENT
    return judgement.reasons


SIGNINGS = {
    "RSA PKCS #1": Signing(rsa_key(2048)),
    "RSA-PSS": Signing(rsa_key(2048), pss=True),
    "brainpoolP384r1": Signing(),
    "P-256": Signing(ec_key(ec.SECP256R1())),
    "P-521": Signing(ec_key(ec.SECP521R1()), "sha512"),
    "brainpoolP512r1 with SHA-384": Signing(ec_key(ec.BrainpoolP512R1()), "sha384"),
}


@pytest.mark.parametrize("by", SIGNINGS)
@pytest.mark.parametrize("of", SIGNINGS)
def test_every_way_to_sign_leads_from_the_card_to_the_anchor(by: str, of: str) -> None:
    root = authority(signing=SIGNINGS[by])
    signer = document_signer(root, signing=SIGNINGS[of])
    judgement = judged(security_object(GROUPS, signer), pinned(root))
    assert judgement.verdict is ChipVerdict.GENUINE
    assert judgement.signer == read_certificate(signer.certificate).fingerprint
    assert judgement.chip_key == "fingerprint"


@pytest.mark.parametrize("digest", ["sha224", "sha256", "sha384", "sha512"])
def test_data_groups_may_be_hashed_with_any_sha2(digest: str) -> None:
    root = authority()
    signed = security_object(GROUPS, document_signer(root), digest=digest)
    assert judged(signed, pinned(root)).verdict is ChipVerdict.GENUINE


def test_curves_spelt_out_are_as_good_as_named_ones() -> None:
    root_key, signer_key = ec_key(ec.BrainpoolP512R1()), ec_key()
    root = authority(signing=Signing(root_key, "sha512"), info=explicit_key_info(root_key))
    signer = document_signer(root, signing=Signing(signer_key), info=explicit_key_info(signer_key))
    assert judged(security_object(GROUPS, signer), pinned(root)).verdict is ChipVerdict.GENUINE


def test_a_signer_with_a_foreign_generator_signs_nothing() -> None:
    root, key = authority(), ec_key()
    signer = document_signer(root, signing=Signing(key), info=explicit_key_info(key, gx=1, gy=2))
    judgement = judged(security_object(GROUPS, signer), pinned(root))
    assert refused_for(judgement) == (ChipReason.DATA_FORGED,)
    assert judgement.checks[ChipCheck.SIGNATURE] is NOT_POSSIBLE


def test_sha1_is_refused_in_the_security_object() -> None:
    root = authority()
    signed = security_object(GROUPS, document_signer(root), digest="sha1")
    assert refused_for(judged(signed, pinned(root))) == (ChipReason.DATA_FORGED,)


def test_sha1_is_refused_in_the_signature() -> None:
    root = authority()
    signer = document_signer(root, signing=Signing(digest="sha1"))
    assert refused_for(judged(security_object(GROUPS, signer), pinned(root))) == (ChipReason.DATA_FORGED,)


def test_sha1_is_refused_in_the_signers_certificate() -> None:
    root = authority()
    old = Party(root.certificate, Signing(root.signing.key, "sha1"))
    signed = security_object(GROUPS, document_signer(old))
    assert refused_for(judged(signed, pinned(root))) == (ChipReason.DATA_FORGED,)


def test_a_card_without_security_object_is_forged() -> None:
    judgement = judge(GROUPS, trust=TrustStore(), today=TODAY, active=PROVEN, chip=None)
    assert refused_for(judgement) == (ChipReason.DATA_FORGED,)
    assert judgement.chip_key is None
    assert set(judgement.checks) == set(ChipCheck)


@pytest.mark.parametrize("name", ["DG1", "DG2", "DG13", "DG15"])
def test_a_changed_data_group_is_forged(name: str) -> None:
    root = authority()
    signed = security_object(GROUPS, document_signer(root))
    changed = GROUPS | {name: GROUPS[name][:-1] + bytes((GROUPS[name][-1] ^ 1,))}
    judgement = judged(signed, pinned(root), changed)
    assert ChipReason.DATA_FORGED in refused_for(judgement)
    assert judgement.checks[ChipCheck.HASHES] is FAILED
    assert judgement.checks[ChipCheck.SIGNATURE] is PASSED


def test_hashes_that_the_signer_did_not_sign_are_forged() -> None:
    signed = security_object(GROUPS, document_signer(authority()))
    source = cms.ContentInfo.load(signed[4:])
    content = source["content"]["encap_content_info"]["content"].native
    forged = signed.replace(content, content[:-1] + bytes((content[-1] ^ 1,)))
    judgement = judged(forged, TrustStore())
    assert judgement.checks[ChipCheck.SIGNATURE] is FAILED
    assert refused_for(judgement) == (ChipReason.DATA_FORGED,)


def test_a_data_group_that_is_not_signed_is_forged() -> None:
    signed = security_object(GROUPS, document_signer(authority()))
    judgement = judged(signed, TrustStore(), GROUPS | {"DG11": b"\x6b\x00"})
    assert refused_for(judgement) == (ChipReason.DATA_FORGED,)
    assert judgement.checks[ChipCheck.COMPLETENESS] is FAILED


def test_a_data_group_that_only_ef_com_names_is_forged() -> None:
    signed = security_object(GROUPS, document_signer(authority()))
    common = bytes.fromhex("6007 5C05 6175 6B6D 6F")
    assert refused_for(judged(signed, TrustStore(), GROUPS | {"EF.COM": common})) == (ChipReason.DATA_FORGED,)


def test_ef_com_may_name_what_only_the_state_reads() -> None:
    signed = security_object(GROUPS, document_signer(authority()))
    common = bytes.fromhex("6007 5C05 6175 636D 6F")
    judgement = judged(signed, TrustStore(), GROUPS | {"EF.COM": common})
    assert judgement.verdict is ChipVerdict.CONSISTENT


def test_fingerprints_are_listed_and_never_read() -> None:
    signed = security_object(GROUPS | {"DG3": b"\x63\x00"}, document_signer(authority()))
    assert judged(signed, TrustStore()).verdict is ChipVerdict.CONSISTENT


@pytest.mark.parametrize("name", ["DG1", "DG2", "DG13"])
def test_a_listed_data_group_that_the_card_does_not_give_is_forged(name: str) -> None:
    signed = security_object(GROUPS, document_signer(authority()))
    rest = {other: raw for other, raw in GROUPS.items() if other != name}
    assert refused_for(judged(signed, TrustStore(), rest)) == (ChipReason.DATA_FORGED,)


def test_the_reader_may_leave_out_what_it_does_not_need_but_no_proof() -> None:
    signed = security_object(GROUPS, document_signer(authority()))
    rest = {name: raw for name, raw in GROUPS.items() if name not in {"DG2", "DG13"}}
    assert judged(signed, TrustStore(), rest, not_read=["DG2", "DG13"]).verdict is ChipVerdict.CONSISTENT
    del rest["DG15"]
    judgement = judged(signed, TrustStore(), rest, not_read=["DG2", "DG13", "DG15"])
    assert refused_for(judgement) == (ChipReason.CHIP_CLONED,)
    assert judgement.alarm


def test_without_the_holders_data_no_chip_is_genuine() -> None:
    root = authority()
    signed = security_object(GROUPS, document_signer(root))
    rest = {name: raw for name, raw in GROUPS.items() if name != "DG1"}
    judgement = judged(signed, pinned(root), rest, not_read=["DG1"])
    assert consistent_for(judgement) == (ChipReason.ISSUER_UNKNOWN,)


def test_a_security_object_without_the_holders_data_is_forged() -> None:
    groups = {"DG2": GROUPS["DG2"]}
    signed = security_object(groups, document_signer(authority()))
    assert refused_for(judged(signed, TrustStore(), groups)) == (ChipReason.DATA_FORGED,)


def test_a_signer_that_was_valid_when_it_signed_needs_not_be_valid_today() -> None:
    root = authority()
    signed = security_object(GROUPS, document_signer(root, years=1), signed_at=MOMENT)
    assert judged(signed, pinned(root), today=date(2034, 1, 1)).verdict is ChipVerdict.GENUINE


@pytest.mark.parametrize("moment", [datetime(2023, 12, 30, tzinfo=UTC), datetime(2034, 3, 1, tzinfo=UTC)])
def test_a_signer_that_was_not_valid_when_it_signed_is_refused(moment: datetime) -> None:
    root = authority()
    signed = security_object(GROUPS, document_signer(root), signed_at=moment)
    assert refused_for(judged(signed, pinned(root))) == (ChipReason.SIGNER_NOT_VALID,)


def test_clocks_may_differ_by_a_day() -> None:
    root, begin = authority(), datetime(2024, 1, 1, tzinfo=UTC)
    signer = document_signer(root, not_before=begin)
    early = security_object(GROUPS, signer, signed_at=begin - timedelta(hours=7))
    undated = security_object(GROUPS, signer, signed_at=None)
    assert judged(early, pinned(root)).verdict is ChipVerdict.GENUINE
    assert judged(undated, pinned(root), today=date(2023, 12, 31)).verdict is ChipVerdict.GENUINE
    assert judged(undated, pinned(root), today=date(2023, 12, 30)).verdict is ChipVerdict.CONSISTENT


def test_without_a_signing_time_the_signer_must_be_valid_today() -> None:
    root = authority()
    signed = security_object(GROUPS, document_signer(root, years=1), signed_at=None)
    assert judged(signed, pinned(root), today=date(2024, 6, 1)).verdict is ChipVerdict.GENUINE
    later = judged(signed, pinned(root), today=TODAY)
    assert consistent_for(later) == (ChipReason.ISSUER_UNKNOWN,)
    assert later.checks[ChipCheck.SIGNER_VALIDITY] is NOT_POSSIBLE


def test_an_authority_does_not_sign_documents_itself() -> None:
    root = authority()
    assert refused_for(judged(security_object(GROUPS, root), pinned(root))) == (ChipReason.SIGNER_NOT_VALID,)


def test_a_signer_of_master_lists_does_not_sign_documents() -> None:
    root = authority()
    signed = security_object(GROUPS, document_signer(root, purposes=["2.23.136.1.1.3"]))
    assert refused_for(judged(signed, pinned(root))) == (ChipReason.SIGNER_NOT_VALID,)


def test_an_authority_of_the_same_name_with_another_key_is_unknown() -> None:
    """It may be the next key of the same authority."""
    signed = security_object(GROUPS, document_signer(authority()))
    assert consistent_for(judged(signed, pinned(authority()))) == (ChipReason.ISSUER_UNKNOWN,)


def test_a_signer_that_names_the_anchors_key_without_its_signature_is_forged() -> None:
    root = authority()
    forger = Party(root.certificate, Signing())
    judgement = judged(security_object(GROUPS, document_signer(forger)), pinned(root))
    assert judgement.checks[ChipCheck.CHAIN] is FAILED
    assert refused_for(judgement) == (ChipReason.DATA_FORGED,)


def test_an_anchor_vouches_only_for_signers_of_its_own_time() -> None:
    root = authority(not_before=datetime(2025, 1, 1, tzinfo=UTC))
    signed = security_object(GROUPS, document_signer(root))
    assert consistent_for(judged(signed, pinned(root))) == (ChipReason.ISSUER_UNKNOWN,)


def test_a_link_certificate_leads_from_the_old_anchor_to_the_new_key() -> None:
    old, new = authority(name="Old"), authority(name="New")
    signed = security_object(GROUPS, document_signer(new))
    linked = Party(link(old, new), new.signing)
    assert judged(signed, pinned(old, linked)).verdict is ChipVerdict.GENUINE
    assert consistent_for(judged(signed, pinned(linked))) == (ChipReason.ISSUER_UNKNOWN,)


def test_a_link_of_another_state_or_kind_is_not_followed() -> None:
    old, new = authority(name="Old"), authority(name="New")
    linked = Pinned(CITIZEN_CARD, read_certificate(link(old, new)))
    trust = TrustStore.of([Pinned(Issuer("VNM", "P"), read_certificate(old.certificate)), linked])
    signed = security_object(GROUPS, document_signer(new))
    assert trust.unused == (linked,)
    assert consistent_for(judged(signed, trust)) == (ChipReason.ISSUER_UNKNOWN,)


def test_an_anchor_for_passports_does_not_vouch_for_a_citizen_card() -> None:
    root = authority()
    signed = security_object(GROUPS, document_signer(root))
    trust = pinned(root, issuer=Issuer("VNM", "P"))
    assert refused_for(judged(signed, trust)) == (ChipReason.WRONG_STATE_OR_KIND,)


def test_one_authority_may_be_pinned_for_both_kinds() -> None:
    root = read_certificate((party := authority()).certificate)
    trust = TrustStore.of([Pinned(Issuer("VNM", "P"), root), Pinned(CITIZEN_CARD, root)])
    assert judged(security_object(GROUPS, document_signer(party)), trust).verdict is ChipVerdict.GENUINE


@pytest.mark.parametrize("first", ["IDD<<", "P<VNM", "PNVNM", "I<UTO", "IDVN<"])
def test_a_document_of_another_state_or_kind_is_not_taken_for_a_citizen_card(first: str) -> None:
    root, groups = authority(), GROUPS | {"DG1": dg1(first)}
    judgement = judged(security_object(groups, document_signer(root)), pinned(root), groups)
    assert refused_for(judgement) == (ChipReason.WRONG_STATE_OR_KIND,)


def test_another_states_signer_does_not_sign_vietnamese_cards_even_under_a_pinned_anchor() -> None:
    root = authority()
    signed = security_object(GROUPS, document_signer(root, country="DE"))
    assert refused_for(judged(signed, pinned(root))) == (ChipReason.WRONG_STATE_OR_KIND,)
    assert refused_for(judged(signed, TrustStore())) == (ChipReason.WRONG_STATE_OR_KIND,)


@pytest.mark.parametrize(("types", "good"), [(["ID"], True), (["P", "ID"], True), (["I"], True), (["P"], False)])
def test_a_signer_limited_to_other_documents_is_refused(types: list[str], *, good: bool) -> None:
    root = authority()
    judgement = judged(security_object(GROUPS, document_signer(root, document_types=types)), pinned(root))
    assert judgement.verdict is (ChipVerdict.GENUINE if good else ChipVerdict.REFUSED)


def test_another_states_card_is_judged_when_it_was_asked_for() -> None:
    root, expected = authority("DE"), Issuer("D", "P")
    groups = {"DG1": dg1("P<D<<")}
    signed = security_object(groups, document_signer(root, country="de"))
    trust = pinned(root, issuer=expected)
    files = groups | {"EF.SOD": signed}
    judgement = judge(files, trust=trust, today=TODAY, active=None, chip=None, expected=expected)
    assert consistent_for(judgement) == (ChipReason.COPY_NOT_EXCLUDED,)


@pytest.mark.parametrize(
    ("serials", "next_update", "outcome"),
    [
        ([7], datetime(2026, 12, 1, tzinfo=UTC), FAILED),
        ([7], datetime(2020, 12, 1, tzinfo=UTC), FAILED),
        ([8], datetime(2026, 12, 1, tzinfo=UTC), PASSED),
        ([8], datetime(2026, 11, 20, tzinfo=UTC), NOT_POSSIBLE),
        ([], datetime(2026, 11, 22, tzinfo=UTC), PASSED),
    ],
)
def test_a_revoked_signer_is_refused_and_an_old_list_is_reported(
    serials: list[int], next_update: datetime, outcome: CheckOutcome
) -> None:
    root = authority()
    signed = security_object(GROUPS, document_signer(root, serial=7))
    listed = read_revocation_list(revocation_list(root, serials, next_update=next_update))
    trust = TrustStore.of(pinned(root).anchors, [listed])
    judgement = judged(signed, trust)
    assert judgement.checks[ChipCheck.REVOCATION] is outcome
    if outcome is FAILED:
        assert refused_for(judgement) == (ChipReason.SIGNER_NOT_VALID,)
    else:
        assert judgement.verdict is ChipVerdict.GENUINE


def test_a_list_that_no_anchor_signed_counts_for_nothing() -> None:
    root = authority()
    forger = Party(root.certificate, Signing())
    listed = read_revocation_list(revocation_list(forger, [7], next_update=datetime(2027, 1, 1, tzinfo=UTC)))
    trust = TrustStore.of(pinned(root).anchors, [listed])
    signed = security_object(GROUPS, document_signer(root, serial=7))
    assert not trust.revocations
    assert judged(signed, trust).verdict is ChipVerdict.GENUINE


def test_a_signer_that_the_card_does_not_carry_may_lie_in_the_trust_folder() -> None:
    root = authority()
    signer = document_signer(root)
    signed = security_object(GROUPS, signer, embed=False)
    assert judged(signed, pinned(root, signer)).verdict is ChipVerdict.GENUINE
    assert refused_for(judged(signed, pinned(root))) == (ChipReason.DATA_FORGED,)


def test_a_signer_in_the_trust_folder_is_no_anchor() -> None:
    signer = document_signer(authority())
    assert consistent_for(judged(security_object(GROUPS, signer), pinned(signer))) == (ChipReason.ISSUER_UNKNOWN,)


def test_ef_card_access_must_say_what_dg14_says() -> None:
    groups = GROUPS | {"DG14": PACE_ONLY}
    signed = security_object(groups, document_signer(authority()))
    right = judged(signed, TrustStore(), groups | {"EF.CardAccess": CARD_ACCESS})
    weaker = CARD_ACCESS.replace(bytes.fromhex("0402020201"), bytes.fromhex("0402010201"))
    wrong = judged(signed, TrustStore(), groups | {"EF.CardAccess": weaker})
    garbage = judged(signed, TrustStore(), groups | {"EF.CardAccess": b"\x31\x05"})
    absent = judged(signed, TrustStore(), groups)
    outcomes = [judgement.checks[ChipCheck.CARD_ACCESS] for judgement in (right, wrong, garbage, absent)]
    assert outcomes == [PASSED, FAILED, NOT_POSSIBLE, NOT_POSSIBLE]
    assert refused_for(wrong) == (ChipReason.DATA_FORGED,)
    assert absent.verdict is ChipVerdict.CONSISTENT


@pytest.mark.parametrize(
    ("active", "chip", "verdict", "reasons"),
    [
        (PASSED, NOT_POSSIBLE, ChipVerdict.GENUINE, ()),
        (NOT_POSSIBLE, PASSED, ChipVerdict.GENUINE, ()),
        (PASSED, FAILED, ChipVerdict.REFUSED, (ChipReason.CHIP_CLONED,)),
        (FAILED, PASSED, ChipVerdict.REFUSED, (ChipReason.CHIP_CLONED,)),
        (NOT_POSSIBLE, NOT_POSSIBLE, ChipVerdict.REFUSED, (ChipReason.CHIP_NOT_PROVEN,)),
        (None, None, ChipVerdict.REFUSED, (ChipReason.CHIP_NOT_PROVEN,)),
    ],
)
def test_one_proof_is_enough_and_one_failure_too_much(
    active: CheckOutcome | None,
    chip: CheckOutcome | None,
    verdict: ChipVerdict,
    reasons: tuple[ChipReason, ...],
) -> None:
    root = authority()
    offered = bytes.fromhex("6E11310F300D060904007F000702020102 3000")
    groups = GROUPS | {"DG14": offered}
    files = groups | {"EF.SOD": security_object(groups, document_signer(root))}
    proofs = [Proof(outcome, "key") if outcome else None for outcome in (active, chip)]
    judgement = judge(files, trust=pinned(root), today=TODAY, active=proofs[0], chip=proofs[1])
    assert (judgement.verdict, judgement.reasons) == (verdict, reasons)
    assert judgement.alarm is (ChipReason.CHIP_CLONED in reasons)
