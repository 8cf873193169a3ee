"""The patient's way without scripts: plain forms, one question a screen."""

from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import BusUnreachable
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.checkin import Reason, Stage
from kiosk.model.events import Command, CommandKind
from kiosk.model.queue import PrintState
from kiosk.ports.devices import SignalSource
from tests.support.patient_site import STATION, PatientSite, PlainBrowser, demo_settings
from tests.support.small_hospital import GIA_QR, MAU_QR, STRANGER_QR, SetClock, SmallRecord


class SilentBus(MemoryBus):
    """A bus whose server is stopped."""

    def command(self, station_id: str, command: Command) -> None:
        raise BusUnreachable(f"stopped: {command.kind} at {station_id}")


def show(station: LocalCheckIns, payload: str) -> None:
    station.claim(STATION, payload, SignalSource.CAMERA)


def to_ticket(screen: PlainBrowser, station: LocalCheckIns, payload: str = MAU_QR) -> str:
    screen.press("/start")
    show(station, payload)
    screen.open()
    screen.press("/name", answer="yes")
    return screen.press("/clinic", clinic="noi")


def printed(bus: MemoryBus) -> list[Command]:
    return [command for _, command in bus.commands(STATION, "0-0", 0)]


def test_a_shown_code_leads_to_a_number_in_five_screens(screen: PlainBrowser, station: LocalCheckIns) -> None:
    assert screen.heading == "Kính chào ông/bà"
    screen.press("/start")
    assert screen.heading == "Mời ông/bà đưa thẻ trước ô kính"
    show(station, MAU_QR)
    assert "NGUYỄN T** M**" in screen.open()
    screen.press("/name", answer="yes")
    assert "09:30" in screen.page
    assert "Phòng 201" in screen.page
    screen.press("/appointment", appointment="eye-0930")
    assert screen.heading == "Số thứ tự của ông/bà"
    assert 'ticket__number numeric">1<' in screen.page
    assert "Mời ông/bà đến Phòng 201" in screen.page
    assert "Ông/bà là người tiếp theo." in screen.page


def test_a_code_shown_at_the_welcome_screen_is_followed(screen: PlainBrowser, station: LocalCheckIns) -> None:
    show(station, MAU_QR)
    assert "NGUYỄN T** M**" in screen.open()


def test_a_stranger_at_the_welcome_screen_gets_a_number_of_reception(
    screen: PlainBrowser, station: LocalCheckIns
) -> None:
    show(station, STRANGER_QR)
    screen.open()
    assert "Mời ông/bà đến quầy tiếp đón" in screen.page
    assert 'ticket__number numeric">1<' in screen.page


def test_a_number_is_printed_once_however_often_the_button_is_tapped(
    screen: PlainBrowser, station: LocalCheckIns, bus: MemoryBus
) -> None:
    screen.press("/start")
    show(station, MAU_QR)
    screen.open()
    screen.press("/name", answer="yes")
    version = screen.hidden("version")
    screen.press("/clinic", clinic="noi")
    screen.press("/clinic", clinic="noi", version=version)
    screen.press("/clinic", clinic="mat", version=version)
    assert "Mời ông/bà đến Phòng 101" in screen.page
    view = station.newest(STATION)
    assert view
    assert printed(bus) == [Command(CommandKind.PRINT, view.id)]


def test_another_paper_is_printed_when_asked_for(screen: PlainBrowser, station: LocalCheckIns, bus: MemoryBus) -> None:
    to_ticket(screen, station)
    screen.press("/print")
    assert len(printed(bus)) == 2


def test_the_same_code_again_shows_the_same_number(
    screen: PlainBrowser, station: LocalCheckIns, bus: MemoryBus, clock: SetClock
) -> None:
    to_ticket(screen, station, GIA_QR)
    screen.press("/leave")
    clock.pass_time(minutes=1)
    screen.press("/start")
    show(station, GIA_QR)
    screen.open()
    assert screen.heading == "Mời ông/bà nhập ngày sinh"
    screen.press("/birth-date", day="2", month="1", year="1940")
    screen.press("/name", answer="yes")
    assert screen.heading == "Ông/bà đã lấy số này rồi"
    assert 'ticket__number numeric">1<' in screen.page
    assert len(printed(bus)) == 2


def test_without_redis_the_number_is_given_and_the_screen_says_that_no_paper_comes(
    station: LocalCheckIns, clock: SetClock
) -> None:
    screen = PlainBrowser(PatientSite(station, clock, SilentBus()).app())
    screen.open()
    to_ticket(screen, station)
    assert 'ticket__number numeric">1<' in screen.page
    assert "Chưa in được; mời nhớ số này." in screen.page
    view = station.newest(STATION)
    assert view
    assert view.ticket
    assert view.ticket.print_state is PrintState.FAILED


def test_a_kiosk_without_a_printer_asks_to_remember_the_number(
    station: LocalCheckIns, clock: SetClock, bus: MemoryBus
) -> None:
    screen = PlainBrowser(PatientSite(station, clock, bus, demo_settings(printer="none")).app())
    screen.open()
    to_ticket(screen, station)
    assert "Mời ông/bà nhớ số này." in screen.page
    assert "In lại" not in screen.page
    assert printed(bus) == []


def test_a_typed_number_is_followed_by_the_birth_date(screen: PlainBrowser) -> None:
    screen.press("/start")
    screen.open("/number")
    screen.press("/number", number=" bn-000 123 ")
    assert screen.heading == "Mời ông/bà nhập ngày sinh"
    assert "MẪU" not in screen.page
    screen.press("/birth-date", day="5", month="3", year="1990")
    assert "NGUYỄN T** M**" in screen.page


def test_a_notice_is_spoken_before_the_question(screen: PlainBrowser) -> None:
    screen.open()
    screen.press("/start")
    screen.open("/number")
    screen.press("/number", number="BN000123")
    screen.press("/birth-date", day="1", month="1", year="1991")
    assert screen.body["speak"] == "Số và ngày sinh chưa khớp; còn 2 lần nhập. Mời ông/bà nhập ngày sinh."


def test_an_unknown_number_and_a_wrong_date_read_the_same(site: PatientSite) -> None:
    pages = []
    for number in ("BN000123", "BN999999"):
        screen = PlainBrowser(site.app())
        screen.open()
        screen.press("/start")
        screen.open("/number")
        screen.press("/number", number=number)
        page = screen.press("/birth-date", day="1", month="1", year="1991")
        assert "Số và ngày sinh chưa khớp; còn 2 lần nhập." in page
        for secret in (screen.body["mark"], screen.hidden("csrf_token")):
            page = page.replace(secret, "…")
        pages.append(page)
        screen.press("/back")
        screen.press("/leave")
    assert pages[0] == pages[1]


def test_three_misses_lead_to_reception(screen: PlainBrowser) -> None:
    screen.press("/start")
    screen.open("/number")
    screen.press("/number", number="BN000123")
    for _ in range(3):
        screen.press("/birth-date", day="1", month="1", year="1991")
    assert "Mời ông/bà đến quầy tiếp đón" in screen.page


def test_the_second_failure_makes_the_page_call_a_person(screen: PlainBrowser) -> None:
    screen.press("/start")
    screen.open("/number")
    screen.press("/number", number="BN000123")
    screen.press("/birth-date", day="1", month="1", year="1991")
    assert "struggling" not in screen.body
    screen.press("/birth-date", day="1", month="1", year="1991")
    assert "struggling" in screen.body


def test_two_unusable_codes_count_as_two_failures(screen: PlainBrowser, station: LocalCheckIns) -> None:
    screen.press("/start")
    show(station, "%%%")
    screen.open()
    assert "Chưa dùng được mã này." in screen.page
    screen.open()
    assert "struggling" not in screen.body
    show(station, "###")
    screen.open()
    assert "struggling" in screen.body


def test_after_too_many_failures_numbers_are_not_taken_here(screen: PlainBrowser, clock: SetClock) -> None:
    for number in ("BN000123", "BN000777"):
        clock.pass_time(minutes=1)
        screen.press("/start")
        screen.open("/number")
        screen.press("/number", number=number)
        for _ in range(3):
            screen.press("/birth-date", day="1", month="1", year="1991")
        screen.press("/leave")
    screen.press("/start")
    assert "Máy đang tạm ngừng nhận số nhập tay." in screen.page
    assert "Nhập số" not in screen.page
    assert "Mời ông/bà đưa thẻ trước ô kính" in screen.open("/number")


def test_an_impossible_birth_date_is_asked_again_and_costs_no_try(screen: PlainBrowser) -> None:
    screen.press("/start")
    screen.open("/number")
    screen.press("/number", number="BN000123")
    for day, month, year in (
        ("31", "2", "1990"),
        ("", "", ""),
        ("5", "3", "90"),
        ("1", "1", "2090"),
        ("5", "", "1990"),
    ):
        screen.press("/birth-date", day=day, month=month, year=year)
        assert "Ngày sinh chưa hợp lệ." in screen.page
    screen.press("/birth-date", day="5", month="3", year="1990")
    assert "NGUYỄN T** M**" in screen.page


def test_an_empty_or_endless_number_is_asked_again(screen: PlainBrowser) -> None:
    screen.press("/start")
    screen.open("/number")
    assert "Mời ông/bà nhập số rồi chạm Tiếp tục." in screen.press("/number", number="  ")
    assert "Chưa dùng được số này." in screen.press("/number", number="1" * 40)
    assert "Chưa dùng được số này." in screen.press("/number", number="12")


def test_not_me_drops_the_claim_and_offers_the_next_way(screen: PlainBrowser, station: LocalCheckIns) -> None:
    show(station, MAU_QR)
    screen.open()
    screen.press("/name", answer="no")
    assert "Xin lỗi ông/bà. Mời ông/bà đưa thẻ của chính mình." in screen.page
    assert "NGUYỄN" not in screen.page


def test_back_leads_one_question_back_and_at_last_to_the_welcome_screen(
    screen: PlainBrowser, station: LocalCheckIns
) -> None:
    show(station, MAU_QR)
    screen.open()
    screen.press("/name", answer="yes")
    assert screen.press("/back").count("Mời ông/bà đưa thẻ trước ô kính")
    screen.press("/back")
    assert screen.heading == "Kính chào ông/bà"
    assert station.current(STATION) is None


def test_help_keeps_the_place_and_tells_reception(
    screen: PlainBrowser, station: LocalCheckIns, services: Services, clock: SetClock
) -> None:
    show(station, MAU_QR)
    screen.open()
    screen.press("/help")
    assert "NGUYỄN T** M**" in screen.page
    assert '<div id="help-told">' in screen.page
    assert '<div id="help-coming" hidden>' in screen.page
    with services.storage.read() as work:
        assert [item.help_reason for item in work.check_ins.needing_help(clock.today())] == [Reason.ASKED_FOR_HELP]


def test_whoever_asked_for_help_is_given_more_time(screen: PlainBrowser) -> None:
    screen.press("/start")
    usual = int(screen.body["idle"])
    screen.press("/help")
    assert int(screen.body["idle"]) > usual


def test_help_from_a_script_answers_with_the_new_version(screen: PlainBrowser, station: LocalCheckIns) -> None:
    screen.press("/start")
    answer = screen.client.post(
        "/help",
        data={"csrf_token": screen.hidden("csrf_token"), "struggling": "yes"},
        base_url="http://localhost",
        headers={"Accept": "application/json"},
    )
    view = station.current(STATION)
    assert view
    assert answer.json
    assert (answer.json["version"], answer.json["next"]) == (view.version, "/")
    assert view.help_told


def test_the_record_away_is_told_calmly_and_a_number_is_given(
    screen: PlainBrowser, station: LocalCheckIns, record: SmallRecord
) -> None:
    record.off = True
    show(station, MAU_QR)
    screen.open()
    screen.press("/name", answer="yes")
    assert "Chưa mở được hồ sơ bệnh án." in screen.page
    screen.press("/clinic", clinic="noi")
    assert 'ticket__number numeric">1<' in screen.page


def test_a_discreet_clinic_is_a_room_number(screen: PlainBrowser, station: LocalCheckIns) -> None:
    show(station, GIA_QR)
    screen.open()
    screen.press("/name", answer="yes")
    assert "Phòng 305" in screen.page
    screen.press("/clinic", clinic="tam")
    assert "Tâm thần" not in screen.page
    assert "Mời ông/bà đến Phòng 305" in screen.page


def test_when_all_clinics_are_closed_a_person_is_the_way_on(
    screen: PlainBrowser, station: LocalCheckIns, clock: SetClock
) -> None:
    clock.pass_time(hours=12)
    show(station, GIA_QR)
    screen.open()
    screen.press("/name", answer="yes")
    assert "Mời ông/bà đến quầy tiếp đón" in screen.page


def test_the_language_is_changed_on_any_screen(screen: PlainBrowser, station: LocalCheckIns) -> None:
    show(station, MAU_QR)
    screen.open()
    screen.press("/language", language="en")
    assert screen.heading == "Is this you?"
    view = station.current(STATION)
    assert view
    assert view.language == "en"
    screen.press("/language", language="vi")
    assert screen.heading == "Có phải ông/bà là"
    screen.press("/language", language="xx")
    assert screen.heading == "Có phải ông/bà là"


def test_a_code_shown_at_an_english_welcome_screen_goes_on_in_english(
    screen: PlainBrowser, station: LocalCheckIns
) -> None:
    screen.press("/language", language="en")
    show(station, MAU_QR)
    screen.open()
    assert screen.heading == "Is this you?"
    screen.press("/name", answer="yes")
    assert "Eye clinic" in screen.page
    assert "Room 201" in screen.page


def test_switches_hold_until_the_patient_ends(screen: PlainBrowser, station: LocalCheckIns) -> None:
    screen.press("/switch", switch="contrast")
    screen.press("/switch", switch="low")
    screen.press("/switch", switch="voice")
    screen.press("/switch", switch="check_in")
    assert 'data-contrast="high" data-position="low"' in screen.page
    to_ticket(screen, station)
    assert 'data-contrast="high" data-position="low"' in screen.page
    assert "voice" in screen.body
    screen.press("/leave")
    assert "data-contrast" not in screen.page
    assert "voice" not in screen.body


def test_the_voice_starts_as_the_hospital_wants(station: LocalCheckIns, clock: SetClock) -> None:
    screen = PlainBrowser(PatientSite(station, clock, settings=demo_settings(voice=True)).app())
    screen.open()
    assert "voice" in screen.body
    screen.press("/switch", switch="voice")
    assert "voice" not in screen.body


def test_the_next_code_replaces_a_finished_ticket(screen: PlainBrowser, station: LocalCheckIns) -> None:
    to_ticket(screen, station)
    show(station, GIA_QR)
    assert "TRẦN V** G**" in screen.open()


def test_a_step_that_comes_too_late_shows_what_is_now(screen: PlainBrowser, station: LocalCheckIns) -> None:
    show(station, MAU_QR)
    screen.open()
    view = station.current(STATION)
    assert view
    station.leave(STATION, view.id)
    screen.press("/name", answer="yes")
    assert screen.heading == "Kính chào ông/bà"
    assert station.view(STATION, view.id).stage is Stage.ABANDONED


def test_an_abandoned_page_cannot_act_on_the_next_patient(screen: PlainBrowser, station: LocalCheckIns) -> None:
    show(station, MAU_QR)
    screen.open()
    left = station.current(STATION)
    assert left
    station.leave(STATION, left.id)
    show(station, GIA_QR)
    screen.press("/name", answer="yes")
    assert "TRẦN V** G**" in screen.page
    present = station.current(STATION)
    assert present
    assert present.stage is Stage.IS_THIS_YOU
