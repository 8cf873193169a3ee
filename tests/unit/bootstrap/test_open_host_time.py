from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.bootstrap.time_keeper import open_host_time
from kiosk.hardware.simulated.bench import FileBench
from kiosk.settings import Settings
from kiosk.settings.sections import PathSettings

DAY = timedelta(days=1)


def ahead(settings: Settings) -> timedelta:
    return open_host_time(settings).times()[0] - datetime.now(UTC)


def test_the_bench_sets_the_clock_of_a_demo_and_of_nobody_else(tmp_path: Path) -> None:
    paths = PathSettings(runtime=str(tmp_path))
    FileBench(tmp_path).set_clock(ahead=True)
    assert abs(ahead(Settings(mode="demo", paths=paths)) - DAY) < DAY / 2
    assert abs(ahead(Settings(paths=paths))) < DAY / 2
