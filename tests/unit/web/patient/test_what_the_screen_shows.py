"""The patient's pages: after a restart, beside another card, with a dead device, and once somebody was called."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from kiosk.checkin import help_patient, queue
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import BusUnreachable
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.actor import Actor
from kiosk.model.checkin import Stage
from kiosk.model.events import Command, CommandKind, StationHealth
from kiosk.ports.devices import SignalSource
from tests.support.patient_site import STATION, PatientSite, PlainBrowser, demo_settings
from tests.support.small_hospital import GIA_QR, MAU_QR, SetClock

WELCOME = "Kính chào ông/bà"


class SilentBus(MemoryBus):
    """A Redis that does not answer."""

    def stations(self) -> Sequence[StationHealth]:
        raise BusUnreachable("stopped")


def show(station: LocalCheckIns, payload: str) -> None:
    station.claim(STATION, payload, SignalSource.CAMERA)


def to_ticket(screen: PlainBrowser, station: LocalCheckIns, payload: str = GIA_QR, clinic: str = "noi") -> str:
    show(station, payload)
    screen.open()
    screen.press("/name", answer="yes")
    return screen.press("/clinic", clinic=clinic)


def restarted(site: PatientSite) -> PlainBrowser:
    """Another process with another key, and another browser."""
    return PlainBrowser(site.app())


# --- after a restart


def test_a_number_that_was_put_away_is_not_there_after_a_restart(
    site: PatientSite, screen: PlainBrowser, station: LocalCheckIns
) -> None:
    to_ticket(screen, station)
    screen.press("/leave")
    later = restarted(site)
    later.open()
    assert later.heading == WELCOME
    assert "ticket__number" not in later.page


def test_the_same_browser_sees_no_number_after_a_restart(
    site: PatientSite, screen: PlainBrowser, station: LocalCheckIns, clock: SetClock
) -> None:
    to_ticket(screen, station)
    screen.app = site.app()
    old, screen.client = screen.client, screen.app.test_client()
    for name in ("kiosk_patient", "kiosk_seen", "kiosk_patient_form"):
        if cookie := old.get_cookie(name):
            screen.client.set_cookie(name, cookie.value)
    clock.pass_time(seconds=40)
    screen.open()
    assert screen.heading == WELCOME


def test_a_number_that_nobody_put_away_ends_with_its_time_in_any_browser(
    site: PatientSite, screen: PlainBrowser, station: LocalCheckIns, clock: SetClock
) -> None:
    to_ticket(screen, station)
    early = restarted(site)
    early.open()
    assert "ticket__number" in early.page
    clock.pass_time(seconds=36)
    late = restarted(site)
    late.open()
    assert late.heading == WELCOME
    assert station.newest(STATION) is None


def test_a_page_of_who_walked_away_ends_with_its_time_in_any_browser(
    site: PatientSite, screen: PlainBrowser, station: LocalCheckIns, clock: SetClock
) -> None:
    show(station, MAU_QR)
    screen.open()
    screen.press("/name", answer="yes")
    clock.pass_time(seconds=70)
    later = restarted(site)
    later.open()
    assert later.heading == WELCOME
    assert station.current(STATION) is None


# --- another card


def test_another_card_shows_its_own_name_and_says_so(screen: PlainBrowser, station: LocalCheckIns) -> None:
    show(station, MAU_QR)
    screen.open()
    screen.press("/name", answer="yes")
    assert '<p class="whose" id="whose">' in screen.page
    assert "NGUYỄN T** M**" in screen.page
    before = screen.page
    show(station, GIA_QR)
    # a touch on the page that is still there
    screen.page = before
    screen.press("/appointment", appointment="eye-0930")
    assert screen.heading == "Có phải ông/bà là"
    assert "TRẦN V** G**" in screen.page
    assert "Thẻ khác vừa được đưa vào: bắt đầu lại." in screen.page
    assert "NGUYỄN" not in screen.page
    screen.press("/language", language="en")
    assert "Another card was shown: starting again." in screen.page


def test_the_choice_of_a_clinic_bears_the_masked_name(screen: PlainBrowser, station: LocalCheckIns) -> None:
    show(station, GIA_QR)
    screen.open()
    screen.press("/name", answer="yes")
    assert "TRẦN V** G**" in screen.page


# --- a number is changed, and a further one taken


def test_the_clinic_is_chosen_again_on_the_ticket(screen: PlainBrowser, station: LocalCheckIns, bus: MemoryBus) -> None:
    page = to_ticket(screen, station)
    assert 'href="/other-clinic"' in page
    assert "TRẦN" not in page
    screen.open("/other-clinic")
    assert screen.heading == "Chọn lại phòng khám"
    assert "TRẦN V** G**" in screen.page
    assert "Nội tổng quát" not in screen.page.split("list clinics")[1]
    screen.press("/other-clinic", clinic="mat")
    assert "Đã đổi phòng; số cũ đã bỏ." in screen.page
    assert "Phòng 201" in screen.page
    view = station.newest(STATION)
    assert view
    assert [order for _, order in bus.commands(STATION, "0-0", 0)] == [Command(CommandKind.PRINT, view.id)] * 2


def test_a_clinic_that_cannot_be_changed_is_said_and_the_number_stays(
    screen: PlainBrowser, station: LocalCheckIns, services: Services
) -> None:
    to_ticket(screen, station)
    screen.open("/other-clinic")
    queue.call_next(services, clinic_id="noi", by=Actor.staff("bacsi"))
    screen.press("/other-clinic", clinic="mat")
    assert "số của ông/bà vẫn giữ nguyên" in screen.page
    assert "Phòng 101" in screen.page
    assert 'href="/other-clinic"' not in screen.page


def test_a_further_clinic_begins_with_the_name(screen: PlainBrowser, station: LocalCheckIns) -> None:
    to_ticket(screen, station)
    screen.press("/further-clinic")
    assert screen.heading == "Có phải ông/bà là"
    screen.press("/name", answer="yes")
    screen.press("/clinic", clinic="mat")
    assert "Phòng 201" in screen.page
    assert "Số khác: 1 · Phòng 101" in screen.page


# --- called


def test_who_was_called_is_asked_into_the_room(
    screen: PlainBrowser, station: LocalCheckIns, services: Services
) -> None:
    to_ticket(screen, station)
    mark = screen.body["mark"]
    queue.call_next(services, clinic_id="noi", by=Actor.staff("bacsi"))
    assert screen.client.get("/state", base_url="http://localhost").json["mark"] != mark  # type: ignore[index] # an object
    screen.open()
    assert screen.heading == "Đến lượt ông/bà"
    assert "Ông/bà đã được mời." in screen.page
    assert "Mời ông/bà vào Phòng 101" in screen.page
    assert "người tiếp theo" not in screen.page
    assert "Mời ông/bà vào Phòng 101 ngay" in screen.body["speak"]


# --- somebody comes


def test_somebody_is_promised_only_once_somebody_said_so(
    screen: PlainBrowser, station: LocalCheckIns, services: Services
) -> None:
    show(station, MAU_QR)
    screen.open()
    screen.press("/help")
    assert '<div id="help-told">' in screen.page
    assert '<div id="help-coming" hidden>' in screen.page
    assert "Nhân viên đang đến" not in screen.body["speak"]
    view = station.current(STATION)
    assert view
    mark = screen.body["mark"]
    help_patient.coming(services, view.id, by=Actor.staff("letan"))
    assert screen.client.get("/state", base_url="http://localhost").json["mark"] != mark  # type: ignore[index] # an object
    screen.open()
    assert '<div id="help-coming">' in screen.page
    assert '<div id="help-told" hidden>' in screen.page


# --- a device that does not work


@pytest.mark.parametrize("scanner", ["simulated", "none"])
def test_nobody_is_asked_to_hold_a_card_before_a_dead_camera(
    station: LocalCheckIns, clock: SetClock, bus: MemoryBus, scanner: str
) -> None:
    settings = demo_settings(scanner=scanner)
    screen = PlainBrowser(PatientSite(station, clock, bus, settings=settings, dead=("camera",)).app())
    screen.open()
    assert "Máy quay tạm chưa dùng được" in screen.page
    screen.press("/start")
    assert "trước ô kính" not in screen.page
    assert 'id="preview"' not in screen.page
    assert "Nhập số" in screen.page
    assert ("máy quét cầm tay" in screen.heading) is (scanner == "simulated")
    assert "ô kính" not in screen.body["speak"]


def test_the_page_changes_when_the_camera_dies_and_when_it_is_back(
    station: LocalCheckIns, clock: SetClock, bus: MemoryBus
) -> None:
    site = PatientSite(station, clock, bus)
    screen = PlainBrowser(site.app())
    screen.open()
    screen.press("/start")
    marks = []
    for dead in ((), ("camera",), ()):
        site.dead = dead
        site.beat()
        marks.append(screen.client.get("/state", base_url="http://localhost").json["mark"])  # type: ignore[index] # an object
    assert marks[0] == marks[2] != marks[1]


def test_a_silent_station_is_a_dead_camera_and_a_silent_bus_is_nobodys_word(
    station: LocalCheckIns, clock: SetClock
) -> None:
    bus = MemoryBus()
    screen = PlainBrowser(PatientSite(station, clock, bus).app())
    assert "Máy quay tạm" not in screen.open()
    bus.beat(StationHealth(STATION, clock.now(), {}), timedelta(0))
    assert "Máy quay tạm" in screen.open()
    unknown = PlainBrowser(PatientSite(station, clock, SilentBus()).app())
    assert "Máy quay tạm" not in unknown.open()


def test_a_dead_reader_is_said_where_a_card_would_be_laid(
    station: LocalCheckIns, clock: SetClock, bus: MemoryBus
) -> None:
    settings = demo_settings(card_reader="simulated")
    screen = PlainBrowser(PatientSite(station, clock, bus, settings=settings, dead=("card_reader",)).app())
    show(station, MAU_QR)
    screen.open()
    assert station.current(STATION)
    assert "Đầu đọc thẻ tạm chưa dùng được" in screen.page
    assert "Mời ông/bà đặt thẻ căn cước lên đầu đọc" not in screen.page


def test_the_repeated_code_asks_on_the_same_page_as_a_number(screen: PlainBrowser, station: LocalCheckIns) -> None:
    to_ticket(screen, station)
    screen.press("/leave")
    show(station, GIA_QR)
    screen.open()
    assert screen.heading == "Mời ông/bà nhập ngày sinh"
    assert "TRẦN" not in screen.page
    screen.press("/birth-date", day="1", month="1", year="1950")
    assert "Số và ngày sinh chưa khớp; còn 2 lần nhập." in screen.page
    view = station.current(STATION)
    assert view
    assert view.stage is Stage.BIRTH_DATE
