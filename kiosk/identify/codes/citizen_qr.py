"""The QR of the citizen's card: 7 fields since 2021 (Circular 06/2021/TT-BCA), 11 since July 2024 (Law 26/2023).

``number|old number|name|ddmmyyyy|Nam or Nữ|address|ddmmyyyy``. What the four further fields of 2024 mean is not
published: they are ignored. The code is not signed: it is a claim, never a proof.
"""

import re
from dataclasses import dataclass, replace

from kiosk.errors import InputError
from kiosk.identify.codes.citizen_number import CitizenNumber
from kiosk.identify.codes.fields import read_name, read_packed_date, read_place
from kiosk.model.identity import PartialDate, Sex

FIELDS_2021 = 7
FIELDS_2024 = 11
INSURANCE_END = "$"

_SEXES = {"nam": Sex.MALE, "nữ": Sex.FEMALE}


@dataclass(frozen=True, slots=True)
class CitizenCode:
    """What a citizen's card says in its QR.

    Attributes:
        warnings: ``birth_year_disagrees``, ``sex_disagrees``, ``birth_date_missing``, ``unusual_field_count``.
    """

    number: CitizenNumber
    old_id: str | None
    name: str
    birth_date: PartialDate | None
    sex: Sex
    address: str | None
    issue_date: PartialDate | None
    warnings: tuple[str, ...] = ()


def parse_citizen_qr(parts: list[str]) -> CitizenCode | None:
    """Read the fields between the bars, or return None where the layout is another.

    Raises:
        InputError: kind ``missing_fields`` (fewer than 7), ``bad_number``, ``missing``, ``bad_text``, ``too_long``,
            ``bad_date`` or ``bad_sex``; `field` names which.
    """
    number = CitizenNumber.from_text(parts[0].strip())
    if number is None or len(parts) == 1 or parts[-1] == INSURANCE_END:
        return None
    if len(parts) < FIELDS_2021:
        raise InputError("missing_fields", None, "a citizen's QR has at least 7 fields")
    _, old_id, name, birth_date, sex, address, issue_date = (part.strip() for part in parts[:FIELDS_2021])
    code = CitizenCode(
        number=number,
        old_id=_read_old_id(old_id),
        name=read_name(name, "name"),
        birth_date=read_packed_date(birth_date, "birth_date"),
        sex=_read_sex(sex),
        address=read_place(address, "address"),
        issue_date=read_packed_date(issue_date, "issue_date"),
    )
    return replace(code, warnings=_warnings(code, len(parts)))


def _warnings(code: CitizenCode, count: int) -> tuple[str, ...]:
    warnings = {
        "birth_year_disagrees": code.birth_date and code.birth_date.year != code.number.birth_year,
        "sex_disagrees": code.sex is not code.number.sex,
        "birth_date_missing": code.birth_date is None,
        "unusual_field_count": count not in {FIELDS_2021, FIELDS_2024},
    }
    return tuple(warning for warning, applies in warnings.items() if applies)


def _read_old_id(text: str) -> str | None:
    if text and not re.fullmatch(r"[0-9]{9}|[0-9]{12}", text):
        raise InputError("bad_number", "old_id", "an old identity number has 9 or 12 digits")
    return text or None


def _read_sex(text: str) -> Sex:
    try:
        return _SEXES[text.lower()]
    except KeyError:
        raise InputError("bad_sex", "sex", "expected Nam or Nữ") from None
