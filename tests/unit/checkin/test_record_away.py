"""The hospital's record does not answer: nobody is turned away, and nobody is guessed."""

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.checkin import deliver, queue
from kiosk.checkin.resolve_waiting import resolve_waiting
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.live.memory_bus import MemoryBus
from kiosk.live.redis_bus import RedisBus
from kiosk.model.actor import SYSTEM
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, Reason, Stage
from kiosk.model.identity import PartialDate
from kiosk.ports.devices import SignalSource
from kiosk.ports.record import EncounterStatus
from tests.support.small_hospital import GIA_QR, MAU, MAU_QR, STRANGER_QR, SetClock, SmallRecord

HERE = "kiosk-1"


def arrive(kiosk: LocalCheckIns, payload: str, clinic: str = "mat", station: str = HERE) -> CheckInView:
    view = kiosk.claim(station, payload, SignalSource.CAMERA)
    if view.stage is Stage.BIRTH_DATE:
        view = kiosk.answer_birth_date(
            station, view.id, view.version, PartialDate(*((1940, 1, 2) if payload == GIA_QR else (1990, 3, 5)))
        )
    if view.stage is Stage.IS_THIS_YOU:
        view = kiosk.accept_name(station, view.id, view.version)
    return kiosk.choose_clinic(station, view.id, view.version, clinic)


def kept(services: Services, check_in_id: str) -> CheckIn:
    with services.storage.read() as work:
        return work.check_ins.get(check_in_id)


@pytest.fixture
def away(record: SmallRecord) -> SmallRecord:
    record.off = True
    return record


def test_the_patient_still_gets_a_number(kiosk: LocalCheckIns, services: Services, away: SmallRecord) -> None:
    view = arrive(kiosk, MAU_QR)
    assert (view.stage, view.record_unreachable) == (Stage.ARRIVED, True)
    check_in = kept(services, view.id)
    assert (check_in.unresolved, check_in.patient, check_in.shown_name) == (True, None, "Nguyễn Thị Mẫu")
    assert away.encounters == {}


def test_when_the_record_answers_the_patient_and_the_appointment_are_attached(
    kiosk: LocalCheckIns, services: Services, away: SmallRecord
) -> None:
    view = arrive(kiosk, MAU_QR)
    assert resolve_waiting(services) == 0
    away.off = False
    assert resolve_waiting(services) == 1
    check_in = kept(services, view.id)
    assert check_in.patient == MAU
    assert (check_in.unresolved, check_in.appointment_id) == (False, "eye-0930")
    assert check_in.ticket == kept(services, view.id).ticket
    deliver.send_due(services)
    assert away.encounters[view.id].status is EncounterStatus.ARRIVED
    assert away.statuses == {"eye-0930": "arrived"}


@pytest.mark.parametrize(
    ("payload", "patients", "reason"),
    [
        (STRANGER_QR, [MAU], Reason.UNKNOWN_PATIENT),
        (MAU_QR, [MAU, replace(MAU, id="again")], Reason.SEVERAL_PATIENTS),
        (MAU_QR, [replace(MAU, name="Nguyễn Thị Mận")], Reason.RECORD_DISAGREES),
        (MAU_QR, [replace(MAU, birth_date=PartialDate(1990, 5, 3))], Reason.RECORD_DISAGREES),
        ("BN000123", [MAU], Reason.NUMBER_NOT_CONFIRMED),
    ],
)
def test_anything_but_one_full_match_goes_to_reception_and_keeps_its_number(
    kiosk: LocalCheckIns,
    services: Services,
    away: SmallRecord,
    payload: str,
    patients: list[object],
    reason: Reason,
) -> None:
    view = arrive(kiosk, payload)
    away.patients[:] = patients  # type: ignore[assignment] # the table holds patients
    away.off = False
    assert resolve_waiting(services) == 1
    check_in = kept(services, view.id)
    assert (check_in.stage, check_in.patient, check_in.help_reason) == (Stage.ARRIVED, None, reason)
    assert check_in.ticket
    assert resolve_waiting(services) == 0


def test_one_person_at_two_kiosks_with_two_cards_becomes_one_and_a_question(
    kiosk: LocalCheckIns, services: Services, away: SmallRecord, clock: SetClock
) -> None:
    insurance = "0100123456|4e677579e1bb856e205468e1bb8b204de1baab75|05/03/1990|2|-|01 - 001|01/01/2025|-|02/01/2025|$"
    first = arrive(kiosk, MAU_QR)
    clock.pass_time(seconds=5)
    second = arrive(kiosk, insurance, station="kiosk-2")
    away.off = False
    resolve_waiting(services)
    assert kept(services, first.id).patient == MAU
    assert kept(services, second.id).patient is None
    assert kept(services, second.id).help_reason is Reason.ALREADY_ARRIVED


def test_the_same_code_shown_again_while_it_is_away_shows_the_same_number(
    kiosk: LocalCheckIns, away: SmallRecord
) -> None:
    first, second = arrive(kiosk, GIA_QR), arrive(kiosk, GIA_QR, station="kiosk-2")
    assert away.off
    assert first.ticket
    assert second.ticket
    assert (second.again, second.ticket.code) == (True, first.id)


def test_a_record_that_goes_away_between_name_and_appointment_makes_a_walk_in(
    kiosk: LocalCheckIns, record: SmallRecord
) -> None:
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    record.off = True
    view = kiosk.accept_name(HERE, view.id, view.version)
    assert (view.stage, view.appointments) == (Stage.CHOOSING, ())
    assert view.clinics


def test_a_delivery_waits_longer_each_time_and_is_never_lost(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    view = arrive(kiosk, GIA_QR, "noi")
    record.off = True
    for _ in range(5):
        assert deliver.send_due(services) == 0
        clock.pass_time(minutes=6)
    record.off = False
    assert deliver.send_due(services) == 1
    assert record.encounters[view.id].status is EncounterStatus.ARRIVED
    assert deliver.send_due(services) == 0


def test_what_changes_while_a_delivery_is_under_way_is_sent_again(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    view = arrive(kiosk, GIA_QR, "noi")

    class CalledMeanwhile(SmallRecord):
        def put_encounter(self, update: object) -> None:
            record.encounters[view.id] = update  # type: ignore[assignment] # handed on as it came
            if kept(services, view.id).stage is Stage.ARRIVED:
                queue.call_next(services, clinic_id="noi", by=SYSTEM)

    slow = replace(services, record=CalledMeanwhile())
    assert deliver.send_due(slow) == 1
    assert deliver.send_due(slow) == 1
    assert record.encounters[view.id].status is EncounterStatus.IN_PROGRESS


def test_without_a_bus_events_wait_for_deliver(services: Services, bus: MemoryBus, tmp_path: Path) -> None:
    absent = RedisBus(f"unix://{tmp_path / 'absent.sock'}")
    view = arrive(LocalCheckIns(replace(services, bus=absent)), GIA_QR, "noi")
    assert services.publish() > 0
    assert view.id in {item.event.check_in_id for item in bus.events("0-0", wait_ms=0)}
    assert services.publish() == 0
