"""Patients who check in: show a card, say yes, choose; without a pause to think."""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk import bootstrap
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import KioskError
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Stage
from kiosk.ports.devices import SignalSource
from kiosk.settings import load_settings


@dataclass(frozen=True, slots=True)
class Passage:
    """One patient's way; times are readings of the host's monotonic clock, in seconds."""

    check_in_id: str
    shown: float
    resolved: float
    committed: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """What some patients reached: `lost` were turned away by an error, `elsewhere` got no number of a clinic.

    Attributes:
        cpu_seconds: of their process.
    """

    passages: list[Passage]
    elsewhere: int
    lost: int
    began: float
    ended: float
    cpu_seconds: float


def pass_through(check_ins: LocalCheckIns, station_id: str, payload: str, clinic_id: str) -> Passage | None:
    """From the payload to the number; None when the patient was sent elsewhere.

    Raises:
        KioskError: the check-in was not taken.
    """
    shown = time.monotonic()
    view = check_ins.claim(station_id, payload, SignalSource.CAMERA)
    resolved = time.monotonic()
    if view.stage is Stage.IS_THIS_YOU:
        view = check_ins.accept_name(station_id, view.id, view.version)
    if view.stage is Stage.CHOOSING:
        view = _chosen(check_ins, station_id, view, clinic_id)
    if view.stage is not Stage.ARRIVED:
        check_ins.leave(station_id, view.id)
        return None
    return Passage(view.id, shown, resolved, time.monotonic())


def one_after_the_other(settings_file: Path, payloads: Sequence[str], clinic_id: str, pause_seconds: float) -> Crowd:
    """A station's patients, with pauses of that length on average between them."""
    check_ins = LocalCheckIns(bootstrap.open_services(load_settings(settings_file)))
    pauses = random.Random(1)
    passages, elsewhere, began, cpu_before = [], 0, time.monotonic(), time.process_time()
    for payload in payloads:
        passage = pass_through(check_ins, "kiosk-1", payload, clinic_id)
        if passage is None:
            elsewhere += 1
        else:
            passages.append(passage)
        time.sleep(pauses.uniform(0.5, 1.5) * pause_seconds)
    return Crowd(passages, elsewhere, 0, began, time.monotonic(), time.process_time() - cpu_before)


def all_at_once(
    settings_file: Path, payloads: Sequence[str], clinics: Sequence[str], stations: Sequence[str], seconds: float
) -> Crowd:
    """A thread for each station, each with its share of the patients, until the time is over."""
    check_ins = LocalCheckIns(bootstrap.open_services(load_settings(settings_file)))
    rush = _Rush(check_ins, clinics, time.monotonic() + seconds)
    threads = [
        threading.Thread(target=rush.run, args=(station, payloads[at :: len(stations)]))
        for at, station in enumerate(stations)
    ]
    began, cpu_before = time.monotonic(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cpu_seconds = time.process_time() - cpu_before
    return Crowd(rush.passages, rush.elsewhere, rush.lost, began, time.monotonic(), cpu_seconds)


class _Rush:
    def __init__(self, check_ins: LocalCheckIns, clinics: Sequence[str], until: float) -> None:
        self._check_ins = check_ins
        self._clinics = clinics
        self._until = until
        self.passages: list[Passage] = []
        self.elsewhere = 0
        self.lost = 0

    def run(self, station_id: str, payloads: Sequence[str]) -> None:
        for at, payload in enumerate(payloads):
            if time.monotonic() > self._until:
                return
            try:
                clinic_id = self._clinics[at % len(self._clinics)]
                passage = pass_through(self._check_ins, station_id, payload, clinic_id)
            except KioskError:
                self.lost += 1
                continue
            if passage is None:
                self.elsewhere += 1
            else:
                self.passages.append(passage)


def _chosen(check_ins: LocalCheckIns, station_id: str, view: CheckInView, clinic_id: str) -> CheckInView:
    if view.appointments:
        return check_ins.choose_appointment(station_id, view.id, view.version, view.appointments[0].id)
    return check_ins.choose_clinic(station_id, view.id, view.version, clinic_id)
