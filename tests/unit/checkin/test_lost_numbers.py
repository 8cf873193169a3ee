"""Numbers that a restored backup does not know, and how they come back: always the same check-in, never a second."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from kiosk.checkin import deliver, queue
from kiosk.checkin.compare_record import Difference, compare_record
from kiosk.checkin.lost_numbers import forget_lost, lost_today, make_again, make_all_again
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import AlreadyCheckedIn, NotFound
from kiosk.model.actor import Actor
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.identity import Assurance, PartialDate
from kiosk.ports.devices import SignalSource
from tests.support.at_reception import attach_found
from tests.support.at_the_kiosk import show_card
from tests.support.small_hospital import GIA_QR, MAU_QR, STRANGER_QR, SetClock, SmallRecord

RECEPTION = Actor.staff("r1")
DOCTOR = Actor.staff("d1")


def arrive(kiosk: LocalCheckIns, payload: str = GIA_QR, clinic: str = "noi", station: str = "kiosk-1") -> CheckInView:
    view = kiosk.claim(station, payload, SignalSource.CAMERA)
    view = kiosk.accept_name(station, view.id, view.version)
    return kiosk.choose_clinic(station, view.id, view.version, clinic)


def lose(services: Services, *ids: str) -> list[CheckIn]:
    """What a restore of an earlier backup leaves of them: nothing but the lost numbers and the counters."""
    with services.storage.write() as work:
        lost = [work.check_ins.get(check_in_id) for check_in_id in ids]
        for check_in in lost:
            work.lost_numbers.put(check_in)
            connection = work.check_ins._connection  # type: ignore[attr-defined] # noqa: SLF001 # no port deletes one
            connection.execute(text("DELETE FROM tickets WHERE check_in_id = :id"), {"id": check_in.id})
            connection.execute(text("DELETE FROM check_ins WHERE id = :id"), {"id": check_in.id})
    return lost


def shown(view: CheckInView) -> tuple[str, int]:
    """Whose paper it is, and its number."""
    assert view.ticket
    return view.ticket.code, view.ticket.number


def now(services: Services, check_in_id: str) -> CheckIn:
    with services.storage.read() as work:
        return work.check_ins.get(check_in_id)


def all_of_today(services: Services) -> list[CheckIn]:
    with services.storage.read() as work:
        return list(work.check_ins.of_day(services.clock.today()))


def test_a_press_makes_the_same_check_in_again(services: Services, kiosk: LocalCheckIns, record: SmallRecord) -> None:
    view = arrive(kiosk)
    deliver.send_due(services)
    [lost] = lose(services, view.id)
    told = dict(record.encounters)

    made = make_again(services, view.id, by=RECEPTION)

    assert (made.id, made.ticket, made.room, made.arrived_at) == (lost.id, lost.ticket, lost.room, lost.arrived_at)
    assert (made.patient, made.claim, made.stage, made.active_key) == (
        lost.patient,
        lost.claim,
        Stage.ARRIVED,
        lost.active_key,
    )
    assert now(services, view.id) == made
    assert lost_today(services) == []
    deliver.send_due(services)
    assert record.encounters == told, "the record's Encounter is found, and nothing of it changes"
    with services.storage.read() as work:
        row = list(work.audit.rows())[-1]
    assert (row.action, row.actor, row.subject) == ("make_again", str(RECEPTION), f"check-in/{view.id}")
    assert row.detail == {"stage": "arrived", "clinic": "noi", "number": "1"}


def test_what_stood_behind_the_level_is_gone_and_so_is_the_level(services: Services, kiosk: LocalCheckIns) -> None:
    view = arrive(kiosk)
    with services.storage.write() as work:
        checked = work.check_ins.get(view.id)
        raised = {"assurance": Assurance.VERIFIED, "version": checked.version + 1}
        work.check_ins.save(CheckIn(**{name: getattr(checked, name) for name in CheckIn.__slots__} | raised))
    lose(services, view.id)
    assert make_again(services, view.id, by=RECEPTION).assurance is Assurance.CLAIMED


@pytest.mark.parametrize("stage", [Stage.CALLED, Stage.DONE, Stage.ABSENT])
def test_the_stage_is_as_it_was(services: Services, kiosk: LocalCheckIns, stage: Stage) -> None:
    view = arrive(kiosk)
    called = queue.call_next(services, clinic_id="noi", by=DOCTOR)
    assert called
    if stage is Stage.DONE:
        queue.finish(services, view.id, version=called.version, by=DOCTOR)
    elif stage is Stage.ABSENT:
        queue.mark_absent(services, view.id, version=called.version, by=DOCTOR)
    lose(services, view.id)
    assert make_again(services, view.id, by=RECEPTION).stage is stage


def test_one_press_for_all(services: Services, kiosk: LocalCheckIns) -> None:
    ids = [
        arrive(kiosk).id,
        arrive(kiosk, MAU_QR).id,
        kiosk.claim("kiosk-1", STRANGER_QR, SignalSource.CAMERA).id,
    ]
    lost = lose(services, *ids)

    assert make_all_again(services, by=RECEPTION) == 0

    assert {one.ticket for one in all_of_today(services)} == {one.ticket for one in lost}
    assert lost_today(services) == []
    assert make_all_again(services, by=RECEPTION) == 0


def test_until_the_press_nobody_else_gets_the_number(services: Services, kiosk: LocalCheckIns) -> None:
    lose(services, arrive(kiosk).id)
    other = arrive(kiosk, MAU_QR)
    assert other.ticket
    assert other.ticket.number == 2


def test_a_number_is_made_again_once(services: Services, kiosk: LocalCheckIns) -> None:
    view = arrive(kiosk)
    lose(services, view.id)
    make_again(services, view.id, by=RECEPTION)
    with pytest.raises(NotFound):
        make_again(services, view.id, by=RECEPTION)


def test_whoever_comes_again_with_the_card_finds_their_own_number(
    services: Services, kiosk: LocalCheckIns, record: SmallRecord
) -> None:
    first = arrive(kiosk)
    deliver.send_due(services)
    lose(services, first.id)

    view = show_card(kiosk, GIA_QR)
    view = kiosk.accept_name("kiosk-1", view.id, view.version)

    assert shown(view) == shown(first)
    deliver.send_due(services)
    assert set(record.encounters) == {first.id}, "no second Encounter"
    assert lost_today(services) == []


def test_so_does_whoever_types_the_number(services: Services, kiosk: LocalCheckIns) -> None:
    first = arrive(kiosk)
    lose(services, first.id)
    view = kiosk.claim("kiosk-1", "BN000777", SignalSource.TYPED)
    assert [one.id for one in lost_today(services)] == [first.id], "not before the birth date"
    view = kiosk.answer_birth_date("kiosk-1", view.id, view.version, PartialDate(1940, 1, 2))
    view = kiosk.accept_name("kiosk-1", view.id, view.version)
    assert shown(view) == shown(first)


def test_so_does_the_paper(services: Services, kiosk: LocalCheckIns) -> None:
    first = arrive(kiosk)
    lose(services, first.id)
    view = kiosk.claim("kiosk-2", first.id, SignalSource.CAMERA)
    assert shown(view) == shown(first)


def test_so_does_whoever_waits_at_the_desk(services: Services, kiosk: LocalCheckIns) -> None:
    first = kiosk.claim("kiosk-1", STRANGER_QR, SignalSource.CAMERA)
    lose(services, first.id)
    view = kiosk.claim("kiosk-1", STRANGER_QR, SignalSource.CAMERA)
    assert shown(view) == shown(first)


def test_so_does_whoever_came_while_the_record_was_away(
    services: Services, kiosk: LocalCheckIns, record: SmallRecord
) -> None:
    record.off = True
    first = arrive(kiosk)
    lose(services, first.id)
    view = show_card(kiosk, GIA_QR)
    view = kiosk.accept_name("kiosk-1", view.id, view.version)
    view = kiosk.choose_clinic("kiosk-1", view.id, view.version, "noi")
    assert shown(view) == shown(first)


def test_reception_that_attaches_the_patient_is_led_to_the_number(services: Services, kiosk: LocalCheckIns) -> None:
    first = arrive(kiosk)
    lose(services, first.id)
    desk = kiosk.claim("kiosk-1", STRANGER_QR, SignalSource.CAMERA)
    with pytest.raises(AlreadyCheckedIn) as found:
        attach_found(services, desk.id, version=desk.version, patient_id="gia", clinic_id="noi", by=RECEPTION)
    assert found.value.check_in_id == first.id
    assert now(services, first.id).stage is Stage.ARRIVED


def test_whoever_has_another_number_by_now_keeps_that(services: Services, kiosk: LocalCheckIns) -> None:
    first = arrive(kiosk)
    [lost] = lose(services, first.id)
    with services.storage.write() as work:
        work.lost_numbers.drop(first.id)
    second = arrive(kiosk)
    with services.storage.write() as work:
        work.lost_numbers.put(lost)

    with pytest.raises(AlreadyCheckedIn) as found:
        make_again(services, first.id, by=RECEPTION)

    assert found.value.check_in_id == second.id
    assert make_all_again(services, by=RECEPTION) == 1
    assert [one.id for one in lost_today(services)] == [first.id]


def test_one_whose_first_steps_the_backup_knows_is_made_again_over_them(
    services: Services, kiosk: LocalCheckIns
) -> None:
    view = show_card(kiosk, GIA_QR)
    at_the_kiosk = now(services, view.id)
    view = kiosk.accept_name("kiosk-1", view.id, view.version)
    kiosk.choose_clinic("kiosk-1", view.id, view.version, "noi")
    [lost] = lose(services, view.id)
    with services.storage.write() as work:
        work.check_ins.add(at_the_kiosk)

    made = make_again(services, view.id, by=RECEPTION)

    assert (made.ticket, made.stage, made.version) == (lost.ticket, Stage.ARRIVED, at_the_kiosk.version + 1)
    assert now(services, view.id) == made


def test_those_of_yesterday_are_nobody_s_any_more(services: Services, kiosk: LocalCheckIns, clock: SetClock) -> None:
    view = arrive(kiosk)
    lose(services, view.id)
    assert forget_lost(services) == 0
    clock.moment += timedelta(days=1)
    assert lost_today(services) == []
    with pytest.raises(NotFound):
        make_again(services, view.id, by=RECEPTION)
    assert forget_lost(services) == 1


def test_the_comparison_finds_what_a_restore_left_behind(
    services: Services, kiosk: LocalCheckIns, record: SmallRecord, clock: SetClock
) -> None:
    lost, waiting = arrive(kiosk), arrive(kiosk, MAU_QR, station="kiosk-2")
    deliver.send_due(services)
    today = clock.today()
    assert compare_record(services, today) == []

    lose(services, lost.id)
    [found] = compare_record(services, today)
    assert (found.check_in_id, found.difference, found.record) == (lost.id, Difference.LOST, "arrived")

    with services.storage.write() as work:
        work.lost_numbers.drop(lost.id)
    [found] = compare_record(services, today)
    assert (found.difference, found.patient_id) == (Difference.NOT_IN_DATABASE, "gia")

    del record.encounters[lost.id]
    called = queue.call_next(services, clinic_id="noi", by=DOCTOR)
    assert called
    [found] = compare_record(services, today)
    assert (found.difference, found.database, found.record) == (Difference.WAITING, "in-progress", "arrived")

    deliver.send_due(services)
    assert compare_record(services, today) == []
    del record.encounters[waiting.id]
    [found] = compare_record(services, today)
    assert (found.check_in_id, found.difference) == (waiting.id, Difference.NOT_IN_RECORD)
