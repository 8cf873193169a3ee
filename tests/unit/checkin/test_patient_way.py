"""The patient's way at a kiosk, from a code to a number."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.checkin import queue
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import InputError, NotFound
from kiosk.model.actor import SYSTEM
from kiosk.model.appointment import Appointment
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Reason, Stage
from kiosk.model.identity import PartialDate
from kiosk.model.queue import PrintState, Priority
from kiosk.ports.devices import SignalSource
from tests.support.at_the_kiosk import show_card
from tests.support.small_hospital import GIA_QR, MAU, MAU_QR, STRANGER_QR, SetClock, SmallRecord, at

HERE, THERE = "kiosk-1", "kiosk-2"


def show(kiosk: LocalCheckIns, payload: str, station: str = HERE) -> CheckInView:
    return show_card(kiosk, payload, station)


def type_in(kiosk: LocalCheckIns, number: str, station: str = HERE) -> CheckInView:
    return kiosk.claim(station, number, SignalSource.TYPED)


def accept(kiosk: LocalCheckIns, view: CheckInView, station: str = HERE) -> CheckInView:
    return kiosk.accept_name(station, view.id, view.version)


def arrive(kiosk: LocalCheckIns, payload: str, clinic: str = "noi", station: str = HERE) -> CheckInView:
    view = accept(kiosk, show(kiosk, payload, station), station)
    return kiosk.choose_clinic(station, view.id, view.version, clinic)


def test_a_citizen_card_leads_to_the_appointment_and_its_number(kiosk: LocalCheckIns) -> None:
    view = show(kiosk, MAU_QR)
    assert (view.stage, view.masked_name) == (Stage.IS_THIS_YOU, "NGUYỄN T** M**")
    view = accept(kiosk, view)
    assert [(choice.room, choice.start.hour) for choice in view.appointments] == [("Phòng 201", 9)]
    view = kiosk.choose_appointment(HERE, view.id, view.version, "eye-0930")
    assert view.stage is Stage.ARRIVED
    assert view.ticket
    assert (view.ticket.number, view.ticket.room, view.ticket.ahead) == (1, "Phòng 201", 0)


def test_a_code_at_the_welcome_screen_begins_a_check_in(kiosk: LocalCheckIns) -> None:
    assert kiosk.current(HERE) is None
    assert show(kiosk, MAU_QR).stage is Stage.IS_THIS_YOU


def test_numbers_count_up_by_clinic(kiosk: LocalCheckIns) -> None:
    first, second = arrive(kiosk, GIA_QR), arrive(kiosk, MAU_QR, "noi")
    assert first.ticket
    assert second.ticket
    assert (first.ticket.number, second.ticket.number) == (1, 2)


def test_numbers_begin_anew_at_the_hospitals_midnight(
    kiosk: LocalCheckIns, clock: SetClock, services: Services
) -> None:
    # 16:59 UTC is 23:59 in Hà Nội: the host's own date does not change when the hospital's does
    always_open = {key: replace(clinic, closes=at(23, 59).time()) for key, clinic in services.clinics.items()}
    kiosk = LocalCheckIns(replace(services, clinics=always_open))
    clock.moment = at(23, 58)
    late = arrive(kiosk, GIA_QR)
    clock.moment = at(6) + timedelta(days=1)
    early = arrive(kiosk, MAU_QR)
    assert late.ticket
    assert early.ticket
    assert (late.ticket.number, early.ticket.number) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({"name": "Nguyễn Thị Mận"}, ("name",)),
        ({"birth_date": PartialDate(1990, 3, 6)}, ("birth_date",)),
        ({"birth_date": PartialDate(1990)}, ("birth_date",)),
        ({"birth_date": None}, ("birth_date",)),
        ({"deceased": True}, ("deceased",)),
        ({"active": False}, ("active",)),
    ],
)
def test_a_card_that_disagrees_with_the_record_goes_to_reception(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, changes: dict[str, object], differs: tuple[str, ...]
) -> None:
    record.patients = [replace(MAU, **changes)]  # type: ignore[arg-type] # the table names fields of Patient
    view = show(kiosk, MAU_QR)
    with services.storage.read() as work:
        kept = work.check_ins.get(view.id)
    assert (view.stage, kept.reason, kept.disagrees) == (Stage.RECEPTION, Reason.RECORD_DISAGREES, differs)
    assert kept.claim
    assert kept.patient is None


def test_case_and_diacritics_do_not_make_a_name_differ(kiosk: LocalCheckIns, record: SmallRecord) -> None:
    record.patients = [replace(MAU, name="NGUYEN  THI MAU")]
    assert show(kiosk, MAU_QR).stage is Stage.IS_THIS_YOU


def test_an_unknown_patient_gets_a_number_of_reception_with_the_claim(kiosk: LocalCheckIns, services: Services) -> None:
    view = show(kiosk, STRANGER_QR)
    with services.storage.read() as work:
        kept = work.check_ins.get(view.id)
    assert (view.stage, kept.reason) == (Stage.RECEPTION, Reason.UNKNOWN_PATIENT)
    assert view.ticket
    assert view.ticket.number == 1
    assert kept.claim
    assert kept.claim.name == "Lê Văn Lạ"


def test_the_same_unknown_code_shown_again_keeps_its_number(kiosk: LocalCheckIns) -> None:
    first = show(kiosk, STRANGER_QR)
    second = show(kiosk, STRANGER_QR, THERE)
    assert first.ticket
    assert second.ticket
    assert (second.again, second.ticket.number) == (True, first.ticket.number)


def test_two_patients_with_one_number_go_to_reception(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.patients.append(replace(MAU, id="mau-again"))
    view = show(kiosk, MAU_QR)
    with services.storage.read() as work:
        assert work.check_ins.get(view.id).reason is Reason.SEVERAL_PATIENTS


def test_not_me_drops_the_claim(kiosk: LocalCheckIns, services: Services) -> None:
    view = show(kiosk, MAU_QR)
    view = kiosk.reject_name(HERE, view.id, view.version)
    assert (view.stage, view.masked_name) == (Stage.STARTED, None)
    with services.storage.read() as work:
        kept = work.check_ins.get(view.id)
    assert (kept.claim, kept.patient) == (None, None)


def test_showing_the_code_again_at_another_kiosk_shows_the_same_number(kiosk: LocalCheckIns) -> None:
    first = arrive(kiosk, GIA_QR)
    again = accept(kiosk, show(kiosk, GIA_QR, THERE), THERE)
    assert first.ticket
    assert again.ticket
    assert (again.again, again.ticket.number, again.ticket.clinic_id) == (True, first.ticket.number, "noi")


def test_other_evidence_for_an_arrived_patient_replaces_nothing_and_reception_sees_both(
    kiosk: LocalCheckIns, services: Services
) -> None:
    first = arrive(kiosk, GIA_QR)
    view = type_in(kiosk, "BN000777", THERE)
    view = kiosk.answer_birth_date(THERE, view.id, view.version, PartialDate(1940, 1, 2))
    view = accept(kiosk, view, THERE)
    assert view.again
    with services.storage.read() as work:
        kept = work.check_ins.get(first.id)
    assert kept.claim
    assert kept.claim.identifier.value == "001040054321"
    assert [claim.identifier.value for claim in kept.also_claimed] == ["BN000777"]


def test_two_kiosks_at_the_same_moment_give_one_number(kiosk: LocalCheckIns, services: Services) -> None:
    one = accept(kiosk, show(kiosk, GIA_QR, HERE), HERE)
    two = accept(kiosk, show(kiosk, GIA_QR, THERE), THERE)
    one = kiosk.choose_clinic(HERE, one.id, one.version, "noi")
    two = kiosk.choose_clinic(THERE, two.id, two.version, "noi")
    assert one.ticket
    assert two.ticket
    assert (two.again, two.ticket.number, two.ticket.code) == (True, one.ticket.number, one.id)
    with services.storage.read() as work:
        assert len(work.check_ins.in_clinic("noi", services.clock.today())) == 1


def test_a_double_tap_changes_nothing(kiosk: LocalCheckIns) -> None:
    before = accept(kiosk, show(kiosk, GIA_QR))
    first = kiosk.choose_clinic(HERE, before.id, before.version, "noi")
    second = kiosk.choose_clinic(HERE, before.id, before.version, "noi")
    assert first == second


def test_a_patient_may_check_in_for_a_second_appointment(kiosk: LocalCheckIns, record: SmallRecord) -> None:
    record.booked.append(Appointment("noi-1400", "mau", at(14), ("Location/noi",), "booked"))
    view = accept(kiosk, show(kiosk, MAU_QR))
    kiosk.choose_appointment(HERE, view.id, view.version, "eye-0930")
    view = accept(kiosk, show(kiosk, MAU_QR))
    assert [choice.id for choice in view.appointments] == ["noi-1400"]
    view = kiosk.choose_appointment(HERE, view.id, view.version, "noi-1400")
    assert view.ticket
    assert view.ticket.clinic_id == "noi"


def test_an_appointment_that_was_not_offered_cannot_be_chosen(kiosk: LocalCheckIns, record: SmallRecord) -> None:
    record.booked.append(Appointment("gia-1000", "gia", at(10), ("Location/noi",), "booked"))
    view = accept(kiosk, show(kiosk, MAU_QR))
    assert kiosk.choose_appointment(HERE, view.id, view.version, "gia-1000").stage is Stage.CHOOSING


def test_a_discreet_clinic_is_only_a_room(kiosk: LocalCheckIns, record: SmallRecord) -> None:
    record.booked = [Appointment("tt", "mau", at(10), ("Location/tt",), "booked", "Trầm cảm")]
    view = accept(kiosk, show(kiosk, MAU_QR))
    assert [(choice.room, choice.clinic_name) for choice in view.appointments] == [("Phòng 305", None)]
    assert "Trầm cảm" not in repr(view)
    view = kiosk.choose_appointment(HERE, view.id, view.version, "tt")
    assert view.ticket
    assert view.ticket.clinic_name is None


def test_outside_all_hours_the_desk_takes_over(kiosk: LocalCheckIns, clock: SetClock) -> None:
    clock.moment = at(19)
    assert accept(kiosk, show(kiosk, GIA_QR)).stage is Stage.RECEPTION


def test_age_gives_priority(kiosk: LocalCheckIns, services: Services) -> None:
    young, old = arrive(kiosk, MAU_QR), arrive(kiosk, GIA_QR)
    with services.storage.read() as work:
        assert work.check_ins.get(old.id).priority is Priority.AGED_75
        assert [item.id for item in work.check_ins.in_clinic("noi", services.clock.today())] == [old.id, young.id]


def test_the_view_never_holds_what_the_hall_must_not_see(kiosk: LocalCheckIns) -> None:
    view = show(kiosk, MAU_QR)
    for shown in (view, accept(kiosk, view)):
        for secret in ("1990", "001190012345", "Mẫu", "Ví Dụ", "'mau'", "Khám lại"):
            assert secret not in repr(shown)


def test_a_code_that_is_none_of_ours_keeps_the_place_and_says_so(kiosk: LocalCheckIns) -> None:
    begun = kiosk.start(HERE, "vi")
    view = show(kiosk, "https://example.org")
    assert (view.id, view.stage) == (begun.id, Stage.STARTED)
    assert view.problem


def test_a_code_that_is_none_of_ours_begins_nothing(kiosk: LocalCheckIns) -> None:
    with pytest.raises(InputError):
        show(kiosk, "https://example.org")
    assert kiosk.current(HERE) is None


def test_a_check_in_of_another_station_is_not_found(kiosk: LocalCheckIns) -> None:
    view = kiosk.start(HERE, "vi")
    with pytest.raises(NotFound):
        kiosk.view(THERE, view.id)
    with pytest.raises(NotFound):
        kiosk.accept_name(THERE, view.id, view.version)


def test_leaving_forgets_what_was_claimed_but_never_a_number(kiosk: LocalCheckIns, services: Services) -> None:
    view = show(kiosk, MAU_QR)
    kiosk.leave(HERE, view.id)
    with services.storage.read() as work:
        left = work.check_ins.get(view.id)
    assert (left.stage, left.claim, left.patient) == (Stage.ABANDONED, None, None)
    arrived = arrive(kiosk, GIA_QR)
    kiosk.leave(HERE, arrived.id)
    assert kiosk.view(HERE, arrived.id).stage is Stage.ARRIVED


def test_help_keeps_the_place_and_tells_reception(kiosk: LocalCheckIns, services: Services) -> None:
    view = show(kiosk, MAU_QR)
    helped = kiosk.help(HERE, view.id)
    assert (helped.stage, helped.help_told, helped.help_coming) == (Stage.IS_THIS_YOU, True, False)
    with services.storage.read() as work:
        needing = work.check_ins.needing_help(services.clock.today())
    assert [(item.id, item.help_reason) for item in needing] == [(view.id, Reason.ASKED_FOR_HELP)]


def test_help_at_the_welcome_screen_begins_a_check_in(kiosk: LocalCheckIns) -> None:
    assert kiosk.help(HERE, None).help_told


def test_a_ticket_that_was_not_printed_tells_reception_and_keeps_the_number(
    kiosk: LocalCheckIns, services: Services
) -> None:
    view = arrive(kiosk, GIA_QR)
    kiosk.printed(view.id, PrintState.FAILED)
    after = kiosk.view(HERE, view.id)
    assert after.ticket
    assert (after.ticket.number, after.ticket.print_state) == (1, PrintState.FAILED)
    with services.storage.read() as work:
        needing = work.check_ins.needing_help(services.clock.today())
    assert [item.help_reason for item in needing] == [Reason.TICKET_NOT_PRINTED]


def test_a_ticket_shown_again_shows_its_number_and_nothing_else(kiosk: LocalCheckIns) -> None:
    arrived = arrive(kiosk, GIA_QR)
    assert arrived.ticket
    again = show(kiosk, arrived.ticket.code, THERE)
    assert again.ticket
    assert (again.ticket.number, again.ticket.room) == (arrived.ticket.number, arrived.ticket.room)
    assert (again.again, again.masked_name) == (True, None)


def test_a_ticket_brings_back_whoever_was_absent(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, GIA_QR)
    assert arrived.ticket
    called = queue.call_next(services, clinic_id="noi", by=SYSTEM)
    assert called
    queue.mark_absent(services, called.id, version=called.version, by=SYSTEM)
    show(kiosk, arrived.ticket.code)
    assert kiosk.view(HERE, arrived.id).stage is Stage.ARRIVED


@pytest.mark.parametrize("hours", [0, 24])
def test_a_ticket_that_is_over_leads_on(kiosk: LocalCheckIns, clock: SetClock, hours: int) -> None:
    arrived = arrive(kiosk, GIA_QR)
    assert arrived.ticket
    clock.pass_time(hours=hours)
    code = arrived.ticket.code if hours else "0" * 32
    begun = kiosk.start(HERE, "vi")
    assert show(kiosk, code).problem == "ticket_over"
    assert show(kiosk, MAU_QR).id == begun.id
    with pytest.raises(InputError):
        show(kiosk, code, THERE)
