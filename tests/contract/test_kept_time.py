"""What the database holds of time, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.kept_time import Doubt, KeptTime, Proof
from kiosk.model.staff import Role, StaffAccount, StaffSession
from kiosk.ports.outbox import DeliveryKind
from kiosk.storage.check_in_rows import to_row
from kiosk.storage.migrations import upgrade
from kiosk.storage.tables import check_ins
from kiosk.storage.unit_of_work import SqlStorage
from tests.support.set_hospital import SetHospital, people, qr_of
from tests.support.small_hospital import MAU


def kept(now: datetime) -> KeptTime:
    return KeptTime(now.date(), now, "boot", 12.5, Proof.PERSON, Doubt.AHEAD, now, forgot_at=7.25, corrections=2)


def test_it_comes_back_as_it_was_put_and_there_is_one(storage: SqlStorage, now: datetime) -> None:
    with storage.read() as work:
        assert work.time.get() is None
    for row in (kept(now), replace(kept(now), doubt=None, doubt_since=None, run_seconds=99.5)):
        with storage.write() as work:
            work.time.put(row)
        with storage.write() as work:
            assert work.time.get() == work.time.get(for_change=True) == row


def test_what_was_dated_later_counts_from_now_on(
    storage: SqlStorage, arrive: Callable[..., CheckIn], now: datetime
) -> None:
    future = now + timedelta(days=200)
    with storage.write() as work:
        arrive(work, "a", stage=Stage.CALLED, called_at=future)
        work.outbox.add(DeliveryKind.ENCOUNTER, "a", future)
        work.attempts.add("kiosk-1", future)
        work.staff.add(StaffAccount("s1", "le.tan", "Lễ tân", Role.RECEPTION, (), "hash", locked_until=future))
        expires = now + timedelta(hours=12)
        work.staff.add_session(StaffSession("begun", "s1", Role.RECEPTION, now, future, expires))
        work.staff.add_session(StaffSession("later", "s1", Role.RECEPTION, future, future, future))
        work.time.take_back(now)
    with storage.read() as work:
        assert [one.check_in_id for one in work.outbox.due(now, 10)] == ["a"]
        assert work.check_ins.get("a").called_at == now
        assert work.attempts.count_since("kiosk-1", now) == 1
        assert work.staff.get("s1").locked_until is None
        begun = work.staff.session("begun")
        assert begun
        assert begun.last_seen_at == now
        assert work.staff.session("later") is None


def test_those_of_before_are_numbered_as_they_were_begun_and_the_next_comes_after(
    url: str, open_database: Callable[[str], Engine], begun: Callable[..., CheckIn], now: datetime
) -> None:
    engine = open_database(url)
    upgrade(engine, "0007")
    with engine.begin() as connection:
        for minutes, name in ((2, "second"), (1, "first"), (3, "third")):
            row = to_row(begun(name, started_at=now + timedelta(minutes=minutes)))
            connection.execute(check_ins.insert(), row)
    upgrade(engine)
    storage = SqlStorage(engine)
    with storage.write() as work:
        newest = work.check_ins.newest_at("kiosk-1")
        assert newest
        assert newest.id == "third"
        work.check_ins.add(begun("fourth", started_at=now - timedelta(hours=2)))
        newest = work.check_ins.newest_at("kiosk-1")
        assert newest
        assert newest.id == "fourth"
    with engine.begin() as connection:
        order = connection.execute(text("SELECT id FROM check_ins ORDER BY sequence")).scalars().all()
    assert order == ["first", "second", "third", "fourth"]


def test_only_the_queues_that_go_on_are_left_open_of_the_night(
    storage: SqlStorage, arrive: Callable[..., CheckIn], day: date
) -> None:
    with storage.write() as work:
        arrive(work, "night", "noi-tiet")
        arrive(work, "other", "rang-ham-mat")
        tomorrow = day + timedelta(days=1)
        left = work.check_ins.left_open(tomorrow, 10, but=["noi-tiet"])
        assert [one.id for one in left] == ["other"]
        later = work.check_ins.left_open(tomorrow + timedelta(days=1), 10, but=["noi-tiet"])
        assert {one.id for one in later} == {"night", "other"}


@pytest.mark.parametrize("jump", [timedelta(days=200), timedelta(hours=18), timedelta(hours=-2)])
def test_no_jump_deletes_ends_or_doubles_anything(storage: SqlStorage, jump: timedelta) -> None:
    hospital = SetHospital(storage)
    hospital.record.patients = people([("p1", "001190012341", "An"), ("p2", "001190012342", "Bình")], MAU)
    hospital.record.booked = []
    one, two = (qr_of(patient) for patient in hospital.record.patients)
    before = hospital.arrive(one)
    hospital.host.jump(seconds=jump.total_seconds())
    hospital.restart()
    hospital.round()
    hospital.go_on(hours=1)
    hospital.round()
    after = hospital.arrive(two)
    again = hospital.arrive(one, station_id="kiosk-2")
    numbers = [view.ticket.number for view in (before, after, again) if view.ticket]
    assert numbers == [1, 2, 1]
    assert hospital.services.clock.doubt
