"""What reception and doctors see of a chip, and what they may do with it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from kiosk.checkin import known_chips, lists
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.model.checkin import CheckIn
from kiosk.model.chip_card import CheckOutcome, ChipCheck, ChipReading, ChipReason, ChipVerdict, CitizenData
from kiosk.model.identity import Assurance, PartialDate, Sex
from kiosk.model.staff import Role
from kiosk.ports.devices import SignalSource
from kiosk.settings import Settings
from kiosk.web.live import LiveFeed
from kiosk.web.staff_app import StaffParts, create_staff_app
from tests.support.small_hospital import MAU_QR
from tests.support.staff_site import Browser

HERE = "kiosk-1"
GENUINE = ChipReading(
    ChipVerdict.GENUINE,
    checks={ChipCheck.SIGNATURE: CheckOutcome.PASSED, ChipCheck.CHIP_AUTHENTICATION: CheckOutcome.NOT_PRESENT},
    citizen=CitizenData(
        "001190012345", "Nguyễn Thị Mẫu", PartialDate(1990, 3, 5), Sex.FEMALE, date(2030, 3, 5), kept_from_dg13=True
    ),
    signer="5a" * 32,
    chip_key="aa" * 32,
    security_object="bb" * 32,
    portrait=b"\xff\xd8 portrait",
)
CONSISTENT = replace(GENUINE, verdict=ChipVerdict.CONSISTENT, reasons=(ChipReason.ISSUER_UNKNOWN,))
CLONED = replace(GENUINE, verdict=ChipVerdict.REFUSED, reasons=(ChipReason.CHIP_CLONED,), alarm=True, chip_key=None)


def arrive(services: Services, reading: ChipReading) -> CheckIn:
    kiosk = LocalCheckIns(services)
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.claim_chip(HERE, view.id, reading)
    if view.ticket is None:
        view = kiosk.accept_name(HERE, view.id, view.version)
        view = kiosk.choose_appointment(HERE, view.id, view.version, view.appointments[0].id)
    return lists.one(services, view.id)


@pytest.fixture
def reception(signed_in: Callable[..., Browser]) -> Browser:
    return signed_in(Role.RECEPTION)


@pytest.fixture
def doctor(signed_in: Callable[..., Browser]) -> Browser:
    return signed_in(Role.DOCTOR, "mat")


def test_the_doctor_compares_portrait_and_holder_and_the_badge_says_why(services: Services, doctor: Browser) -> None:
    here = arrive(services, GENUINE)
    page = doctor.text(f"/doctor/check-ins/{here.id}")
    assert "Chưa xác minh" in page
    assert "chưa so ảnh với người" in page
    assert "1990" not in page
    picture = doctor.get(f"/doctor/check-ins/{here.id}/portrait")
    assert (picture.data, picture.mimetype) == (GENUINE.portrait, "image/jpeg")
    assert picture.headers["Cache-Control"] == "no-store"
    doctor.post(f"/doctor/check-ins/{here.id}/holder", version=here.version, matches="yes")
    page = doctor.text(f"/doctor/check-ins/{here.id}")
    assert "Đã chứng thực bằng chip" in page
    assert "nhân viên đã so ảnh" in page
    assert "Penicillin" in page


def test_somebody_else_leaves_the_doctor_s_list(services: Services, doctor: Browser) -> None:
    here = arrive(services, GENUINE)
    doctor.post(f"/doctor/check-ins/{here.id}/holder", version=here.version, matches="no")
    assert "Nguyễn Thị Mẫu" not in doctor.text("/doctor/list")


def test_an_answer_that_is_none_is_refused(services: Services, doctor: Browser) -> None:
    here = arrive(services, GENUINE)
    assert doctor.post(f"/doctor/check-ins/{here.id}/holder", version=here.version).status_code == 400
    assert lists.one(services, here.id).chip == here.chip


def test_a_portrait_is_shown_to_its_clinic_and_to_reception_only(
    services: Services, signed_in: Callable[..., Browser], reception: Browser, app: Flask
) -> None:
    here = arrive(services, GENUINE)
    assert signed_in(Role.DOCTOR, "noi").get(f"/doctor/check-ins/{here.id}/portrait").status_code == 404
    assert reception.get(f"/reception/check-ins/{here.id}/portrait").status_code == 200
    assert Browser(app).get(f"/reception/check-ins/{here.id}/portrait").status_code == 303
    with services.storage.read() as work:
        assert [row.action for row in work.audit.rows()].count("see_portrait") == 1


def test_reception_reads_what_a_consistent_chip_is_worth_and_binds_it(services: Services, reception: Browser) -> None:
    here = arrive(services, CONSISTENT)
    page = reception.text(f"/reception/check-ins/{here.id}")
    assert "Dữ liệu chip khớp, chưa chứng thực được" in page
    assert "nơi cấp chưa được xác minh" in page
    assert "Người khác: đóng hồ sơ" not in page
    answer = reception.post(f"/reception/check-ins/{here.id}/chip", version=here.version)
    assert answer.status_code == 303
    page = reception.text(answer.headers["Location"])
    assert "Thẻ quen" in page
    assert "Ghi nhớ ngày" in page
    assert lists.one(services, here.id).assurance is Assurance.VERIFIED


def test_reception_reports_a_known_card_lost_and_revokes_it(services: Services, reception: Browser) -> None:
    here = arrive(services, CONSISTENT)
    reception.post(f"/reception/check-ins/{here.id}/chip", version=here.version)
    here = lists.one(services, here.id)
    (known,) = known_chips.chips_of(services, here)
    way = f"/reception/check-ins/{here.id}/chips/{known.id}"
    reception.post(f"{way}/lost", version=here.version, lost="yes")
    assert "Thẻ này đã được báo mất" in reception.text(f"/reception/check-ins/{here.id}")
    assert lists.one(services, here.id).assurance is Assurance.CLAIMED
    reception.post(f"{way}/lost", version=here.version, lost="no")
    reception.post(f"{way}/revoke", version=here.version)
    page = reception.text(f"/reception/check-ins/{here.id}")
    assert "Đã thu hồi" in page
    other = f"/reception/check-ins/{here.id}/chips/of-somebody-else/revoke"
    assert reception.post(other, version=here.version).status_code == 404


def test_a_cloned_chip_is_on_top_of_reception_s_list_with_a_quiet_alarm(services: Services, reception: Browser) -> None:
    here = arrive(services, CLONED)
    page = reception.text(f"/reception/check-ins/{here.id}")
    assert "Thẻ đáng ngờ" in page
    assert "chip là bản sao" in page
    assert "Báo động kín" in page


def test_reception_is_told_that_no_authority_is_installed(services: Services, reception: Browser) -> None:
    assert 'id="no-anchor"' not in reception.text("/reception/")
    feed = LiveFeed(services.bus)
    app = create_staff_app(StaffParts(Settings(mode="demo"), services, feed, trusts_nobody=lambda: True))
    again = Browser(app)
    again.client.set_cookie("kiosk_reception", _token(reception), path="/reception", domain="localhost")
    assert 'id="no-anchor"' in again.text("/reception/")
    feed.close()


def _token(browser: Browser) -> str:
    cookie = browser.client.get_cookie("kiosk_reception", path="/reception", domain="localhost")
    assert cookie
    return cookie.value
