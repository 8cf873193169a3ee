"""The demo's bench: what lies before the simulated devices, as files in the runtime folder.

The web process writes, the station reads, and the other way round for printed tickets. Each file appears whole, by
rename. Nothing here is ever beside a real patient: the settings refuse simulated devices outside the demo.
"""

import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from kiosk.errors import ConfigurationError, InputError
from kiosk.ports.devices import BenchState, HeldFace

DEVICES = ("camera", "scanner", "printer", "card_reader")
TICKETS_KEPT = 50
TAKEN_AWAY_SECONDS = 4.0
"""Longer than a station needs to see that a code is gone."""
SCAN_EXPIRES_SECONDS = 5.0
"""A line that no scanner took in this time was scanned while nobody listened."""


def record_off_flag(runtime_dir: Path) -> Path:
    """While this file exists, the folder record behaves as unreachable."""
    return runtime_dir / "bench" / "record-off"


def redis_off_flag(runtime_dir: Path) -> Path:
    """While this file exists, the supervisor keeps Redis stopped."""
    return runtime_dir / "bench" / "redis-off"


def clock_ahead_flag(runtime_dir: Path) -> Path:
    """While this file exists, the host's clock is a day ahead."""
    return runtime_dir / "bench" / "clock-ahead"


class FileBench:
    """Port `DeviceBench`, and what the simulated devices ask of it.

    Args:
        runtime_dir: private to this user.

    Raises:
        ConfigurationError: the folder cannot be used.
    """

    def __init__(self, runtime_dir: Path) -> None:
        self._folder = runtime_dir / "bench"
        self._record_off = record_off_flag(runtime_dir)
        self._redis_off = redis_off_flag(runtime_dir)
        self._clock_ahead = clock_ahead_flag(runtime_dir)
        try:
            for folder in (self._folder, self._folder / "scans", self._folder / "tickets"):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"cannot make the bench's folder {self._folder}: {error.strerror}") from error

    def state(self) -> BenchState:
        """What is set now; `tickets` are the printed texts, newest first."""
        return BenchState(
            picture=self._picture.exists(),
            unplugged=tuple(device for device in DEVICES if not self.plugged(device)),
            paper_out=self.paper_out(),
            record_off=self._record_off.exists(),
            redis_off=self._redis_off.exists(),
            clock_ahead=self._clock_ahead.exists(),
            tickets=tuple(_texts(reversed(self._files("tickets")))),
            card=self._card.exists(),
            face=self.face(),
        )

    def hold_up(self, picture: bytes | None) -> None:
        """Put a JPEG or PNG before the camera, or take it away.

        The picture that is there already goes away for 4 s first, as a hand would take it.

        Raises:
            InputError: it is no such picture.
        """
        seen = None if picture is None else _as_seen(picture)
        self._behaviour.unlink(missing_ok=True)
        if seen is None:
            self._picture.unlink(missing_ok=True)
            return
        again = self._picture.exists() and self._picture.read_bytes() == seen
        self._write(self._picture, seen)
        if again:
            visible_from = time.time() + TAKEN_AWAY_SECONDS
            os.utime(self._picture, (visible_from, visible_from))

    def hold_face(self, picture: bytes, behaviour: HeldFace) -> None:
        """Let a person, given as a JPEG or PNG of the face, stand before the camera; `hold_up(None)` ends it.

        Raises:
            InputError: it is no such picture.
        """
        seen = _as_seen(picture, fill=True)
        self._write(self._behaviour, behaviour.encode())
        self._write(self._picture, seen)

    def scan(self, line: str) -> None:
        """Let the hand scanner read this line."""
        self._write(self._new_file("scans"), line.encode(errors="replace"))

    def plug(self, device: str, *, connected: bool) -> None:
        """Unplug or plug in ``camera``, ``scanner``, ``printer`` or ``card_reader``.

        Raises:
            InputError: kind ``unknown_device``, field ``device``.
        """
        if device not in DEVICES:
            raise InputError("unknown_device", "device", f"expected one of {', '.join(DEVICES)}")
        _set(self._folder / f"unplugged-{device}", on=not connected)

    def set_paper(self, *, out: bool) -> None:
        """Take the paper out, or put it in."""
        _set(self._folder / "paper-out", on=out)

    def switch_record(self, *, off: bool) -> None:
        """Let the hospital's record be unreachable."""
        _set(self._record_off, on=off)

    def switch_redis(self, *, off: bool) -> None:
        """Stop Redis, or start it again."""
        _set(self._redis_off, on=off)

    def set_clock(self, *, ahead: bool) -> None:
        """Set the host's clock a day ahead, or right again."""
        _set(self._clock_ahead, on=ahead)

    def lay_card(self, card: bytes | None) -> None:
        """Lay a virtual chip card on the reader, given as the content of its file, or take it away."""
        if card is None:
            self._card.unlink(missing_ok=True)
        else:
            self._write(self._card, card)

    def laid_card(self) -> tuple[str, bytes] | None:
        """The card on the reader: a word that differs with each laying, and the content of its file."""
        try:
            with self._card.open("rb") as file:
                stat = os.fstat(file.fileno())
                return f"{stat.st_ino}-{stat.st_mtime_ns}", file.read()
        except FileNotFoundError:
            return None

    def plugged(self, device: str) -> bool:
        """Whether a device is connected."""
        return not (self._folder / f"unplugged-{device}").exists()

    def paper_out(self) -> bool:
        """Whether the printer has no paper."""
        return (self._folder / "paper-out").exists()

    def picture(self) -> bytes | None:
        """The JPEG before the camera."""
        try:
            if self._picture.stat().st_mtime > time.time():
                return None
            return self._picture.read_bytes()
        except FileNotFoundError:
            return None

    def face(self) -> HeldFace | None:
        """What the person before the camera does; None for a picture that nobody called a person."""
        try:
            return HeldFace(self._behaviour.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def take_lines(self) -> list[bytes]:
        """What was scanned since, each once, in order."""
        files = self._files("scans")
        lines = [file.read_bytes() for file in files if _age_seconds(file) < SCAN_EXPIRES_SECONDS]
        for file in files:
            file.unlink()
        return lines

    def keep_ticket(self, text: str) -> None:
        """A ticket came out of the printer."""
        self._write(self._new_file("tickets"), text.encode())
        for file in self._files("tickets")[:-TICKETS_KEPT]:
            file.unlink(missing_ok=True)

    @property
    def _picture(self) -> Path:
        return self._folder / "picture.jpg"

    @property
    def _behaviour(self) -> Path:
        return self._folder / "face"

    @property
    def _card(self) -> Path:
        return self._folder / "card.json"

    def _files(self, folder: str) -> list[Path]:
        return sorted((self._folder / folder).glob("[0-9]*"))

    def _new_file(self, folder: str) -> Path:
        return self._folder / folder / f"{time.time_ns():020}-{secrets.token_hex(4)}"

    def _write(self, path: Path, content: bytes) -> None:
        unfinished = self._folder / f".{secrets.token_hex(8)}"
        unfinished.write_bytes(content)
        unfinished.replace(path)


def _as_seen(picture: bytes, *, fill: bool = False) -> bytes:
    # the image library is needed when somebody holds something up, not in every process of the demo
    from kiosk.hardware.simulated.picture import as_camera_picture  # noqa: PLC0415 # see above

    return as_camera_picture(picture, fill=fill)


def _age_seconds(file: Path) -> float:
    return time.time() - int(file.name.partition("-")[0]) / 1e9


def _texts(files: Iterator[Path]) -> Iterator[str]:
    for file in files:
        try:
            yield file.read_text(encoding="utf-8")
        except FileNotFoundError:
            continue


def _set(flag: Path, *, on: bool) -> None:
    if on:
        flag.touch(mode=0o600)
    else:
        flag.unlink(missing_ok=True)
