from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, select

from kiosk.errors import AlreadyCheckedIn, InputError, NotFound, StaleVersion, StorageError
from kiosk.model.actor import SYSTEM
from kiosk.model.appointment import Appointment
from kiosk.model.checkin import Checked, CheckIn, DocumentKind, Opening, Reason, Stage
from kiosk.model.events import EventKind
from kiosk.model.identity import (
    Assurance,
    ClaimSource,
    Identifier,
    IdentifierSystem,
    IdentityClaim,
    PartialDate,
    Patient,
    Sex,
)
from kiosk.model.queue import PrintState, Priority, Ticket
from kiosk.ports import DeliveryKind, Work
from kiosk.storage.tables import tickets
from kiosk.storage.unit_of_work import SqlStorage

Begun = Callable[..., CheckIn]
Arrive = Callable[..., CheckIn]

NUMBER = Identifier(IdentifierSystem.INSURANCE, "GD4010100123456")
CLAIM = IdentityClaim(ClaimSource.INSURANCE_QR, NUMBER, "Nguyễn Thị Ánh", PartialDate(1950), Sex.FEMALE, ("odd",))
PATIENT = Patient("bn-1", "Nguyễn Thị Ánh", PartialDate(1950, 3), Sex.FEMALE, (NUMBER,))


def stored(storage: SqlStorage, check_in_id: str) -> CheckIn:
    with storage.read() as work:
        return work.check_ins.get(check_in_id)


def test_a_check_in_comes_back_as_it_was_with_every_field_set(
    storage: SqlStorage, begun: Begun, day: date, now: datetime
) -> None:
    full = begun(
        "full",
        stage=Stage.ABSENT,
        language="en",
        claim=CLAIM,
        patient=PATIENT,
        assurance=Assurance.VERIFIED,
        unresolved=True,
        reason=Reason.RECORD_DISAGREES,
        disagrees=("name",),
        also_claimed=(CLAIM, CLAIM),
        appointment_id="hen-1",
        appointment_at=now,
        visit_reason="Tái khám đái tháo đường",
        ticket=Ticket("noi-tiet", day, 7),
        room="P.102",
        arrived_at=now,
        called_at=now + timedelta(minutes=1),
        ended_at=now + timedelta(minutes=2),
        priority=Priority.PREGNANT,
        priority_confirmed_by="staff-1",
        print_state=PrintState.FAILED,
        help_reason=Reason.STRUGGLING,
        help_since=now,
        misses=2,
        wrong_answers=1,
        checked=Checked(Opening.DOCUMENT, "staff-1", now, "noi-tiet", DocumentKind.PASSPORT),
        active_key="bn-1/hen-1",
        before_cancel=Stage.ARRIVED,
        offered=(Appointment("hen-1", "bn-1", now, ("Location/noi-tiet",), "booked", "Tái khám"),),
        same_as="earlier",
        problem="too_long",
    )

    with storage.write() as work:
        work.check_ins.add(full)

    assert stored(storage, "full") == full


def test_times_come_back_in_utc_whatever_the_zone_they_were_given_in(
    storage: SqlStorage, begun: Begun, now: datetime
) -> None:
    in_hanoi = now.astimezone(timezone(timedelta(hours=7)))

    with storage.write() as work:
        work.check_ins.add(begun("a", started_at=in_hanoi, appointment_at=in_hanoi))

    found = stored(storage, "a")
    assert found.started_at == found.appointment_at == now
    assert [moment.tzinfo for moment in (found.started_at, found.appointment_at) if moment] == [UTC, UTC]


def test_a_time_without_a_zone_is_refused(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    with pytest.raises(StorageError), storage.write() as work:
        work.check_ins.add(begun("a", started_at=now.replace(tzinfo=None)))


def test_an_unknown_check_in_is_not_found(storage: SqlStorage) -> None:
    with pytest.raises(NotFound):
        stored(storage, "nobody")


def test_a_change_names_the_version_that_was_read(storage: SqlStorage, begun: Begun) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("a"))
        work.check_ins.save(begun("a", version=2, language="en"))

    with pytest.raises(StaleVersion), storage.write() as work:
        work.check_ins.save(begun("a", version=2, language="vi"))
    assert stored(storage, "a").language == "en"


def test_only_one_active_check_in_holds_a_key_and_the_error_names_it(storage: SqlStorage, begun: Begun) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("first", active_key="bn-1/hen-1"))
        work.check_ins.add(begun("second"))

    with storage.write() as work:
        with pytest.raises(AlreadyCheckedIn) as on_save:
            work.check_ins.save(begun("second", version=2, active_key="bn-1/hen-1"))
        with pytest.raises(AlreadyCheckedIn) as on_add:
            work.check_ins.add(begun("third", active_key="bn-1/hen-1"))
        holder = work.check_ins.holder_of("bn-1/hen-1")

    assert on_save.value.check_in_id == on_add.value.check_in_id == "first"
    assert holder is not None
    assert holder.id == "first"


def test_a_key_is_free_again_after_the_end(storage: SqlStorage, begun: Begun) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("first", active_key="k"))
        work.check_ins.save(begun("first", version=2, active_key=None))
        work.check_ins.add(begun("second", active_key="k"))
        holder = work.check_ins.holder_of("k")

    assert holder is not None
    assert holder.id == "second"


def test_two_check_ins_of_one_id_are_refused(storage: SqlStorage, begun: Begun) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("a", active_key="k"))

    with pytest.raises(StorageError), storage.write() as work:
        work.check_ins.add(begun("a", active_key="k"))


def test_the_station_finds_the_newest_that_has_no_number_yet(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("old"))
        work.check_ins.add(begun("open", started_at=now + timedelta(seconds=1), stage=Stage.CHOOSING))
        work.check_ins.add(begun("over", started_at=now + timedelta(seconds=2), stage=Stage.ABANDONED))
        work.check_ins.add(begun("other", started_at=now + timedelta(seconds=3), station_id="kiosk-2"))
        open_one, newest = work.check_ins.at_station("kiosk-1"), work.check_ins.newest_at("kiosk-1")
        nobody = work.check_ins.at_station("kiosk-3"), work.check_ins.newest_at("kiosk-3")

    assert open_one is not None
    assert newest is not None
    assert (open_one.id, newest.id) == ("open", "over")
    assert nobody == (None, None)


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


def test_all_of_a_patients_day_by_start(storage: SqlStorage, begun: Begun, day: date, now: datetime) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("second", patient=PATIENT, started_at=now + timedelta(hours=1)))
        work.check_ins.add(begun("first", patient=PATIENT))
        work.check_ins.add(begun("other", patient=replace(PATIENT, id="bn-2")))
        assert [one.id for one in work.check_ins.of_patient("bn-1", day)] == ["first", "second"]


def test_unresolved_ones_come_oldest_first(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    with storage.write() as work:
        for minutes in (3, 1, 2):
            at = now + timedelta(minutes=minutes)
            work.check_ins.add(begun(f"after-{minutes}", unresolved=True, started_at=at))
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
    assert stored(storage, "a").ticket == Ticket("mat", day, 9)


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
    with pytest.raises(NotFound):
        stored(storage, "b")


def test_events_stay_unpublished_until_they_are_marked(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    check_in = begun("a")
    with storage.write() as work:
        for kind in (EventKind.CHANGED, EventKind.ARRIVED, EventKind.CALLED):
            work.events.add(kind, check_in, "noi-tiet", now)
        work.events.add(EventKind.HELP, check_in, None, now)
        work.check_ins.add(check_in)

    with storage.write() as work:
        first, second = work.events.unpublished(2)
        work.events.mark_published([first.id, second.id], now)
        work.events.mark_published([], now)
        left = work.events.unpublished(10)

    assert (first.kind, first.check_in_id, first.clinic_id) == (EventKind.CHANGED, "a", "noi-tiet")
    assert (first.station_id, first.at) == ("kiosk-1", now)
    assert [(event.kind, event.clinic_id) for event in left] == [(EventKind.CALLED, "noi-tiet"), (EventKind.HELP, None)]


def test_an_event_of_an_unknown_check_in_is_refused(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    with pytest.raises(StorageError), storage.write() as work:
        work.events.add(EventKind.CHANGED, begun("never-stored"), None, now)


def test_attempts_are_counted_for_a_station_and_a_time(storage: SqlStorage, now: datetime) -> None:
    with storage.write() as work:
        for minutes in (0, 5, 10):
            work.attempts.add("kiosk-1", now + timedelta(minutes=minutes))
        work.attempts.add("kiosk-2", now)
        assert work.attempts.count_since("kiosk-1", now + timedelta(minutes=5)) == 2


WRITES: dict[str, Callable[[Work, CheckIn, datetime], object]] = {
    "a check-in": lambda work, check_in, _: work.check_ins.add(replace(check_in, id="b")),
    "a change": lambda work, check_in, _: work.check_ins.save(replace(check_in, version=2)),
    "a number": lambda work, check_in, _: work.counters.next_number("noi-tiet", check_in.day),
    "an event": lambda work, check_in, now: work.events.add(EventKind.HELP, check_in, None, now),
    "an audit row": lambda work, _, now: work.audit.add(now, SYSTEM, "read", "check-in/a", {}),
    "a delivery": lambda work, _, now: work.outbox.add(DeliveryKind.ENCOUNTER, "a", now),
    "an attempt": lambda work, _, now: work.attempts.add("kiosk-1", now),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_writing_in_a_read_is_an_error(
    storage: SqlStorage, begun: Begun, now: datetime, write: Callable[[Work, CheckIn, datetime], object]
) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("a"))

    with pytest.raises(StorageError), storage.read() as work:
        write(work, begun("a"), now)
    with storage.write() as work:
        write(work, begun("a"), now)


def test_a_failed_unit_of_work_leaves_nothing(storage: SqlStorage, arrive: Arrive, day: date, now: datetime) -> None:
    def arrive_and_fail(work: Work) -> None:
        check_in = arrive(work, "a", active_key="k")
        work.events.add(EventKind.ARRIVED, check_in, "noi-tiet", now)
        work.outbox.add(DeliveryKind.ENCOUNTER, "a", now)
        work.audit.add(now, SYSTEM, "arrive", "check-in/a", {})
        raise InputError("bad_date", None, "something else went wrong")

    with pytest.raises(InputError), storage.write() as work:
        arrive_and_fail(work)

    with storage.write() as work:
        assert work.check_ins.by_ticket_code("a") is None
        assert work.check_ins.holder_of("k") is None
        assert work.events.unpublished(10) == []
        assert work.outbox.waiting() == 0
        assert list(work.audit.rows()) == []
        assert work.counters.next_number("noi-tiet", day) == 1


def test_a_read_sees_one_moment(storage: SqlStorage, begun: Begun) -> None:
    with storage.read() as reader:
        assert reader.check_ins.by_ticket_code("a") is None
        with storage.write() as writer:
            writer.check_ins.add(begun("a"))
        assert reader.check_ins.by_ticket_code("a") is None
    assert stored(storage, "a").id == "a"
