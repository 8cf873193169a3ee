"""What a station's screen shows, to whom, and what another card there does."""

from dataclasses import replace

import pytest

from kiosk.checkin import assist, deliver, help_patient, lists, move, open_record, queue, undo
from kiosk.checkin.services import Services
from kiosk.checkin.start import start
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, Intent, Reason, Stage
from kiosk.model.identity import Identifier, PartialDate
from kiosk.model.queue import PrintState
from kiosk.ports.devices import SignalSource
from tests.support.at_reception import attach_found
from tests.support.at_the_kiosk import show_card
from tests.support.small_hospital import GIA_QR, MAU_QR, STRANGER_QR, SetClock, SmallRecord, at

HERE, THERE = "kiosk-1", "kiosk-2"
DESK, DOCTOR = Actor.staff("letan"), Actor.staff("bacsi")


def scan(kiosk: LocalCheckIns, payload: str, station: str = HERE) -> CheckInView:
    return kiosk.claim(station, payload, SignalSource.SCANNER)


def say_yes(kiosk: LocalCheckIns, view: CheckInView, station: str = HERE) -> CheckInView:
    return kiosk.accept_name(station, view.id, view.version)


def arrive(kiosk: LocalCheckIns, payload: str = GIA_QR, clinic: str = "noi", station: str = HERE) -> CheckInView:
    view = say_yes(kiosk, show_card(kiosk, payload, station), station)
    return kiosk.choose_clinic(station, view.id, view.version, clinic)


def kept(services: Services, check_in_id: str) -> CheckIn:
    return lists.one(services, check_in_id)


# --- what was put away stays away


def test_a_number_that_was_put_away_is_shown_by_no_other_process(kiosk: LocalCheckIns, services: Services) -> None:
    view = arrive(kiosk)
    assert kiosk.newest(HERE) == kiosk.view(HERE, view.id)
    kiosk.leave(HERE, view.id)
    assert LocalCheckIns(services).newest(HERE) is None
    assert kept(services, view.id).stage is Stage.ARRIVED


def test_who_starts_takes_the_screen_from_the_number_before(kiosk: LocalCheckIns) -> None:
    before = arrive(kiosk)
    begun = kiosk.start(HERE, "vi")
    shown = kiosk.newest(HERE)
    assert shown
    assert shown.id == begun.id
    kiosk.leave(HERE, begun.id)
    assert kiosk.newest(HERE) is None
    assert kiosk.view(HERE, before.id).ticket


def test_leaving_late_takes_nothing_from_who_came_since(kiosk: LocalCheckIns) -> None:
    before = arrive(kiosk)
    begun = kiosk.start(HERE, "vi")
    kiosk.leave(HERE, before.id)
    shown = kiosk.newest(HERE)
    assert shown
    assert shown.id == begun.id


def test_what_staff_do_brings_no_number_back_on_a_screen(kiosk: LocalCheckIns, services: Services) -> None:
    view = arrive(kiosk)
    before = kept(services, view.id)
    kiosk.leave(HERE, view.id)
    with services.storage.write() as work:
        # as one that read before the screen was put away
        work.check_ins.save(replace(before, version=before.version + 1))
    assert kept(services, view.id).off_screen_at is not None
    queue.call_next(services, clinic_id="noi", by=DOCTOR)
    assert kiosk.newest(HERE) is None


def test_the_desks_case_for_a_closed_record_is_on_nobodys_screen(kiosk: LocalCheckIns, services: Services) -> None:
    gone = arrive(kiosk)
    kiosk.leave(HERE, gone.id)
    there = arrive(kiosk, MAU_QR)
    here = kept(services, gone.id)
    open_record.not_this_person(services, gone.id, version=here.version, by=DOCTOR)
    shown = kiosk.newest(HERE)
    assert shown
    assert shown.id == there.id
    kiosk.leave(HERE, there.id)
    assert kiosk.newest(HERE) is None


def test_a_cancelled_one_comes_back_only_where_it_is_still_on_the_screen(
    kiosk: LocalCheckIns, services: Services
) -> None:
    view = say_yes(kiosk, scan(kiosk, GIA_QR))
    move.cancel(services, view.id, version=view.version, by=DESK)
    back = undo.undo(services, view.id, by=DESK)
    move.cancel(services, view.id, version=back.version, by=DESK)
    passing = kiosk.start(HERE, "vi")
    kiosk.leave(HERE, passing.id)
    with pytest.raises(NotPossibleNow):
        undo.undo(services, view.id, by=DESK)


# --- another card on somebody's page


@pytest.mark.parametrize("stage", [Stage.IS_THIS_YOU, Stage.CHOOSING])
def test_another_card_ends_the_page_of_the_one_before(kiosk: LocalCheckIns, services: Services, stage: Stage) -> None:
    first = scan(kiosk, MAU_QR)
    if stage is Stage.CHOOSING:
        first = say_yes(kiosk, first)
    assert first.stage is stage
    second = scan(kiosk, GIA_QR)
    assert (second.stage, second.masked_name, second.began_over) == (Stage.IS_THIS_YOU, "TRẦN V** G**", True)
    left = kept(services, first.id)
    assert (left.stage, left.patient, left.claim) == (Stage.ABANDONED, None, None)
    # the touch that was meant for the page before gives nobody a number
    late = kiosk.choose_clinic(HERE, first.id, first.version, "noi")
    assert (late.stage, late.ticket) == (Stage.ABANDONED, None)


def test_another_card_at_a_birth_date_begins_anew(kiosk: LocalCheckIns, services: Services) -> None:
    first = kiosk.claim(HERE, "BN000123", SignalSource.TYPED)
    kiosk.help(HERE, first.id)
    second = scan(kiosk, GIA_QR)
    assert (second.stage, second.began_over, second.help_told) == (Stage.IS_THIS_YOU, True, False)
    left = kept(services, first.id)
    assert (left.stage, left.help_reason) == (Stage.ABANDONED, Reason.ASKED_FOR_HELP)


def test_a_card_at_the_page_of_who_came_to_have_a_face_forgotten_is_a_check_in(kiosk: LocalCheckIns) -> None:
    kiosk.start(HERE, "vi", Intent.FORGET_FACE)
    assert scan(kiosk, MAU_QR).intent is Intent.FORGET_FACE
    assert scan(kiosk, GIA_QR).intent is Intent.CHECK_IN


def test_a_ticket_shown_on_anothers_page_is_its_holders(kiosk: LocalCheckIns, services: Services) -> None:
    mine = arrive(kiosk)
    assert mine.ticket
    page = say_yes(kiosk, show_card(kiosk, MAU_QR))
    view = scan(kiosk, mine.ticket.code)
    assert view.ticket
    assert (view.ticket.number, view.id != page.id) == (mine.ticket.number, True)
    assert kept(services, page.id).stage is Stage.ABANDONED


def test_the_same_card_again_changes_nothing(kiosk: LocalCheckIns) -> None:
    view = scan(kiosk, MAU_QR)
    assert scan(kiosk, MAU_QR) == view
    view = say_yes(kiosk, view)
    assert scan(kiosk, MAU_QR) == view
    view = kiosk.choose_clinic(HERE, view.id, view.version, "noi")
    assert scan(kiosk, MAU_QR) == kiosk.view(HERE, view.id)


def test_the_ticket_that_was_just_printed_changes_nothing_before_the_camera(kiosk: LocalCheckIns) -> None:
    mine = arrive(kiosk)
    assert mine.ticket
    assert scan(kiosk, mine.ticket.code) == kiosk.view(HERE, mine.id)
    shown = say_yes(kiosk, show_card(kiosk, GIA_QR, THERE), THERE)
    assert scan(kiosk, mine.ticket.code, THERE) == shown


def test_a_card_with_the_same_number_and_another_name_is_another_card(kiosk: LocalCheckIns) -> None:
    scan(kiosk, MAU_QR)
    assert scan(kiosk, MAU_QR.replace("Nguyễn Thị Mẫu", "Nguyễn Thị Mận")).stage is Stage.RECEPTION


def test_the_second_card_of_one_person_begins_with_that_card(kiosk: LocalCheckIns) -> None:
    say_yes(kiosk, scan(kiosk, MAU_QR))
    view = kiosk.claim(HERE, "BN000123", SignalSource.SCANNER)
    assert (view.stage, view.began_over) == (Stage.BIRTH_DATE, True)
    view = kiosk.answer_birth_date(HERE, view.id, view.version, PartialDate(1990, 3, 5))
    view = say_yes(kiosk, view)
    assert kiosk.choose_appointment(HERE, view.id, view.version, "eye-0930").ticket


def test_a_code_that_cannot_be_used_is_said_on_anothers_page(kiosk: LocalCheckIns) -> None:
    view = say_yes(kiosk, scan(kiosk, MAU_QR))
    after = scan(kiosk, "%%%###@@@")
    assert (after.id, after.stage) == (view.id, Stage.CHOOSING)
    assert after.problem


def test_a_touch_in_the_moment_of_a_scan_drops_no_card(kiosk: LocalCheckIns, services: Services) -> None:
    view = kiosk.start(HERE, "vi")

    class TouchedMeanwhile(SmallRecord):
        def find_patients(self, identifier: Identifier) -> list:  # type: ignore[type-arg] # as the port's
            kiosk.set_language(HERE, view.id, "en")
            return list(super().find_patients(identifier))

    busy = LocalCheckIns(replace(services, record=TouchedMeanwhile()))
    assert scan(busy, GIA_QR).masked_name == "TRẦN V** G**"


# --- what was given may be changed by whom it was given to


def test_a_wrong_clinic_is_changed_in_one_step(kiosk: LocalCheckIns, services: Services, record: SmallRecord) -> None:
    view = say_yes(kiosk, scan(kiosk, MAU_QR))
    first = kiosk.choose_appointment(HERE, view.id, view.version, "eye-0930")
    kiosk.printed(first.id, PrintState.PRINTED)
    first = kiosk.view(HERE, first.id)
    assert (first.may_change, [clinic.id for clinic in first.clinics]) == (True, ["noi", "tam"])
    after = kiosk.change_clinic(HERE, first.id, first.version, "noi")
    assert after.ticket
    assert (after.id, after.ticket.clinic_id, after.ticket.print_state) == (first.id, "noi", PrintState.NOT_ASKED)
    with services.storage.read() as work:
        assert [one.stage for one in work.check_ins.in_clinic("mat", services.clock.today())] == []
        assert {one.kind.value for one in work.outbox.due(services.clock.now(), 9)} == {"encounter", "appointment"}
    deliver.send_due(services)
    assert record.encounters[first.id].place == "Location/noi"
    assert record.statuses == {"eye-0930": "booked"}


def test_a_walk_in_who_changes_to_the_appointments_clinic_arrives_for_it(
    kiosk: LocalCheckIns, services: Services
) -> None:
    view = say_yes(kiosk, scan(kiosk, MAU_QR))
    first = kiosk.choose_clinic(HERE, view.id, view.version, "noi")
    kiosk.change_clinic(HERE, first.id, first.version, "mat")
    assert kept(services, first.id).appointment_id == "eye-0930"


def test_the_old_number_stays_where_the_new_one_cannot_be_given(kiosk: LocalCheckIns, services: Services) -> None:
    first = arrive(kiosk)
    for clinic in ("noi", "no-such-clinic"):
        after = kiosk.change_clinic(HERE, first.id, first.version, clinic)
        assert (after.ticket, after.version) == (first.ticket, first.version)
    assert kept(services, first.id).stage is Stage.ARRIVED


@pytest.mark.parametrize("late", ["called", "five minutes", "put away", "anothers page"])
def test_a_clinic_is_not_changed_once_it_is_too_late(
    kiosk: LocalCheckIns, services: Services, clock: SetClock, late: str
) -> None:
    first = arrive(kiosk)
    if late == "called":
        queue.call_next(services, clinic_id="noi", by=DOCTOR)
    elif late == "five minutes":
        clock.pass_time(minutes=6)
    elif late == "put away":
        kiosk.leave(HERE, first.id)
    else:
        scan(kiosk, MAU_QR)
    version = kept(services, first.id).version
    after = kiosk.change_clinic(HERE, first.id, version, "mat")
    assert after.ticket
    assert after.ticket.clinic_id == "noi"
    if late in {"called", "five minutes"}:
        assert not after.may_change


def test_a_second_clinic_is_taken_from_the_first_number(kiosk: LocalCheckIns, services: Services) -> None:
    first = arrive(kiosk)
    assert first.may_take_another
    view = kiosk.another_clinic(HERE, first.id)
    assert (view.stage, view.masked_name) == (Stage.IS_THIS_YOU, "TRẦN V** G**")
    view = say_yes(kiosk, view)
    assert view.stage is Stage.CHOOSING
    second = kiosk.choose_clinic(HERE, view.id, view.version, "mat")
    assert second.ticket
    assert (second.ticket.clinic_id, [one.clinic_id for one in second.also]) == ("mat", ["noi"])
    assert kept(services, first.id).stage is Stage.ARRIVED


def test_who_comes_back_with_the_card_may_take_a_second_clinic(kiosk: LocalCheckIns) -> None:
    arrive(kiosk)
    shown = say_yes(kiosk, show_card(kiosk, GIA_QR, THERE), THERE)
    assert (shown.again, shown.may_take_another) == (True, True)
    view = say_yes(kiosk, kiosk.another_clinic(THERE, shown.id), THERE)
    assert kiosk.choose_clinic(THERE, view.id, view.version, "noi").again
    shown = say_yes(kiosk, show_card(kiosk, GIA_QR, THERE), THERE)
    view = say_yes(kiosk, kiosk.another_clinic(THERE, shown.id), THERE)
    assert not kiosk.choose_clinic(THERE, view.id, view.version, "mat").again


def test_who_holds_only_the_paper_decides_nothing(kiosk: LocalCheckIns, services: Services) -> None:
    mine = arrive(kiosk)
    assert mine.ticket
    shown = scan(kiosk, mine.ticket.code, THERE)
    assert (shown.again, shown.may_take_another, shown.may_change, shown.clinics) == (True, False, False, ())
    assert kiosk.another_clinic(THERE, shown.id).stage is Stage.ABANDONED
    kiosk.change_clinic(THERE, shown.id, shown.version, "mat")
    assert kept(services, mine.id).clinic_id == "noi"


def test_the_next_in_line_cannot_take_a_clinic_on_the_page_of_the_one_before(kiosk: LocalCheckIns) -> None:
    first = arrive(kiosk)
    scan(kiosk, MAU_QR)
    assert kiosk.another_clinic(HERE, first.id).id == first.id


# --- called


def test_a_called_patient_who_shows_the_card_again_is_called(kiosk: LocalCheckIns, services: Services) -> None:
    mine = arrive(kiosk)
    assert mine.ticket
    queue.call_next(services, clinic_id="noi", by=DOCTOR)
    for view in (say_yes(kiosk, show_card(kiosk, GIA_QR, THERE), THERE), scan(kiosk, mine.ticket.code)):
        assert view.ticket
        assert view.ticket.called


def test_who_was_called_to_the_desk_is_called(kiosk: LocalCheckIns, services: Services) -> None:
    view = scan(kiosk, STRANGER_QR)
    queue.call_to_desk(services, view.id, version=view.version, by=DESK)
    ticket = kiosk.view(HERE, view.id).ticket
    assert ticket
    assert ticket.called


def test_of_two_numbers_the_called_one_is_shown(kiosk: LocalCheckIns, services: Services, clock: SetClock) -> None:
    first = arrive(kiosk)
    clock.pass_time(seconds=1)
    view = say_yes(kiosk, kiosk.another_clinic(HERE, first.id))
    kiosk.choose_clinic(HERE, view.id, view.version, "mat")
    queue.call_next(services, clinic_id="noi", by=DOCTOR)
    shown = say_yes(kiosk, show_card(kiosk, GIA_QR, THERE), THERE)
    assert shown.ticket
    assert (shown.ticket.clinic_id, shown.ticket.called) == ("noi", True)


# --- a photograph of a card


def test_a_code_whose_owner_has_a_number_is_followed_by_the_birth_date(
    kiosk: LocalCheckIns, services: Services
) -> None:
    mine = arrive(kiosk, MAU_QR)
    shown = scan(kiosk, MAU_QR, THERE)
    assert (shown.stage, shown.masked_name, shown.ticket, shown.appointments) == (Stage.BIRTH_DATE, None, None, ())
    with services.storage.read() as work:
        again = work.showings.of(mine.id)
    assert again
    assert (again.times, again.station_id) == (1, THERE)
    assert (kept(services, mine.id).version, kept(services, mine.id).help_reason) == (mine.version, None)
    right = kiosk.answer_birth_date(THERE, shown.id, shown.version, PartialDate(1990, 3, 5))
    assert right.stage is Stage.IS_THIS_YOU
    assert say_yes(kiosk, right, THERE).stage in {Stage.CHOOSING, Stage.ABANDONED}


def test_wrong_dates_cost_the_owner_nothing_and_show_nothing(kiosk: LocalCheckIns, services: Services) -> None:
    mine = arrive(kiosk)
    view = scan(kiosk, GIA_QR, THERE)
    for left in (2, 1):
        view = kiosk.answer_birth_date(THERE, view.id, view.version, PartialDate(1950, 1, 2))
        assert (view.missed, view.tries_left, view.ticket) == (True, left, None)
    view = kiosk.answer_birth_date(THERE, view.id, view.version, PartialDate(1950, 1, 2))
    assert view.ticket
    assert (view.stage, view.again, view.ticket.clinic_id) == (Stage.RECEPTION, False, "reception")
    owner, case = kept(services, mine.id), kept(services, view.id)
    assert (owner.stage, owner.ticket and owner.ticket.number, owner.version) == (Stage.ARRIVED, 1, mine.version)
    assert (case.reason, case.claim and case.claim.identifier.value) == (
        Reason.NUMBER_NOT_CONFIRMED,
        "001040054321",
    )


def test_the_misses_close_the_station_as_those_of_bare_numbers_do(kiosk: LocalCheckIns) -> None:
    arrive(kiosk, station=THERE)
    arrive(kiosk, MAU_QR, station=THERE)
    for payload in (GIA_QR, GIA_QR, MAU_QR, MAU_QR):
        view = scan(kiosk, payload)
        assert view.stage is Stage.BIRTH_DATE
        kiosk.answer_birth_date(HERE, view.id, view.version, PartialDate(1950, 1, 2))
        kiosk.leave(HERE, view.id)
    assert not kiosk.start(HERE, "vi").typing_closed
    kiosk.answer_birth_date(HERE, (view := scan(kiosk, GIA_QR)).id, view.version, PartialDate(1950, 1, 3))
    assert kiosk.start(HERE, "vi").typing_closed


def test_also_a_number_that_is_over_asks(kiosk: LocalCheckIns, services: Services) -> None:
    arrive(kiosk)
    called = queue.call_next(services, clinic_id="noi", by=DOCTOR)
    assert called
    queue.finish(services, called.id, version=called.version, by=DOCTOR)
    assert scan(kiosk, GIA_QR, THERE).stage is Stage.BIRTH_DATE


def test_a_number_given_while_the_record_was_away_asks_too(kiosk: LocalCheckIns, record: SmallRecord) -> None:
    record.off = True
    arrive(kiosk)
    view = scan(kiosk, GIA_QR, THERE)
    assert view.stage is Stage.BIRTH_DATE
    assert kiosk.answer_birth_date(THERE, view.id, view.version, PartialDate(1950, 1, 2)).missed


def test_before_a_number_there_are_two_presses_as_ever(kiosk: LocalCheckIns) -> None:
    assert scan(kiosk, MAU_QR).stage is Stage.IS_THIS_YOU


def test_the_paper_brings_the_number_back_without_a_question(kiosk: LocalCheckIns) -> None:
    mine = arrive(kiosk)
    assert mine.ticket
    again = scan(kiosk, mine.ticket.code, THERE)
    assert again.ticket
    assert again.ticket.number == mine.ticket.number


def test_a_void_ticket_leads_to_the_desks_case_that_replaced_it(kiosk: LocalCheckIns, services: Services) -> None:
    mine = arrive(kiosk)
    assert mine.ticket
    here = kept(services, mine.id)
    open_record.not_this_person(services, mine.id, version=here.version, by=DOCTOR)
    shown = scan(kiosk, mine.ticket.code, THERE)
    assert shown.ticket
    case = kept(services, shown.ticket.code)
    assert (shown.ticket.clinic_id, case.stage, case.reason) == ("reception", Stage.RECEPTION, Reason.NOT_THIS_PERSON)


# --- help is promised by whoever comes


def test_nobody_is_promised_before_somebody_says_so(kiosk: LocalCheckIns, services: Services) -> None:
    view = kiosk.help(HERE, scan(kiosk, MAU_QR).id)
    assert (view.help_told, view.help_coming) == (True, False)
    after = help_patient.coming(services, view.id, by=DESK)
    assert (after.coming_by, after.coming_at) == (str(DESK), services.clock.now())
    again = help_patient.coming(services, view.id, by=DOCTOR)
    assert again.coming_by == str(DESK)
    assert kiosk.view(HERE, view.id).help_coming
    assert help_patient.given(services, view.id, by=DESK).coming_by is None
    view = kiosk.help(HERE, view.id)
    assert (view.help_told, view.help_coming) == (True, False)


def test_nobody_comes_to_who_did_not_call(kiosk: LocalCheckIns, services: Services) -> None:
    with pytest.raises(NotPossibleNow):
        help_patient.coming(services, arrive(kiosk).id, by=DESK)


# --- what is no need, and no change


def test_the_paper_makes_nothing_stale_that_staff_do(kiosk: LocalCheckIns, services: Services) -> None:
    view = scan(kiosk, STRANGER_QR)
    attached = attach_found(services, view.id, version=view.version, patient_id="gia", clinic_id="noi", by=DESK)
    kiosk.printed(view.id, PrintState.PRINTED)
    after = assist.declare_priority(services, view.id, version=attached.version, priority=None, by=DESK)
    assert after.version == attached.version + 1
    ticket = kiosk.view(HERE, view.id).ticket
    assert ticket
    assert ticket.print_state is PrintState.PRINTED


def test_a_second_card_of_the_same_person_is_evidence_and_no_need(kiosk: LocalCheckIns, services: Services) -> None:
    mine = arrive(kiosk, GIA_QR)
    view = kiosk.claim(THERE, "BN000777", SignalSource.TYPED)
    view = kiosk.answer_birth_date(THERE, view.id, view.version, PartialDate(1940, 1, 2))
    assert say_yes(kiosk, view, THERE).again
    after = kept(services, mine.id)
    assert ([one.identifier.value for one in after.also_claimed], after.help_reason) == (["BN000777"], None)


def test_another_name_under_the_number_of_a_desks_case_is_kept_with_it(
    kiosk: LocalCheckIns, services: Services
) -> None:
    mine = scan(kiosk, STRANGER_QR)
    assert scan(kiosk, STRANGER_QR.replace("Lê Văn Lạ", "Lê Thị Khác"), THERE).again
    case = kept(services, mine.id)
    assert ([one.name for one in case.also_claimed], case.help_reason) == (["Lê Thị Khác"], None)


def test_an_earlier_clock_puts_no_other_page_on_the_screen(
    kiosk: LocalCheckIns, services: Services, clock: SetClock
) -> None:
    clock.moment = at(12)
    later = arrive(kiosk)
    clock.moment = at(10)
    start(services, station_id=HERE, language="vi", by=Actor.patient_at(HERE))
    shown = kiosk.newest(HERE)
    assert shown
    assert shown.id != later.id
