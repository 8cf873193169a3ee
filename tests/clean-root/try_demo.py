"""Runs `make demo` as a newcomer would, without a terminal, and measures what it promises.

Runs on the standard library alone, as an unprivileged user, in the checkout's folder, in a process namespace of its
own: every process there that is not this one or above it belongs to the demo.
"""

import http.cookiejar
import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

PATIENT, STAFF = "http://127.0.0.1:18080", "http://127.0.0.1:18443"
OPTIONS = "--patient-port 18080 --staff-port 18443"
DATA = Path.home() / ".local/share/kiosk-demo"
OUTPUT = Path.home() / "demo-output.txt"
LAST_WORDS = "Ctrl+C stops everything"

FIRST_START_SECONDS = 900
"""The first start downloads the Python environment."""
START_AIM, STOP_AIM = 5.0, 5.0
MEMORY_AIM = 400
"""Megabytes of all processes together, shared pages counted once (PSS)."""
REST_SECONDS = 10

CODE, BORN, CLINIC, DOCTOR = "BN900001", "1968-04-12", "noi-tiet", "bacsi"
"""A planted patient of docs/reference/invented-hospital.md, and the doctor who waits for her."""

failures: list[str] = []


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 # a report


def check(*, good: bool, what: str) -> None:
    say(f"  {'ok  ' if good else 'FAIL'} {what}")
    if not good:
        failures.append(what)


def demo_processes() -> list[Path]:
    """The folders in /proc of all processes but this one and those above it."""
    mine, above = {os.getpid()}, os.getppid()
    while above:
        mine.add(above)
        above = int(_status(Path(f"/proc/{above}"), "PPid"))
    return [folder for folder in Path("/proc").glob("[0-9]*") if int(folder.name) not in mine]


def _status(process: Path, field: str) -> str:
    lines = (process / "status").read_text(encoding="utf-8").splitlines()
    return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(f"{field}:"))


def words(process: Path) -> str:
    try:
        return (process / "cmdline").read_text(encoding="utf-8").replace("\0", " ").strip()
    except OSError:
        return ""


def supervisor() -> int:
    return next(int(process.name) for process in demo_processes() if re.search(r"-m kiosk demo", words(process)))


class Start:
    """`make demo` in the background: no terminal, SIGINT ignored, a session of its own."""

    def __init__(self, seconds: float) -> None:
        began = time.monotonic()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with OUTPUT.open("w") as output:
            self.make = subprocess.Popen(
                ["make", "demo", f"DEMO_ARGS={OPTIONS}"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        while LAST_WORDS not in OUTPUT.read_text(encoding="utf-8"):
            if self.make.poll() is not None or time.monotonic() - began > seconds:
                sys.exit(f"the demo did not start:\n{OUTPUT.read_text(encoding='utf-8')}\n{_logs()}")
            time.sleep(0.02)
        self.seconds = time.monotonic() - began
        self.supervisor = supervisor()


def _logs() -> str:
    return "\n".join(
        f"{path.name}: {path.read_text(encoding='utf-8')[-2000:]}" for path in sorted(DATA.glob("logs/*.log"))
    )


def stops(start: Start, send: Callable[[], None], how: str, *, judged: bool = True) -> None:
    """Send a signal while live screens are open, and wait until nothing of the demo is left."""
    with open_screens() as streams:
        began = time.monotonic()
        send()
        while demo_processes() and time.monotonic() - began < 3 * STOP_AIM:
            start.make.poll()
            time.sleep(0.02)
        seconds, left = time.monotonic() - began, [words(process) for process in demo_processes()]
    status = start.make.poll()
    note = f"{how} with {streams} live screens open: nothing left after {seconds:.1f} s, make's exit status {status}"
    check(good=not left and seconds < STOP_AIM and (status == 0 or not judged), what=note)
    for command in left:
        say(f"       left: {command}")


@contextmanager
def open_screens() -> Iterator[int]:
    """The patient's and the doctor's live streams, open until the block ends."""
    doctor = signed_in()
    doctor.open(kiosk_address()).close()
    streams = [doctor.open(f"{PATIENT}/live"), doctor.open(f"{STAFF}/doctor/live")]
    try:
        yield len(streams)
    finally:
        for stream in streams:
            stream.close()


def kiosk_address() -> str:
    """The printed address that makes a browser the kiosk's."""
    printed = re.search(rf"{re.escape(PATIENT)}/hello\?token=[\w-]+", OUTPUT.read_text(encoding="utf-8"))
    return printed[0] if printed else sys.exit("the demo printed no address of its kiosk")


def signed_in() -> urllib.request.OpenerDirector:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = browser.open(f"{STAFF}/doctor/sign-in").read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    passwords = tomllib.loads((DATA / "demo-passwords.toml").read_text(encoding="utf-8"))
    form = {"csrf_token": token[1] if token else "", "name": DOCTOR, "password": passwords[DOCTOR]}
    browser.open(f"{STAFF}/doctor/sign-in", urllib.parse.urlencode(form).encode())
    return browser


def ready(address: str) -> str:
    try:
        with urllib.request.build_opener().open(f"{address}/readyz", timeout=5) as answer:
            return f"{answer.status} {answer.read().decode().strip()}"
    except (urllib.error.URLError, OSError) as error:
        return str(error)


def check_in() -> int | None:
    """The number that a patient gets from the command line, by her code and birth date."""
    settings = ["--settings", str(DATA / "demo.toml")]
    command = [".venv/bin/kiosk", *settings, "checkin", "--code", "-", "--birth-date", BORN, "--clinic", CLINIC]
    done = subprocess.run([*command, "--json"], input=CODE, capture_output=True, text=True, check=False)
    if done.returncode:
        say(f"       {done.stdout}{done.stderr}")
        return None
    number: int = json.loads(done.stdout)["ticket"]["number"]
    return number


def memory() -> None:
    """Print the proportional share of each process, in megabytes."""
    total = 0.0
    for process in demo_processes():
        if words(process).startswith("make"):
            continue
        rollup = (process / "smaps_rollup").read_text(encoding="ascii")
        share = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024
        say(f"       {share:6.1f} MB  {words(process)[-60:]}")
        total += share
    check(good=total < MEMORY_AIM, what=f"all processes at rest: {total:.0f} MB PSS (aim: under {MEMORY_AIM})")


def first_start() -> tuple[Start, int | None]:
    start = Start(FIRST_START_SECONDS)
    say(OUTPUT.read_text(encoding="utf-8"))
    check(good=True, what=f"first start, with the Python environment: {start.seconds:.1f} s")
    for address in (PATIENT, STAFF):
        answer = ready(address)
        check(good=answer.startswith("200"), what=f"{address}/readyz: {answer}")
    number = check_in()
    check(good=number is not None, what=f"kiosk checkin: number {number}")
    check(good=check_in() == number, what="the same code again: the same number")
    page = signed_in().open(f"{STAFF}/doctor/").read().decode()
    check(good="Minh Nguyệt" in page, what="the doctor's list shows the patient")
    time.sleep(REST_SECONDS)
    memory()
    return start, number


def later_starts(number: int | None) -> None:
    """Start again and again, and end it in another way each time."""
    ends: list[tuple[str, Callable[[Start], None], bool]] = [
        ("SIGTERM", lambda start: os.kill(start.supervisor, signal.SIGTERM), True),
        ("SIGHUP", lambda start: os.kill(start.supervisor, signal.SIGHUP), True),
        ("SIGKILL to the supervisor", lambda start: os.kill(start.supervisor, signal.SIGKILL), False),
        ("SIGTERM to make itself", lambda start: start.make.terminate(), False),
    ]
    seconds = []
    for how, end, judged in ends:
        start = Start(60)
        seconds.append(start.seconds)
        say(f"       started again in {start.seconds:.1f} s (load {os.getloadavg()[0]:.1f})")
        if how == "SIGTERM":
            check(good=check_in() == number, what="data stay: the same code, the same number")
        stops(start, partial(end, start), how, judged=judged)
    check(good=min(seconds) < START_AIM, what=f"fastest later start {min(seconds):.1f} s (under {START_AIM:.0f})")


def main() -> None:
    say(f"  user {os.getuid()}, capabilities {_status(Path('/proc/self'), 'CapEff')}, no terminal")
    start, number = first_start()
    stops(start, lambda: os.kill(start.supervisor, signal.SIGINT), "SIGINT")
    later_starts(number)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
