"""One day on which everything happens that may open a wrong record or lose a number."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from kiosk.demo.code_pictures import code_picture
from kiosk.model.identity import mask_name
from tests.support.left_behind import left_behind
from tests.support.patience import until
from tests.support.running_demo import running_demo
from tests.support.scripted_day import (
    NOBODY,
    Ledger,
    Number,
    ScriptedDay,
    kiosk_command,
    numbers_in_database,
    record_agrees,
    scripted_day,
    wrong_records_opened,
)

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

STRANGER = "001085000001||Lê Văn Lạ|01021985|Nam|Số 3 Phố Ví Dụ, Hà Nội|15042021"


def test_a_day_ends_with_no_wrong_record_opened_and_no_number_lost(browser: Browser, tmp_path: Path) -> None:
    data, noon, ledger = tmp_path / "kiosk", tmp_path / "noon.sqlite", Ledger()
    with running_demo(data, "--patients", "40") as demo, scripted_day(browser, demo, ledger) as day:
        the_doors_open(day)
        wrong_twice_in_three_clinics(day)
        a_photograph_of_a_card(day)
        a_household_member(day)
        twins(day)
        an_insider_at_the_desk(day)
        kiosk_command(data, "db", "backup", str(noon))
        after_the_backup = two_more_arrive(day)
        assert left_behind(demo) == []
    assert "2 numbers are only in the replaced database" in kiosk_command(data, "db", "restore", str(noon))
    with running_demo(data) as demo, scripted_day(browser, demo, ledger) as day:
        reception_makes_the_numbers_again(day, after_the_backup)
        the_clock_is_a_day_ahead(day)
        assert wrong_records_opened(data, ledger) == []
        assert numbers_in_database(data) == (sorted(ledger.holders), ledger.void)
        until(lambda: record_agrees(demo, ledger))
        assert left_behind(demo) == []
    assert "intact" in kiosk_command(data, "audit", "verify")


def arrives(day: ScriptedDay, key: str) -> Number:
    """With the own card, for today's only appointment."""
    patient = day.somebody(key)
    day.shows_card_of(patient)
    day.kiosk.that_is_me()
    day.kiosk.take_number()
    return day.reads_number(patient.id)


def walks_in(day: ScriptedDay, clinic: str) -> Number:
    """Somebody without an appointment."""
    patient = day.newcomer()
    day.shows_card_of(patient)
    day.kiosk.that_is_me()
    day.kiosk.choose(clinic)
    return day.reads_number(patient.id)


def the_doors_open(day: ScriptedDay) -> None:
    arrives(day, "citizen_card_2024")
    day.doctor.open_row("Trần Thị Minh Nguyệt")
    day.doctor.answer("12/04/1968")
    day.doctor.sees("Penicillin")


def wrong_twice_in_three_clinics(day: ScriptedDay) -> None:
    """Who answers wrongly in one clinic never comes to a second one, whatever the kiosk is shown."""
    patient = day.somebody("aged_75")
    lost = arrives(day, "aged_75")
    day.doctor.open_row(patient.name)
    for said in ("01/01/1950", "02/02/1951"):
        day.doctor.answer(said)
        day.doctor.page.wait_for_load_state("load")
    expect(day.doctor.page.locator("#rows-box")).not_to_contain_text(patient.name)
    day.ledger.void.add(lost)
    sent = []
    for _ in ("a second clinic", "a third"):
        day.shows_card_of(patient)
        day.kiosk.see("Mời ông/bà đến quầy tiếp đón")
        sent.append(day.reads_number(patient.id))
    assert sent[0] == sent[1]
    assert sent[0].clinic_id == "reception"
    expect(day.doctor.page.locator("#rows-box")).not_to_contain_text(patient.name)


def a_photograph_of_a_card(day: ScriptedDay) -> None:
    """Who holds it up learns nothing of the owner, who keeps the place."""
    owner = day.somebody("citizen_card_2021")
    number = arrives(day, "citizen_card_2021")
    day.shows_card_of(owner)
    day.kiosk.see("ngày sinh")
    assert "Phòng 204" not in day.kiosk.source
    assert mask_name(owner.name) not in day.kiosk.source
    day.kiosk.enter_birth_date(1, 1, 1980)
    day.kiosk.see("chưa khớp")
    assert "Phòng 204" not in day.kiosk.source
    day.leaves()
    day.doctor.open_row(owner.name)
    expect(day.doctor.page.locator(".person__number")).to_have_text(str(number.number))
    day.doctor.answer("03/11/1979")
    day.doctor.sees("đã đối chiếu")


def a_household_member(day: ScriptedDay) -> None:
    """Says yes to the name on another's card; the doctor sees that it is not this person."""
    owner = day.newcomer()
    day.shows_card_of(owner)
    day.kiosk.that_is_me()
    day.kiosk.choose("Nội tiết")
    day.ledger.void.add(day.reads_number(NOBODY))
    day.doctor.open_row(owner.name)
    day.doctor.page.get_by_role("button", name="Không đúng người").click()
    expect(day.doctor.page.locator("#rows-box")).not_to_contain_text(owner.name)
    day.case(owner.name)
    day.reception.sees("Không đúng người")
    day.ledger.given(day.case_number("reception"), NOBODY)


def twins(day: ScriptedDay) -> None:
    """The second one's card before the first one's page begins anew: the page that is answered is her own."""
    first, second = day.somebody("twin_a"), day.somebody("twin_b")
    day.shows_card_of(first)
    day.kiosk.that_is_me()
    day.kiosk.see("09:00")
    day.holds_up_card_of(second)
    day.kiosk.see("Có phải ông/bà là")
    day.kiosk.that_is_me()
    day.kiosk.see("09:15")
    day.kiosk.take_number()
    assert day.reads_number(second.id).clinic_id == "da-lieu"
    assert arrives(day, "twin_a").clinic_id == "mat"


def an_insider_at_the_desk(day: ScriptedDay) -> None:
    """Attaches a record that contradicts what the patient showed: that verifies nobody, and the doctor reads it."""
    day.kiosk.start()
    day.holds_up(code_picture(STRANGER))
    day.kiosk.see("Mời ông/bà đến quầy tiếp đón")
    day.ledger.void.add(day.reads_number(NOBODY))
    day.case("Lê Văn Lạ")
    page, foreign = day.reception.page, day.somebody("hospital_code_only")
    page.locator("input[name=payload]").fill(foreign.hospital_code)
    day.case_button("Tìm trong hồ sơ bệnh viện").click()
    expect(page.locator(".candidate .compared__differs").first).to_be_visible()
    candidate = page.locator(".candidate").first
    candidate.locator("select[name=reason]").select_option(index=1)
    candidate.locator("select[name=clinic]").select_option("noi-tiet")
    day.case_button("Vẫn gắn hồ sơ khác này").click()
    day.reception.sees("Chưa xác minh")
    number = day.ledger.given(day.case_number("noi-tiet"), NOBODY)
    page.locator("select[name=document]").select_option(index=4)
    page.locator("input[name=read]").fill("30/12/1993")
    page.locator("input[name=second]").fill("letan")
    page.locator("input[name=second_password]").fill(day.demo.password("letan"))
    day.case_button("Đúng người trong ảnh: xác minh").click()
    day.reception.sees("cần tên và mật khẩu đúng của một đồng nghiệp khác")
    day.doctor.open_row(foreign.name)
    day.doctor.sees("Khác với hồ sơ")
    day.doctor.page.get_by_role("button", name="Không đúng người").click()
    expect(day.doctor.page.locator("#rows-box")).not_to_contain_text(foreign.name)
    day.ledger.void.add(number)
    day.case("Lê Văn Lạ")
    day.ledger.given(day.case_number("reception"), NOBODY)


def two_more_arrive(day: ScriptedDay) -> list[Number]:
    return [walks_in(day, "Nội tiết"), walks_in(day, "Tim mạch")]


def reception_makes_the_numbers_again(day: ScriptedDay, lost: list[Number]) -> None:
    listed = day.reception.page.locator("#lost-numbers .queue__number")
    expect(listed).to_have_count(len(lost))
    assert sorted(map(int, listed.all_inner_texts())) == sorted(one.number for one in lost)
    day.case_button("Cấp lại tất cả 2 số").click()
    expect(day.reception.page.locator("#lost-numbers")).to_have_count(0)
    holder = next(one for one in day.demo.hospital.patients if one.id == day.ledger.holders[lost[0]])
    day.shows_card_of(holder)
    day.answers_birth_date(holder)
    day.kiosk.that_is_me()
    assert day.reads_number(holder.id) == lost[0]


def the_clock_is_a_day_ahead(day: ScriptedDay) -> None:
    """From 14:00 to 16:30 reception acts on those who wait, and it is still today."""
    before = day.rows("SELECT service_day FROM kept_time")
    day.sets_clock(ahead=True)
    patient = day.somebody("aged_75")
    day.case(patient.name)
    day.case_button("đến quầy").click()
    day.reception.sees("Gọi lại số")
    moved_there_and_back(day)
    priority_and_a_newcomer(day)
    day.sets_clock(ahead=False)
    walks_in(day, "Nội tiết")
    assert day.rows("SELECT service_day FROM kept_time") == before
    assert day.rows("SELECT DISTINCT day FROM check_ins") == day.rows("SELECT DISTINCT day FROM tickets") == before


def moved_there_and_back(day: ScriptedDay) -> None:
    twin = day.somebody("twin_a")
    day.case(twin.name)
    kept = day.case_number("mat")
    day.reception.page.locator("#move").select_option("noi-tiet")
    day.case_button("Chuyển và cấp số mới").click()
    moved = day.ledger.given(day.case_number("noi-tiet"), twin.id)
    day.case_button("Hoàn tác").click()
    day.ledger.void.add(moved)
    expect(day.reception.page.locator(".person__number")).to_have_text(str(kept.number))


def priority_and_a_newcomer(day: ScriptedDay) -> None:
    twin = day.somebody("twin_b")
    day.case(twin.name)
    kept = day.case_number("da-lieu")
    day.reception.page.locator("#priority").select_option(index=1)
    day.case_button("Xác nhận: thứ tự gọi thay đổi").click()
    day.reception.sees("Đã ghi nhận diện ưu tiên")
    assert day.case_number("da-lieu") == kept
    walks_in(day, "Nội tiết")
