"""A real FHIR R4 server, in an environment of its own (`make .tools/fhir-server/.installed`)."""

import os
import socket
import subprocess
import time
from pathlib import Path

import httpx

PROGRAM = Path(__file__).parents[3] / ".tools/fhir-server/bin/sekmet"


class FhirServer:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}/fhir"

    def start(self) -> None:
        # left on, it writes resources by itself
        (self._folder / "settings.yaml").write_text("simulator:\n  enabled: false\n")
        surroundings = os.environ | {"SEKMET_BASE_URL": self.url, "SEKMET_DB": str(self._folder / "fhir.sqlite")}
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, "serve", "--host", "127.0.0.1", "--port", str(self.port)],
                cwd=self._folder,
                env=surroundings,
                stdout=log,
                stderr=log,
            )
        for _ in range(300):
            try:
                httpx.get(f"{self.url}/Patient?_count=0", timeout=5, trust_env=False).raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError((self._folder / "log").read_text())

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
