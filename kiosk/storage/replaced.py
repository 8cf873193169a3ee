"""Databases that a restore replaced: beside the one in use, under a name with the time."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine

from kiosk.storage.sqlite_files import file_of

_DAY_DIGITS = 8


def name_for_replaced(live: Path, at: datetime) -> Path:
    """Where the database goes that is replaced now."""
    return live.with_name(f"{live.name}.replaced-{at:%Y%m%dT%H%M%S.%fZ}")


def replaced_of(live: Path) -> Sequence[Path]:
    """All that were replaced, and journals of those that could not be read."""
    return sorted(live.parent.glob(f"{live.name}.replaced-*"))


def forget_replaced(engine: Engine, before: date) -> int:
    """Delete those of before that day: they hold what is forgotten in the one in use.

    Returns:
        How many files.
    """
    if engine.dialect.name != "sqlite":
        return 0
    live = file_of(engine)
    old = [
        path for path in replaced_of(live) if path.name.partition(".replaced-")[2][:_DAY_DIGITS] < f"{before:%Y%m%d}"
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
