from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from kiosk.errors import InputError, NotFound
from kiosk.model.actor import SYSTEM
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.events import EventKind
from kiosk.model.staff import Role, StaffAccount, StaffSession
from kiosk.ports.outbox import Delivery, DeliveryKind
from kiosk.storage.audit_chain import verify
from kiosk.storage.beside_tables import attempts
from kiosk.storage.retention import BATCH, ENDED, forget_ended
from kiosk.storage.tables import events, sessions, tickets
from kiosk.storage.unit_of_work import SqlStorage

Begun = Callable[..., CheckIn]
Arrive = Callable[..., CheckIn]

NURSE = StaffAccount("s1", "Điều.Dưỡng", "Điều dưỡng Ánh", Role.RECEPTION, (), "$argon2id$invented")
DOCTOR = StaffAccount("s2", "bac-si", "Bác sĩ Bình", Role.DOCTOR, ("noi-tiet", "mat"), "$argon2id$invented")


@pytest.fixture
def queued(storage: SqlStorage, begun: Begun, now: datetime) -> Delivery:
    """An Encounter that waits to be sent."""
    with storage.write() as work:
        work.check_ins.add(begun("a"))
        work.outbox.add(DeliveryKind.ENCOUNTER, "a", now)
        (delivery,) = work.outbox.due(now, 10)
    return delivery


def test_what_arrived_waits_no_more(storage: SqlStorage, queued: Delivery, now: datetime) -> None:
    with storage.write() as work:
        work.outbox.done(queued)
        assert work.outbox.due(now, 10) == []
        assert work.outbox.waiting() == 0


def test_a_delivery_is_tried_when_it_is_due_the_longest_overdue_first(
    storage: SqlStorage, queued: Delivery, now: datetime
) -> None:
    with storage.write() as work:
        work.outbox.add(DeliveryKind.APPOINTMENT, "a", now - timedelta(minutes=1))
        assert [one.kind for one in work.outbox.due(now, 10)] == [DeliveryKind.APPOINTMENT, DeliveryKind.ENCOUNTER]
        assert [one.kind for one in work.outbox.due(now, 1)] == [DeliveryKind.APPOINTMENT]
        assert queued not in work.outbox.due(now - timedelta(seconds=1), 10)
        assert work.outbox.waiting() == 2


def test_a_failed_delivery_is_tried_again_later(storage: SqlStorage, queued: Delivery, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    with storage.write() as work:
        work.outbox.retry(queued, "unreachable", later)
        assert work.outbox.due(now, 10) == []
        assert work.outbox.due(later, 10) == [replace(queued, attempts=1)]


def test_of_one_check_in_and_kind_only_one_waits(storage: SqlStorage, queued: Delivery, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    with storage.write() as work:
        work.outbox.retry(queued, "unreachable", now)
        work.outbox.add(DeliveryKind.ENCOUNTER, "a", later)
        assert work.outbox.due(now, 10) == []
        assert work.outbox.due(later, 10) == [replace(queued, asked=2)]


@pytest.mark.parametrize("report", ["done", "retry", "refused"])
def test_what_is_asked_for_again_while_it_is_being_sent_stays_due(
    storage: SqlStorage, queued: Delivery, now: datetime, report: str
) -> None:
    with storage.write() as work:
        work.outbox.add(DeliveryKind.ENCOUNTER, "a", now)

    with storage.write() as work:
        if report == "done":
            work.outbox.done(queued)
        elif report == "retry":
            work.outbox.retry(queued, "unreachable", now + timedelta(hours=1))
        else:
            work.outbox.refused(queued, "refused")
        assert [one.asked for one in work.outbox.due(now, 10)] == [2]


def test_a_late_report_never_touches_a_newer_delivery(storage: SqlStorage, queued: Delivery, now: datetime) -> None:
    with storage.write() as work:
        work.outbox.done(queued)
        work.outbox.add(DeliveryKind.ENCOUNTER, "a", now)
        work.outbox.done(queued)
        assert work.outbox.waiting() == 1


def test_a_refused_delivery_waits_only_when_asked_for_again(
    storage: SqlStorage, queued: Delivery, now: datetime
) -> None:
    with storage.write() as work:
        work.outbox.refused(queued, "refused")
        assert work.outbox.due(now + timedelta(days=1), 10) == []
        assert work.outbox.waiting() == 0
        work.outbox.add(DeliveryKind.ENCOUNTER, "a", now)
        assert work.outbox.due(now, 10) == [replace(queued, asked=2)]


def test_what_was_refused_is_listed_and_can_be_sent_again(storage: SqlStorage, queued: Delivery, now: datetime) -> None:
    with storage.write() as work:
        work.outbox.refused(queued, "RecordRefused")
        [listed] = work.outbox.refusals()
        assert (listed.kind, listed.check_in_id, listed.error) == (queued.kind, "a", "RecordRefused")
        assert work.outbox.send_refused_again(now) == 1
        assert work.outbox.refusals() == []
        assert work.outbox.due(now, 10) == [replace(queued, asked=2)]
        assert work.outbox.send_refused_again(now) == 0


def test_accounts_come_back_as_they_were_by_name(storage: SqlStorage, now: datetime) -> None:
    locked = replace(NURSE, failures=5, locked_until=now, disabled=True)
    with storage.write() as work:
        work.staff.add(NURSE)
        work.staff.add(DOCTOR)
        work.staff.save(locked)

    with storage.read() as work:
        assert work.staff.get("s2") == DOCTOR
        assert work.staff.all() == [DOCTOR, locked]
        with pytest.raises(NotFound):
            work.staff.get("s3")


def test_a_sign_in_name_is_compared_without_case(storage: SqlStorage) -> None:
    with storage.write() as work:
        work.staff.add(NURSE)
        assert work.staff.by_sign_in_name("ĐIỀU.DƯỠNG") == NURSE
        assert work.staff.by_sign_in_name("dieu.duong") is None


def test_a_sign_in_name_is_taken_once(storage: SqlStorage) -> None:
    with storage.write() as work:
        work.staff.add(NURSE)
        work.staff.add(DOCTOR)
        with pytest.raises(InputError) as on_add:
            work.staff.add(replace(NURSE, id="s3", sign_in_name="điều.dưỡng"))
        with pytest.raises(InputError) as on_save:
            work.staff.save(replace(DOCTOR, sign_in_name="điều.dưỡng"))

    assert (on_add.value.kind, on_add.value.field) == ("taken", "sign_in_name")
    assert (on_save.value.kind, on_save.value.field) == ("taken", "sign_in_name")


def test_an_unknown_account_cannot_be_changed(storage: SqlStorage) -> None:
    with pytest.raises(NotFound), storage.write() as work:
        work.staff.save(NURSE)


def test_sessions_are_touched_and_ended(storage: SqlStorage, now: datetime) -> None:
    def session(token_hash: str) -> StaffSession:
        return StaffSession(token_hash, "s1", Role.RECEPTION, now, now, now + timedelta(hours=12))

    later = now + timedelta(minutes=5)
    with storage.write() as work:
        work.staff.add(NURSE)
        for token_hash in ("one", "two", "three"):
            work.staff.add_session(session(token_hash))
        work.staff.touch_session("one", later)
        assert work.staff.session("one") == replace(session("one"), last_seen_at=later)

        work.staff.end_session("one")
        assert work.staff.session("one") is None
        assert work.staff.session("two") == session("two")

        work.staff.end_sessions_of("s1")
        assert work.staff.session("three") is None


def test_ended_check_ins_of_long_ago_are_forgotten_and_the_audit_stays(
    storage: SqlStorage, engine: Engine, arrive: Arrive, day: date, now: datetime
) -> None:
    long_ago = day - timedelta(days=91)
    with storage.write() as work:
        for stage in ENDED:
            old = arrive(work, f"old-{stage}", stage=stage, day=long_ago)
            work.events.add(EventKind.ENDED, old, "noi-tiet", now)
        arrive(work, "still-waits", day=long_ago)
        arrive(work, "recent", stage=Stage.DONE)
        work.audit.add(now, SYSTEM, "arrive", "check-in/old-done", {})

    assert forget_ended(engine, day - timedelta(days=90), now) == len(ENDED)

    with storage.read() as work:
        assert [work.check_ins.by_ticket_code(f"old-{stage}") for stage in ENDED] == [None] * len(ENDED)
        assert work.check_ins.get("still-waits").stage is Stage.ARRIVED
        assert work.check_ins.get("recent").stage is Stage.DONE
        assert [row.action for row in work.audit.rows()] == ["arrive", "forget"]
        assert verify(work.audit.rows()).intact
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(tickets)).scalar_one() == 2
        assert connection.execute(select(func.count()).select_from(events)).scalar_one() == 0


@pytest.mark.parametrize("stage", [Stage.KEPT, Stage.FORGOTTEN])
def test_who_came_only_for_the_own_face_is_forgotten_too(
    storage: SqlStorage, engine: Engine, begun: Begun, day: date, stage: Stage, now: datetime
) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("a", stage=stage))
    assert forget_ended(engine, day + timedelta(days=1), now) == 1


def test_what_the_record_has_not_heard_of_is_not_forgotten(
    storage: SqlStorage, engine: Engine, arrive: Arrive, day: date, now: datetime
) -> None:
    long_ago = day - timedelta(days=91)
    with storage.write() as work:
        arrive(work, "unsent", stage=Stage.DONE, day=long_ago)
        work.outbox.add(DeliveryKind.ENCOUNTER, "unsent", now)
        arrive(work, "refused", stage=Stage.DONE, day=long_ago)
        work.outbox.add(DeliveryKind.ENCOUNTER, "refused", now)
        refused = next(one for one in work.outbox.due(now, 10) if one.check_in_id == "refused")
        work.outbox.refused(refused, "refused")

        arrive(work, "nameless", stage=Stage.DONE, day=long_ago, unresolved=True)
        arrive(work, "cancelled", stage=Stage.CANCELLED, day=long_ago, unresolved=True)

    assert forget_ended(engine, day, now) == 1
    with storage.read() as work:
        for kept in ("unsent", "refused", "nameless"):
            assert work.check_ins.get(kept).stage is Stage.DONE
        assert [one.check_in_id for one in work.outbox.refusals()] == ["refused"]


def test_what_the_record_took_at_last_is_forgotten(
    storage: SqlStorage, engine: Engine, arrive: Arrive, day: date, now: datetime
) -> None:
    with storage.write() as work:
        arrive(work, "a", stage=Stage.DONE)
        work.outbox.add(DeliveryKind.ENCOUNTER, "a", now)
        work.outbox.refused(work.outbox.due(now, 10)[0], "refused")
        work.outbox.send_refused_again(now)
        work.outbox.done(work.outbox.due(now, 10)[0])
    assert forget_ended(engine, day + timedelta(days=1), now) == 1


def test_a_forgotten_number_is_not_given_again(
    storage: SqlStorage, engine: Engine, arrive: Arrive, day: date, now: datetime
) -> None:
    with storage.write() as work:
        arrive(work, "a", stage=Stage.DONE)
    forget_ended(engine, day + timedelta(days=1), now)

    with storage.write() as work:
        assert work.counters.next_number("noi-tiet", day) == 2


def test_many_are_forgotten_in_several_transactions(
    storage: SqlStorage, engine: Engine, begun: Begun, day: date, now: datetime
) -> None:
    with storage.write() as work:
        for number in range(BATCH + 1):
            work.check_ins.add(begun(f"c{number}", stage=Stage.ABANDONED))

    assert forget_ended(engine, day + timedelta(days=1), now) == BATCH + 1


def test_old_attempts_and_sessions_that_are_over_go_too(
    storage: SqlStorage, engine: Engine, day: date, now: datetime
) -> None:
    with storage.write() as work:
        work.attempts.add("kiosk-1", now - timedelta(days=1))
        work.attempts.add("kiosk-1", now)
        work.staff.add(NURSE)
        long_ago = datetime(2020, 1, 1, tzinfo=now.tzinfo)
        far_away = datetime(2999, 1, 1, tzinfo=now.tzinfo)
        work.staff.add_session(StaffSession("over", "s1", Role.RECEPTION, long_ago, long_ago, long_ago))
        work.staff.add_session(StaffSession("open", "s1", Role.RECEPTION, now, now, far_away))

    forget_ended(engine, day, now)

    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(attempts)).scalar_one() == 1
        assert list(connection.scalars(select(sessions.c.token_hash))) == ["open"]
