"""The doctor's screen: the list, the open question, the record."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from kiosk.checkin import lists
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.model.checkin import Reason, Stage
from kiosk.model.staff import Role
from kiosk.model.summary import Interpretation, LabSeries, Measurement
from kiosk.ports.devices import SignalSource
from tests.support.small_hospital import GIA_QR, MAU_QR, SetClock, SmallRecord
from tests.support.staff_site import Browser, FullRecord, arrive, series

BORN = ("1940", "02/01", "01/1940", "1940-01-02", "86 tuổi", "86 years", "75 tuổi", "aged 75")


def stage(services: Services, check_in_id: str) -> Stage:
    return lists.one(services, check_in_id).stage


def version(services: Services, check_in_id: str) -> int:
    return lists.one(services, check_in_id).version


def answer(doctor: Browser, services: Services, check_in_id: str, birth_date: str) -> str:
    path = f"/doctor/check-ins/{check_in_id}/open-question"
    return doctor.post(path, version=version(services, check_in_id), birth_date=birth_date).headers["Location"]


def audited(services: Services) -> list[str]:
    with services.storage.read() as work:
        return [row.action for row in work.audit.rows()]


def test_an_empty_list_says_so(doctor: Browser) -> None:
    assert "Hôm nay chưa có ai" in doctor.text("/doctor/")


def test_an_arrival_stands_in_the_list_with_its_number_name_and_badge(services: Services, doctor: Browser) -> None:
    arrive(services, GIA_QR, "noi")
    page = doctor.text("/doctor/")
    for words in ("Trần Văn Già", "Chưa xác minh", "Ưu tiên", ">1<"):
        assert words in page


def test_before_the_open_question_nothing_tells_the_birth_date_or_year(
    app: Flask, services: Services, doctor: Browser
) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    answer(doctor, services, check_in.id, "03/03/1950")
    for language in ("vi", "en"):
        doctor.post("/doctor/language", language=language)
        for rule in app.url_map.iter_rules():
            if not rule.rule.startswith("/doctor/") or "GET" not in (rule.methods or set()):
                continue
            got = doctor.get(rule.rule.replace("<check_in_id>", check_in.id))
            everything = f"{got.headers} {got.text}"
            assert not [words for words in BORN if words in everything], rule.rule


def test_a_form_without_the_birth_date_is_refused(services: Services, doctor: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    path = f"/doctor/check-ins/{check_in.id}/open-question"
    assert doctor.post(path, version=check_in.version).status_code == 403
    assert doctor.post(path, version=check_in.version, birth_date=" ").status_code == 403
    assert lists.one(services, check_in.id).wrong_answers == 0


@pytest.mark.parametrize("said", ["02/01/1940", "2/1/1940", "02-01-1940", "02011940"])
def test_the_right_birth_date_opens_the_record_and_raises_no_level(
    services: Services, doctor: Browser, said: str
) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    answer(doctor, services, check_in.id, said)
    page = doctor.text(f"/doctor/check-ins/{check_in.id}")
    assert "Chưa xác minh · đã đối chiếu 08:00" in page
    assert "86 tuổi" in page
    assert "Đã hỏi: không có" in page
    assert "Chưa được ghi nhận" in page


def test_what_is_no_date_is_said_and_not_counted(services: Services, doctor: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    where = answer(doctor, services, check_in.id, "31/02/1940")
    assert "Chưa đọc được ngày" in doctor.text(where)
    assert lists.one(services, check_in.id).wrong_answers == 0


def test_wrong_twice_closes_the_check_in_and_tells_reception(services: Services, doctor: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    where = answer(doctor, services, check_in.id, "03/03/1950")
    assert "Ngày sinh không khớp" in doctor.text(where)
    where = answer(doctor, services, check_in.id, "03/03/1951")
    assert where == "/doctor/?note=to-reception"
    assert "Trần Văn Già" not in doctor.text(where)
    assert stage(services, check_in.id) is Stage.CANCELLED
    desk = lists.reception_board(services).desk
    assert [one.reason for one in desk if one.stage is Stage.RECEPTION] == [Reason.OPEN_QUESTION_WRONG]


def test_an_inspected_document_verifies_and_is_named(services: Services, doctor: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    path = f"/doctor/check-ins/{check_in.id}/document"
    assert doctor.post(path, version=check_in.version, document="library_card").status_code == 400
    doctor.post(path, version=check_in.version, document="passport")
    page = doctor.text(f"/doctor/check-ins/{check_in.id}")
    assert "Đã xác minh" in page
    assert "Hộ chiếu · 08:00" in page


def test_the_ten_second_view_shows_everything(services: Services, signed_in: Callable[..., Browser]) -> None:
    doctor = signed_in(Role.DOCTOR, "mat")
    kiosk = LocalCheckIns(services)
    view = kiosk.claim("kiosk-1", MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name("kiosk-1", view.id, view.version)
    view = kiosk.choose_appointment("kiosk-1", view.id, view.version, "eye-0930")
    assert "Khám lại" not in doctor.text("/doctor/")
    answer(doctor, services, view.id, "05/03/1990")
    page = doctor.text(f"/doctor/check-ins/{view.id}")
    for words in (
        "36 tuổi",
        "Nữ",
        "Khám lại",
        "Penicillin",
        "phát ban, khó thở",
        "Đái tháo đường típ 2",
        "Metformin 500 mg",
        "Tăng liều metformin",
        "HbA1c: 8,1 %",
        "20/08/2026",
        "trend__band",
    ):
        assert words in page
    assert 'style="' not in page
    assert "Creatinin: " not in page


def results(services: Services, doctor: Browser) -> str:
    """The box of abnormal results, without its marks."""
    check_in = arrive(services, MAU_QR, "noi")
    answer(doctor, services, check_in.id, "05/03/1990")
    page = doctor.text(f"/doctor/check-ins/{check_in.id}")
    box = page.split('<h2 id="abnormal">')[1].split("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", box.split("</h2>")[1]).split())


def with_last(
    one: LabSeries, *, comparator: str = "", interpretation: Interpretation | None = None, days_earlier: int = 0
) -> LabSeries:
    *older, newest = one.values
    at = newest.at - timedelta(days=days_earlier)
    return replace(one, values=(*older, Measurement(at, newest.value, comparator, interpretation)))


def test_what_cannot_be_measured_is_not_said_to_be_the_limit(
    services: Services, doctor: Browser, record: FullRecord
) -> None:
    record.laboratory = (
        with_last(series("TSH", "mIU/L", 0.4, 4.0, (0.5, 0.01)), comparator="<"),
        with_last(series("Ferritin", "µg/L", 30, 400, (500,)), comparator=">="),
    )
    said = results(services, doctor)
    assert "TSH: &lt;0,01 mIU/L thấp" in said
    assert "Ferritin: ≥500 µg/L cao" in said
    page = doctor.text(f"/doctor/check-ins/{lists.clinic_list(services, clinic_ids=('noi',))[0].id}")
    assert "mới nhất &lt;0,01 mIU/L" in page
    assert "<td>&lt;0,01 mIU/L</td>" in page
    assert page.count("trend__beyond") == 2
    assert "trend__last" not in page


def test_a_large_value_keeps_its_digits(services: Services, doctor: Browser, record: FullRecord) -> None:
    record.laboratory = (series("HBV DNA", "IU/mL", None, 10, (1234567,)),)
    assert "HBV DNA: 1234567 IU/mL cao" in results(services, doctor)


@pytest.mark.parametrize(
    ("laboratory", "said"),
    [
        ((), "Chưa có kết quả xét nghiệm"),
        ((series("Kali", "mmol/L", 3.5, 5.1, (4.1,)),), "Các kết quả bằng số đều bình thường"),
        (
            (series("Kali", "mmol/L", 3.5, 5.1, (4.1,)), series("Natri", "mmol/L", None, None, (140,))),
            "Chưa đánh giá được, không đủ khoảng tham chiếu: Natri",
        ),
        (
            (with_last(series("Natri", "mmol/L", None, None, (140,)), interpretation=Interpretation.NORMAL),),
            "Các kết quả bằng số đều bình thường",
        ),
        (
            (with_last(series("Natri", "mmol/L", None, None, (110,)), interpretation=Interpretation.VERY_LOW),),
            "Natri: 110 mmol/L rất thấp 13/11/2026",
        ),
        (
            (with_last(series("Kali", "mmol/L", 3.5, 5.1, (4.1,)), days_earlier=81),),
            "Không có kết quả trong 90 ngày; gần nhất 24/08/2026",
        ),
        (
            (series("Kali", "mmol/L", 3.5, 5.1, (5.9, 4.2)),),
            "Kali: 5,9 mmol/L cao tham chiếu 3,5–5,1 · 14/10/2026 · mới nhất 4,2, 13/11/2026",
        ),
        ((series("Kali", "mmol/L", 3.5, 5.1, (5.9, 4.2, 4.2, 4.2, 4.2)),), "Các kết quả bằng số đều bình thường"),
    ],
)
def test_usual_unknown_and_absent_results_are_told_apart(
    services: Services, doctor: Browser, record: FullRecord, laboratory: tuple[LabSeries, ...], said: str
) -> None:
    record.laboratory = laboratory
    assert results(services, doctor) == said


def test_the_words_of_results_are_english_too(services: Services, doctor: Browser, record: FullRecord) -> None:
    record.laboratory = (series("Natri", "mmol/L", None, None, (140.5,)),)
    doctor.post("/doctor/language", language="en")
    assert results(services, doctor) == "Not judged, the reference range does not suffice: Natri"
    page = doctor.text(f"/doctor/check-ins/{lists.clinic_list(services, clinic_ids=('noi',))[0].id}")
    assert "140.5" in page


def test_the_audit_row_is_there_before_the_record_is_asked(
    services: Services, doctor: Browser, record: SmallRecord
) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    answer(doctor, services, check_in.id, "02/01/1940")
    record.off = True
    assert "Chưa kết nối được hồ sơ bệnh án" in doctor.text(f"/doctor/check-ins/{check_in.id}")
    assert audited(services)[-1] == "read_record"


def test_a_list_reads_no_record(services: Services, doctor: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    answer(doctor, services, check_in.id, "02/01/1940")
    doctor.text("/doctor/")
    doctor.text(f"/doctor/rows/{check_in.id}")
    assert "read_record" not in audited(services)


def test_somebody_who_came_while_the_record_was_off_stands_in_the_list(
    services: Services, doctor: Browser, record: SmallRecord
) -> None:
    record.off = True
    kiosk = LocalCheckIns(services)
    view = kiosk.claim("kiosk-1", GIA_QR, SignalSource.CAMERA)
    if view.stage is Stage.IS_THIS_YOU:
        view = kiosk.accept_name("kiosk-1", view.id, view.version)
    view = kiosk.choose_clinic("kiosk-1", view.id, view.version, "noi")
    page = doctor.text(f"/doctor/check-ins/{view.id}")
    assert "Chưa kết nối hồ sơ" in page
    assert "TRẦN VĂN GIÀ" in page
    assert "Không đúng người" not in page
    assert not [words for words in BORN if words in page]


def test_calling_the_next_one_opens_their_page(services: Services, doctor: Browser, clock: SetClock) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    where = doctor.post("/doctor/call-next", clinic="noi").headers["Location"]
    assert where == f"/doctor/check-ins/{check_in.id}"
    assert "Đã khám xong" in doctor.text(where)
    clock.pass_time(seconds=3)
    assert doctor.post("/doctor/call-next", clinic="noi").headers["Location"] == "/doctor/?note=nobody"


def test_a_consultation_from_call_to_done(services: Services, doctor: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    doctor.post("/doctor/call-next", clinic="noi")
    path = f"/doctor/check-ins/{check_in.id}"
    assert doctor.post(f"{path}/call-again", version=version(services, check_in.id)).status_code == 303
    doctor.post(f"{path}/absent", version=version(services, check_in.id))
    assert stage(services, check_in.id) is Stage.ABSENT
    doctor.post(f"{path}/bring-back", version=version(services, check_in.id))
    assert stage(services, check_in.id) is Stage.ARRIVED
    doctor.post("/doctor/call-next", clinic="noi")
    doctor.post(f"{path}/finish", version=version(services, check_in.id))
    assert stage(services, check_in.id) is Stage.DONE


def test_a_button_of_an_old_page_changes_nothing(services: Services, doctor: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    doctor.post("/doctor/call-next", clinic="noi")
    page = doctor.post(f"/doctor/check-ins/{check_in.id}/finish", version=check_in.version)
    assert page.status_code == 409
    assert "Vừa có thay đổi khác" in page.text
    assert stage(services, check_in.id) is Stage.CALLED


def test_not_this_person_closes_the_record_for_good(services: Services, doctor: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    answer(doctor, services, check_in.id, "02/01/1940")
    path = f"/doctor/check-ins/{check_in.id}"
    doctor.post(f"{path}/not-this-person", version=version(services, check_in.id))
    page = doctor.text(path)
    assert "Hồ sơ này không mở được từ đây" in page
    assert not [words for words in BORN if words in page]


def test_yesterdays_check_in_is_gone(services: Services, doctor: Browser, clock: SetClock) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    clock.pass_time(days=1)
    doctor.sign_in(Role.DOCTOR, "doctor-noi")
    assert doctor.get(f"/doctor/check-ins/{check_in.id}").status_code == 404
    assert "Trần Văn Già" not in doctor.text("/doctor/")


def test_the_live_stream_names_rows_of_the_own_clinic_only(services: Services, doctor: Browser) -> None:
    services.bus.last_event()
    position = doctor.text("/doctor/").split('data-position="')[1].split('"')[0]
    arrive(services, MAU_QR, "mat")
    check_in = arrive(services, GIA_QR, "noi")
    stream = doctor.get(f"/doctor/live?after={position}")
    assert stream.mimetype == "text/event-stream"
    told = stream.text
    assert check_in.id in told
    assert '"clinic": "mat"' not in told
    assert "Trần" not in told


def test_the_doctor_takes_back_what_was_just_pressed(services: Services, doctor: Browser, clock: SetClock) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    doctor.post("/doctor/call-next", clinic="noi")
    where = doctor.post(f"/doctor/check-ins/{check_in.id}/finish", version=version(services, check_in.id))
    assert "Hoàn tác: giữ lại số 1" in doctor.text(where.headers["Location"])
    doctor.post(f"/doctor/check-ins/{check_in.id}/undo")
    assert stage(services, check_in.id) is Stage.CALLED
    doctor.post(f"/doctor/check-ins/{check_in.id}/not-this-person", version=version(services, check_in.id))
    clock.pass_time(seconds=11)
    assert "Hoàn tác:" not in doctor.text("/doctor/")
    assert doctor.post(f"/doctor/check-ins/{check_in.id}/undo").status_code == 409
    assert stage(services, check_in.id) is Stage.CANCELLED


def test_a_consultation_goes_on_with_a_reason(services: Services, doctor: Browser, clock: SetClock) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    doctor.post("/doctor/call-next", clinic="noi")
    doctor.post(f"/doctor/check-ins/{check_in.id}/finish", version=version(services, check_in.id))
    clock.pass_time(minutes=5)
    page, path = f"/doctor/check-ins/{check_in.id}", f"/doctor/check-ins/{check_in.id}/go-on"
    assert "Khám tiếp với số 1" in doctor.text(page)
    assert doctor.post(path, version=version(services, check_in.id)).status_code == 400
    doctor.post(path, version=version(services, check_in.id), reason="pressed_by_mistake")
    assert stage(services, check_in.id) is Stage.CALLED


def test_nobody_goes_on_with_a_patient_of_another_clinic(
    services: Services, doctor: Browser, signed_in: Callable[..., Browser]
) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    other = signed_in(Role.DOCTOR, "mat")
    for act in ("undo", "go-on"):
        path = f"/doctor/check-ins/{check_in.id}/{act}"
        assert other.post(path, version=version(services, check_in.id), reason="came_back").status_code == 404
    assert doctor.get(f"/doctor/check-ins/{check_in.id}").status_code == 200
