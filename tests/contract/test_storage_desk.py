"""What can be taken back, whom reception found in a case, and who read a record."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.queue import Ticket
from kiosk.model.undo import Undo
from kiosk.storage.unit_of_work import SqlStorage

Begun = Callable[..., CheckIn]


def test_the_last_act_comes_back_as_it_was(storage: SqlStorage, begun: Begun, day: date, now: datetime) -> None:
    before = begun("one", stage=Stage.CALLED, called_at=now, ticket=Ticket("mat", day, 7), arrived_at=now)
    after = begun("one", stage=Stage.DONE, called_at=now, ticket=Ticket("mat", day, 7), arrived_at=now, ended_at=now)
    last = Undo("one", "done", "staff:1", now + timedelta(seconds=10), before, after)
    with storage.write() as work:
        work.check_ins.add(before)
        work.undos.put(Undo("one", "move", "staff:2", now, after, before, "desk"))
        work.undos.put(last)
    with storage.read() as work:
        assert work.undos.get("one") == last
        assert work.undos.of_actor("staff:1", now) == [last]
        assert work.undos.of_actor("staff:2", now) == []
        assert work.undos.of_actor("staff:1", now + timedelta(seconds=11)) == []
        assert not work.undos.any_past(now + timedelta(seconds=10))
    assert last.changed == {"stage": Stage.CALLED, "ended_at": None}


def test_what_is_past_is_forgotten(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    with storage.write() as work:
        for name in ("one", "two"):
            work.check_ins.add(begun(name))
            work.undos.put(Undo(name, "done", "staff:1", now, begun(name), begun(name)))
        work.undos.drop("two")
    with storage.write() as work:
        assert work.undos.any_past(now + timedelta(seconds=1))
        assert work.undos.drop_past(now + timedelta(seconds=1)) == 1
        assert work.undos.get("one") is None


def test_who_was_found_is_of_one_account_one_case_and_lately(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("one"))
        work.found.put("one", "staff:1", "p1", now - timedelta(hours=1))
        work.found.put("one", "staff:1", "p1", now)
    with storage.read() as work:
        assert work.found.was_found("one", "staff:1", "p1", now)
        assert not work.found.was_found("one", "staff:1", "p1", now + timedelta(seconds=1))
        assert not work.found.was_found("one", "staff:2", "p1", now)
        assert not work.found.was_found("two", "staff:1", "p1", now)
        assert not work.found.was_found("one", "staff:1", "p2", now)


def test_who_read_is_known_by_check_in_and_patient(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("one"))
        for name in ("staff:2", "staff:1", "staff:2"):
            work.readers.put("one", name, "p1", now)
    with storage.read() as work:
        assert work.readers.readers("one", "p1") == ["staff:1", "staff:2"]
        assert work.readers.readers("one", "p2") == []


def test_a_number_of_before_is_found_again(storage: SqlStorage, begun: Begun, day: date) -> None:
    with storage.write() as work:
        first = begun("one", ticket=Ticket("mat", day, work.counters.next_number("mat", day)), stage=Stage.ARRIVED)
        work.check_ins.add(first)
    with storage.write() as work:
        assert work.counters.number_again("one", "mat", day) == 1
        assert work.counters.number_again("one", "noi", day) is None
        assert work.counters.number_again("two", "mat", day) is None
        assert work.counters.next_number("mat", day) == 2
