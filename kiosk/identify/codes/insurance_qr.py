"""The QR of the health-insurance card: 15 parts with the old number, 17 with the new one (Decision 1666/QD-BHXH).

Parts stand between bars, texts are hexadecimal UTF-8, and the last part is ``$``. Part 13 is a check string whose
rule is secret: nothing here is proven.
"""

import re
from dataclasses import dataclass, replace

from kiosk.errors import InputError
from kiosk.identify.codes.fields import read_hex_text, read_name, read_place, read_slashed_date
from kiosk.identify.codes.insurance_number import InsuranceNumber
from kiosk.model.identity import PartialDate, Sex

END = "$"
PARTS_OLD = 15
PARTS_NEW = 17
MIN_PARTS_WITHOUT_END = 9
MIN_PARTS_WITH_END = 5

_SEXES = {"1": Sex.MALE, "2": Sex.FEMALE}
_AREAS = {"4": None, "5": "K1", "6": "K2", "7": "K3"}
_ABSENT = ("", "-")


@dataclass(frozen=True, slots=True)
class InsuranceCode:
    """What an insurance card says in its QR.

    Attributes:
        facility: five characters, where primary care is registered.
        area: ``K1``, ``K2`` or ``K3``, the area of living that changes the share paid.
        warnings: ``truncated``, ``unusual_field_count``, ``birth_date_missing``, ``validity_reversed``,
            ``facility_unreadable``, ``area_unreadable``, ``benefit_level_unreadable``.
    """

    number: InsuranceNumber
    name: str
    birth_date: PartialDate | None
    sex: Sex
    address: str | None
    facility: str | None
    valid_from: PartialDate | None
    valid_to: PartialDate | None
    issue_date: PartialDate | None
    five_years_from: PartialDate | None
    area: str | None
    benefit_level: str | None
    issuing_place: str | None
    warnings: tuple[str, ...] = ()


def parse_insurance_qr(parts: list[str]) -> InsuranceCode | None:
    """Read the parts between the bars, or return None where the layout is another.

    A cut code is accepted with a warning if it still says who.

    Raises:
        InputError: kind ``missing_fields``, ``missing``, ``bad_hex``, ``not_utf8``, ``bad_text``, ``too_long``,
            ``bad_date`` or ``bad_sex``; `field` names which.
    """
    number = InsuranceNumber.from_text(parts[0].strip())
    if number is None or len(parts) == 1:
        return None
    if len(parts) < (MIN_PARTS_WITH_END if parts[-1] == END else MIN_PARTS_WITHOUT_END):
        raise InputError("missing_fields", None, "an insurance QR has 15 or 17 parts")
    # Where the end is missing nobody knows whether the last part is whole: it is not used.
    part = [text.strip() for text in parts[:-1]] + [""] * PARTS_NEW
    code = InsuranceCode(
        number=number,
        name=read_name(read_hex_text(part[1], "name"), "name"),
        birth_date=read_slashed_date(part[2], "birth_date"),
        sex=_read_sex(part[3]),
        address=read_place(read_hex_text(part[4], "address"), "address"),
        facility=_read_facility(part[5]),
        valid_from=read_slashed_date(part[6], "valid_from"),
        valid_to=read_slashed_date(part[7], "valid_to"),
        issue_date=read_slashed_date(part[8], "issue_date"),
        five_years_from=read_slashed_date(part[12], "five_years_from"),
        area=_AREAS.get(part[11]),
        benefit_level=_read_level(part[14]),
        issuing_place=read_place(read_hex_text(part[15], "issuing_place"), "issuing_place"),
    )
    return replace(code, warnings=_warnings(code, part, _length_warning(parts)))


def _length_warning(parts: list[str]) -> str | None:
    if parts[-1] == END and len(parts) in {PARTS_OLD, PARTS_NEW}:
        return None
    return "truncated" if len(parts) <= PARTS_NEW else "unusual_field_count"


def _warnings(code: InsuranceCode, part: list[str], length: str | None) -> tuple[str, ...]:
    warnings = {
        "birth_date_missing": code.birth_date is None,
        "validity_reversed": code.valid_from and code.valid_to and str(code.valid_to) < str(code.valid_from),
        "facility_unreadable": code.facility is None and part[5] not in _ABSENT,
        "area_unreadable": part[11] not in _ABSENT and part[11] not in _AREAS,
        "benefit_level_unreadable": code.benefit_level is None and part[14] not in _ABSENT,
    }
    return (*([length] if length else []), *(warning for warning, applies in warnings.items() if applies))


def _read_sex(text: str) -> Sex:
    try:
        return _SEXES[text]
    except KeyError:
        raise InputError("bad_sex", "sex", "expected 1 or 2") from None


def _read_facility(text: str) -> str | None:
    """``01 - 001`` as ``01001``: province and facility (letters occur, as in ``C54``)."""
    code = re.sub(r"[ -]", "", text).upper()
    return code if re.fullmatch(r"[0-9]{2}[0-9A-Z]{3}", code) else None


def _read_level(text: str) -> str | None:
    return text if re.fullmatch(r"[1-7]", text) else None
