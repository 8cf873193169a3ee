"""Runs one use case in a process that kills itself at a chosen call of a port.

Reads orders from standard input, one JSON object a line; forks for each, so that the crash is a real one (SIGKILL) and
the libraries are loaded once. Answers ``killed`` or ``finished CALLS`` on standard output.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kiosk import bootstrap
from kiosk.checkin import deliver
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.logs import configure_logs
from kiosk.settings import load_settings


@dataclass
class Fuse:
    """Kills this process before or after the n-th call."""

    n: int
    moment: str
    calls: int = 0

    def around(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401 # whatever the port returns
        self.calls += 1
        mine = self.calls == self.n
        if mine and self.moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = call()
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


class Watched:
    """A port, a store or a unit of work whose calls burn the fuse; beginning and committing are calls too."""

    def __init__(self, target: object, fuse: Fuse) -> None:
        self._target = target
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 # as the port says
        found = getattr(self._target, name)
        if not callable(found):
            return Watched(found, self._fuse)
        return lambda *words, **named: self._watch(self._fuse.around(lambda: found(*words, **named)))

    def __enter__(self) -> "Watched":  # noqa: PYI034 # another one, around what the target gives
        return Watched(self._fuse.around(self._target.__enter__), self._fuse)  # type: ignore[attr-defined] # a context manager

    def __exit__(self, *error: object) -> None:
        self._fuse.around(lambda: self._target.__exit__(*error))  # type: ignore[attr-defined] # a context manager

    def _watch(self, result: object) -> object:
        return Watched(result, self._fuse) if hasattr(result, "__exit__") else result


def watched(services: Services, fuse: Fuse) -> Services:
    ports = {name: Watched(getattr(services, name), fuse) for name in ("storage", "record", "bus", "clock")}
    return replace(services, **ports)  # type: ignore[arg-type] # stand for the ports


def run(settings_file: Path, order: dict[str, Any]) -> int:
    """One use case; returns how many calls it made."""
    fuse = Fuse(order["n"], order["moment"])
    services = watched(bootstrap.open_services(load_settings(settings_file)), fuse)
    if order["do"] == "confirm":
        LocalCheckIns(services).choose_clinic(order["station"], order["id"], order["version"], order["clinic"])
    else:
        deliver.send_due(services)
    return fuse.calls


def answer(settings_file: Path, order: dict[str, Any]) -> str:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, str(run(settings_file, order)).encode())
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as said:
        calls = said.read()
    return "killed" if os.WIFSIGNALED(status) else f"finished {calls}"


if __name__ == "__main__":
    configure_logs("error")
    for line in sys.stdin:
        print(answer(Path(sys.argv[1]), json.loads(line)), flush=True)  # noqa: T201 # the answer
