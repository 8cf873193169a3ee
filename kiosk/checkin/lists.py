"""What the staff's screens list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kiosk.checkin.days import A_DAY, clinic_day, is_of_today, open_days
from kiosk.checkin.services import Services
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.clinic import RECEPTION
from kiosk.ports.storage import Work


@dataclass(frozen=True, slots=True)
class ReceptionBoard:
    """Who needs help, the desk's own queue, and the clinics' queues by clinic id."""

    help: Sequence[CheckIn]
    desk: Sequence[CheckIn]
    queues: Mapping[str, Sequence[CheckIn]]


def clinic_list(services: Services, *, clinic_ids: Sequence[str]) -> Sequence[CheckIn]:
    """Today's check-ins of these clinics, those waiting in calling order."""
    with services.storage.read() as work:
        return [check_in for clinic_id in clinic_ids for check_in in _queue(services, work, clinic_id)]


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
        return ReceptionBoard(
            help=_needing_help(services, work),
            desk=_desk(services, work),
            queues={clinic_id: _queue(services, work, clinic_id) for clinic_id in services.clinics},
        )


def last_calls(services: Services, *, clinic_ids: Sequence[str], limit: int = 4) -> Sequence[CheckIn]:
    """For the waiting-room display: most recently called first."""
    with services.storage.read() as work:
        called = [
            check_in
            for day, clinics in _by_day(services, clinic_ids).items()
            for check_in in work.check_ins.last_called(clinics, day, limit)
        ]
    return sorted(called, key=_called_at, reverse=True)[:limit]


def _queue(services: Services, work: Work, clinic_id: str) -> Sequence[CheckIn]:
    return work.check_ins.in_clinic(clinic_id, clinic_day(services, clinic_id))


def _desk(services: Services, work: Work) -> Sequence[CheckIn]:
    """Today's; before them what is left of the evening, while a clinic is open over midnight."""
    *earlier, today = open_days(services)
    left = [one for day in earlier for one in work.check_ins.in_clinic(RECEPTION, day) if one.stage is Stage.RECEPTION]
    return [*left, *work.check_ins.in_clinic(RECEPTION, today)]


def _needing_help(services: Services, work: Work) -> Sequence[CheckIn]:
    today = services.clock.today()
    asked = [one for day in (today - A_DAY, today) for one in work.check_ins.needing_help(day)]
    return [check_in for check_in in asked if is_of_today(services, check_in)]


def _by_day(services: Services, clinic_ids: Sequence[str]) -> Mapping[date, Sequence[str]]:
    days: dict[date, list[str]] = {}
    for clinic_id in clinic_ids:
        days.setdefault(clinic_day(services, clinic_id), []).append(clinic_id)
    return days


def _called_at(check_in: CheckIn) -> datetime:
    return check_in.called_at or check_in.changed_at
