import pytest

from kiosk.errors import InputError
from kiosk.identify.chip_card.certificates import MASTER_LIST_SIGNING, read_certificate
from kiosk.identify.chip_card.master_list import read_master_list, signer_of
from tests.support.chip_issuer import (
    Party,
    Signing,
    authority,
    document_signer,
    ec_key,
    explicit_key_info,
    link,
    master_list,
)

GERMANY = authority("DE", "German authority")
SIGNER = document_signer(GERMANY, country="DE", purposes=[MASTER_LIST_SIGNING])
VIETNAM = authority("VN", "Vietnamese authority")


def refusal(raw: bytes, trusted: Party) -> str:
    with pytest.raises(InputError) as caught:
        read_master_list(raw, "VN", read_certificate(trusted.certificate))
    return caught.value.kind


@pytest.mark.parametrize("trusted", [GERMANY, SIGNER], ids=["the authority", "the signer itself"])
def test_of_a_list_only_one_states_authorities_are_taken(trusted: Party) -> None:
    raw = master_list([GERMANY.certificate, VIETNAM.certificate, authority("FR").certificate], SIGNER)
    found = read_master_list(raw, "VN", read_certificate(trusted.certificate))
    assert [entry.raw for entry in found.taken] == [VIETNAM.certificate]
    assert found.other_states == 2
    assert not found.unreadable


def test_unreadable_certificates_are_skipped_and_counted() -> None:
    key = ec_key()
    foreign = authority(signing=Signing(key), info=explicit_key_info(key, gx=1, gy=2))
    old = authority(signing=Signing(digest="sha1"))
    raw = master_list([b"\x30\x01\x00", foreign.certificate, VIETNAM.certificate, old.certificate], SIGNER)
    found = read_master_list(raw, "VN", read_certificate(SIGNER.certificate))
    assert [entry.raw for entry in found.taken] == [VIETNAM.certificate]
    assert found.unreadable == {"malformed": 1, "foreign_generator": 1, "weak_hash": 1}


def test_links_are_taken_with_their_anchor_only() -> None:
    newer, stray = authority(name="Newer"), authority(name="Stray")
    certificates = [VIETNAM.certificate, link(VIETNAM, newer), link(stray, newer)]
    found = read_master_list(master_list(certificates, SIGNER), "VN", read_certificate(SIGNER.certificate))
    assert {entry.raw for entry in found.taken} == set(certificates[:2])
    assert found.unlinked == 1


def test_curves_spelt_out_are_read() -> None:
    key = ec_key()
    root = authority(signing=Signing(key), info=explicit_key_info(key))
    found = read_master_list(master_list([root.certificate], SIGNER), "VN", read_certificate(SIGNER.certificate))
    assert len(found.taken) == 1


def test_a_list_of_another_signer_is_refused() -> None:
    assert refusal(master_list([VIETNAM.certificate], SIGNER), VIETNAM) == "not_trusted"


def test_a_list_is_refused_when_the_authority_made_its_signer_for_passports() -> None:
    signer = document_signer(GERMANY, country="DE")
    assert refusal(master_list([VIETNAM.certificate], signer), GERMANY) == "not_trusted"


def test_a_list_that_carries_the_right_certificate_and_another_signature_is_refused() -> None:
    forger = Party(SIGNER.certificate, Signing())
    assert refusal(master_list([VIETNAM.certificate], forger), GERMANY) == "not_trusted"
    assert refusal(master_list([VIETNAM.certificate], forger), SIGNER) == "not_trusted"


def test_a_changed_list_is_refused() -> None:
    raw = master_list([VIETNAM.certificate], SIGNER)
    at = raw.index(VIETNAM.certificate) + len(VIETNAM.certificate) - 1
    assert refusal(raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :], GERMANY) == "not_trusted"


def test_something_else_is_no_list() -> None:
    assert refusal(b"", GERMANY) == "malformed"
    assert refusal(VIETNAM.certificate, GERMANY) == "malformed"
    assert refusal(bytes(33_000_000), GERMANY) == "too_long"


def test_whoever_says_to_have_signed_can_be_named() -> None:
    signer = signer_of(master_list([], SIGNER))
    assert signer is not None
    assert signer.raw == SIGNER.certificate
