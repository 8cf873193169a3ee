from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from kiosk.errors import NotFound, StorageError
from kiosk.model.appointment import Appointment
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.identity import ClaimSource, Identifier, IdentifierSystem, IdentityClaim, PartialDate, Patient, Sex
from kiosk.model.queue import Priority, Ticket
from kiosk.ports.outbox import DeliveryKind
from kiosk.storage.unit_of_work import SqlStorage

CARD = Identifier(IdentifierSystem.CITIZEN_ID, "001190012345")
OTHER = Identifier(IdentifierSystem.INSURANCE, "001190012345")
PATIENT = Patient("bn-1", "Nguyễn Thị Ánh", PartialDate(1950), Sex.FEMALE, (CARD,))


def numbered(begun: Callable[..., CheckIn], key: str, day: date, number: int, **fields: object) -> CheckIn:
    return begun(key, stage=Stage.ARRIVED, ticket=Ticket("noi-tiet", day, number), **fields)


def test_a_lost_check_in_comes_back_with_every_field(
    storage: SqlStorage, begun: Callable[..., CheckIn], day: date, now: datetime
) -> None:
    lost = numbered(
        begun,
        "a",
        day,
        7,
        patient=PATIENT,
        claim=IdentityClaim(ClaimSource.CITIZEN_QR, CARD, "NGUYỄN THỊ ÁNH", PartialDate(1950, 3)),
        offered=(Appointment("ap", "bn-1", now, ("Location/x",), "booked", "Khám lại"),),
        arrived_at=now,
        priority=Priority.AGED_75,
        active_key="k",
    )
    with storage.write() as work:
        work.lost_numbers.put(replace(lost, version=3))
        work.lost_numbers.put(lost)
    with storage.read() as work:
        assert work.lost_numbers.get("a") == lost
        assert list(work.lost_numbers.of_day(day)) == [lost]
        assert list(work.lost_numbers.of_person("bn-1", None, day)) == [lost]
        assert list(work.lost_numbers.of_person(None, CARD, day)) == [lost]
        assert list(work.lost_numbers.of_person("bn-2", OTHER, day)) == []
        assert list(work.lost_numbers.of_person(None, None, day)) == []
        assert list(work.lost_numbers.of_person("bn-1", CARD, day + timedelta(days=1))) == []


def test_they_are_listed_by_clinic_and_number(storage: SqlStorage, begun: Callable[..., CheckIn], day: date) -> None:
    lost = [numbered(begun, f"k-{number}", day, number) for number in (10, 9, 101)]
    with storage.write() as work:
        for one in lost:
            work.lost_numbers.put(one)
    with storage.read() as work:
        assert [one.ticket.number for one in work.lost_numbers.of_day(day) if one.ticket] == [9, 10, 101]


def test_what_is_dropped_is_gone(storage: SqlStorage, begun: Callable[..., CheckIn], day: date) -> None:
    yesterday = day - timedelta(days=1)
    with storage.write() as work:
        work.lost_numbers.put(numbered(begun, "a", day, 1))
        work.lost_numbers.put(numbered(begun, "b", yesterday, 1))
    with storage.write() as work:
        assert work.lost_numbers.has_before(day)
        assert work.lost_numbers.drop_before(day) == 1
        assert not work.lost_numbers.has_before(day)
        work.lost_numbers.drop("a")
        work.lost_numbers.drop("a")
    with storage.read() as work, pytest.raises(NotFound):
        work.lost_numbers.get("a")


def test_one_without_a_number_is_none(storage: SqlStorage, begun: Callable[..., CheckIn]) -> None:
    with pytest.raises(ValueError, match="number"), storage.write() as work:
        work.lost_numbers.put(begun("a"))


def test_one_that_nobody_wrote_is_no_check_in(storage: SqlStorage, begun: Callable[..., CheckIn], day: date) -> None:
    with storage.write() as work:
        work.lost_numbers.put(numbered(begun, "a", day, 1))
        connection = work.check_ins._connection  # type: ignore[attr-defined] # noqa: SLF001 # no port spoils one
        connection.exec_driver_sql("UPDATE lost_numbers SET check_in = '{}'")
    with storage.read() as work, pytest.raises(StorageError):
        work.lost_numbers.get("a")


def test_the_check_ins_of_a_day_are_those_with_a_number(
    storage: SqlStorage, begun: Callable[..., CheckIn], arrive: Callable[..., CheckIn], day: date
) -> None:
    with storage.write() as work:
        first, second = arrive(work, "b"), arrive(work, "a")
        eye = arrive(work, "c", "mat")
        work.check_ins.add(begun("started"))
        work.check_ins.add(begun("other", day=day - timedelta(days=1), ticket=Ticket("noi-tiet", day, 99)))
    with storage.read() as work:
        assert list(work.check_ins.of_day(day)) == [eye, first, second]


def test_what_the_record_is_still_to_be_told_is_known(
    storage: SqlStorage, arrive: Callable[..., CheckIn], now: datetime
) -> None:
    with storage.write() as work:
        for key in ("waits", "refused", "told"):
            arrive(work, key)
            work.outbox.add(DeliveryKind.ENCOUNTER, key, now)
        by_id = {one.check_in_id: one for one in work.outbox.due(now, 9)}
        work.outbox.refused(by_id["refused"], "RecordRefused")
        work.outbox.done(by_id["told"])
    with storage.read() as work:
        assert work.outbox.undelivered() == {"waits", "refused"}
