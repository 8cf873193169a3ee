"""What a person before a kiosk does in several touches."""

from kiosk.checkin.station import LocalCheckIns
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Stage
from kiosk.model.identity import PartialDate
from kiosk.ports.devices import SignalSource

HERE = "kiosk-1"


def show_card(
    kiosk: LocalCheckIns, payload: str, station: str = HERE, source: SignalSource = SignalSource.CAMERA
) -> CheckInView:
    """Hold up a citizen card where the one before is done; the birth date follows where its owner has a number."""
    before = kiosk.newest(station)
    if before and before.ticket:
        kiosk.leave(station, before.id)
    view = kiosk.claim(station, payload, source)
    if view.stage is not Stage.BIRTH_DATE:
        return view
    day = payload.split("|")[3]
    answer = PartialDate(int(day[4:]), int(day[2:4]), int(day[:2]))
    return kiosk.answer_birth_date(station, view.id, view.version, answer)
