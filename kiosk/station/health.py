import threading

import structlog

from kiosk.errors import DeviceError
from kiosk.model.events import DeviceState

_STATES = {"absent": DeviceState.ABSENT, "no_paper": DeviceState.NO_PAPER}
_log = structlog.get_logger(__name__)


class Health:
    """What each part of the station last said of itself; shared by its threads. A change is logged once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, DeviceState] = {}

    def note(self, device: str, state: DeviceState) -> None:
        """A device is in this state now."""
        with self._lock:
            changed = self._states.get(device) is not state
            self._states[device] = state
        if changed:
            _log.info("device state", device=device, status=state.value)

    def note_error(self, device: str, error: DeviceError) -> None:
        """A device failed in this way now."""
        self.note(device, _STATES.get(error.kind, DeviceState.FAULT))

    def states(self) -> dict[str, DeviceState]:
        """All, by device."""
        with self._lock:
            return dict(self._states)
