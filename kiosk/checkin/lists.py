"""What the staff's screens list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kiosk.checkin.services import Services
from kiosk.model.checkin import CheckIn
from kiosk.model.clinic import RECEPTION


@dataclass(frozen=True, slots=True)
class ReceptionBoard:
    """Who needs help, the desk's own queue, and the clinics' queues by clinic id."""

    help: Sequence[CheckIn]
    desk: Sequence[CheckIn]
    queues: Mapping[str, Sequence[CheckIn]]


def clinic_list(services: Services, *, clinic_ids: Sequence[str]) -> Sequence[CheckIn]:
    """Today's check-ins of these clinics, those waiting in calling order."""
    with services.storage.read() as work:
        today = services.clock.today()
        return [check_in for clinic_id in clinic_ids for check_in in work.check_ins.in_clinic(clinic_id, today)]


def one(services: Services, check_in_id: str) -> CheckIn:
    """One check-in.

    Raises:
        NotFound: no such id.
    """
    with services.storage.read() as work:
        return work.check_ins.get(check_in_id)


def reception_board(services: Services) -> ReceptionBoard:
    """All of reception's screen in one consistent view."""
    with services.storage.read() as work:
        today = services.clock.today()
        return ReceptionBoard(
            help=work.check_ins.needing_help(today),
            desk=work.check_ins.in_clinic(RECEPTION, today),
            queues={clinic_id: work.check_ins.in_clinic(clinic_id, today) for clinic_id in services.clinics},
        )


def last_calls(services: Services, *, clinic_ids: Sequence[str], limit: int = 4) -> Sequence[CheckIn]:
    """For the waiting-room display: most recently called first."""
    with services.storage.read() as work:
        return work.check_ins.last_called(clinic_ids, services.clock.today(), limit)
