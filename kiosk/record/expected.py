"""Who is expected on a day, kept for some minutes: every search by face asks, and no server answers at once."""

import threading
import time
from collections.abc import Callable
from datetime import date, tzinfo

from kiosk.errors import NotFound, RecordError, RecordRefused
from kiosk.record.client import FhirClient, Parameters
from kiosk.record.mapping import actors
from kiosk.record.resources import Resource, ResourceSet, moment, span_of, utc_text

_MOST = 20_000
"""Appointments of a day at the largest hospitals; more mean that the server did not understand the search."""

_SECONDS = 300.0
_FAILED_SECONDS = 20.0
"""A record that just did not answer is not waited for again by the next patient's face."""


class KeptDays:
    """The last day asked for, for all threads of a process; one of them asks the record, the others wait for it.

    Args:
        read: asks the record.
        clock: monotonic seconds.
    """

    def __init__(self, read: Callable[[date], frozenset[str]], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._day: date | None = None
        self._until = 0.0
        self._kept: frozenset[str] | RecordError = frozenset()

    def of(self, day: date) -> frozenset[str]:
        """The ids of all patients with a booked appointment on that day, as of at most 5 minutes ago.

        Raises:
            RecordError: the record did not answer, now or within the last 20 seconds.
        """
        with self._lock:
            if self._day != day or self._clock() >= self._until:
                self._ask(day)
            if isinstance(self._kept, RecordError):
                raise type(self._kept)(*self._kept.args)
            return self._kept

    def _ask(self, day: date) -> None:
        try:
            self._kept = self._read(day)
            seconds = _SECONDS
        except RecordError as error:
            self._kept = error
            seconds = _FAILED_SECONDS
        self._day, self._until = day, self._clock() + seconds


def booked_patients(client: FhirClient, day: date, zone: tzinfo) -> frozenset[str]:
    """The ids of all patients with a booked appointment on that day; nothing else of them is asked for.

    Raises:
        RecordError: no answer, or not one to this question.
    """
    start, end = span_of(day, zone)
    asked: Parameters = {
        "date": [f"ge{utc_text(start)}", f"lt{utc_text(end)}"],
        "status": "booked",
        "_elements": "status,start,participant",
        "_count": "500",
    }
    try:
        found = client.search("Appointment", asked, _MOST)
    except NotFound as error:
        raise RecordRefused("the record has no search for Appointment") from error
    if not found.complete:
        raise RecordRefused("the record did not understand a search for the appointments of a day")
    booked = [
        resource
        for resource in ResourceSet(found.entries).of_type("Appointment")
        if resource.get("status") == "booked"
        and (begins := moment(resource.get("start"), zone))
        and start <= begins < end
    ]
    return frozenset(patient for resource in booked for patient in _patients(client, resource))


def _patients(client: FhirClient, appointment: Resource) -> list[str]:
    parts = [client.relative(actor).split("/") for actor in actors(appointment)]
    return [part[1] for part in parts if part[0] == "Patient" and len(part) == len(("Patient", "id"))]
