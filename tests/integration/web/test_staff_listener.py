"""The staff's listener as gunicorn serves it: TLS, and no TLS only on this host."""

import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from tests.support.one_clinic import ONE_CLINIC
from tests.support.running_demo import free_port

pytestmark = pytest.mark.integration

HOST = "kiosk.hospital.example"


def settings(folder: Path, port: int, host: str) -> Path:
    file = folder / "kiosk.toml"
    file.write_text(
        f"[web]\nstaff_host = '{host}'\nstaff_port = {port}\nstaff_names = ['{HOST}']\nmetrics_port = 0\n"
        f"[redis]\nurl = 'unix://{folder}/no-redis.sock'\n"
        f"[paths]\ndata = '{folder}/data'\nruntime = '{folder}'\ncredentials = '{folder}/credentials'\n{ONE_CLINIC}",
        encoding="utf-8",
    )
    (folder / "data" / "record").mkdir(parents=True, exist_ok=True)
    (folder / "credentials").mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-m", "kiosk", "--settings", str(file), "db", "upgrade"], check=True)
    return file


@contextmanager
def serving(file: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "--settings", str(file), "web", "staff"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "KIOSK_SETTINGS": str(file)},
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)


def answer(address: str, context: ssl.SSLContext | None = None) -> str:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, context=context, timeout=120) as page:
                body: str = page.read().decode()
                return body
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.1)
    raise AssertionError("nobody answers")


def test_with_a_certificate_it_speaks_tls_and_only_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    port = free_port()
    file = settings(tmp_path, port, "0.0.0.0")  # noqa: S104 # the point of the test
    issued = authority.issue_cert("localhost", HOST)
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "credentials" / "staff-certificate"))
    issued.private_key_pem.write_to_path(str(tmp_path / "credentials" / "staff-key"))
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with serving(file):
        assert '"database":"ok"' in answer(f"https://localhost:{port}/readyz", trusting)
        trusting.maximum_version = ssl.TLSVersion.TLSv1_2
        assert "ok" in answer(f"https://localhost:{port}/healthz", trusting)
        with pytest.raises((urllib.error.URLError, ConnectionError, OSError)):
            answer(f"http://localhost:{port}/healthz")


def test_without_a_certificate_it_serves_this_host_only_and_says_so(tmp_path: Path) -> None:
    port = free_port()
    file = settings(tmp_path, port, "127.0.0.1")
    with serving(file) as process:
        assert "ok" in answer(f"http://127.0.0.1:{port}/healthz")
        assert process.stderr
        assert "plain HTTP, on this host only" in process.stderr.readline()


def test_without_a_certificate_it_refuses_to_serve_a_network(tmp_path: Path) -> None:
    file = settings(tmp_path, free_port(), "0.0.0.0")  # noqa: S104 # the point of the test
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "--settings", str(file), "web", "staff"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 1
    assert "there is no certificate" in done.stderr


def test_without_a_name_both_listeners_are_served_and_stop_together(tmp_path: Path) -> None:
    staff_port, patient_port = free_port(), free_port()
    file = settings(tmp_path, staff_port, "127.0.0.1")
    file.write_text(
        file.read_text(encoding="utf-8").replace("[web]\n", f"[web]\npatient_port = {patient_port}\n"), encoding="utf-8"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "--settings", str(file), "web"], stderr=subprocess.DEVNULL
    )
    assert "ok" in answer(f"http://127.0.0.1:{staff_port}/healthz")
    assert "ok" in answer(f"http://127.0.0.1:{patient_port}/healthz")
    process.terminate()
    assert process.wait(10) == 0
