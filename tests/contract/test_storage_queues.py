from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from kiosk.errors import StorageError
from kiosk.model.checkin import CheckIn, Reason, Stage
from kiosk.model.identity import (
    PartialDate,
    Patient,
    Sex,
)
from kiosk.model.queue import PrintState, Priority, Showings, Ticket
from kiosk.ports.storage import Work
from kiosk.storage.tables import tickets
from kiosk.storage.unit_of_work import SqlStorage

Begun = Callable[..., CheckIn]
Arrive = Callable[..., CheckIn]

PATIENT = Patient("bn-1", "Nguyễn Thị Ánh", PartialDate(1950, 3), Sex.FEMALE)


def test_the_station_finds_the_newest_that_has_no_number_yet(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("old"))
        # the clock was set back meanwhile
        work.check_ins.add(begun("open", started_at=now - timedelta(seconds=1), stage=Stage.CHOOSING))
        work.check_ins.add(begun("over", started_at=now - timedelta(seconds=2), stage=Stage.ABANDONED))
        work.check_ins.add(begun("other", started_at=now - timedelta(seconds=3), station_id="kiosk-2"))
        work.check_ins.add(begun("goes on elsewhere", stage=Stage.RECEPTION, off_screen_at=now))
        open_one, newest = work.check_ins.at_station("kiosk-1"), work.check_ins.newest_at("kiosk-1")
        nobody = work.check_ins.at_station("kiosk-3"), work.check_ins.newest_at("kiosk-3")

    assert open_one is not None
    assert newest is not None
    assert (open_one.id, newest.id) == ("open", "over")
    assert nobody == (None, None)


def test_what_was_put_away_is_on_no_screen_and_keeps_its_version(
    storage: SqlStorage, begun: Begun, now: datetime
) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("first"))
        work.check_ins.add(begun("second", started_at=now + timedelta(seconds=1)))
        work.check_ins.add(begun("elsewhere", station_id="kiosk-2"))
    with storage.write() as work:
        work.check_ins.put_away("kiosk-1", now, check_in_id="second")
        assert _shown(work, "kiosk-1") == "first"
        work.check_ins.put_away("kiosk-1", now)
        assert (_shown(work, "kiosk-1"), _shown(work, "kiosk-2")) == (None, "elsewhere")
        assert (work.check_ins.get("first").version, work.check_ins.get("first").off_screen_at) == (1, now)


def test_a_change_that_was_read_before_brings_nothing_back_on_a_screen(
    storage: SqlStorage, begun: Begun, now: datetime
) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("a"))
        before = work.check_ins.get("a")
        work.check_ins.put_away("kiosk-1", now)
        work.check_ins.save(replace(before, version=2, stage=Stage.CHOOSING))
        after = work.check_ins.get("a")
    assert (after.stage, after.off_screen_at) == (Stage.CHOOSING, now)


def test_paper_and_showings_stand_beside_the_check_in(storage: SqlStorage, arrive: Arrive, now: datetime) -> None:
    with storage.write() as work:
        arrived = arrive(work, "a")
        assert (work.papers.get("a"), work.showings.of("a")) == (PrintState.NOT_ASKED, None)
        for state in (PrintState.ASKED, PrintState.PRINTED):
            work.papers.put("a", state)
        for station in ("kiosk-1", "kiosk-2"):
            work.showings.add("a", station, now)
    with storage.read() as work:
        assert (work.papers.get("a"), work.showings.of("a")) == (PrintState.PRINTED, Showings(2, now, "kiosk-2"))
        assert work.check_ins.get("a") == arrived


def _shown(work: Work, station_id: str) -> str | None:
    shown = work.check_ins.newest_at(station_id)
    return shown.id if shown else None


def test_a_printed_ticket_leads_to_its_check_in(storage: SqlStorage, arrive: Arrive) -> None:
    with storage.write() as work:
        arrived = arrive(work, "a")
        assert work.check_ins.by_ticket_code("a") == arrived
        assert work.check_ins.by_ticket_code("unknown") is None


def test_a_queue_calls_emergencies_then_priorities_then_the_lowest_number(
    storage: SqlStorage, arrive: Arrive, day: date
) -> None:
    with storage.write() as work:
        first = arrive(work, "first")
        arrive(work, "gone", stage=Stage.DONE)
        arrive(work, "called", stage=Stage.CALLED)
        arrive(work, "absent", stage=Stage.ABSENT)
        aged = arrive(work, "aged", priority=Priority.AGED_75)
        merit = arrive(work, "merit", priority=Priority.REVOLUTIONARY_MERIT)
        emergency = arrive(work, "emergency", priority=Priority.EMERGENCY)
        last = arrive(work, "last")
        arrive(work, "elsewhere", "rang-ham-mat", priority=Priority.EMERGENCY)
        queue = [check_in.id for check_in in work.check_ins.in_clinic("noi-tiet", day)]
        ahead = [work.check_ins.ahead_of(one) for one in (emergency, aged, merit, first, last)]

    assert queue == ["emergency", "aged", "merit", "first", "last", "called", "absent", "gone"]
    assert ahead == [0, 1, 2, 3, 4]


def test_nobody_is_ahead_of_one_that_does_not_wait(storage: SqlStorage, arrive: Arrive, begun: Begun) -> None:
    with storage.write() as work:
        arrive(work, "waits")
        called = arrive(work, "called", stage=Stage.CALLED)
        assert work.check_ins.ahead_of(called) == 0
        assert work.check_ins.ahead_of(begun("new")) == 0


def test_reception_has_a_queue_like_a_clinic(storage: SqlStorage, arrive: Arrive, day: date) -> None:
    with storage.write() as work:
        arrive(work, "a", "reception", stage=Stage.RECEPTION, reason=Reason.UNKNOWN_PATIENT)
        second = arrive(work, "b", "reception", stage=Stage.RECEPTION, reason=Reason.UNKNOWN_PATIENT)
        assert [one.id for one in work.check_ins.in_clinic("reception", day)] == ["a", "b"]
        assert work.check_ins.ahead_of(second) == 1


def test_yesterdays_queue_is_not_todays(storage: SqlStorage, arrive: Arrive, day: date) -> None:
    with storage.write() as work:
        arrive(work, "a")
        assert work.check_ins.in_clinic("noi-tiet", day - timedelta(days=1)) == []


def test_those_who_need_help_come_longest_waiting_first(
    storage: SqlStorage, begun: Begun, day: date, now: datetime
) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("fine"))
        later = now + timedelta(seconds=30)
        work.check_ins.add(begun("later", help_reason=Reason.STRUGGLING, help_since=later))
        work.check_ins.add(begun("first", help_reason=Reason.ASKED_FOR_HELP, help_since=now))
        assert [one.id for one in work.check_ins.needing_help(day)] == ["first", "later"]
        assert work.check_ins.needing_help(day + timedelta(days=1)) == []


def test_all_of_a_patients_day_as_they_were_begun_whatever_the_clock_said(
    storage: SqlStorage, begun: Begun, day: date, now: datetime
) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("first", patient=PATIENT, started_at=now + timedelta(hours=1)))
        work.check_ins.add(begun("second", patient=PATIENT))
        work.check_ins.add(begun("other", patient=replace(PATIENT, id="bn-2")))
        assert [one.id for one in work.check_ins.of_patient("bn-1", day)] == ["first", "second"]


def test_unresolved_ones_come_as_they_were_begun(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    with storage.write() as work:
        for minutes in (1, 2, 3):
            at = now - timedelta(minutes=minutes)
            work.check_ins.add(begun(f"after-{minutes}", unresolved=True, started_at=at, stage=Stage.ARRIVED))
        work.check_ins.add(begun("still-at-the-kiosk", unresolved=True))
        work.check_ins.add(begun("resolved"))
        assert [one.id for one in work.check_ins.unresolved(2)] == ["after-1", "after-2"]


def test_the_display_shows_the_last_called_of_its_clinics(
    storage: SqlStorage, arrive: Arrive, day: date, now: datetime
) -> None:
    with storage.write() as work:
        arrive(work, "waits")
        for minutes, clinic in ((1, "noi-tiet"), (3, "noi-tiet"), (2, "rang-ham-mat"), (4, "mat")):
            called = now + timedelta(minutes=minutes)
            arrive(work, f"after-{minutes}", clinic, stage=Stage.CALLED, called_at=called)
        calls = work.check_ins.last_called(("noi-tiet", "rang-ham-mat"), day, 2)
        assert [one.id for one in calls] == ["after-3", "after-2"]
        assert work.check_ins.last_called((), day, 2) == []


def test_numbers_count_from_one_for_each_clinic_and_day(storage: SqlStorage, day: date) -> None:
    tomorrow = day + timedelta(days=1)
    with storage.write() as work:
        asked = (("a", day), ("a", day), ("b", day), ("a", tomorrow), ("a", day))
        numbers = [work.counters.next_number(clinic, on) for clinic, on in asked]

    assert numbers == [1, 2, 1, 1, 3]


def void_tickets(engine: Engine) -> dict[tuple[str, int], bool]:
    with engine.connect() as connection:
        return {(row.clinic_id, row.number): row.void for row in connection.execute(select(tickets))}


def test_the_number_of_a_moved_check_in_stays_given_and_void(
    storage: SqlStorage, engine: Engine, arrive: Arrive, day: date
) -> None:
    with storage.write() as work:
        arrived = arrive(work, "a")
        work.check_ins.save(replace(arrived, version=2, ticket=Ticket("mat", day, 9)))

    assert void_tickets(engine) == {("noi-tiet", 1): True, ("mat", 9): False}
    with storage.read() as work:
        assert work.check_ins.get("a").ticket == Ticket("mat", day, 9)


def test_a_cancelled_number_is_void_until_the_cancelling_is_undone(
    storage: SqlStorage, engine: Engine, arrive: Arrive
) -> None:
    with storage.write() as work:
        arrived = arrive(work, "a")
        work.check_ins.save(replace(arrived, version=2, stage=Stage.CANCELLED))
    assert void_tickets(engine) == {("noi-tiet", 1): True}

    with storage.write() as work:
        work.check_ins.save(replace(arrived, version=3))
    assert void_tickets(engine) == {("noi-tiet", 1): False}


def test_no_number_is_given_twice_not_even_a_void_one(
    storage: SqlStorage, arrive: Arrive, begun: Begun, day: date
) -> None:
    with storage.write() as work:
        work.check_ins.save(replace(arrive(work, "a"), version=2, stage=Stage.CANCELLED))

    with pytest.raises(StorageError), storage.write() as work:
        work.check_ins.add(begun("b", stage=Stage.ARRIVED, ticket=Ticket("noi-tiet", day, 1)))
    with storage.read() as work:
        assert work.check_ins.by_ticket_code("b") is None
