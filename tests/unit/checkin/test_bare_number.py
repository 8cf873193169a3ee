"""A number without a name: the birth date comes before anything is shown."""

from dataclasses import replace

import pytest

from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Reason, Stage
from kiosk.model.identity import PartialDate
from kiosk.ports.devices import SignalSource
from tests.support.small_hospital import MAU, SetClock, SmallRecord

HERE = "kiosk-1"
RIGHT, WRONG = PartialDate(1990, 3, 5), PartialDate(1990, 5, 3)


def give(kiosk: LocalCheckIns, number: str, answer: PartialDate) -> CheckInView:
    view = kiosk.claim(HERE, number, SignalSource.TYPED)
    assert (view.stage, view.masked_name) == (Stage.BIRTH_DATE, None)
    return kiosk.answer_birth_date(HERE, view.id, view.version, answer)


@pytest.mark.parametrize("number", ["001190012345", "BN000123"])
def test_number_and_birth_date_show_the_masked_name(kiosk: LocalCheckIns, number: str) -> None:
    view = give(kiosk, number, RIGHT)
    assert (view.stage, view.masked_name) == (Stage.IS_THIS_YOU, "NGUYỄN T** M**")


def test_an_unknown_number_and_a_wrong_date_look_and_last_alike(kiosk: LocalCheckIns, clock: SetClock) -> None:
    answers = []
    for number, answer in (("BN999999", RIGHT), ("BN000123", WRONG)):
        began = clock.seconds
        view = give(kiosk, number, answer)
        answers.append((replace(view, id="", version=0), clock.seconds - began))
        kiosk.leave(HERE, view.id)
    assert answers[0] == answers[1]
    assert answers[0][1] == pytest.approx(0.7)


def test_nothing_is_asked_of_the_record_before_the_birth_date(kiosk: LocalCheckIns, record: SmallRecord) -> None:
    kiosk.claim(HERE, "BN000123", SignalSource.TYPED)
    assert record.asked == 0


def test_three_misses_lead_to_a_person_with_the_claim(kiosk: LocalCheckIns, services: Services) -> None:
    view = give(kiosk, "BN000123", WRONG)
    assert (view.missed, view.tries_left) == (True, 2)
    for _ in range(2):
        view = kiosk.answer_birth_date(HERE, view.id, view.version, WRONG)
    assert view.stage is Stage.RECEPTION
    with services.storage.read() as work:
        kept = work.check_ins.get(view.id)
    assert (kept.reason, kept.patient) == (Reason.NUMBER_NOT_CONFIRMED, None)
    assert kept.claim


def test_starting_over_does_not_give_new_tries_at_the_station(kiosk: LocalCheckIns, clock: SetClock) -> None:
    for _ in range(5):
        view = give(kiosk, "BN000123", WRONG)
        kiosk.leave(HERE, view.id)
    assert kiosk.start(HERE, "vi").typing_closed
    refused = kiosk.claim(HERE, "BN000123", SignalSource.TYPED)
    assert (refused.stage, refused.problem) == (Stage.STARTED, "typing_closed")
    clock.pass_time(minutes=11)
    assert not kiosk.start(HERE, "vi").typing_closed


def test_while_typing_is_closed_a_scanned_number_goes_to_reception(kiosk: LocalCheckIns) -> None:
    for _ in range(5):
        view = give(kiosk, "BN000123", WRONG)
        kiosk.leave(HERE, view.id)
    kiosk.start(HERE, "vi")
    assert kiosk.claim(HERE, "BN000777", SignalSource.SCANNER).stage is Stage.RECEPTION


def test_another_station_still_takes_numbers(kiosk: LocalCheckIns) -> None:
    for _ in range(5):
        view = give(kiosk, "BN000123", WRONG)
        kiosk.leave(HERE, view.id)
    assert not kiosk.start("kiosk-2", "vi").typing_closed


def test_going_back_to_mend_the_number_keeps_the_misses(kiosk: LocalCheckIns) -> None:
    view = give(kiosk, "BN000124", RIGHT)
    view = kiosk.reject_name(HERE, view.id, view.version)
    assert (view.stage, view.tries_left) == (Stage.STARTED, 2)
    assert give(kiosk, "BN000123", RIGHT).stage is Stage.IS_THIS_YOU


def test_a_card_may_be_shown_instead_of_the_birth_date(kiosk: LocalCheckIns) -> None:
    kiosk.claim(HERE, "BN000123", SignalSource.TYPED)
    card = "001190012345||Nguyễn Thị Mẫu|05031990|Nữ|Hà Nội|15042021"
    assert kiosk.claim(HERE, card, SignalSource.CAMERA).stage is Stage.IS_THIS_YOU


@pytest.mark.parametrize("closed", [{"deceased": True}, {"active": False}])
def test_a_closed_record_with_the_right_date_is_for_reception(
    kiosk: LocalCheckIns, record: SmallRecord, closed: dict[str, bool]
) -> None:
    record.patients = [replace(MAU, **closed)]  # type: ignore[arg-type] # the table names fields of Patient
    assert give(kiosk, "BN000123", RIGHT).stage is Stage.RECEPTION


def test_giving_the_number_again_at_the_birth_date_is_no_new_try(kiosk: LocalCheckIns) -> None:
    for source in (SignalSource.TYPED, SignalSource.SCANNER, SignalSource.TYPED):
        view = kiosk.claim(HERE, "BN000123", source)
        assert view.stage is Stage.BIRTH_DATE
        view = kiosk.answer_birth_date(HERE, view.id, view.version, WRONG)
    assert view.stage is Stage.RECEPTION


def test_going_back_between_the_misses_still_leads_to_a_person_after_three(kiosk: LocalCheckIns) -> None:
    for tries_left in (2, 1):
        view = give(kiosk, "BN000123", WRONG)
        assert view.tries_left == tries_left
        view = kiosk.reject_name(HERE, view.id, view.version)
    assert give(kiosk, "BN000123", WRONG).stage is Stage.RECEPTION


def test_the_miss_that_closes_the_station_leads_to_a_person(kiosk: LocalCheckIns, services: Services) -> None:
    for last in range(4):
        kiosk.leave(HERE, give(kiosk, f"BN00000{last}", WRONG).id)
    view = give(kiosk, "BN000123", WRONG)
    assert view.stage is Stage.RECEPTION
    with services.storage.read() as work:
        assert work.check_ins.get(view.id).reason is Reason.NUMBER_NOT_CONFIRMED
