from datetime import timedelta

from kiosk.checkin.services import Policy
from kiosk.model.clinic import Clinic
from kiosk.settings import Settings
from kiosk.settings.sections import ClinicSettings


def clinic_of(settings: ClinicSettings) -> Clinic:
    """A clinic of the settings."""
    return Clinic(
        id=settings.id,
        name={"vi": settings.name, "en": settings.name_en},
        room=settings.room,
        opens=settings.opens,
        closes=settings.closes,
        reference=settings.reference,
        discreet=settings.discreet,
    )


def policy_of(settings: Settings) -> Policy:
    """What the settings decide for the use cases."""
    policy = settings.policy
    return Policy(
        birth_date_tries=policy.birth_date_tries,
        station_failures=policy.station_failures,
        station_failure_window=timedelta(minutes=policy.station_failure_minutes),
        answer_after_seconds=policy.answer_after_ms / 1000,
        open_question_tries=policy.open_question_tries,
        undo_window=timedelta(seconds=policy.undo_seconds),
        change_clinic=timedelta(minutes=policy.change_clinic_minutes),
    )
