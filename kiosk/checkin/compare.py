"""What was shown beside what the record says, field by field: the one comparison of kiosk and reception."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kiosk.model.checkin import CheckIn
from kiosk.model.identity import Identifier, IdentifierSystem, IdentityClaim, PartialDate, Patient, Sex, fold_name

INSURANCE_DIGITS = 10
T = TypeVar("T")
Value = Identifier | str | PartialDate | Sex


@dataclass(frozen=True, slots=True)
class Compared:
    """One field.

    Attributes:
        field: ``number``, ``name``, ``birth_date`` or ``sex``.
        shown: what was presented, each different value once.
        recorded: what the record says; of a number, those of the kind that was shown.
        agrees: None where one side says nothing.
    """

    field: str
    shown: tuple[Value, ...]
    recorded: tuple[Value, ...]
    agrees: bool | None


def compare(claims: Sequence[IdentityClaim], patient: Patient) -> tuple[Compared, ...]:
    """Every field of everything that was shown: one value that differs makes its field differ.

    Names without case and diacritics, birth dates to the same precision, insurance numbers by their last 10 digits.
    """
    numbers = _distinct(claim.identifier for claim in claims)
    kinds = {number.system for number in numbers}
    known = tuple(one for one in patient.identifiers if one.system in kinds)
    comparable = [number for number in numbers if number.system in {one.system for one in known}]
    return (
        Compared("number", numbers, known, _all(_is_known(number, known) for number in comparable)),
        _field("name", [claim.name for claim in claims], patient.name),
        _field("birth_date", [claim.birth_date for claim in claims], patient.birth_date),
        _field("sex", [claim.sex for claim in claims], patient.sex),
    )


def differences(claims: Sequence[IdentityClaim], patient: Patient) -> tuple[str, ...]:
    """The fields that differ."""
    return tuple(one.field for one in compare(claims, patient) if one.agrees is False)


def contradict(one: IdentityClaim, other: IdentityClaim) -> bool:
    """Whether both say a name or a birth date, and not the same."""
    names = {fold_name(claim.name) for claim in (one, other) if claim.name}
    dates = {claim.birth_date for claim in (one, other) if claim.birth_date}
    return len(names) > 1 or len(dates) > 1


def unsettled(check_in: CheckIn) -> tuple[str, ...]:
    """The fields in which what was shown differs from whom is attached, unless two of the staff stand for it."""
    if check_in.patient is None or (check_in.checked and check_in.checked.second):
        return ()
    return differences(check_in.claims, check_in.patient)


def _field(field: str, shown: Sequence[Value | None], recorded: Value | None) -> Compared:
    values = _distinct(value for value in shown if value is not None)
    if recorded is None:
        return Compared(field, values, (), None)
    return Compared(field, values, (recorded,), _all(_plain(value) == _plain(recorded) for value in values))


def _plain(value: Value) -> object:
    return fold_name(value) if isinstance(value, str) and not isinstance(value, Sex) else value


def _is_known(number: Identifier, known: Sequence[Identifier]) -> bool:
    return any(one.system == number.system and _significant(one) == _significant(number) for one in known)


def _significant(number: Identifier) -> str:
    return number.value[-INSURANCE_DIGITS:] if number.system is IdentifierSystem.INSURANCE else number.value


def _all(answers: Iterable[bool]) -> bool | None:
    given = list(answers)
    return all(given) if given else None


def _distinct(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
