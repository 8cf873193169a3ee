from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import pem

from kiosk.errors import ConfigurationError, InputError
from kiosk.identify.chip_card.certificates import read_certificate
from kiosk.identify.chip_card.issuer import CITIZEN_CARD, DEMO_MARKER, Issuer, Pinned
from kiosk.identify.chip_card.trust_folder import write_pinned
from kiosk.identify.chip_card.trust_store import TrustStore
from tests.support.chip_issuer import Signing, authority, document_signer, link, revocation_list


def test_a_missing_or_empty_folder_trusts_nobody(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing here yet")
    assert TrustStore.open(tmp_path).is_empty
    assert TrustStore.open(tmp_path / "missing").is_empty


@pytest.mark.parametrize("suffix", ["cer", "crt", "der", "pem", "CER"])
@pytest.mark.parametrize("armoured", [True, False])
def test_a_certificate_counts_for_vietnamese_citizen_cards(tmp_path: Path, suffix: str, *, armoured: bool) -> None:
    raw = authority().certificate
    (tmp_path / f"csca.{suffix}").write_bytes(pem.armor("CERTIFICATE", raw) if armoured else raw)
    (anchor,) = TrustStore.open(tmp_path).anchors
    assert anchor == Pinned(CITIZEN_CARD, read_certificate(raw))


def test_a_file_beside_it_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / "csca.cer").write_bytes(authority("DE").certificate)
    (tmp_path / "csca.cer.toml").write_text('state = "D"\nkind = "P"\n')
    (anchor,) = TrustStore.open(tmp_path).anchors
    assert anchor.issuer == Issuer("D", "P")


@pytest.mark.parametrize(
    "text",
    ["", "state = 1\nkind = 2", 'state = "VNM"', "garbage", 'state = "VN"\nkind = "ID"', 'state = "VNM"\nkind = "X"'],
)
def test_a_file_beside_it_that_says_nothing_useful_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "csca.cer").write_bytes(authority().certificate)
    (tmp_path / "csca.cer.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=r"csca\.cer"):
        TrustStore.open(tmp_path)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    old, new = authority(name="Old"), authority(name="New")
    entries = [Pinned(CITIZEN_CARD, read_certificate(raw)) for raw in (old.certificate, link(old, new))]
    entries.append(Pinned(Issuer("VNM", "P"), entries[0].certificate))
    entries.append(Pinned(CITIZEN_CARD, read_certificate(document_signer(old).certificate)))
    for entry in entries:
        write_pinned(tmp_path / "new folder", entry)
    store = TrustStore.open(tmp_path / "new folder")
    assert set(store.anchors) == {entries[0], entries[2]}
    assert store.links == (entries[1],)
    assert store.signers == (entries[3],)


def test_a_revocation_list_belongs_to_whoever_signed_it(tmp_path: Path) -> None:
    root = authority()
    (tmp_path / "csca.cer").write_bytes(root.certificate)
    (tmp_path / "list.crl").write_bytes(revocation_list(root, [1, 2], next_update=datetime(2027, 1, 1, tzinfo=UTC)))
    (owned,) = TrustStore.open(tmp_path).revocations_of(CITIZEN_CARD)
    assert owned.serials == {1, 2}


@pytest.mark.parametrize("name", ["csca.cer", "list.crl"])
@pytest.mark.parametrize("data", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\n!", bytes(20_000_000)])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ConfigurationError, match=name):
        TrustStore.open(tmp_path)


def test_an_authority_that_still_signs_with_sha1_is_refused(tmp_path: Path) -> None:
    (tmp_path / "csca.cer").write_bytes(authority(signing=Signing(digest="sha1")).certificate)
    with pytest.raises(ConfigurationError, match="sha1"):
        TrustStore.open(tmp_path)


def test_an_authority_of_another_state_is_refused(tmp_path: Path) -> None:
    (tmp_path / "csca.cer").write_bytes(authority("DE").certificate)
    with pytest.raises(ConfigurationError, match="another state"):
        TrustStore.open(tmp_path)


def test_production_refuses_the_demonstrations_authority(tmp_path: Path) -> None:
    (tmp_path / "csca.cer").write_bytes(authority(unit=DEMO_MARKER).certificate)
    with pytest.raises(ConfigurationError, match="demonstration"):
        TrustStore.open(tmp_path)
    assert not TrustStore.open(tmp_path, allow_demo=True).is_empty


@pytest.mark.parametrize(
    ("state", "country"), [("VNM", "VN"), ("D", "DE"), ("NLD", "NL"), ("UTO", "UT"), ("USA", "US")]
)
def test_a_state_is_known_by_both_of_its_codes(state: str, country: str) -> None:
    assert Issuer(state, "ID").country == country


@pytest.mark.parametrize("state", ["VN", "XXX", "", "vnm", "ABCD", "ZZZ"])
def test_an_unknown_state_is_refused(state: str) -> None:
    with pytest.raises(InputError) as caught:
        Issuer(state, "ID")
    assert caught.value.kind == "unknown_state"
