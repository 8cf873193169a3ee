"""`kiosk trust`: pin the authorities whose cards this hospital believes. Needs no settings with `--trust`."""

import hashlib
import os
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import click

from kiosk.errors import ConfigurationError, InputError
from kiosk.identify.chip_card.certificates import Certificate, read_certificate
from kiosk.identify.chip_card.issuer import Issuer, Pinned
from kiosk.identify.chip_card.master_list import MAX_BYTES, MasterList, read_master_list, signer_of
from kiosk.identify.chip_card.revocation_lists import RevocationList, read_revocation_list
from kiosk.identify.chip_card.tlv import Tlv, read_tlv
from kiosk.identify.chip_card.trust_folder import read_at_most, unarmoured, write_pinned, write_whole
from kiosk.identify.chip_card.trust_store import TrustStore
from kiosk.settings import load_settings

_OBJECT_IDENTIFIER, _VERSION = 0x06, 0xA0

file_type = click.Path(path_type=Path, dir_okay=False)
trust_option = click.option(
    "--trust",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The trust folder, instead of the one in the settings.",
)


@click.group()
def trust() -> None:
    """Pin the authorities that issue chip cards.

    Example: kiosk trust list --trust config/trust
    """


@trust.command(name="import")
@click.argument("file", type=file_type)
@click.option("--state", required=True, metavar="VNM", help="The issuing state, as in the MRZ: VNM, NLD, D …")
@click.option("--kind", required=True, metavar="ID", help="ID for cards, P for passports.")
@click.option("--signer", type=file_type, help="Whom a master list must be signed by: a certificate.")
@trust_option
def import_(*, file: Path, state: str, kind: str, signer: Path | None, folder: Path | None) -> None:
    """Pin a certificate, one state's certificates of a master list, or a revocation list.

    Of a master list, the signature is checked first: name its signer, or the authority that issued the signer, with
    --signer. Certificates that cannot be read are skipped and counted.

    Example: kiosk trust import csca-vietnam.cer --state VNM --kind ID

    Example: kiosk trust import masterlist.ml --state VNM --kind P --signer csca-germany.cer
    """
    target, issuer = _folder(folder), Issuer(state.upper(), kind.upper())
    data = _read(file)
    inner = _first_part(data)
    if inner.tag == _OBJECT_IDENTIFIER:
        _import_master_list(data, issuer, signer, target)
    elif inner.value[:1] == bytes((_VERSION,)):
        _import_certificate(read_certificate(data), issuer, target)
    else:
        _import_revocation_list(read_revocation_list(data), issuer, target)


@trust.command(name="list")
@trust_option
def list_(*, folder: Path | None) -> None:
    """List what is pinned, for which state and kind, and what is left unused.

    Example: kiosk trust list --trust config/trust
    """
    store = TrustStore.open(_folder(folder), allow_demo=True)
    roles = (("anchor", store.anchors), ("link", store.links), ("signer", store.signers), ("unused", store.unused))
    for role, entries in roles:
        for entry in entries:
            click.echo(_line(role, entry))
    for issuer, revocation in store.revocations:
        age = "fresh" if revocation.is_fresh_on(_today()) else "out of date"
        click.echo(f"revoked  {issuer.state} {issuer.kind}  {len(revocation.serials)} signers, {age}")
    if store.is_empty:
        click.echo("No anchor is installed: no card's issuer can be known, and no chip is genuine.")


def _import_certificate(certificate: Certificate, issuer: Issuer, folder: Path) -> None:
    entry = Pinned(issuer, certificate)
    _refuse_demo(entry)
    store = TrustStore.open(folder, allow_demo=True)
    grown = TrustStore.of([*store.anchors, entry])
    if not certificate.is_authority and not _vouched(entry, store):
        raise InputError("not_trusted", None, "no pinned authority of this state and kind signed this certificate")
    if entry in grown.unused:
        raise InputError("not_trusted", None, "this authority is not self-signed, and no pinned anchor signed it")
    write_pinned(folder, entry)
    click.echo(_line("pinned", entry))
    if entry in grown.anchors:
        click.echo("Compare this SHA-256 with the one that the authority gives out by another way.")


def _import_master_list(data: bytes, issuer: Issuer, signer: Path | None, folder: Path) -> None:
    if signer is None:
        raise InputError("not_trusted", "signer", _who_signed(signer_of(data)))
    found = read_master_list(data, issuer.country, read_certificate(_read(signer)))
    entries = [Pinned(issuer, certificate) for certificate in found.taken]
    for entry in entries:
        _refuse_demo(entry)
        write_pinned(folder, entry)
        click.echo(_line("pinned", entry))
    click.echo(_summary(found, issuer))


def _import_revocation_list(revocation: RevocationList, issuer: Issuer, folder: Path) -> None:
    store = TrustStore.open(folder, allow_demo=True)
    if not any(revocation.is_signed_by(entry.certificate) for entry in _of(issuer, store.authorities)):
        raise InputError("not_trusted", None, "no pinned authority of this state and kind signed this list")
    name = hashlib.sha256(revocation.issuer.encode()).hexdigest()[:16]
    write_whole(folder / f"{issuer.state}-{issuer.kind}-{name}.crl", revocation.raw)
    click.echo(f"{len(revocation.serials)} revoked signers of {issuer.state} {issuer.kind}")


def _refuse_demo(entry: Pinned) -> None:
    if entry.is_demo:
        raise ConfigurationError("this certificate is a demonstration's: whoever has the demonstration can issue cards")


def _vouched(entry: Pinned, store: TrustStore) -> bool:
    return any(entry.certificate.is_signed_by(own.certificate) for own in _of(entry.issuer, store.authorities))


def _of(issuer: Issuer, entries: Iterable[Pinned]) -> list[Pinned]:
    return [entry for entry in entries if entry.issuer == issuer]


def _first_part(data: bytes) -> Tlv:
    """What tells the formats apart: a type (CMS), a body that begins with its version (certificate), or another."""
    try:
        return read_tlv(read_tlv(data).value)
    except InputError as error:
        message = "this is no certificate, master list or revocation list in DER or PEM form"
        raise InputError("malformed", "file", message) from error


def _read(path: Path) -> bytes:
    try:
        data = unarmoured(read_at_most(path, MAX_BYTES))
    except InputError as error:
        raise InputError(error.kind, "file", f"{path}: {error}") from error
    if data.startswith(b"PK"):
        raise InputError("unreadable", "file", f"{path} is a ZIP archive: unpack it, and import the list in it")
    return data


def _folder(given: Path | None) -> Path:
    return given or load_settings(Path(os.environ["KIOSK_SETTINGS"])).trust_dir


def _line(role: str, entry: Pinned) -> str:
    own = entry.certificate
    demo = "  DEMONSTRATION" if entry.is_demo else ""
    validity = f"{own.not_before:%Y-%m-%d} to {own.not_after:%Y-%m-%d}"
    return f"{role:8} {entry.issuer.state} {entry.issuer.kind}  {own.name}  {validity}  SHA-256 {own.fingerprint}{demo}"


def _who_signed(signer: Certificate | None) -> str:
    who = f"{signer.name}, SHA-256 {signer.fingerprint}" if signer else "somebody whose certificate it does not hold"
    return f"a master list needs --signer: it says to be signed by {who}"


def _summary(found: MasterList, issuer: Issuer) -> str:
    unreadable = ", ".join(f"{kind}: {count}" for kind, count in sorted(found.unreadable.items())) or "none"
    return (
        f"{len(found.taken)} certificates of {issuer.state} taken; left out: {found.other_states} of other states, "
        f"{found.unlinked} without an anchor, unreadable {unreadable}"
    )


def _today() -> date:
    return datetime.now(UTC).date()
