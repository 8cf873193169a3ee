"""Who uses the kiosks while everything dies: patients who come back until they have a number, and a doctor.

Each is a process of its own, forked from one that holds no connection, and may be killed at any moment.
"""

import ctypes
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from kiosk import bootstrap
from kiosk.checkin import move, queue, undo
from kiosk.checkin.lists import clinic_list
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.demo.child import PR_SET_PDEATHSIG
from kiosk.errors import KioskError
from kiosk.logs import configure_logs
from kiosk.model.actor import Actor
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, Stage
from kiosk.ports.devices import SignalSource
from kiosk.settings import load_settings

AGAIN_SECONDS = 0.1
"""After an error, as a person presses again."""
THINKING_SECONDS = 0.02
BY = Actor.staff("chaos")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Told:
    """A number that a patient was shown, and the check-in that the ticket's code names."""

    payload: str
    check_in_id: str
    clinic_id: str
    number: int


@dataclass
class Crowd:
    """The living people, by what they are."""

    settings_file: Path
    notes: Path
    cards: Sequence[str]
    patients: int
    doctors: int = 1
    living: dict[int, tuple[str, int]] = field(default_factory=dict)

    def tend(self) -> None:
        """Whoever died is replaced by somebody who goes on where they stood."""
        for pid in list(self.living):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self.living[pid]
        wanted = [("patient", place) for place in range(self.patients)]
        wanted += [("doctor", place) for place in range(self.doctors)]
        for who in wanted:
            if who not in self.living.values():
                self.living[self._born(*who)] = who

    def _born(self, kind: str, place: int) -> int:
        parent, pid = os.getpid(), os.fork()
        if pid == 0:
            status = 1
            try:
                end_with(parent)
                configure_logs("critical")
                self._live(kind, place)
                status = 0
            finally:
                os._exit(status)
        return pid

    def _live(self, kind: str, place: int) -> None:
        services = patiently(lambda: bootstrap.open_services(load_settings(self.settings_file)))
        if kind == "doctor":
            Doctor(services, random.Random()).work()  # noqa: S311 # no secret
        else:
            own = self.cards[place :: self.patients]
            Patients(services, f"chaos-{place}", own, self.notes / f"{place}.txt").come()

    def pids(self, kind: str) -> list[int]:
        return [pid for pid, (who, _) in self.living.items() if who == kind]

    def end(self) -> None:
        """Kill them all; what they were told stays in the notes."""
        for pid in self.living:
            os.kill(pid, signal.SIGKILL)
        for pid in self.living:
            os.waitpid(pid, 0)
        self.living.clear()

    def noted(self) -> int:
        """Bytes, which grow with each number that somebody was told."""
        return sum(file.stat().st_size for file in self.notes.glob("*.txt"))

    def told(self) -> list[Told]:
        lines = (line for file in sorted(self.notes.glob("*.txt")) for line in file.read_text().splitlines())
        parts = (line.split("\t") for line in lines)
        return [Told(payload, one, clinic, int(number)) for payload, one, clinic, number in parts]


def end_with(parent: int) -> None:
    """However that one ends: nobody goes on by themselves."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def patiently(do: Callable[[], Result]) -> Result:
    """Its result, as soon as it has one."""
    while True:
        try:
            return do()
        except KioskError:
            time.sleep(AGAIN_SECONDS)


@dataclass
class Patients:
    """One after the other at one kiosk; what they were told is written down at once."""

    services: Services
    station: str
    cards: Sequence[str]
    notes: Path

    def come(self) -> None:
        told = self.notes.read_text().splitlines() if self.notes.exists() else []
        for payload in self.cards[len(told) :]:
            view = patiently(partial(self._pass, payload))
            if view.ticket is None:
                raise AssertionError(view.stage)
            line = "\t".join([payload, view.ticket.code, view.ticket.clinic_id, str(view.ticket.number)])
            # one write, which a kill cannot tear
            with self.notes.open("ab", buffering=0) as notes:
                notes.write(f"{line}\n".encode())
            time.sleep(THINKING_SECONDS)
        signal.pause()

    def _pass(self, payload: str) -> CheckInView:
        kiosk = LocalCheckIns(self.services)
        # whoever stood here went away, and took the page along
        left = kiosk.current(self.station)
        if left:
            kiosk.leave(self.station, left.id)
        view = kiosk.claim(self.station, payload, SignalSource.CAMERA)
        if view.stage is Stage.IS_THIS_YOU:
            view = kiosk.accept_name(self.station, view.id, view.version)
        if view.stage is Stage.CHOOSING:
            view = self._choose(kiosk, view)
        if view.ticket is None:
            raise Unfinished(view.stage)
        return view

    def _choose(self, kiosk: LocalCheckIns, view: CheckInView) -> CheckInView:
        if view.appointments:
            return kiosk.choose_appointment(self.station, view.id, view.version, view.appointments[0].id)
        return kiosk.choose_clinic(self.station, view.id, view.version, next(iter(self.services.clinics)))


class Unfinished(KioskError):
    """Somebody else moved the check-in meanwhile: the patient begins again."""


@dataclass
class Doctor:
    """Calls, finishes, misses, brings back, moves, cancels and undoes, in any order."""

    services: Services
    random: random.Random

    def work(self) -> None:
        while True:
            patiently(self._next)
            time.sleep(THINKING_SECONDS)

    def _next(self) -> None:
        clinic = self.random.choice(list(self.services.clinics))
        queue.call_next(self.services, clinic_id=clinic, by=BY)
        items = clinic_list(self.services, clinic_ids=[clinic])
        if items:
            self._change(self.random.choice(items))

    def _change(self, item: CheckIn) -> None:
        changes: dict[Stage, list[Callable[..., CheckIn]]] = {
            Stage.ARRIVED: [move.cancel],
            Stage.CALLED: [queue.finish, queue.finish, queue.call_again, queue.mark_absent],
            Stage.ABSENT: [queue.bring_back],
        }
        if item.stage is Stage.ARRIVED and self.random.random() < 0.5:
            there = self.random.choice([one for one in self.services.clinics if one != item.clinic_id])
            move.move(self.services, item.id, version=item.version, clinic_id=there, by=BY)
        elif item.stage is Stage.CANCELLED:
            undo.undo(self.services, item.id, by=BY)
        elif item.stage in changes:
            self.random.choice(changes[item.stage])(self.services, item.id, version=item.version, by=BY)
