"""Time as everybody is told it, while the host's clock is set about."""

from datetime import UTC, date, datetime, timedelta

from kiosk.live.clock import SystemClock
from kiosk.live.host_time import KernelTime
from kiosk.live.set_time import SetTime
from kiosk.model.kept_time import first, judged

ZONE = "Asia/Ho_Chi_Minh"
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 23)


def clock_on(host: SetTime) -> SystemClock:
    clock = SystemClock(ZONE, host)
    clock.follow(first(clock.host(), MONDAY))
    return clock


def test_a_jump_is_not_followed_before_anybody_has_judged_it() -> None:
    host = SetTime(NOON)
    clock = clock_on(host)
    for hours in (18, -20, 4800):
        host.jump(hours=hours)
        host.go_on(seconds=2)
        assert timedelta(0) < clock.now() - NOON <= timedelta(seconds=6)
        assert clock.today() == MONDAY


def test_a_small_step_back_makes_time_slower_and_never_turns_it() -> None:
    host = SetTime(NOON)
    clock = clock_on(host)
    host.go_on(seconds=60)
    told = [clock.now()]
    host.jump(seconds=-30, synchronised=True)
    for _ in range(70):
        host.go_on(seconds=1)
        told.append(clock.now())
    assert told == sorted(told)
    assert told[-1] == host.wall


def test_another_process_or_a_start_anew_does_not_go_back_behind_what_was_told() -> None:
    host = SetTime(NOON)
    kept = first(clock_on(host).host(), MONDAY)
    host.jump(hours=-2)
    host.go_on(minutes=1)
    clock = SystemClock(ZONE, host)
    clock.follow(judged(kept, clock.host(), MONDAY))
    assert clock.now() == NOON + timedelta(minutes=1)
    assert clock.doubt


def test_a_moment_that_was_too_high_is_taken_back_in_every_process() -> None:
    host = SetTime(NOON, synchronised=False)
    clock = SystemClock(ZONE, host)
    future = first(clock.host(), MONDAY)
    host.jump(hours=-2)
    clock.follow(judged(future, clock.host(), MONDAY))
    assert clock.now() == NOON
    host.synchronised = True
    clock.follow(judged(future, clock.host(), MONDAY))
    assert clock.now() == host.wall == NOON - timedelta(hours=2)


def test_the_day_begins_at_midnight_without_waiting_for_the_database() -> None:
    host = SetTime(NOON + timedelta(hours=11, minutes=59))
    clock = clock_on(host)
    host.go_on(minutes=2)
    assert clock.today() == date(2026, 11, 24)


def test_the_kernel_tells_its_clocks() -> None:
    kernel = KernelTime()
    (first_wall, first_seconds), (wall, seconds) = kernel.times(), kernel.times()
    assert first_wall.tzinfo is UTC
    assert wall >= first_wall
    assert seconds >= first_seconds
    assert kernel.boot_id == KernelTime().boot_id != ""
    assert kernel.is_synchronised() in {True, False}
