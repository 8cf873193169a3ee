"""What the hall may see of a check-in, and no more."""

from kiosk.checkin.arrival import clinic_of, open_clinics
from kiosk.checkin.by_chip_card import card_facts
from kiosk.checkin.by_code import typing_closed
from kiosk.checkin.face_tries import is_open, is_spent, searches
from kiosk.checkin.services import Services
from kiosk.model.appointment import Appointment
from kiosk.model.check_in_view import AppointmentChoice, CheckInView, ChipView, ClinicChoice, FaceView, TicketView
from kiosk.model.checkin import AT_STATION, CheckIn, Reason, Stage
from kiosk.model.chip_card import ChipReason
from kiosk.model.identity import mask_name
from kiosk.ports.storage import Work

AFTER_ASSURANCE = frozenset({Stage.IS_THIS_YOU, Stage.ENROL_CONSENT, Stage.CHOOSING})

TOLD = frozenset(Reason) - {Reason.CHIP_ALARM, Reason.CHIP_REFUSED, Reason.FACE_NEEDS_STAFF}
"""Reasons for which the patient reads that somebody is coming: an alarm is a quiet one, and a look-alike too."""


def draw_view(services: Services, work: Work, check_in: CheckIn) -> CheckInView:
    """The masked name comes from what the patient presented; from the record only after the birth date."""
    ticketed = work.check_ins.get(check_in.same_as) if check_in.same_as else check_in
    choosing = check_in.stage is Stage.CHOOSING
    at_code = check_in.stage in {Stage.STARTED, Stage.BIRTH_DATE}
    return CheckInView(
        id=check_in.id,
        version=check_in.version,
        stage=check_in.stage,
        language=check_in.language,
        masked_name=_masked_name(check_in),
        missed=check_in.misses > 0 and at_code,
        misses=check_in.misses,
        tries_left=max(0, _tries(services, check_in) - check_in.misses),
        typing_closed=at_code and typing_closed(services, work, check_in.station_id),
        appointments=_appointments(services, check_in) if choosing else (),
        clinics=_clinics(services, check_in.language) if choosing else (),
        ticket=_ticket(services, work, ticketed, check_in.language),
        problem=check_in.problem,
        again=check_in.same_as is not None,
        record_unreachable=check_in.unresolved,
        help_coming=check_in.help_reason in TOLD,
        takes_card=_takes_card(check_in),
        takes_expiry=_takes_expiry(check_in),
        card=work.cards.get(check_in.id) if check_in.stage in AT_STATION else None,
        chip=_chip(check_in),
        face=_face(services, work, check_in),
        receipt=check_in.print_state if check_in.stage is Stage.FORGOTTEN else None,
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
    if check_in.stage not in AFTER_ASSURANCE or check_in.claim is None:
        return None
    name = check_in.claim.name or check_in.shown_name
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


def _clinics(services: Services, language: str) -> tuple[ClinicChoice, ...]:
    return tuple(
        ClinicChoice(clinic.id, clinic.room, clinic.public_name(language)) for clinic in open_clinics(services)
    )


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
        print_state=check_in.print_state,
    )
