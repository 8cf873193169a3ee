"""Events, commands and heartbeats as flat text fields, which is all that a Redis stream entry can hold.

Reading is strict about the fields that are needed and lets unknown ones pass, so that a newer host may add some.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from kiosk.errors import InputError
from kiosk.model.events import Command, CommandKind, DeviceState, Event, EventKind, StationHealth

_DEVICE = "device."

_Word = TypeVar("_Word", bound=StrEnum)


def event_to_fields(event: Event) -> dict[str, str]:
    """An event as fields; `clinic_id` is left out where there is none."""
    fields = {
        "id": str(event.id),
        "kind": event.kind.value,
        "check_in_id": event.check_in_id,
        "station_id": event.station_id,
        "at": event.at.isoformat(),
    }
    return fields if event.clinic_id is None else fields | {"clinic_id": event.clinic_id}


def event_from_fields(fields: Mapping[str, str]) -> Event:
    """Read an event back.

    Raises:
        InputError: kind ``bad_message``.
    """
    return Event(
        id=_number(fields, "id"),
        kind=_word(fields, "kind", EventKind),
        check_in_id=_text(fields, "check_in_id"),
        clinic_id=fields.get("clinic_id") or None,
        station_id=_text(fields, "station_id"),
        at=_moment(fields, "at"),
    )


def command_to_fields(command: Command) -> dict[str, str]:
    """A command as fields."""
    return {"kind": command.kind.value, "check_in_id": command.check_in_id}


def command_from_fields(fields: Mapping[str, str]) -> Command:
    """Read a command back.

    Raises:
        InputError: kind ``bad_message``.
    """
    return Command(kind=_word(fields, "kind", CommandKind), check_in_id=_text(fields, "check_in_id"))


def health_to_fields(health: StationHealth) -> dict[str, str]:
    """A heartbeat as fields, each device in one of its own; `name` is left out where there is none."""
    fields = {"station_id": health.station_id, "at": health.at.isoformat()}
    if health.name:
        fields["name"] = health.name
    return fields | {f"{_DEVICE}{name}": state.value for name, state in health.devices.items()}


def health_from_fields(fields: Mapping[str, str]) -> StationHealth:
    """Read a heartbeat back.

    Raises:
        InputError: kind ``bad_message``.
    """
    names = [key for key in fields if key.startswith(_DEVICE)]
    return StationHealth(
        station_id=_text(fields, "station_id"),
        at=_moment(fields, "at"),
        devices={key.removeprefix(_DEVICE): _word(fields, key, DeviceState) for key in names},
        name=fields.get("name", ""),
    )


def _text(fields: Mapping[str, str], key: str) -> str:
    text = fields.get(key)
    if not isinstance(text, str) or not text:
        raise InputError("bad_message", key, "expected text")
    return text


def _number(fields: Mapping[str, str], key: str) -> int:
    text = _text(fields, key)
    if not (text.isascii() and text.isdigit() and len(text) < 20):  # noqa: PLR2004 # a 64-bit row id
        raise InputError("bad_message", key, "expected a whole number")
    return int(text)


def _word(fields: Mapping[str, str], key: str, words: type[_Word]) -> _Word:
    try:
        return words(_text(fields, key))
    except ValueError as error:
        raise InputError("bad_message", key, f"expected one of {', '.join(words)}") from error


def _moment(fields: Mapping[str, str], key: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(fields, key))
    except ValueError as error:
        raise InputError("bad_message", key, "expected an ISO 8601 moment") from error
    if moment.tzinfo is None:
        raise InputError("bad_message", key, "expected a moment with its zone")
    return moment
