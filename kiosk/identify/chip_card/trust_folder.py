"""The files of a trust folder: certificates, what each is pinned for, and revocation lists.

A certificate counts for Vietnamese citizen cards unless a file beside it, of the same name and `.toml`, says otherwise:

    state = "D"
    kind = "P"
"""

import tomllib
from pathlib import Path

from asn1crypto import pem

from kiosk import whole_files
from kiosk.errors import ConfigurationError, InputError
from kiosk.identify.chip_card.asn1_errors import asn1_errors
from kiosk.identify.chip_card.certificates import MAX_CERTIFICATE_BYTES, read_certificate
from kiosk.identify.chip_card.issuer import CITIZEN_CARD, Issuer, Pinned
from kiosk.identify.chip_card.revocation_lists import MAX_BYTES as MAX_LIST_BYTES
from kiosk.identify.chip_card.revocation_lists import RevocationList, read_revocation_list

CERTIFICATE_FILES = frozenset({".cer", ".crt", ".der", ".pem"})
LIST_FILES = frozenset({".crl"})
_TEXT_OVERHEAD = 2
"""PEM is a third longer, and more with what people write before it."""


def read_pinned(folder: Path) -> list[Pinned]:
    """The folder's certificates; none where there is no folder.

    Raises:
        ConfigurationError: names the file that cannot be used.
    """
    found = []
    for path in _files(folder, CERTIFICATE_FILES):
        try:
            data = read_at_most(path, MAX_CERTIFICATE_BYTES * _TEXT_OVERHEAD)
            found.append(Pinned(_pinned_for(path), read_certificate(unarmoured(data))))
        except InputError as error:
            raise ConfigurationError(f"{path}: {error}") from error
    return found


def read_lists(folder: Path) -> list[RevocationList]:
    """The folder's revocation lists.

    Raises:
        ConfigurationError: names the file that cannot be used.
    """
    found = []
    for path in _files(folder, LIST_FILES):
        try:
            found.append(read_revocation_list(unarmoured(read_at_most(path, MAX_LIST_BYTES * _TEXT_OVERHEAD))))
        except InputError as error:
            raise ConfigurationError(f"{path}: {error}") from error
    return found


def write_pinned(folder: Path, entry: Pinned) -> Path:
    """Put a certificate into the folder, what it is pinned for first, so that it never counts for something else."""
    path = folder / f"{entry.issuer.state}-{entry.issuer.kind}-{entry.certificate.fingerprint[:16]}.cer"
    text = f'# {_one_line(entry.certificate.name)}\nstate = "{entry.issuer.state}"\nkind = "{entry.issuer.kind}"\n'
    write_whole(_beside(path), text.encode())
    write_whole(path, entry.certificate.raw)
    return path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees a part of it, also when the power goes.

    Raises:
        ConfigurationError: the folder cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole_files.write_whole(path, data, mode=0o644)
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from error


def read_at_most(path: Path, limit: int) -> bytes:
    """A file's bytes.

    Raises:
        InputError: kind ``unreadable`` or ``too_long``.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise InputError("unreadable", None, error.strerror or "cannot be read") from error
    if len(data) > limit:
        raise InputError("too_long", None, f"larger than {limit} bytes")
    return data


def unarmoured(data: bytes) -> bytes:
    """DER from DER or PEM.

    Raises:
        InputError: kind ``malformed``.
    """
    with asn1_errors("PEM"):
        return bytes(pem.unarmor(data)[2]) if pem.detect(data) else data


def _files(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes and path.name[0] != ".")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigurationError(f"cannot read {folder}: {error.strerror}") from error


def _pinned_for(path: Path) -> Issuer:
    beside = _beside(path)
    if not beside.exists():
        return CITIZEN_CARD
    try:
        said = tomllib.loads(read_at_most(beside, MAX_CERTIFICATE_BYTES).decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{beside}: {error}") from error
    if said.keys() != {"state", "kind"} or not all(isinstance(value, str) for value in said.values()):
        raise ConfigurationError(f'{beside}: expected state = "…" and kind = "…"')
    return Issuer(said["state"], said["kind"])


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.toml")


def _one_line(name: str) -> str:
    return "".join(char if char.isprintable() else " " for char in name)
