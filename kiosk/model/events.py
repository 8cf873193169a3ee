"""What changed, by id only: events and commands travel on Redis and carry nothing personal."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What happened to a check-in; a screen fetches the rest through its own guarded route."""

    CHANGED = "changed"
    ARRIVED = "arrived"
    CALLED = "called"
    ENDED = "ended"
    HELP = "help"
    CARD = "card"
    """A station is further with a chip card; for its own screen only."""
    FACE = "face"
    """A station is further with a face; for its own screen only."""
    GONE = "gone"
    """All was done, and nobody stands at the station any more; for its own screen only."""


@dataclass(frozen=True, slots=True)
class Event:
    """A row written with the change it tells of.

    Attributes:
        id: of the row; 0 before it is stored.
        clinic_id: whose list changes; for a move, each clinic gets its own event.
    """

    id: int
    kind: EventKind
    check_in_id: str
    clinic_id: str | None
    station_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event as read from the bus; `stream_id` is what a screen resumes from."""

    stream_id: str
    event: Event


class CommandKind(StrEnum):
    """What the web asks of a station's devices."""

    PRINT = "print"
    """The ticket of a check-in, or the receipt of one that had a face forgotten and nothing else."""
    PRINT_RECEIPT = "print_receipt"
    """The receipt of a face that reception had forgotten; the check-in's ticket stays as it is."""


@dataclass(frozen=True, slots=True)
class Command:
    """An order to one station, about one check-in."""

    kind: CommandKind
    check_in_id: str


class DeviceState(StrEnum):
    """The health of one device."""

    WORKING = "working"
    ABSENT = "absent"
    FAULT = "fault"
    NO_PAPER = "no_paper"


@dataclass(frozen=True, slots=True)
class StationHealth:
    """A station's heartbeat: which devices work. It expires by itself.

    Attributes:
        name: what reception calls the station; empty from a host that does not say it yet.
    """

    station_id: str
    at: datetime
    devices: dict[str, DeviceState]
    name: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the audit chain; `hash` covers all of it and the row before."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, str]
    previous_hash: str
    hash: str
