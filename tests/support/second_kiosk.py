"""A second kiosk of the same hospital: its own station and screen, the same database, record and Redis."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.support.running_demo import RunningDemo, free_port, screen_token


@dataclass(frozen=True)
class SecondKiosk:
    """Where it answers, and where its bench lies."""

    url: str
    runtime: Path


@contextmanager
def second_kiosk(demo: RunningDemo, folder: Path) -> Iterator[SecondKiosk]:
    """Runs until the block ends."""
    settings, port = demo.settings, free_port()
    with tempfile.TemporaryDirectory(prefix="kiosk-2-") as runtime:
        replace = msgspec.structs.replace
        own = replace(
            settings,
            station=replace(settings.station, id="kiosk-2", name="Kiosk 2"),
            web=replace(settings.web, patient_port=port),
            paths=replace(settings.paths, runtime=runtime),
        )
        file = folder / "kiosk-2.toml"
        file.write_bytes(msgspec.toml.encode(own))
        demo.log_folders.append(folder)
        processes = [_start(file, folder, "web", "patient"), _start(file, folder, "station")]
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(url)
            yield SecondKiosk(f"{url}/hello?token={screen_token(own)}", Path(runtime))
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(10)


def _start(file: Path, folder: Path, *words: str) -> subprocess.Popen[bytes]:
    with (folder / f"{words[0]}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "kiosk", "--settings", str(file), *words],
            stdout=log,
            stderr=log,
            env={**os.environ, "KIOSK_SETTINGS": str(file)},
        )


def _wait_until_ready(url: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the second kiosk did not start")
