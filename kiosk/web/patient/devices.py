"""Which of this kiosk's devices do not work now: nobody is asked to hold a card before a dead camera."""

from kiosk.errors import BusUnreachable
from kiosk.model.events import DeviceState
from kiosk.web.patient.screen import the_screen

SHOWN_TO = ("camera", "scanner", "card_reader")
"""Devices to which a patient shows something."""


def dead_devices() -> frozenset[str]:
    """Those that the settings name and that do not work, or whose station is silent; nothing while nobody can tell."""
    screen = the_screen()
    try:
        alive = screen.bus.stations()
    except BusUnreachable:
        return frozenset()
    here = next((one.devices for one in alive if one.station_id == screen.station_id), None)
    named = [name for name in SHOWN_TO if getattr(screen.settings.station, name) != "none"]
    if here is None:
        return frozenset(named)
    return frozenset(name for name in named if here.get(name, DeviceState.WORKING) is not DeviceState.WORKING)
