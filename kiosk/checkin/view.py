"""What the hall may see of a check-in, and no more."""

from collections.abc import Iterable
from datetime import datetime

from kiosk.checkin.arrival import clinic_of, open_clinics
from kiosk.checkin.by_chip_card import card_facts
from kiosk.checkin.by_code import typing_closed
from kiosk.checkin.face_tries import is_open, is_spent, searches
from kiosk.checkin.further_clinic import may_change, may_take_another, other_clinics
from kiosk.checkin.services import Services
from kiosk.model.appointment import Appointment
from kiosk.model.check_in_view import AppointmentChoice, CheckInView, ChipView, ClinicChoice, FaceView, TicketView
from kiosk.model.checkin import AT_STATION, IN_QUEUE, OVER_WITHOUT_NUMBER, CheckIn, Reason, Stage
from kiosk.model.chip_card import ChipReason
from kiosk.model.clinic import Clinic
from kiosk.model.identity import mask_name
from kiosk.ports.storage import Work

AFTER_ASSURANCE = frozenset({Stage.IS_THIS_YOU, Stage.ENROL_CONSENT, Stage.CHOOSING})

TOLD = frozenset(Reason) - {Reason.CHIP_ALARM, Reason.CHIP_REFUSED, Reason.FACE_NEEDS_STAFF}
"""Reasons for which the patient reads that somebody is coming: an alarm is a quiet one, and a look-alike too."""


def draw_view(services: Services, work: Work, check_in: CheckIn) -> CheckInView:
    """The masked name comes from what the patient presented; from the record only after the birth date."""
    ticketed = work.check_ins.get(check_in.same_as) if check_in.same_as else check_in
    choosing = check_in.stage is Stage.CHOOSING
    changes = ticketed.ticket is not None and may_change(services, check_in, ticketed)
    others = other_clinics(services, work, ticketed) if ticketed.ticket else []
    at_code = check_in.stage in {Stage.STARTED, Stage.BIRTH_DATE}
    return CheckInView(
        id=check_in.id,
        version=check_in.version,
        stage=check_in.stage,
        language=check_in.language,
        masked_name=_masked(ticketed) if changes else _masked_name(check_in),
        missed=check_in.misses > 0 and at_code,
        misses=check_in.misses,
        tries_left=max(0, _tries(services, check_in) - check_in.misses),
        typing_closed=at_code and typing_closed(services, work, check_in.station_id),
        appointments=_appointments(services, check_in) if choosing else (),
        clinics=_clinics(others if changes else open_clinics(services) if choosing else (), check_in.language),
        ticket=_ticket(services, work, ticketed, check_in.language),
        also=_also(services, work, check_in, ticketed),
        may_change=changes and bool(others),
        may_take_another=bool(others) and may_take_another(services, check_in, ticketed),
        began_over=check_in.began_over,
        problem=check_in.problem,
        again=check_in.same_as is not None,
        record_unreachable=check_in.unresolved,
        help_told=check_in.help_reason in TOLD,
        help_coming=check_in.help_reason in TOLD and check_in.coming_by is not None,
        shown_since=_shown_since(check_in),
        takes_card=_takes_card(check_in),
        takes_expiry=_takes_expiry(check_in),
        card=work.cards.get(check_in.id) if check_in.stage in AT_STATION else None,
        chip=_chip(check_in),
        face=_face(services, work, check_in),
        receipt=work.papers.get(check_in.id) if check_in.stage is Stage.FORGOTTEN else None,
        intent=check_in.intent,
    )


def _tries(services: Services, check_in: CheckIn) -> int:
    if services.faces and check_in.by_face:
        return services.faces.tries
    return services.policy.birth_date_tries


def _takes_card(check_in: CheckIn) -> bool:
    """At the beginning any card; later that of the number which was shown or typed."""
    if check_in.chip is not None or check_in.stage not in AT_STATION:
        return False
    return check_in.stage is Stage.STARTED or card_facts(check_in) is not None


def _takes_expiry(check_in: CheckIn) -> bool:
    facts = card_facts(check_in)
    known = facts is not None and facts.typed and facts.birth_date is not None
    return known and check_in.card_expires_on is None and check_in.chip is None


def _face(services: Services, work: Work, check_in: CheckIn) -> FaceView:
    """The same whether or not a search found somebody."""
    spent = is_spent(services, check_in)
    return FaceView(
        offered=check_in.stage is Stage.STARTED and is_open(services, work, check_in),
        searches=searches(check_in),
        leads=check_in.by_face,
        state=work.face_attempts.state(check_in.id) if check_in.stage is Stage.FACE else None,
        again=check_in.face_tries > 0,
        closed=services.faces is not None and spent,
        enrolment=check_in.enrolment,
    )


def _chip(check_in: CheckIn) -> ChipView | None:
    """That a card was reported lost, or is a copy, is not for the hall."""
    if check_in.chip is None:
        return None
    unknown = ChipReason.ISSUER_UNKNOWN in check_in.chip.reasons
    return ChipView(check_in.chip.verdict, issuer_unknown=unknown, expired=check_in.chip.expired)


def _masked_name(check_in: CheckIn) -> str | None:
    return _masked(check_in) if check_in.stage in AFTER_ASSURANCE else None


def _masked(check_in: CheckIn) -> str | None:
    name = check_in.claim and (check_in.claim.name or check_in.shown_name)
    return mask_name(name) if name else None


def _appointments(services: Services, check_in: CheckIn) -> tuple[AppointmentChoice, ...]:
    choices = (_appointment(services, item, check_in.language) for item in check_in.offered)
    return tuple(choice for choice in choices if choice)


def _appointment(services: Services, item: Appointment, language: str) -> AppointmentChoice | None:
    clinic = clinic_of(services, item)
    if clinic is None:
        return None
    start = services.clock.to_hospital(item.start)
    return AppointmentChoice(item.id, start, clinic.id, clinic.room, clinic.public_name(language))


def _clinics(clinics: Iterable[Clinic], language: str) -> tuple[ClinicChoice, ...]:
    return tuple(ClinicChoice(clinic.id, clinic.room, clinic.public_name(language)) for clinic in clinics)


def _ticket(services: Services, work: Work, check_in: CheckIn, language: str) -> TicketView | None:
    if check_in.ticket is None or check_in.arrived_at is None:
        return None
    clinic = services.clinics.get(check_in.ticket.clinic_id)
    return TicketView(
        number=check_in.ticket.number,
        clinic_id=check_in.ticket.clinic_id,
        room=check_in.room or "",
        clinic_name=clinic.public_name(language) if clinic else None,
        ahead=work.check_ins.ahead_of(check_in),
        given_at=services.clock.to_hospital(check_in.arrived_at),
        code=check_in.id,
        print_state=work.papers.get(check_in.id),
        called=_is_called(check_in),
    )


def _is_called(check_in: CheckIn) -> bool:
    """In the room's turn now, or called to the desk, where the stage stays."""
    return check_in.stage is Stage.CALLED or (check_in.stage is Stage.RECEPTION and check_in.called_at is not None)


def _also(services: Services, work: Work, check_in: CheckIn, ticketed: CheckIn) -> tuple[TicketView, ...]:
    """The same patient's numbers at other clinics today."""
    if ticketed.ticket is None or ticketed.patient is None or check_in.by_ticket:
        return ()
    theirs = work.check_ins.of_patient(ticketed.patient.id, services.clock.today())
    others = (one for one in theirs if one.id != ticketed.id and one.stage in IN_QUEUE)
    return tuple(ticket for one in others if (ticket := _ticket(services, work, one, check_in.language)))


def _shown_since(check_in: CheckIn) -> datetime:
    """Since when the screen shows what it shows; what staff do later makes a number no newer."""
    if check_in.stage in AT_STATION:
        return check_in.changed_at
    if check_in.same_as or check_in.stage in OVER_WITHOUT_NUMBER:
        return check_in.ended_at or check_in.changed_at
    return check_in.arrived_at or check_in.changed_at
