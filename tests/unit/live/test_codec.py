from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import InputError
from kiosk.live.codec import (
    command_from_fields,
    command_to_fields,
    event_from_fields,
    event_to_fields,
    health_from_fields,
    health_to_fields,
)
from kiosk.model.events import Command, CommandKind, DeviceState, Event, EventKind, StationHealth

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
FIELDS = {"id": "3", "kind": "arrived", "check_in_id": "c-3", "station_id": "kiosk-1", "at": NOON.isoformat()}

words = st.text(min_size=1, max_size=20)
moments = st.datetimes(timezones=st.just(UTC))


@given(
    st.builds(
        Event,
        id=st.integers(0, 2**63 - 1),
        kind=st.sampled_from(EventKind),
        check_in_id=words,
        clinic_id=st.none() | words,
        station_id=words,
        at=moments,
    )
)
def test_an_event_survives_the_way(event: Event) -> None:
    assert event_from_fields(event_to_fields(event)) == event


@given(st.builds(Command, kind=st.sampled_from(CommandKind), check_in_id=words))
def test_a_command_survives_the_way(command: Command) -> None:
    assert command_from_fields(command_to_fields(command)) == command


@given(
    st.builds(
        StationHealth,
        station_id=words,
        at=moments,
        devices=st.dictionaries(words, st.sampled_from(DeviceState), max_size=4),
        name=st.just("") | words,
    )
)
def test_a_heartbeat_survives_the_way(health: StationHealth) -> None:
    assert health_from_fields(health_to_fields(health)) == health


def test_a_heartbeat_of_a_host_that_says_no_name_is_read() -> None:
    beat = health_from_fields({"station_id": "kiosk-1", "at": NOON.isoformat()})
    assert beat == StationHealth("kiosk-1", NOON, {}, name="")


def test_a_field_of_a_newer_host_is_let_pass() -> None:
    assert event_from_fields(FIELDS | {"colour": "blue"}) == event_from_fields(FIELDS)


@pytest.mark.parametrize("missing", FIELDS)
def test_a_missing_field_is_refused_by_name(missing: str) -> None:
    with pytest.raises(InputError) as refused:
        event_from_fields({key: text for key, text in FIELDS.items() if key != missing})
    assert refused.value.field == missing


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("id", "-3"),
        ("id", "٣"),
        ("id", "9" * 5000),
        ("kind", "exploded"),
        ("at", "noon"),
        ("at", "2026-11-23T05:00:00"),
        ("check_in_id", ""),
    ],
)
def test_a_field_of_the_wrong_shape_is_refused_by_name(key: str, text: str) -> None:
    with pytest.raises(InputError) as refused:
        event_from_fields(FIELDS | {key: text})
    assert refused.value.field == key


def test_an_unknown_state_of_a_device_is_refused() -> None:
    with pytest.raises(InputError):
        health_from_fields({"station_id": "kiosk-1", "at": NOON.isoformat(), "device.camera": "tired"})


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=10)))
def test_garbage_raises_our_error_only(fields: dict[str, str]) -> None:
    for read in (event_from_fields, command_from_fields, health_from_fields):
        with pytest.raises(InputError):
            read(fields)
