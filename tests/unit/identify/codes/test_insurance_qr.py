"""The insurance card's QR, part by part."""

import unicodedata

import pytest

from kiosk.errors import InputError
from kiosk.identify.codes.insurance_number import InsuranceNumber
from kiosk.identify.codes.insurance_qr import InsuranceCode
from kiosk.identify.codes.recognise import recognise
from kiosk.model.identity import PartialDate, Sex
from tests.unit.identify.codes.vectors import INSURANCE_NEW, INSURANCE_OLD, NAME_HEX, PATTERN, with_part


def read(payload: str) -> InsuranceCode:
    code = recognise(payload, PATTERN)
    assert isinstance(code, InsuranceCode)
    return code


def test_a_new_card_is_read_whole() -> None:
    assert read(INSURANCE_NEW) == InsuranceCode(
        number=InsuranceNumber("0100123456"),
        name="Nguyễn Thị Mẫu",
        birth_date=PartialDate(1990, 3, 5),
        sex=Sex.FEMALE,
        address=None,
        facility="01001",
        valid_from=PartialDate(2025, 1, 1),
        valid_to=None,
        issue_date=PartialDate(2025, 1, 2),
        five_years_from=PartialDate(2029, 6, 1),
        area=None,
        benefit_level="4",
        issuing_place="Quận Thử, Thành phố Hà Nội",
    )


def test_an_old_card_is_read_whole() -> None:
    assert read(INSURANCE_OLD) == InsuranceCode(
        number=InsuranceNumber("GD4010100123456"),
        name="Nguyễn Thị Mẫu",
        birth_date=PartialDate(1990, 3, 5),
        sex=Sex.FEMALE,
        address="Phường Mẫu, Quận Thử, Hà Nội",
        facility="01001",
        valid_from=PartialDate(2019, 1, 1),
        valid_to=PartialDate(2019, 12, 31),
        issue_date=PartialDate(2019, 1, 2),
        five_years_from=PartialDate(2024, 6, 1),
        area=None,
        benefit_level=None,
        issuing_place=None,
    )


@pytest.mark.parametrize(
    ("payload", "parts"),
    [(payload, parts) for payload in (INSURANCE_OLD, INSURANCE_NEW) for parts in range(9, len(payload.split("|")))],
)
def test_a_code_cut_after_nine_parts_says_who_and_warns(payload: str, parts: int) -> None:
    cut, whole = read("|".join(payload.split("|")[:parts])), read(payload)
    assert (cut.number, cut.name, cut.birth_date, cut.sex) == (whole.number, whole.name, whole.birth_date, whole.sex)
    assert cut.warnings == ("truncated",)


def test_a_short_code_with_its_end_says_who_and_warns() -> None:
    code = read(f"0100123456|{NAME_HEX}|05/03/1990|2|$")
    assert (code.name, code.facility, code.warnings) == ("Nguyễn Thị Mẫu", None, ("truncated",))


def test_a_part_that_may_be_cut_is_not_used() -> None:
    cut_inside_the_issue_date = "|".join(INSURANCE_NEW.split("|")[:8]) + "|02/01/20"
    assert read(cut_inside_the_issue_date).issue_date is None


def test_more_parts_than_known_are_a_warning() -> None:
    assert read(INSURANCE_NEW.replace("|$", "|x|y|$")).warnings == ("unusual_field_count",)


@pytest.mark.parametrize("payload", [f"0100123456|{NAME_HEX}|05/03/1990|2", "0100123456|", "0100123456|$"])
def test_too_short_a_code_is_refused(payload: str) -> None:
    with pytest.raises(InputError) as raised:
        read(payload)
    assert raised.value.kind == "missing_fields"


@pytest.mark.parametrize(
    ("index", "text", "kind", "field"),
    [
        (1, NAME_HEX[:-1], "bad_hex", "name"),
        (1, "xx", "bad_hex", "name"),
        (1, "4e 67", "bad_hex", "name"),
        (1, "Nguyễn Thị Mẫu", "bad_hex", "name"),
        (1, "4eff", "not_utf8", "name"),
        (1, "eda080", "not_utf8", "name"),
        (1, "-", "missing", "name"),
        (1, "", "missing", "name"),
        (1, "4ee280ae", "bad_text", "name"),
        (1, "61" + "cc81" * 9, "bad_text", "name"),
        (1, "61" * 101, "too_long", "name"),
        (2, "31/02/1990", "bad_date", "birth_date"),
        (2, "05031990", "bad_date", "birth_date"),
        (2, "5/3/1990", "bad_date", "birth_date"),
        (3, "3", "bad_sex", "sex"),
        (3, "", "bad_sex", "sex"),
        (4, "5g", "bad_hex", "address"),
        (6, "01/13/2025", "bad_date", "valid_from"),
        (7, "x", "bad_date", "valid_to"),
        (8, "00/00/00", "bad_date", "issue_date"),
        (12, "01/06", "bad_date", "five_years_from"),
        (15, "5", "bad_hex", "issuing_place"),
    ],
)
def test_a_part_that_cannot_be_is_named(index: int, text: str, kind: str, field: str) -> None:
    with pytest.raises(InputError) as raised:
        read(with_part(INSURANCE_NEW, index, text))
    assert (raised.value.kind, raised.value.field) == (kind, field)


@pytest.mark.parametrize(
    ("index", "text", "warning"),
    [
        (2, "-", "birth_date_missing"),
        (5, "Hà Nội", "facility_unreadable"),
        (7, "31/12/2024", "validity_reversed"),
        (11, "9", "area_unreadable"),
        (14, "A", "benefit_level_unreadable"),
    ],
)
def test_what_is_odd_but_does_not_say_who_is_a_warning(index: int, text: str, warning: str) -> None:
    assert read(with_part(INSURANCE_NEW, index, text)).warnings == (warning,)


@pytest.mark.parametrize(
    ("text", "date"),
    [("1990", PartialDate(1990)), ("00/00/1990", PartialDate(1990)), ("00/03/1990", PartialDate(1990, 3))],
)
def test_a_birth_date_may_be_partly_unknown_on_insurance_cards(text: str, date: PartialDate) -> None:
    assert read(with_part(INSURANCE_NEW, 2, text)).birth_date == date


@pytest.mark.parametrize(
    ("text", "facility"), [("01 - 001", "01001"), ("79 - C54", "79C54"), ("01001", "01001"), ("-", None)]
)
def test_the_facility_is_five_characters(text: str, facility: str | None) -> None:
    assert read(with_part(INSURANCE_NEW, 5, text)).facility == facility


@pytest.mark.parametrize(("text", "area"), [("4", None), ("5", "K1"), ("6", "K2"), ("7", "K3"), ("-", None)])
def test_the_area_of_living_is_named(text: str, area: str | None) -> None:
    code = read(with_part(INSURANCE_NEW, 11, text))
    assert (code.area, code.warnings) == (area, ())


def test_hexadecimal_digits_may_be_upper_case_and_letters_decomposed() -> None:
    decomposed = unicodedata.normalize("NFD", "Nguyễn").encode().hex().upper()
    assert read(with_part(INSURANCE_NEW, 1, decomposed)).name == "Nguyễn"


def test_an_old_number_in_lower_case_is_the_same() -> None:
    assert read(INSURANCE_OLD.replace("GD", "gd")) == read(INSURANCE_OLD)
