"""The paper that says that a face is no longer kept, for whoever had it forgotten at the desk."""

from kiosk.checkin.services import Services
from kiosk.errors import BusUnreachable
from kiosk.model.checkin import CheckIn
from kiosk.model.events import Command, CommandKind, DeviceState
from kiosk.web.reception.presenters import stations_of


def order_receipt(services: Services, check_in: CheckIn) -> bool:
    """Have it printed where the patient checked in.

    Returns:
        Whether it was ordered: not where no printer works, since it would come out when nobody waits for it.
    """
    if not _prints(services, check_in.station_id):
        return False
    try:
        services.bus.command(check_in.station_id, Command(CommandKind.PRINT_RECEIPT, check_in.id))
    except BusUnreachable:
        return False
    return True


def _prints(services: Services, station_id: str) -> bool:
    states = (
        health.devices.get("printer") for health in stations_of(services) or () if health.station_id == station_id
    )
    return DeviceState.WORKING in states
