from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.live.set_time import SetTime
from kiosk.live.switched_time import SwitchedTime


@pytest.fixture
def host() -> SetTime:
    return SetTime(datetime(2026, 12, 1, 7, tzinfo=UTC))


def test_while_the_switch_is_on_the_clock_on_the_wall_alone_is_a_day_ahead(host: SetTime, tmp_path: Path) -> None:
    switch = tmp_path / "clock-ahead"
    switched, before = SwitchedTime(host, switch), host.times()
    assert (switched.times(), switched.is_synchronised()) == (before, True)
    switch.touch()
    assert switched.times() == (before[0] + timedelta(days=1), before[1])
    assert not switched.is_synchronised()
    switch.unlink()
    assert (switched.times(), switched.is_synchronised()) == (before, True)


def test_every_other_clock_goes_on_as_the_host_says(host: SetTime, tmp_path: Path) -> None:
    switched = SwitchedTime(host, tmp_path)
    switched.sleep(5)
    assert (switched.monotonic(), switched.boot_id) == (host.monotonic(), host.boot_id)
    assert host.boot_seconds == 1005
