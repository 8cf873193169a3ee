"""What the host says of itself before patients notice."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from kiosk.checkin.services import Services
from kiosk.checkin.watch import BEAT_SECONDS, LOW_BYTES, Heartbeat, Watch, check_space
from kiosk.errors import PartDegraded, StorageError
from kiosk.live.memory_bus import MemoryBus
from kiosk.logs import configure_logs
from tests.support.small_hospital import SetClock, SmallRecord, open_small_hospital


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "kiosk.sqlite"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def services(database: Path, clock: SetClock) -> Services:
    return open_small_hospital(f"sqlite:///{database}", SmallRecord(), MemoryBus(), clock)


def beats(database: Path) -> list[str]:
    with closing(create_engine(f"sqlite:///{database}").connect()) as connection:
        return [str(at) for at in connection.scalars(text("SELECT at FROM heartbeat"))]


@pytest.fixture
def full(database: Path) -> Callable[[bool], None]:
    """Lets every write of the database fail, as on a disk that is full, or succeed again."""

    def fill(is_full: bool) -> None:  # noqa: FBT001 # a switch
        with closing(create_engine(f"sqlite:///{database}").connect()) as connection:
            word = (
                "CREATE TRIGGER full_disk BEFORE UPDATE ON heartbeat BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
                if is_full
                else "DROP TRIGGER full_disk"
            )
            connection.execute(text(word))
            connection.commit()

    return fill


def test_one_row_is_written_once_in_five_seconds_however_often_somebody_asks(
    services: Services, database: Path, clock: SetClock, seconds: Seconds
) -> None:
    heartbeat = Heartbeat(services, seconds)
    for _ in range(10):
        heartbeat.check()
        clock.pass_time(seconds=1)
    [first] = beats(database)
    seconds.now += BEAT_SECONDS
    heartbeat.check()
    [second] = beats(database)
    assert first < second


def test_where_nothing_can_be_written_it_says_so_and_again_when_it_can(
    services: Services, seconds: Seconds, full: Callable[[bool], None]
) -> None:
    heartbeat = Heartbeat(services, seconds)
    heartbeat.check()
    full(True)  # noqa: FBT003 # a switch
    heartbeat.check()
    for _ in range(2):
        seconds.now += BEAT_SECONDS
        with pytest.raises(StorageError):
            heartbeat.check()
    full(False)  # noqa: FBT003 # a switch
    with pytest.raises(StorageError):
        heartbeat.check()
    seconds.now += BEAT_SECONDS
    heartbeat.check()


@pytest.mark.parametrize(("free", "is_low"), [(LOW_BYTES, False), (LOW_BYTES - 1, True), (0, True), (None, False)])
def test_little_room_is_said_before_there_is_none(free: int | None, *, is_low: bool) -> None:
    if is_low:
        with pytest.raises(PartDegraded, match="low"):
            check_space(lambda: free)
    else:
        check_space(lambda: free)


def test_the_log_has_one_line_when_something_begins_and_one_when_it_ends(
    services: Services, seconds: Seconds, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("info")
    free = 0
    watch = Watch(services, lambda: free, seconds)
    for _ in range(3):
        watch.look()
        seconds.now += BEAT_SECONDS
    free = LOW_BYTES
    watch.look()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    said = "less than 1 GB free for the data folder"
    assert [(line["level"], line["event"], line["reason"]) for line in lines] == [
        ("critical", "alarm", said),
        ("warning", "alarm ended", said),
    ]
