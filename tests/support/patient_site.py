"""The patient's screen over the small hospital, a browser without scripts, and a bench that remembers what was done."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from kiosk.errors import BusUnreachable, DeviceError, InputError, NotFound
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.events import DeviceState, StationHealth
from kiosk.ports.check_ins import CheckIns
from kiosk.ports.devices import BenchState, HeldFace
from kiosk.ports.live import Bus, ScreenPass
from kiosk.ports.time import Clock
from kiosk.settings import Settings
from kiosk.settings.sections import HospitalSettings, PolicySettings, StationSettings
from kiosk.web.bench.people import BenchPerson
from kiosk.web.patient_app import PatientParts, create_patient_app
from tests.support.compiled_templates import with_compiled_templates
from tests.support.small_hospital import MAU_QR

STATION = "kiosk-1"
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class StillCamera:
    """A preview of one picture, as often as asked for; None when no station answers."""

    picture: bytes | None = b"\xff\xd8picture"
    pause: float = 0

    def frames(self) -> Iterator[bytes]:
        """The picture, again and again."""
        while True:
            time.sleep(self.pause)
            if self.picture is None:
                raise DeviceError("absent", "no station answers")
            yield self.picture


class EverybodysPass:
    """A pass that every browser holds: for tests of anything else."""

    def redeem(self, token: str) -> str | None:
        """Whoever asks."""
        return f"pass for {token}"

    def is_held(self, value: str) -> bool:
        """By everybody."""
        return value is not None


@dataclass
class RememberingBench:
    """A device bench that keeps what it was asked for."""

    done: list[tuple[object, ...]] = field(default_factory=list)
    tickets: tuple[str, ...] = ()

    def state(self) -> BenchState:
        """Whatever lies there."""
        return BenchState(
            picture=("hold_up", True) in self.done,
            unplugged=("printer",),
            paper_out=False,
            record_off=False,
            redis_off=True,
            clock_ahead=False,
            tickets=self.tickets,
        )

    def hold_up(self, picture: bytes | None) -> None:
        """Refuse what is no picture, as the real one does."""
        if picture is not None and not picture.startswith(PNG):
            raise InputError("not_a_picture", None, "expected JPEG or PNG")
        self.done.append(("hold_up", picture is not None))

    def hold_face(self, picture: bytes, behaviour: HeldFace) -> None:
        """Remember who does what."""
        self.done.append(("hold_face", picture, behaviour))

    def scan(self, line: str) -> None:
        """Remember the line."""
        self.done.append(("scan", line))

    def plug(self, device: str, *, connected: bool) -> None:
        """Remember the plug."""
        self.done.append(("plug", device, connected))

    def lay_card(self, card: bytes | None) -> None:
        """Remember the card."""
        self.done.append(("lay_card", card))

    def set_paper(self, *, out: bool) -> None:
        """Remember the paper."""
        self.done.append(("paper_out", out))

    def switch_record(self, *, off: bool) -> None:
        """Remember the switch."""
        self.done.append(("record_off", off))

    def set_clock(self, *, ahead: bool) -> None:
        """See the port."""
        self.done.append(("clock_ahead", ahead))

    def switch_redis(self, *, off: bool) -> None:
        """Remember the switch."""
        self.done.append(("redis_off", off))


class TwoPeople:
    """Two invented people with their cards."""

    people = (
        BenchPerson("mau", "Nguyễn Thị Mẫu", "có lịch hẹn", "09:30", ("citizen", "hospital_code")),
        BenchPerson("gia", "Trần Văn Già", "trên 75 tuổi", None, ("citizen",)),
    )

    def search(self, text: str) -> Sequence[BenchPerson]:
        """By name."""
        return [person for person in self.people if text.casefold() in person.name.casefold()]

    def payload(self, person_id: str, card: str) -> str:
        """One code for all."""
        self._find(person_id, card)
        return MAU_QR

    def picture(self, person_id: str, card: str) -> bytes:
        """One picture for all."""
        self._find(person_id, card)
        return PNG + person_id.encode()

    def face(self, person_id: str, beside: str | None = None) -> bytes:
        """A picture that says who it is."""
        for one in filter(None, (person_id, beside)):
            self._find(one, "citizen")
        return PNG + f"face of {person_id} {beside or ''}".strip().encode()

    def profiles(self) -> Sequence[str]:
        """Two kinds."""
        return ("genuine", "cloned")

    def chip_card(self, person_id: str, profile: str) -> bytes:
        """A card that says whose it is."""
        self._find(person_id, "citizen")
        if profile not in self.profiles():
            raise NotFound(profile)
        return f"{person_id} {profile}".encode()

    def _find(self, person_id: str, card: str) -> None:
        if not any(person.id == person_id and card in person.cards for person in self.people):
            raise NotFound(f"{person_id} {card}")


def demo_settings(
    *,
    voice: bool = False,
    printer: str = "simulated",
    card_reader: str = "none",
    scanner: str = "simulated",
    **policy: int,
) -> Settings:
    """A demo with every device simulated."""
    return Settings(
        mode="demo",
        hospital=HospitalSettings(name="Bệnh viện Ví Dụ", name_en="Example Hospital"),
        station=StationSettings(
            camera="simulated", scanner=scanner, printer=printer, card_reader=card_reader, voice=voice
        ),
        policy=PolicySettings(**policy),
    )


@dataclass
class PatientSite:
    """One kiosk: its app and everything behind it."""

    check_ins: CheckIns
    clock: Clock
    bus: Bus = field(default_factory=MemoryBus)
    settings: Settings = field(default_factory=demo_settings)
    preview: StillCamera = field(default_factory=StillCamera)
    bench: RememberingBench = field(default_factory=RememberingBench)
    screen_pass: ScreenPass = field(default_factory=EverybodysPass)
    faces_on: bool = False

    dead: tuple[str, ...] = ()

    def beat(self) -> None:
        """Its station lives, with all devices but those named dead."""
        names = ("camera", "scanner", "printer", "card_reader")
        states = {name: DeviceState.ABSENT if name in self.dead else DeviceState.WORKING for name in names}
        with suppress(BusUnreachable):
            self.bus.beat(StationHealth(STATION, self.clock.now(), states), timedelta(days=1))

    def app(self) -> Flask:
        """The listener, as it would be served, beside a station that lives."""
        self.beat()
        parts = PatientParts(
            self.settings,
            self.check_ins,
            self.bus,
            self.preview,
            self.clock,
            self.screen_pass,
            self.bench,
            TwoPeople(),
            faces_on=self.faces_on,
        )
        return with_compiled_templates(create_patient_app(parts))


@dataclass
class PlainBrowser:
    """A browser without scripts: it opens pages and sends the forms that are on them."""

    app: Flask
    page: str = ""
    visited: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def open(self, path: str = "/") -> str:
        """Go to a page and follow where it leads."""
        answer = self.client.get(path, base_url="http://localhost", follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status)
        self.visited.append(answer.request.full_path)
        self.page = answer.text
        return self.page

    def send(self, path: str, **fields: str) -> TestResponse:
        """Send a form with the token and version of the page at hand."""
        data: dict[str, Any] = {"csrf_token": self.hidden("csrf_token"), "version": self.hidden("version"), **fields}
        return self.client.post(path, data=data, base_url="http://localhost", headers={"Accept": "text/html"})

    def press(self, path: str, **fields: str) -> str:
        """Send a form and see the page that it redirects to."""
        answer = self.send(path, **fields)
        assert answer.status_code == 303, (path, answer.status)
        return self.open(answer.headers["Location"])

    def hidden(self, name: str) -> str:
        """The value of a hidden field of the page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return found[1] if found else ""

    @property
    def heading(self) -> str:
        """The one question of the page."""
        found = re.search(r"<h1>(.*?)</h1>", self.page, re.DOTALL)
        assert found
        return found[1].strip()

    @property
    def body(self) -> dict[str, str]:
        """What the page tells its scripts."""
        found = re.search(r"<body([^>]*)>", self.page)
        assert found
        return dict(re.findall(r'data-([a-z]+)(?:="([^"]*)")?', found[1]))
