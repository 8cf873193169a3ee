"""The citizen card's QR, field by field."""

import pytest

from kiosk.errors import InputError
from kiosk.identify.codes.citizen_number import CitizenNumber
from kiosk.identify.codes.citizen_qr import CitizenCode
from kiosk.identify.codes.recognise import recognise
from kiosk.model.identity import PartialDate, Sex
from tests.unit.identify.codes.vectors import CITIZEN_2021, CITIZEN_2024, PATTERN, with_part


def read(payload: str) -> CitizenCode:
    code = recognise(payload, PATTERN)
    assert isinstance(code, CitizenCode)
    return code


def test_a_card_of_2021_is_read_whole() -> None:
    assert read(CITIZEN_2021) == CitizenCode(
        number=CitizenNumber("001190012345"),
        old_id="012345678",
        name="Nguyễn Thị Mẫu",
        birth_date=PartialDate(1990, 3, 5),
        sex=Sex.FEMALE,
        address="Số 1 Phố Ví Dụ, Phường Mẫu, Quận Thử, Hà Nội",
        issue_date=PartialDate(2021, 4, 15),
    )


def test_a_card_of_2024_is_read_whole() -> None:
    code = read(CITIZEN_2024)
    assert (code.old_id, code.issue_date, code.warnings) == (None, PartialDate(2024, 8, 20), ())


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1990", PartialDate(1990)),
        ("00001990", PartialDate(1990)),
        ("00031990", PartialDate(1990, 3)),
        ("29021992", PartialDate(1992, 2, 29)),
    ],
)
def test_a_birth_date_may_be_partly_unknown(text: str, date: PartialDate) -> None:
    assert read(with_part(CITIZEN_2021, 3, text)).birth_date == date


@pytest.mark.parametrize(
    ("index", "text", "kind", "field"),
    [
        (1, "12345678", "bad_number", "old_id"),
        (1, "01234567x", "bad_number", "old_id"),
        (2, "", "missing", "name"),
        (2, " ", "missing", "name"),
        (2, "12345", "bad_text", "name"),
        (2, "Nguyễn\x07Mẫu", "bad_text", "name"),
        (2, "Nguyễn \u202eẫM", "bad_text", "name"),
        (2, "Nguyễn\u200bMẫu", "bad_text", "name"),
        (2, "Nguyễn \ue000", "bad_text", "name"),
        (2, "Ng" * 51, "too_long", "name"),
        (3, "31021990", "bad_date", "birth_date"),
        (3, "29021990", "bad_date", "birth_date"),
        (3, "05001990", "bad_date", "birth_date"),
        (3, "05/03/1990", "bad_date", "birth_date"),
        (3, "5031990", "bad_date", "birth_date"),
        (3, "٠٥٠٣١٩٩٠", "bad_date", "birth_date"),
        (3, "05030000", "bad_date", "birth_date"),
        (4, "", "bad_sex", "sex"),
        (4, "Female", "bad_sex", "sex"),
        (5, "x" * 501, "too_long", "address"),
        (6, "15132021", "bad_date", "issue_date"),
    ],
)
def test_a_field_that_cannot_be_is_named(index: int, text: str, kind: str, field: str) -> None:
    with pytest.raises(InputError) as raised:
        read(with_part(CITIZEN_2021, index, text))
    assert (raised.value.kind, raised.value.field) == (kind, field)


def test_a_lost_column_never_shifts_the_others() -> None:
    with pytest.raises(InputError) as raised:
        read("001190012345|Nguyễn Thị Mẫu|05031990|Nữ|Hà Nội|15042021")
    assert raised.value.kind == "missing_fields"


@pytest.mark.parametrize(
    ("index", "text", "warning"),
    [
        (3, "05031991", "birth_year_disagrees"),
        (3, "05032090", "birth_year_disagrees"),
        (3, "", "birth_date_missing"),
        (4, "Nam", "sex_disagrees"),
        (6, "15042021|", "unusual_field_count"),
    ],
)
def test_what_disagrees_is_a_warning_not_an_error(index: int, text: str, warning: str) -> None:
    assert read(with_part(CITIZEN_2021, index, text)).warnings == (warning,)


@pytest.mark.parametrize("text", ["nữ", "NỮ", " Nữ "])
def test_sex_is_read_in_any_case(text: str) -> None:
    assert read(with_part(CITIZEN_2021, 4, text)).sex is Sex.FEMALE


def test_white_space_in_a_name_becomes_one_space() -> None:
    assert read(with_part(CITIZEN_2021, 2, " Nguyễn\u00a0 Thị\tMẫu ")).name == "Nguyễn Thị Mẫu"


def test_hidden_characters_in_an_address_are_left_out() -> None:
    assert read(with_part(CITIZEN_2021, 5, "Số 1\u200b\u202e,\r\nHà Nội")).address == "Số 1, Hà Nội"


def test_the_further_fields_of_2024_may_be_filled() -> None:
    assert read(CITIZEN_2024[:-4] + "|một|hai|ba|bốn").warnings == ()


@pytest.mark.parametrize(
    ("number", "sex", "year"),
    [
        ("001090012345", Sex.MALE, 1990),
        ("001190012345", Sex.FEMALE, 1990),
        ("079205000001", Sex.MALE, 2005),
        ("079305000001", Sex.FEMALE, 2005),
        ("079924000001", Sex.FEMALE, 2324),
    ],
)
def test_sex_and_birth_year_stand_in_the_number(number: str, sex: Sex, year: int) -> None:
    read_number = CitizenNumber(number)
    assert (read_number.sex, read_number.birth_year) == (sex, year)
