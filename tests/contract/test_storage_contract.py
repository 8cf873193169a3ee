from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from kiosk.errors import AlreadyCheckedIn, InputError, NotFound, StaleVersion, StorageError
from kiosk.model.actor import SYSTEM
from kiosk.model.appointment import Appointment
from kiosk.model.checkin import Checked, CheckIn, DocumentKind, Opening, Reason, Stage
from kiosk.model.correction import AttachReason, Mistaken
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
from kiosk.model.queue import Priority, Ticket
from kiosk.ports.outbox import DeliveryKind
from kiosk.ports.storage import Work
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
        off_screen_at=now + timedelta(minutes=3),
        coming_by="staff:staff-1",
        coming_at=now,
        help_reason=Reason.STRUGGLING,
        help_since=now,
        misses=2,
        wrong_answers=1,
        checked=Checked(Opening.DOCUMENT, "staff-1", now, "noi-tiet", DocumentKind.PASSPORT),
        active_key="bn-1/hen-1",
        attached_by="staff:1",
        attach_reason=AttachReason.OTHER_NUMBER,
        mistaken=(Mistaken("1.0", "p9", "a9"),),
        wrong_documents=1,
        continues="0",
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
