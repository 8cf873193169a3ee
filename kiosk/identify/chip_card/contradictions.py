"""In which fields DG1, DG13 and the scanned QR say different things; the values themselves stay where they are."""

from collections.abc import Iterator

from kiosk.identify.chip_card.access_key import QrFacts
from kiosk.identify.chip_card.citizen_data import Dg13
from kiosk.identify.chip_card.data_text import full_date
from kiosk.identify.chip_card.mrz import VIET_NAM, Layout, Mrz
from kiosk.model.identity import PartialDate, Sex, fold_name


def contradictions(mrz: Mrz, dg13: Dg13 | None = None, claimed: QrFacts | None = None) -> tuple[str, ...]:
    """The fields that disagree, in a fixed order; what one side does not say contradicts nothing.

    Returns:
        Some of ``number``, ``document_number``, ``name``, ``birth_date``, ``sex``, ``issued_on``, ``expires_on``.
    """
    checks = {
        "number": _differ(_numbers(mrz, dg13, claimed)),
        "document_number": _document_number_differs(mrz),
        "name": _names_differ(mrz, dg13, claimed),
        "birth_date": _birth_dates_differ(mrz, dg13, claimed),
        "sex": _differ(_sexes(mrz, dg13, claimed)),
        "issued_on": _issues_differ(dg13, claimed),
        "expires_on": _expiries_differ(mrz, dg13),
    }
    return tuple(field for field, disagrees in checks.items() if disagrees)


def _differ(values: Iterator[str | Sex | None]) -> bool:
    return len({value for value in values if value is not None}) > 1


def _numbers(mrz: Mrz, dg13: Dg13 | None, claimed: QrFacts | None) -> Iterator[str | None]:
    yield mrz.citizen_number
    yield dg13.number if dg13 else None
    yield claimed.number if claimed else None


def _sexes(mrz: Mrz, dg13: Dg13 | None, claimed: QrFacts | None) -> Iterator[Sex | None]:
    yield mrz.sex
    yield dg13.sex if dg13 else None
    yield claimed.sex if claimed else None


def _document_number_differs(mrz: Mrz) -> bool:
    """A citizen card's document number is the end of the holder's number."""
    is_citizen_card = mrz.state == VIET_NAM and mrz.layout is Layout.TD1 and mrz.citizen_number is not None
    return is_citizen_card and not str(mrz.citizen_number).endswith(mrz.document_number)


def _names_differ(mrz: Mrz, dg13: Dg13 | None, claimed: QrFacts | None) -> bool:
    """Letters only: the zone writes hyphens and apostrophes as fillers or not at all, and may cut a long name off."""
    spoken = [name for name in (dg13.name if dg13 else None, claimed.name if claimed else None) if name]
    letters = [_letters(name) for name in spoken]
    zone = _letters(mrz.name)
    misses = [text for text in letters if not (text.startswith(zone) if mrz.name_cut else text == zone)]
    return bool(misses) or len(set(letters)) > 1


def _letters(name: str) -> str:
    return "".join(character for character in fold_name(name) if character.isalnum())


def _birth_dates_differ(mrz: Mrz, dg13: Dg13 | None, claimed: QrFacts | None) -> bool:
    written = [born for born in (dg13.birth_date if dg13 else None, claimed.birth_date if claimed else None) if born]
    against_zone = any(_parts_differ(_without_century(mrz.birth_date), _without_century(born)) for born in written)
    return against_zone or any(_parts_differ(_parts(written[0]), _parts(born)) for born in written[1:])


def _without_century(born: PartialDate) -> tuple[int | None, ...]:
    """The zone has two digits of the year only."""
    return (born.year % 100, born.month, born.day)


def _parts(born: PartialDate) -> tuple[int | None, ...]:
    return (born.year, born.month, born.day)


def _parts_differ(one: tuple[int | None, ...], other: tuple[int | None, ...]) -> bool:
    return any(a != b for a, b in zip(one, other, strict=True) if a is not None and b is not None)


def _issues_differ(dg13: Dg13 | None, claimed: QrFacts | None) -> bool:
    """Another issue date is another card of the same holder: renewed, or somebody's old one."""
    scanned = full_date(claimed.issued_on) if claimed else None
    return bool(dg13 and dg13.issued_on and scanned and dg13.issued_on != scanned)


def _expiries_differ(mrz: Mrz, dg13: Dg13 | None) -> bool:
    if dg13 is None or (dg13.expires_on is None and not dg13.without_expiry):
        return False
    return dg13.expires_on != mrz.expires_on
