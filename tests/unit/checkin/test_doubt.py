"""What was doubtful about a person is remembered for a day, on every way to be known."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from kiosk.checkin import compare_holder, known_chips, lists, open_record, queue
from kiosk.checkin.doubt import doubts_of
from kiosk.checkin.read_record import Access, access_to, read_record
from kiosk.checkin.resolve_waiting import resolve_waiting
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import AccessDenied, NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, DocumentKind, Reason, Stage
from kiosk.model.chip_card import ChipReading, ChipReason, ChipVerdict, CitizenData
from kiosk.model.doubt import DoubtKind
from kiosk.model.identity import Assurance, PartialDate, Sex
from kiosk.model.staff import Role, StaffAccount
from kiosk.ports.devices import SignalSource
from tests.support.at_reception import attach_found
from tests.support.small_hospital import MAU_QR, STRANGER_QR, SetClock, SmallRecord

HERE, THERE = "kiosk-1", "kiosk-2"
DESK, DOCTOR = Actor.staff("desk"), Actor.staff("doc")
EYES = StaffAccount("doc", "bacsi", "BS. Thử", Role.DOCTOR, ("mat", "noi"), "")
RIGHT, WRONG = PartialDate(1990, 3, 5), PartialDate(1990, 5, 3)
GENUINE = ChipReading(
    ChipVerdict.GENUINE,
    citizen=CitizenData("001190012345", "Nguyễn Thị Mẫu", RIGHT, Sex.FEMALE, date(2030, 3, 5), kept_from_dg13=True),
    signer="51" * 32,
    chip_key="aa" * 32,
    security_object="bb" * 32,
    portrait=b"\xff\xd8 the portrait \xff\xd9",
)
FORGED = replace(GENUINE, verdict=ChipVerdict.REFUSED, reasons=(ChipReason.DATA_FORGED,), chip_key=None)
BY_INSURANCE = "0100123456"
"""The number of the same patient's insurance card."""

Spoil = Callable[[LocalCheckIns, Services], CheckIn]
Present = Callable[[LocalCheckIns, CheckIn], CheckInView]


def forged(day: int, month: int = 5) -> str:
    """The right number and name, with another birth date."""
    return MAU_QR.replace("05031990", f"{day:02}{month:02}1990")


def arrive(kiosk: LocalCheckIns, services: Services, clinic: str = "noi", *, chip: bool = False) -> CheckIn:
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    if chip:
        view = kiosk.claim_chip(HERE, view.id, GENUINE)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.choose_clinic(HERE, view.id, view.version, clinic)
    assert view.stage is Stage.ARRIVED
    return lists.one(services, view.id)


def answer(services: Services, check_in: CheckIn, said: PartialDate = WRONG) -> CheckIn:
    return open_record.answer_open_question(
        services,
        check_in.id,
        version=check_in.version,
        clinic_id=check_in.clinic_id or "",
        answer=said,
        by=DOCTOR,
    )


def wrong_twice(kiosk: LocalCheckIns, services: Services) -> CheckIn:
    return answer(services, answer(services, arrive(kiosk, services)))


def not_this_person(kiosk: LocalCheckIns, services: Services) -> CheckIn:
    arrived = arrive(kiosk, services)
    return open_record.not_this_person(services, arrived.id, version=arrived.version, by=DOCTOR)


def holder_differs(kiosk: LocalCheckIns, services: Services) -> CheckIn:
    arrived = arrive(kiosk, services, chip=True)
    return compare_holder.compare_holder(
        services, arrived.id, version=arrived.version, clinic_id="noi", matches=False, by=DOCTOR
    )


def chip_refused(kiosk: LocalCheckIns, services: Services) -> CheckIn:
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    kiosk.claim_chip(HERE, view.id, FORGED)
    return lists.one(services, view.id)


def three_wrong_dates(kiosk: LocalCheckIns, services: Services) -> CheckIn:
    for day, station in ((1, HERE), (2, THERE), (3, "kiosk-3")):
        view = kiosk.claim(station, forged(day), SignalSource.CAMERA)
    return lists.one(services, view.id)


def by_code(kiosk: LocalCheckIns, before: CheckIn) -> CheckInView:  # noqa: ARG001 # as the others
    return kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)


def at_another_kiosk(kiosk: LocalCheckIns, before: CheckIn) -> CheckInView:  # noqa: ARG001 # as the others
    return kiosk.claim(THERE, MAU_QR, SignalSource.CAMERA)


def by_other_card(kiosk: LocalCheckIns, before: CheckIn) -> CheckInView:  # noqa: ARG001 # as the others
    view = kiosk.claim(THERE, BY_INSURANCE, SignalSource.CAMERA)
    return kiosk.answer_birth_date(THERE, view.id, view.version, RIGHT)


def by_typed_number(kiosk: LocalCheckIns, before: CheckIn) -> CheckInView:  # noqa: ARG001 # as the others
    view = kiosk.claim(THERE, "001190012345", SignalSource.TYPED)
    return kiosk.answer_birth_date(THERE, view.id, view.version, RIGHT)


def by_chip(kiosk: LocalCheckIns, before: CheckIn) -> CheckInView:  # noqa: ARG001 # as the others
    view = kiosk.start(THERE, "vi")
    return kiosk.claim_chip(THERE, view.id, GENUINE)


def by_void_ticket(kiosk: LocalCheckIns, before: CheckIn) -> CheckInView:
    return kiosk.claim(THERE, before.id, SignalSource.CAMERA)


def the_case(services: Services) -> CheckIn:
    [case] = [one for one in lists.reception_board(services).desk if one.stage is Stage.RECEPTION]
    return case


def waiting(services: Services) -> list[CheckIn]:
    return [one for one in lists.clinic_list(services, clinic_ids=("mat", "noi", "tam")) if one.stage is Stage.ARRIVED]


@pytest.mark.parametrize("spoil", [wrong_twice, not_this_person, holder_differs, chip_refused, three_wrong_dates])
@pytest.mark.parametrize("present", [by_code, at_another_kiosk, by_other_card, by_typed_number, by_chip])
def test_whoever_was_doubted_leads_to_the_one_case_however_they_are_known(
    kiosk: LocalCheckIns, services: Services, spoil: Spoil, present: Present
) -> None:
    before = spoil(kiosk, services)
    case = the_case(services)

    view = present(kiosk, before)

    # who stands before the very case has no other to be led to
    assert (lists.one(services, view.id).same_as or view.id) == case.id
    assert view.ticket
    assert case.ticket
    assert (view.masked_name, view.ticket.number) == (None, case.ticket.number)
    assert the_case(services).id == case.id
    assert waiting(services) == []


@pytest.mark.parametrize("spoil", [wrong_twice, not_this_person, holder_differs])
def test_a_void_ticket_leads_to_the_case_that_took_its_place(
    kiosk: LocalCheckIns, services: Services, spoil: Spoil
) -> None:
    view = by_void_ticket(kiosk, spoil(kiosk, services))
    assert lists.one(services, view.id).same_as == the_case(services).id


def test_once_wrong_in_each_of_two_clinics_is_twice(kiosk: LocalCheckIns, services: Services) -> None:
    answer(services, arrive(kiosk, services, "mat"))
    second = arrive_at(kiosk, services, "noi")
    assert answer(services, second).stage is Stage.CANCELLED


def arrive_at(kiosk: LocalCheckIns, services: Services, clinic: str) -> CheckIn:
    """Reception gives a second number to whoever waits elsewhere."""
    view = kiosk.start(THERE, "vi")
    there = lists.one(services, view.id)
    return attach_found(services, there.id, version=there.version, patient_id="mau", clinic_id=clinic, by=DESK)


def test_the_case_keeps_each_presentation_apart_and_counts_them(
    kiosk: LocalCheckIns, services: Services, clock: SetClock
) -> None:
    wrong_twice(kiosk, services)
    case = the_case(services)
    clock.pass_time(minutes=5)
    by_code(kiosk, case)
    by_chip(kiosk, case)
    by_other_card(kiosk, case)

    doubts = doubts_of(services, case)

    assert [(row.kind, row.station_id) for row in doubts.rows[1:]] == [
        (DoubtKind.OPEN_QUESTION_WRONG, HERE),
        (DoubtKind.SHOWN, HERE),
        (DoubtKind.SHOWN, THERE),
        (DoubtKind.SHOWN, THERE),
    ]
    assert doubts.rows[1].times == 2
    assert doubts.rows[2].at - doubts.rows[1].at == clock.now() - doubts.rows[1].at
    assert len({row.claim for row in doubts.rows[2:]}) == 3


def test_reception_sees_the_worst_of_a_case_that_was_open_before(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services)
    three_wrong_dates(kiosk, services)
    assert the_case(services).reason is Reason.RECORD_DISAGREES
    open_record.not_this_person(services, arrived.id, version=arrived.version, by=DOCTOR)
    assert the_case(services).reason is Reason.NOT_THIS_PERSON


def test_dates_guessed_by_code_end_at_the_desk_and_so_does_the_right_one(
    kiosk: LocalCheckIns, services: Services
) -> None:
    guesses = [forged(day, month) for month in (5, 6) for day in range(1, 13)]
    numbers = set()
    for guess in guesses:
        view = kiosk.claim(HERE, guess, SignalSource.CAMERA)
        assert view.ticket
        numbers.add(view.ticket.number)

    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)

    assert len(numbers) == 1
    assert lists.one(services, view.id).same_as == the_case(services).id
    assert view.masked_name is None


def test_two_guesses_are_slips(kiosk: LocalCheckIns) -> None:
    for day in (1, 2):
        kiosk.claim(HERE, forged(day), SignalSource.CAMERA)
    assert kiosk.claim(THERE, MAU_QR, SignalSource.CAMERA).stage is Stage.IS_THIS_YOU


def test_a_guessed_name_counts_like_a_guessed_date(kiosk: LocalCheckIns, services: Services) -> None:
    for name in ("Nguyễn Thị Mai", "Nguyễn Thị Mến", "Nguyễn Thị Mơ"):
        kiosk.claim(HERE, MAU_QR.replace("Nguyễn Thị Mẫu", name), SignalSource.CAMERA)
    view = kiosk.claim(THERE, MAU_QR, SignalSource.CAMERA)
    assert lists.one(services, view.id).same_as == the_case(services).id


def test_guesses_by_code_close_typing_at_that_station_only(kiosk: LocalCheckIns) -> None:
    for day in range(1, 6):
        kiosk.claim(HERE, forged(day), SignalSource.CAMERA)
    assert kiosk.start(HERE, "vi").typing_closed
    assert not kiosk.start(THERE, "vi").typing_closed


def test_unknown_numbers_by_code_count_for_the_station(kiosk: LocalCheckIns) -> None:
    for last in range(5):
        kiosk.claim(HERE, STRANGER_QR.replace("001085000001", f"00108500000{last}"), SignalSource.CAMERA)
    assert kiosk.start(HERE, "vi").typing_closed


def test_misses_are_shared_by_kiosks_and_by_the_cards_of_one_patient(kiosk: LocalCheckIns, services: Services) -> None:
    kiosk.claim(HERE, forged(1), SignalSource.CAMERA)
    view = kiosk.claim(THERE, "001190012345", SignalSource.TYPED)
    view = kiosk.answer_birth_date(THERE, view.id, view.version, WRONG)
    assert (view.stage, view.missed) == (Stage.BIRTH_DATE, True)
    kiosk.leave(THERE, view.id)

    view = kiosk.claim("kiosk-3", BY_INSURANCE, SignalSource.TYPED)
    view = kiosk.answer_birth_date("kiosk-3", view.id, view.version, WRONG)

    assert lists.one(services, view.id).same_as == the_case(services).id


@pytest.mark.parametrize("number", ["BN000123", "BN999999"])
def test_misses_of_a_known_and_an_unknown_number_are_told_alike_at_each_kiosk(
    kiosk: LocalCheckIns, clock: SetClock, number: str
) -> None:
    told = []
    for station in ("kiosk-1", "kiosk-2", "kiosk-3", "kiosk-4"):
        view = kiosk.claim(station, number, SignalSource.TYPED)
        began = clock.seconds
        view = kiosk.answer_birth_date(station, view.id, view.version, WRONG)
        told.append((view.stage, view.missed, view.tries_left, view.again, round(clock.seconds - began, 6)))
        kiosk.leave(station, view.id)
    assert told == [
        (Stage.BIRTH_DATE, True, 2, False, 0.7),
        (Stage.BIRTH_DATE, True, 1, False, 0.7),
        (Stage.RECEPTION, False, 0, False, 0.7),
        (Stage.ABANDONED, False, 0, True, 0.7),
    ]


def test_forged_codes_leave_the_owner_where_they_wait(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services)
    three_wrong_dates(kiosk, services)
    by_code(kiosk, arrived)

    assert replace(lists.one(services, arrived.id), off_screen_at=None) == arrived
    assert [one.id for one in waiting(services)] == [arrived.id]
    assert the_case(services).id != arrived.id
    called = queue.call_next(services, clinic_id="noi", by=DOCTOR)
    assert called
    assert called.id == arrived.id


def test_the_ticket_of_who_waits_shows_its_number_whatever_others_did(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services)
    three_wrong_dates(kiosk, services)
    view = kiosk.claim(HERE, arrived.id, SignalSource.CAMERA)
    assert view.ticket
    assert view.ticket.code == arrived.id


def test_guesses_by_anybody_turn_the_question_off_and_a_document_opens(
    kiosk: LocalCheckIns, services: Services
) -> None:
    arrived = arrive(kiosk, services)
    three_wrong_dates(kiosk, services)
    with pytest.raises(NotPossibleNow):
        answer(services, arrived, RIGHT)
    with pytest.raises(AccessDenied):
        read_record(services, arrived.id, account=EYES)
    inspected = open_record.inspect_document(
        services,
        arrived.id,
        version=arrived.version,
        clinic_id="noi",
        document=DocumentKind.CITIZEN_CARD,
        by=DOCTOR,
    )
    assert inspected.assurance is Assurance.VERIFIED
    assert read_record(services, arrived.id, account=EYES).patient.id == "mau"


def test_guesses_by_anybody_do_not_close_what_was_opened_before(kiosk: LocalCheckIns, services: Services) -> None:
    opened = answer(services, arrive(kiosk, services), RIGHT)
    three_wrong_dates(kiosk, services)
    assert read_record(services, opened.id, account=EYES).patient.id == "mau"


def test_what_staff_found_out_elsewhere_closes_what_a_spoken_date_opened(
    kiosk: LocalCheckIns, services: Services
) -> None:
    opened = answer(services, arrive(kiosk, services, "mat"), RIGHT)
    other = arrive_at(kiosk, services, "noi")
    open_record.not_this_person(services, other.id, version=other.version, by=DOCTOR)
    with pytest.raises(AccessDenied):
        read_record(services, opened.id, account=EYES)
    assert lists.one(services, opened.id) == opened


def test_whom_reception_attaches_again_is_not_asked_and_the_doctor_knows_why(
    kiosk: LocalCheckIns, services: Services, clock: SetClock
) -> None:
    closed_at = clock.now()
    wrong_twice(kiosk, services)
    clock.pass_time(minutes=20)
    case = the_case(services)
    attached = attach_found(services, case.id, version=case.version, patient_id="mau", clinic_id="mat", by=DESK)

    doubts = doubts_of(services, attached)

    assert access_to(attached, EYES, services.clock.today(), doubts) is Access.ASK
    [why] = [row for row in doubts.rows if row.kind is DoubtKind.OPEN_QUESTION_WRONG]
    assert (why.clinic_id, why.times, why.at) == ("noi", 2, closed_at)
    with pytest.raises(NotPossibleNow):
        answer(services, attached, RIGHT)
    inspected = open_record.inspect_document(
        services,
        attached.id,
        version=attached.version,
        clinic_id="mat",
        document=DocumentKind.PASSPORT,
        by=DOCTOR,
    )
    assert access_to(inspected, EYES, services.clock.today(), doubts) is Access.OPEN


def test_a_new_claim_after_reception_decided_is_a_case_again(kiosk: LocalCheckIns, services: Services) -> None:
    wrong_twice(kiosk, services)
    case = the_case(services)
    attached = attach_found(services, case.id, version=case.version, patient_id="mau", clinic_id="mat", by=DESK)
    view = at_another_kiosk(kiosk, attached)
    assert the_case(services).id == view.id
    assert lists.one(services, attached.id) == attached


def test_doubt_that_arises_while_somebody_chooses_stops_them(kiosk: LocalCheckIns, services: Services) -> None:
    view = kiosk.claim("kiosk-9", MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name("kiosk-9", view.id, view.version)
    three_wrong_dates(kiosk, services)
    view = kiosk.choose_clinic("kiosk-9", view.id, view.version, "noi")
    assert lists.one(services, view.id).same_as == the_case(services).id
    assert waiting(services) == []


def test_while_the_record_is_away_the_number_itself_is_enough(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    wrong_twice(kiosk, services)
    record.off = True
    view = kiosk.claim(THERE, MAU_QR, SignalSource.CAMERA)
    assert lists.one(services, view.id).same_as == the_case(services).id


def test_a_number_of_an_outage_stays_and_reception_decides_whose_it_is(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.off = True
    given = arrive(kiosk, services)
    record.off = False
    for station in (HERE, THERE, "kiosk-3"):
        view = kiosk.claim(station, BY_INSURANCE, SignalSource.CAMERA)
        kiosk.answer_birth_date(station, view.id, view.version, WRONG)

    resolve_waiting(services)

    left = lists.one(services, given.id)
    assert (left.stage, left.patient, left.ticket) == (Stage.ARRIVED, None, given.ticket)
    assert (left.reason, left.help_reason) == (Reason.NUMBER_NOT_CONFIRMED, Reason.NUMBER_NOT_CONFIRMED)


def test_a_wrong_date_of_an_outage_is_remembered_when_the_record_answers(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.off = True
    view = kiosk.claim(HERE, forged(1), SignalSource.CAMERA)
    view = kiosk.accept_name(HERE, view.id, view.version)
    kiosk.choose_clinic(HERE, view.id, view.version, "noi")
    record.off = False
    resolve_waiting(services)
    assert doubts_of(services, lists.one(services, view.id)).guesses == 1


def test_a_card_that_was_reported_lost_goes_on_and_only_a_document_opens(
    kiosk: LocalCheckIns, services: Services
) -> None:
    arrived = arrive(kiosk, services, chip=True)
    from_card = replace(GENUINE, signer="52" * 32)
    bind_and_lose(services, arrived)
    view = kiosk.claim(THERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.claim_chip(THERE, view.id, from_card)
    assert view.stage is Stage.IS_THIS_YOU
    view = kiosk.accept_name(THERE, view.id, view.version)
    assert view.stage is Stage.CHOOSING
    with pytest.raises(NotPossibleNow):
        answer(services, lists.one(services, arrived.id), RIGHT)


def bind_and_lose(services: Services, arrived: CheckIn) -> None:
    known_chips.bind(services, arrived.id, version=arrived.version, by=DESK)
    with services.storage.read() as work:
        [chip] = work.known_chips.of_patient("mau")
    known_chips.report_lost(services, chip.id, lost=True, by=DESK)


def test_other_evidence_on_a_case_is_bounded_with_a_count(kiosk: LocalCheckIns, services: Services) -> None:
    for day in range(1, 25):
        kiosk.claim(HERE, forged(day), SignalSource.CAMERA)
    case = the_case(services)
    doubts = doubts_of(services, case)
    assert (len(case.also_claimed), case.claimed_before) == (8, 15)
    assert (len(doubts.rows), doubts.presentations) == (12, 24)


def test_tomorrow_nobody_is_doubted(kiosk: LocalCheckIns, services: Services, clock: SetClock) -> None:
    wrong_twice(kiosk, services)
    three_wrong_dates(kiosk, services)
    clock.pass_time(days=1)
    view = kiosk.claim(THERE, MAU_QR, SignalSource.CAMERA)
    assert view.stage is Stage.IS_THIS_YOU
    assert not doubts_of(services, lists.one(services, view.id)).rows


def test_no_audit_row_of_a_doubt_names_anybody(kiosk: LocalCheckIns, services: Services) -> None:
    wrong_twice(kiosk, services)
    with services.storage.read() as work:
        rows = [row for row in work.audit.rows() if row.action == "doubt"]
    assert [row.detail for row in rows] == [
        {"kind": "open_question_missed", "clinic": "noi"},
        {"kind": "open_question_wrong", "clinic": "noi"},
    ]
