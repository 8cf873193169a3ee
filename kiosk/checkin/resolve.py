"""From a claim to exactly one Patient, or to a person who decides. Never a guess."""

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.checkin.compare import compare
from kiosk.model.checkin import Reason
from kiosk.model.identity import IdentityClaim, Patient


@dataclass(frozen=True, slots=True)
class Resolution:
    """Either `patient`, or the `reason` why reception decides and what `disagrees`.

    Attributes:
        doubted: whom the record has under that number, where it disagrees: nobody may be taken for them.
    """

    patient: Patient | None = None
    reason: Reason | None = None
    disagrees: tuple[str, ...] = ()
    doubted: Patient | None = None


def resolve(claim: IdentityClaim, found: Sequence[Patient]) -> Resolution:
    """Compare what was presented with what the record holds under that number.

    What was presented must be what the record says, as `compare` has it; a birth date must have been presented.
    """
    distinct = {patient.id: patient for patient in found}
    if not distinct:
        return Resolution(reason=Reason.UNKNOWN_PATIENT)
    if len(distinct) > 1:
        if claim.is_bare and all(patient.birth_date != claim.birth_date for patient in distinct.values()):
            # else a wrong date would tell that this number is known
            return Resolution(reason=Reason.RECORD_DISAGREES, disagrees=("birth_date",))
        return Resolution(reason=Reason.SEVERAL_PATIENTS)
    patient = next(iter(distinct.values()))
    if disagrees := _disagreements(claim, patient):
        return Resolution(reason=Reason.RECORD_DISAGREES, disagrees=disagrees, doubted=patient)
    return Resolution(patient=patient)


def _disagreements(claim: IdentityClaim, patient: Patient) -> tuple[str, ...]:
    checks = {one.field: one.agrees is not False for one in compare((claim,), patient)} | {
        "birth_date": claim.birth_date is not None and claim.birth_date == patient.birth_date,
        "active": patient.active,
        "deceased": not patient.deceased,
    }
    return tuple(field for field, agrees in checks.items() if not agrees)
