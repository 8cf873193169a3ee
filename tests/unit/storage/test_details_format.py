"""A program must not open a database whose check-ins it would strip."""

import dataclasses
import enum
import hashlib
import typing
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from kiosk.errors import StorageError
from kiosk.model.checkin import CheckIn
from kiosk.storage.details_format import DETAILS_FORMAT
from kiosk.storage.engine import open_engine
from kiosk.storage.migrations import is_current, upgrade

FORMATS = {1: "ab2dbcc4aae007e4"}
"""What a check-in was kept as at each number. A new form gets a new number; a number that was released stays."""


def form_of(kind: object) -> object:
    """Names and types of all fields, all the way down, and the values of enumerations."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        return {field.name: form_of(hints[field.name]) for field in dataclasses.fields(kind)}
    if isinstance(kind, enum.EnumMeta):
        return sorted(str(member) for member in list[enum.Enum](kind))
    if arguments := typing.get_args(kind):
        return [form_of(one) for one in arguments]
    return getattr(kind, "__name__", str(kind))


def written(form: object) -> str:
    if isinstance(form, Mapping):
        return "{" + ",".join(f"{name}:{written(form[name])}" for name in sorted(form)) + "}"
    return "[" + ",".join(map(written, form)) + "]" if isinstance(form, list) else str(form)


def test_the_form_of_check_ins_has_the_number_that_the_program_says() -> None:
    now = hashlib.sha256(written(form_of(CheckIn)).encode()).hexdigest()[:16]
    assert FORMATS.get(DETAILS_FORMAT) == now, (
        f"what a check-in is kept as has changed: raise DETAILS_FORMAT and add its number here with {now!r}"
    )
    assert max(FORMATS) == DETAILS_FORMAT


@pytest.fixture
def engine(tmp_path: Path) -> typing.Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'kiosk.sqlite'}")
    upgrade(engine)
    yield engine
    engine.dispose()


def set_number(engine: Engine, number: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE details_format SET number = :number"), {"number": number})


def test_a_database_of_a_higher_number_is_refused_and_left_alone(engine: Engine) -> None:
    assert is_current(engine)
    set_number(engine, DETAILS_FORMAT + 1)
    assert not is_current(engine)
    with pytest.raises(StorageError, match="newer version"):
        upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT number FROM details_format")).scalar() == DETAILS_FORMAT + 1


def test_one_of_a_lower_number_is_upgraded_first(engine: Engine) -> None:
    set_number(engine, DETAILS_FORMAT - 1)
    assert not is_current(engine)
    upgrade(engine)
    assert is_current(engine)
