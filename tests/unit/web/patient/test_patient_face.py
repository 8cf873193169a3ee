"""The patient's way by face: what is asked, what is said and what is never told."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.checkin.enrol_at_desk import send
from kiosk.checkin.open_record import inspect_document
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.actor import Actor
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import DocumentKind, Enrolment, Intent, Stage
from kiosk.model.chip_card import ChipReading, ChipVerdict, CitizenData
from kiosk.model.events import Command, CommandKind
from kiosk.model.face import AttackOutcome, FaceFeatures, FaceGuide, FaceState, FaceTrouble
from kiosk.model.identity import PartialDate, Sex
from kiosk.model.queue import PrintState
from kiosk.ports.devices import SignalSource
from kiosk.settings import Settings
from kiosk.settings.sections import StationSettings
from kiosk.web.patient.face import guide_text
from tests.support.patient_site import STATION, PatientSite, PlainBrowser
from tests.support.small_faces import enrol, face, sample, with_faces
from tests.support.small_hospital import MAU_QR, SetClock, SmallRecord

HIS, HERS, A_STRANGER_S = face(1), face(2), face(3)
CHIP = ChipReading(
    ChipVerdict.GENUINE,
    citizen=CitizenData("001190012345", "Nguyễn Thị Mẫu", PartialDate(1990, 3, 5), Sex.FEMALE, None),
    portrait=b"\xff\xd8 portrait",
)
SECRETS = ("Mẫu", "MẪU", "Nguyễn", "NGUYỄN", "Già", "GIÀ", "001190012345", "1990", "1940")


@pytest.fixture
def services(tmp_path: Path, services: Services, clock: SetClock) -> Services:
    """Hers is enrolled under MAU; every chip shows her."""
    known = with_faces(services, tmp_path, clock, portrait=HERS)
    enrol(known, "mau", HERS)
    return known


@pytest.fixture
def site(station: LocalCheckIns, clock: SetClock, bus: MemoryBus) -> PatientSite:
    return PatientSite(station, clock, bus, faces_on=True)


@pytest.fixture
def takes(station: LocalCheckIns) -> Callable[..., CheckInView]:
    """The station takes a face for the attempt that is open."""

    def take(features: FaceFeatures, attack: AttackOutcome = AttackOutcome.LIVE) -> CheckInView:
        here = station.current(STATION)
        assert here
        attempt = station.face_attempt(STATION, here.id)
        assert attempt
        return station.claim_face(STATION, here.id, sample(attempt, features, attack))

    return take


def agree(screen: PlainBrowser) -> str:
    screen.press("/start")
    screen.press("/face")
    return screen.press("/face-consent", answer="yes")


def state(screen: PlainBrowser) -> dict[str, object]:
    found = screen.client.get("/state", base_url="http://localhost").json
    assert isinstance(found, dict)
    return found


def test_a_known_face_and_a_birth_date_lead_to_a_number(
    screen: PlainBrowser, takes: Callable[..., CheckInView]
) -> None:
    assert "Bằng khuôn mặt" in screen.press("/start")
    screen.press("/face")
    assert screen.heading == "Ông/bà có đồng ý để máy so khuôn mặt không?"
    assert "Ảnh không được lưu lại." in screen.page
    assert 'src="/preview"' in screen.press("/face-consent", answer="yes")
    takes(HERS)
    screen.open()
    assert screen.heading == "Mời ông/bà nhập ngày sinh"
    assert "NGUYỄN T** M**" in screen.press("/birth-date", day="5", month="3", year="1990")
    screen.press("/name", answer="yes")
    assert screen.heading == "Ông/bà có lịch hẹn hôm nay"
    assert "Số thứ tự" in screen.press("/appointment", appointment="eye-0930")


def test_both_answers_for_consent_weigh_the_same(screen: PlainBrowser) -> None:
    screen.press("/start")
    page = screen.press("/face")
    buttons = re.findall(r'<button class="([^"]*)"[^>]*name="answer" value="(yes|no)"', page)
    assert [answer for _, answer in buttons] == ["yes", "no"]
    assert len({classes for classes, _ in buttons}) == 1


def test_a_form_without_an_answer_is_no_consent(screen: PlainBrowser, station: LocalCheckIns) -> None:
    screen.press("/start")
    screen.press("/face")
    screen.press("/face-consent", answer="maybe")
    here = station.current(STATION)
    assert here
    assert here.stage is Stage.FACE_CONSENT
    assert station.face_attempt(STATION, here.id) is None


def test_whoever_wants_a_person_gets_a_number_of_reception(screen: PlainBrowser) -> None:
    screen.press("/start")
    screen.press("/face")
    assert "Mời ông/bà đến quầy tiếp đón" in screen.press("/face-consent", answer="no")


def test_somebody_and_nobody_read_the_same_before_and_after_a_wrong_date(
    screen: PlainBrowser, takes: Callable[..., CheckInView], clock: SetClock
) -> None:
    def pages(features: FaceFeatures) -> list[str]:
        screen.press("/leave")
        clock.pass_time(hours=25)
        agree(screen)
        takes(features)
        asked = screen.open()
        missed = screen.press("/birth-date", day="1", month="1", year="1991")
        return [asked, missed, screen.press("/birth-date", day="1", month="1", year="1991")]

    known, unknown = pages(HERS), pages(A_STRANGER_S)
    assert [plain(page) for page in known] == [plain(page) for page in unknown]
    assert [len(page) for page in known] == [len(page) for page in unknown]
    asked, missed, spent = known
    assert not [secret for secret in SECRETS if secret in asked + missed + spent]
    assert "Chưa khớp; còn 1 lần nhập." in missed
    assert "Số và ngày sinh" not in missed
    assert 'form="use-card"' in missed
    assert "Hôm nay mời ông/bà dùng thẻ hoặc mã." in spent
    assert "Bằng khuôn mặt" not in spent


def plain(page: str) -> str:
    """Without what differs from one browser and one moment to the next."""
    return re.sub(r'(csrf_token" value|data-mark)="[^"]*"', r"\1", page)


def test_the_offer_of_the_card_leads_back_to_the_beginning(
    screen: PlainBrowser, takes: Callable[..., CheckInView]
) -> None:
    agree(screen)
    takes(HERS)
    screen.open()
    assert screen.press("/back").count("Mời ông/bà đưa thẻ trước ô kính")


def test_who_cannot_turn_the_head_goes_another_way_at_once(screen: PlainBrowser) -> None:
    assert "Tôi không quay đầu được" in agree(screen)
    page = screen.press("/cannot-turn")
    assert screen.heading == "Mời ông/bà đưa thẻ trước ô kính"
    assert "Hôm nay mời ông/bà dùng thẻ hoặc mã." in page


def test_a_second_attempt_is_told_calmly(screen: PlainBrowser, station: LocalCheckIns) -> None:
    agree(screen)
    here = station.current(STATION)
    assert here
    attempt = station.face_attempt(STATION, here.id)
    assert attempt
    station.face_failed(STATION, here.id, attempt.id, FaceTrouble.TOO_LATE)
    assert "Mời ông/bà làm lại một lần nữa." in screen.open()


@pytest.mark.parametrize("guide", FaceGuide)
def test_each_instruction_comes_alone_in_both_languages_and_without_a_new_page(
    screen: PlainBrowser, station: LocalCheckIns, guide: FaceGuide
) -> None:
    page = agree(screen)
    assert "Máy đang mở máy quay" in page
    here = station.current(STATION)
    assert here
    station.face_state(STATION, here.id, FaceState(guide, done=3, total=8))
    told = state(screen)
    assert told["mark"] == screen.body["mark"]
    assert told["progress"] == {"face-progress": [38, 100]}
    news = told["news"]
    assert isinstance(news, dict)
    assert {name: part["key"] for name, part in news.items()} == {"face-words": guide, "face-drawing": guide}
    assert "<svg" in news["face-drawing"]["html"]
    said = [screen.open(), screen.press("/language", language="en")]
    with screen.app.test_request_context("/"):
        words = guide_text(guide)
    assert words in said[0]
    assert news["face-words"]["html"] == news["face-words"]["say"] == words
    assert words not in said[1]
    assert [re.findall('stroke-dasharray="([^"]*)"', page) for page in said] == [["38 200"]] * 2


def test_without_scripts_the_page_looks_again_and_is_no_touch(screen: PlainBrowser, clock: SetClock) -> None:
    assert '<noscript><meta http-equiv="refresh" content="3;url=/?by=clock"></noscript>' in agree(screen)
    for _ in range(7):
        clock.pass_time(seconds=10)
        screen.open("/?by=clock")
    assert screen.heading == "Kính chào ông/bà"


def test_the_camera_is_shown_while_a_face_is_taken_and_not_while_consent_is_asked(screen: PlainBrowser) -> None:
    screen.press("/start")
    screen.press("/face")
    assert screen.client.get("/preview", base_url="http://localhost").status_code == 404
    screen.press("/face-consent", answer="yes")
    with screen.client.get("/preview", base_url="http://localhost", buffered=False) as answer:
        assert answer.status_code == 200


def test_where_the_birth_date_is_shared_the_last_digits_are_asked(
    screen: PlainBrowser, record: SmallRecord, takes: Callable[..., CheckInView]
) -> None:
    record.patients[0] = replace(record.patients[0], birth_date=PartialDate(1990))
    agree(screen)
    takes(HERS)
    screen.open()
    screen.press("/birth-date", year="1990")
    assert screen.heading == "Mời ông/bà nhập bốn số cuối của số căn cước"
    assert "Mời ông/bà nhập đủ bốn chữ số." in screen.press("/last-four", digits="23")
    assert "NGUYỄN T** M**" in screen.press("/last-four", digits="2345")


def test_a_shown_card_is_followed_by_the_question_what_it_is_compared_with(
    screen: PlainBrowser, station: LocalCheckIns, takes: Callable[..., CheckInView]
) -> None:
    station.claim(STATION, MAU_QR, SignalSource.CAMERA)
    screen.open()
    page = screen.press("/name", answer="yes")
    assert "Máy so với khuôn mặt ông/bà đã cho lưu." in page
    screen.press("/face-consent", answer="yes")
    takes(HIS)
    screen.open()
    assert screen.heading == "Ông/bà có lịch hẹn hôm nay"


@pytest.mark.parametrize(("answer", "note"), [("yes", "Đã lưu khuôn mặt"), ("no", None)])
def test_after_a_genuine_chip_keeping_the_face_is_a_question_of_its_own(
    services: Services,
    screen: PlainBrowser,
    station: LocalCheckIns,
    takes: Callable[..., CheckInView],
    answer: str,
    note: str | None,
) -> None:
    with services.storage.write() as work:
        work.faces.forget("mau", services.clock.now())
    view = station.claim(STATION, MAU_QR, SignalSource.CAMERA)
    station.claim_chip(STATION, view.id, CHIP)
    screen.open()
    assert "ảnh trong thẻ" in screen.press("/name", answer="yes")
    screen.press("/face-consent", answer="yes")
    takes(HERS)
    page = screen.open()
    assert screen.heading == "Lưu khuôn mặt cho lần khám sau?"
    assert "Không lưu, ông/bà vẫn khám bình thường." in page
    screen.press("/enrolment", answer=answer)
    assert screen.heading == "Ông/bà có lịch hẹn hôm nay"
    if note:
        station.enrol_face(STATION, view.id, HERS)
    page = screen.press("/appointment", appointment="eye-0930")
    assert ("enrolment-note" in page) is (note is not None)
    assert note is None or note in page


def test_a_face_is_forgotten_after_the_same_question_as_ever(
    services: Services, screen: PlainBrowser, station: LocalCheckIns, bus: MemoryBus
) -> None:
    assert "Xóa khuôn mặt của tôi" in screen.page
    assert "máy cần biết ông/bà là ai" in screen.press("/forget")
    view = station.claim(STATION, MAU_QR, SignalSource.CAMERA)
    assert view.intent is Intent.FORGET_FACE
    screen.open()
    page = screen.press("/name", answer="yes")
    assert screen.heading == "Ở đây không còn lưu khuôn mặt của ông/bà"
    assert "NGUYỄN" not in page
    assert "Đang in giấy xác nhận." in page
    assert screen.body["idle"] == "20"
    assert [command for _, command in bus.commands(STATION, "0-0", 0)] == [Command(CommandKind.PRINT, view.id)]
    with services.storage.read() as work:
        assert work.faces.of_patient("mau") is None
    station.printed(view.id, PrintState.FAILED)
    assert "Chưa in được giấy xác nhận; khuôn mặt vẫn đã được xóa." in screen.open()
    station.printed(view.id, PrintState.PRINTED)
    assert "Mời ông/bà lấy giấy xác nhận." in screen.open()
    assert "Kính chào" in screen.press("/leave")
    assert "Kính chào" in screen.open()


@pytest.mark.parametrize(("answer", "heading"), [("yes", "Đã lưu khuôn mặt."), ("no", "Không lưu khuôn mặt.")])
def test_whom_reception_sent_is_asked_here_and_reads_what_became_of_it(
    services: Services,
    screen: PlainBrowser,
    station: LocalCheckIns,
    takes: Callable[..., CheckInView],
    answer: str,
    heading: str,
) -> None:
    with services.storage.write() as work:
        work.faces.forget("mau", services.clock.now())
    view = station.claim("kiosk-2", MAU_QR, SignalSource.CAMERA)
    view = station.accept_name("kiosk-2", view.id, view.version)
    view = station.choose_appointment("kiosk-2", view.id, view.version, "eye-0930")
    desk, second = Actor.staff("desk"), Actor.staff("second")
    seen = inspect_document(
        services,
        view.id,
        version=view.version,
        clinic_id="mat",
        document=DocumentKind.CITIZEN_CARD,
        by=desk,
    )
    send(services, view.id, version=seen.version, station_id=STATION, second=second, by=desk)
    screen.open()
    assert screen.heading == "Lưu khuôn mặt cho lần khám sau?"
    screen.press("/enrolment", answer=answer)
    if answer == "yes":
        takes(HERS)
    screen.open()
    assert screen.heading == heading
    assert screen.body["idle"] == "20"
    assert "Kính chào" in screen.press("/leave")


def test_where_faces_are_off_nobody_reads_of_them(services: Services, clock: SetClock, bus: MemoryBus) -> None:
    screen = PlainBrowser(PatientSite(LocalCheckIns(replace(services, faces=None)), clock, bus).app())
    pages = [screen.open(), screen.press("/start"), screen.press("/face"), screen.press("/forget")]
    assert not [page for page in pages if "khuôn mặt" in page]


def test_a_kiosk_without_a_camera_offers_no_face(station: LocalCheckIns, clock: SetClock, bus: MemoryBus) -> None:
    settings = Settings(mode="demo", station=StationSettings(camera="none", scanner="simulated"))
    screen = PlainBrowser(PatientSite(station, clock, bus, settings, faces_on=True).app())
    screen.open()
    for path in ("/start", "/face"):
        assert "Bằng khuôn mặt" not in screen.press(path)
        assert screen.heading == "Mời ông/bà đưa thẻ trước ô kính"


def test_steps_of_a_face_do_nothing_at_another_time(screen: PlainBrowser, station: LocalCheckIns) -> None:
    screen.press("/start")
    for path in ("/face-consent", "/cannot-turn", "/last-four", "/enrolment", "/forget"):
        screen.press(path, answer="yes", digits="1234")
    here = station.current(STATION)
    assert here
    assert (here.stage, here.face.enrolment, here.intent) == (Stage.STARTED, Enrolment.NOT_ASKED, Intent.CHECK_IN)
