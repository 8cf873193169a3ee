"""Whether the host's clock is believed, and by whom."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from kiosk.live.set_time import SetTime
from kiosk.model.kept_time import Doubt, HostReading, KeptTime, accepted, first, judged

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 23)


class Keeper:
    """The row, kept by a host whose clocks a test sets. Days are those of UTC."""

    def __init__(self, *, synchronised: bool) -> None:
        self.host = SetTime(NOON, synchronised=synchronised)
        self.row: KeptTime = first(self.read(), MONDAY)

    def read(self) -> HostReading:
        wall, boot_seconds = self.host.times()
        return HostReading(wall, self.host.boot_id, boot_seconds, self.host.synchronised)

    def keep(self) -> KeptTime:
        self.row = judged(self.row, self.read(), self.host.wall.date())
        return self.row

    def run(self, hours: float) -> KeptTime:
        for _ in range(int(hours * 6)):
            self.host.go_on(minutes=10)
            self.keep()
        return self.row


@pytest.fixture
def synced() -> Keeper:
    return Keeper(synchronised=True)


@pytest.fixture
def alone() -> Keeper:
    """A host without a time server."""
    return Keeper(synchronised=False)


@pytest.mark.parametrize(
    ("jump", "doubt"),
    [(timedelta(hours=18), Doubt.AHEAD), (timedelta(days=200), Doubt.AHEAD), (timedelta(hours=-2), Doubt.BEHIND)],
)
def test_a_jump_of_a_running_host_is_doubt_and_the_day_and_time_go_on_without_it(
    synced: Keeper, jump: timedelta, doubt: Doubt
) -> None:
    synced.host.jump(seconds=jump.total_seconds())
    synced.host.go_on(minutes=30)
    row = synced.keep()
    assert (row.doubt, row.service_day) == (doubt, MONDAY)
    assert row.latest == NOON + timedelta(minutes=30)
    assert not row.may_forget


def test_a_clock_that_is_right_again_ends_the_doubt(synced: Keeper) -> None:
    synced.host.jump(hours=18)
    synced.host.go_on(seconds=6)
    synced.keep()
    synced.host.jump(hours=-18, synchronised=True)
    assert (synced.keep().doubt, synced.row.service_day) == (None, MONDAY)
    assert synced.row.closes_before == MONDAY


def test_even_a_kernel_that_claims_to_be_synchronised_does_not_end_the_day_at_once(synced: Keeper) -> None:
    synced.host.jump(hours=18, synchronised=True)
    assert synced.keep().doubt
    synced.host.go_on(minutes=9)
    assert synced.keep().doubt
    synced.host.go_on(minutes=2)
    assert synced.keep().doubt is None


def test_no_synchronised_kernel_makes_200_days_of_one_start_plausible(synced: Keeper) -> None:
    synced.host.jump(days=200, synchronised=True)
    assert synced.run(12).doubt is Doubt.AHEAD


@pytest.mark.parametrize("off", [timedelta(hours=14), timedelta(days=9, hours=14)])
@pytest.mark.parametrize("synchronised", [True, False])
def test_a_host_that_was_off_over_night_or_over_tet_raises_no_alarm(
    synced: Keeper, off: timedelta, *, synchronised: bool
) -> None:
    synced.host.start_anew(off=off, synchronised=synchronised)
    row = synced.keep()
    assert (row.doubt, row.service_day) == (None, synced.host.wall.date())
    # a battery clock alone ends no day
    assert row.closes_before == (row.service_day if synchronised else MONDAY)


def test_a_year_that_is_wrong_after_a_start_is_doubt_until_the_kernel_is_synchronised(synced: Keeper) -> None:
    synced.host.start_anew(off=timedelta(days=365))
    row = synced.keep()
    assert (row.doubt, row.service_day, row.knows_hour) == (Doubt.AHEAD, MONDAY, False)
    synced.host.jump(days=-364, hours=-12, synchronised=True)
    row = synced.keep()
    assert (row.doubt, row.service_day, row.knows_hour) == (None, MONDAY, True)


def test_a_clock_that_is_behind_after_a_start_is_doubt_and_a_start_does_not_end_a_doubt(alone: Keeper) -> None:
    alone.host.start_anew(off=timedelta(days=-4000))
    assert alone.keep().doubt is Doubt.BEHIND
    alone.host.start_anew(off=timedelta(days=4001))
    assert alone.keep().doubt is Doubt.AHEAD
    assert alone.row.service_day == MONDAY


def test_without_a_time_server_a_day_ends_after_a_day_of_running_under_a_later_one(alone: Keeper) -> None:
    alone.run(7)
    alone.host.start_anew(off=timedelta(hours=12))
    assert alone.run(11).closes_before < MONDAY
    alone.host.start_anew(off=timedelta(hours=13))
    alone.run(11)
    assert alone.row.closes_before == MONDAY
    alone.host.start_anew(off=timedelta(days=10))
    assert alone.keep().closes_before == MONDAY
    alone.run(26)
    assert MONDAY < alone.row.closes_before <= alone.row.service_day


@pytest.mark.parametrize("says", [accepted, judged])
def test_a_last_moment_that_was_too_high_is_taken_back(says: Callable[..., KeptTime]) -> None:
    keeper = Keeper(synchronised=False)
    future = replace(keeper.row, latest=NOON + timedelta(days=200), service_day=date(2027, 6, 11))
    keeper.row = future
    assert keeper.keep().doubt is Doubt.BEHIND
    keeper.host.synchronised = says is judged
    row = says(keeper.row, keeper.read(), MONDAY)
    assert (row.doubt, row.service_day, row.latest) == (None, MONDAY, keeper.host.wall)
    assert row.corrections == future.corrections + 1


def test_two_time_servers_that_contradict_each_other_need_a_person(synced: Keeper) -> None:
    synced.host.jump(hours=-2, synchronised=True)
    assert synced.run(2).doubt is Doubt.BEHIND
    row = accepted(synced.row, synced.read(), MONDAY)
    assert (row.doubt, row.latest) == (None, synced.host.wall)


def test_a_day_of_history_may_be_deleted_once_in_24_hours(synced: Keeper) -> None:
    assert synced.row.may_forget
    synced.row = synced.row.forgetting()
    assert not synced.run(23).may_forget
    assert synced.run(1.2).may_forget


def test_a_night_off_counts_for_deleting_and_a_jump_does_not(synced: Keeper) -> None:
    synced.row = synced.row.forgetting()
    synced.run(11)
    synced.host.start_anew(off=timedelta(hours=13), synchronised=True)
    assert synced.keep().may_forget
    synced.row = synced.row.forgetting()
    synced.host.jump(days=3)
    synced.keep()
    accepted_row = accepted(synced.row, synced.read(), synced.host.wall.date())
    assert not accepted_row.may_forget
