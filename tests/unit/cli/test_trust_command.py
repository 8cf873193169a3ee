"""`kiosk trust`: what an administrator does, with and without settings."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import pem
from click.testing import CliRunner, Result

from kiosk.cli import main
from kiosk.identify.chip_card.certificates import MASTER_LIST_SIGNING, read_certificate
from kiosk.identify.chip_card.issuer import CITIZEN_CARD, DEMO_MARKER, Issuer
from kiosk.identify.chip_card.trust_store import TrustStore
from tests.support.chip_issuer import Party, authority, document_signer, link, master_list, revocation_list
from tests.support.one_clinic import ONE_CLINIC

VIETNAM, GERMANY = authority("VN", "Vietnamese authority"), authority("DE", "German authority")


class Desk:
    """An administrator's folder: files to import, and the trust folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trust = folder / "trust"

    def run(self, *words: str) -> Result:
        arguments = ["--settings", "/missing.toml", "trust", *words, "--trust", str(self.trust)]
        return CliRunner().invoke(main, arguments)

    def take(self, data: bytes, *more: str, state: str = "VNM", kind: str = "ID") -> Result:
        (self.folder / "file").write_bytes(data)
        return self.run("import", str(self.folder / "file"), "--state", state, "--kind", kind, *more)

    @property
    def store(self) -> TrustStore:
        return TrustStore.open(self.trust)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def signed_by_germany() -> tuple[bytes, Party]:
    signer = document_signer(GERMANY, country="DE", purposes=[MASTER_LIST_SIGNING])
    return master_list([VIETNAM.certificate, GERMANY.certificate, b"\x30\x00"], signer), signer


def test_the_first_day_says_that_no_anchor_is_installed(desk: Desk) -> None:
    result = desk.run("list")
    assert result.exit_code == 0
    assert "No anchor is installed" in result.output


@pytest.mark.parametrize("raw", [VIETNAM.certificate, pem.armor("CERTIFICATE", VIETNAM.certificate)])
def test_a_certificate_is_pinned_and_listed_with_its_fingerprint(desk: Desk, raw: bytes) -> None:
    assert desk.take(raw).exit_code == 0
    fingerprint = read_certificate(VIETNAM.certificate).fingerprint
    assert [(entry.issuer, entry.certificate.fingerprint) for entry in desk.store.anchors] == [
        (CITIZEN_CARD, fingerprint)
    ]
    assert f"SHA-256 {fingerprint}" in desk.run("list").output


def test_a_certificate_of_another_state_is_refused(desk: Desk) -> None:
    result = desk.take(GERMANY.certificate)
    assert result.exit_code == 1
    assert "another state" in result.output
    assert desk.store.is_empty


def test_a_master_list_is_taken_for_one_state_when_its_signature_is_right(desk: Desk) -> None:
    raw, _ = signed_by_germany()
    (desk.folder / "germany.cer").write_bytes(GERMANY.certificate)
    result = desk.take(raw, "--signer", str(desk.folder / "germany.cer"), kind="P")
    assert result.exit_code == 0, result.output
    assert [entry.issuer for entry in desk.store.anchors] == [Issuer("VNM", "P")]
    assert "1 of other states" in result.output
    assert "malformed: 1" in result.output


def test_a_master_list_without_a_named_signer_is_refused_and_says_who_signed(desk: Desk) -> None:
    raw, signer = signed_by_germany()
    result = desk.take(raw)
    assert result.exit_code == 1
    assert read_certificate(signer.certificate).fingerprint in result.output
    assert desk.store.is_empty


def test_a_master_list_of_another_signer_is_refused(desk: Desk) -> None:
    raw, _ = signed_by_germany()
    (desk.folder / "vietnam.cer").write_bytes(VIETNAM.certificate)
    assert desk.take(raw, "--signer", str(desk.folder / "vietnam.cer")).exit_code == 1
    assert desk.store.is_empty


def test_links_signers_and_lists_need_their_anchor_first(desk: Desk) -> None:
    newer = authority(name="Newer")
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    rest = [
        link(VIETNAM, newer),
        document_signer(VIETNAM).certificate,
        revocation_list(VIETNAM, [1, 2, 3], next_update=moment),
    ]
    assert [desk.take(raw).exit_code for raw in rest] == [1, 1, 1]
    assert [desk.take(raw).exit_code for raw in (VIETNAM.certificate, *rest)] == [0, 0, 0, 0]
    listed = desk.run("list").output
    assert [line.split()[0] for line in listed.splitlines()] == ["anchor", "link", "signer", "revoked"]
    assert "3 signers, out of date" in listed


def test_the_demonstrations_authority_is_refused(desk: Desk) -> None:
    result = desk.take(authority(unit=DEMO_MARKER).certificate)
    assert result.exit_code == 1
    assert desk.store.is_empty


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no certificate"),
        (b"garbage", "no certificate"),
        (b"PK\x03\x04", "ZIP"),
        (b"\x30\x02\x31\x00", "cannot be"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_one_line(desk: Desk, data: bytes, message: str) -> None:
    result = desk.take(data)
    assert result.exit_code == 1
    assert message in result.output
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize(("state", "kind"), [("VN", "ID"), ("VNM", "X")])
def test_an_unknown_state_or_kind_is_refused(desk: Desk, state: str, kind: str) -> None:
    assert desk.take(VIETNAM.certificate, state=state, kind=kind).exit_code == 1


def test_the_settings_name_the_folder_otherwise(desk: Desk) -> None:
    desk.take(VIETNAM.certificate)
    settings = desk.folder / "kiosk.toml"
    settings.write_text(f'[paths]\ntrust = "{desk.trust}"\n{ONE_CLINIC}')
    result = CliRunner().invoke(main, ["--settings", str(settings), "trust", "list"])
    assert "Vietnamese authority" in result.output
