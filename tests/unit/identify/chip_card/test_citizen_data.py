"""DG13, and what is kept of a holder."""

from dataclasses import fields, replace
from datetime import date

import pytest

from kiosk.errors import InputError
from kiosk.identify.chip_card.citizen_data import Dg13, citizen_data, read_dg13
from kiosk.identify.chip_card.mrz import Mrz, read_dg1
from kiosk.identify.chip_card.tlv import encode
from kiosk.model.chip_card import CitizenData
from kiosk.model.identity import PartialDate, Sex
from tests.unit.identify.chip_card.invented_holder import ADDRESS, DG13, TODAY, dg1, dg13, dg13_field

NOTHING = Dg13(
    number=None,
    name=None,
    birth_date=None,
    sex=None,
    residence=None,
    issued_on=None,
    expires_on=None,
    without_expiry=False,
    old_number=None,
    not_kept=0,
)


@pytest.fixture
def mrz() -> Mrz:
    return read_dg1(dg1(), TODAY)


def test_what_a_check_in_needs_is_kept_and_the_rest_counted() -> None:
    assert read_dg13(DG13) == Dg13(
        number="001190012345",
        name="Nguyễn Thị Mẫu",
        birth_date=PartialDate(1990, 3, 5),
        sex=Sex.FEMALE,
        residence=ADDRESS,
        issued_on=date(2021, 4, 15),
        expires_on=date(2030, 3, 5),
        without_expiry=False,
        old_number="012345678",
        not_kept=8,
    )


def test_ethnicity_religion_family_and_marks_go_no_further() -> None:
    kept = repr(read_dg13(DG13))
    for private in ("Kinh", "Không", "Nốt ruồi", "Nguyễn Văn Chú", "Trần Thị Mẹ", "0123456789ABCDEF", "Việt Nam"):
        assert private not in kept
    assert {field.name for field in fields(CitizenData)}.isdisjoint({"ethnicity", "religion", "parents", "marks"})


@pytest.mark.parametrize("tag", [0x0C, 0x13, 0x14, 0x16, 0x1E])
def test_text_may_be_of_any_string_type(tag: int) -> None:
    assert read_dg13(dg13(dg13_field(2, "Nguyễn Thị Mẫu", tag))).name == "Nguyễn Thị Mẫu"


def test_decomposed_text_is_composed() -> None:
    assert read_dg13(dg13(dg13_field(2, "Nguye\u0302\u0303n"))).name == "Nguyễn"


def test_long_names_and_addresses_have_long_lengths() -> None:
    name, place = "Hươu " * 19 + "Sao", "Ngõ " * 100 + "Cuối"
    found = read_dg13(dg13(dg13_field(2, name), dg13_field(9, place)))
    assert (found.name, found.residence) == (name, place)


@pytest.mark.parametrize(
    "entry",
    [
        dg13_field(2, None),
        dg13_field(2, ""),
        dg13_field(2, "   "),
        dg13_field(2, "12345"),
        dg13_field(2, "Nguyễn\x07Mẫu"),
        dg13_field(2, "Nguyễn \u202eẫM"),
        dg13_field(2, "Ng" * 51),
        dg13_field(2, "a" + "\u0301" * 9),
        encode(0x30, encode(0x02, b"\x02") + encode(0x0C, b"\xff\xfe")),
        encode(0x30, encode(0x02, b"\x02") + encode(0x1E, b"\0")),
        encode(0x30, encode(0x02, b"\x02") + encode(0x04, b"Mau")),
        encode(0x30, encode(0x02, b"\x02") + encode(0x30, encode(0x0C, b"Mau"))),
        encode(0x30, encode(0x0C, b"Mau")),
        encode(0x30, b""),
        encode(0x31, encode(0x02, b"\x02") + encode(0x0C, b"Mau")),
        encode(0x30, encode(0x02, b"") + encode(0x0C, b"Mau")),
        encode(0x30, encode(0x02, b"\0\0\x02") + encode(0x0C, b"Mau")),
        encode(0x30, b"\x02\x01"),
        encode(0x30, encode(0x02, b"\x02") + b"\x0c\x7fMau"),
        encode(0x30, encode(0x02, b"\x02") + b"\x1f\xff\xff\xff"),
    ],
)
def test_a_field_that_cannot_be_read_is_missing_and_the_others_are_read(entry: bytes) -> None:
    found = read_dg13(dg13(entry, dg13_field(1, "001190012345")))
    assert (found.name, found.number) == (None, "001190012345")


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("05/03/1990", PartialDate(1990, 3, 5)),
        ("5/3/1990", PartialDate(1990, 3, 5)),
        ("05-03-1990", PartialDate(1990, 3, 5)),
        ("00/00/1990", PartialDate(1990)),
        ("1990", PartialDate(1990)),
        ("30/02/1990", None),
        ("05/00/1990", None),
        ("05/03/90", None),
        ("tháng ba", None),
    ],
)
def test_birth_dates_may_be_partly_unknown(text: str, born: PartialDate | None) -> None:
    assert read_dg13(dg13(dg13_field(3, text))).birth_date == born


@pytest.mark.parametrize(
    ("text", "expires_on", "without_expiry"),
    [("05/03/2030", date(2030, 3, 5), False), ("Không thời hạn", None, True), ("KHÔNG THỜI HẠN", None, True)],
)
def test_a_card_may_say_that_it_never_expires(text: str, expires_on: date | None, *, without_expiry: bool) -> None:
    found = read_dg13(dg13(dg13_field(12, text)))
    assert (found.expires_on, found.without_expiry) == (expires_on, without_expiry)


@pytest.mark.parametrize(
    ("fifteen", "sixteen", "old", "not_kept"),
    [
        ("012345678", "0123456789ABCDEF", "012345678", 1),
        ("0123456789ABCDEF", "012345678", "012345678", 1),
        (None, "012345678", "012345678", 1),
        ("012345678", "987654321", "012345678", 1),
        (None, None, None, 2),
        ("01234567", "0123456789", None, 2),
    ],
)
def test_the_old_number_is_whichever_has_nine_digits(
    fifteen: str | None, sixteen: str | None, old: str | None, not_kept: int
) -> None:
    found = read_dg13(dg13(dg13_field(15, fifteen), dg13_field(16, sixteen)))
    assert (found.old_number, found.not_kept) == (old, not_kept)


def test_fields_that_nobody_knows_are_counted() -> None:
    assert read_dg13(dg13(dg13_field(17, "mới"), dg13_field(99, "lạ"))).not_kept == 2


def test_an_empty_data_group_says_nothing() -> None:
    assert read_dg13(dg13()) == NOTHING


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", "not_dg13"),
        (b"\x61" + DG13[1:], "not_dg13"),
        (DG13[:-1], "tlv_truncated"),
        (encode(0x6D, encode(0x30, encode(0x02, b"\0"))), "not_dg13"),
        (encode(0x6D, encode(0x30, encode(0x31, b"\x30\x05\x02"))), "tlv_truncated"),
        (dg13(dg13_field(1, "1"), dg13_field(1, "2")), "repeated_field"),
        (dg13(*(dg13_field(number, "") for number in range(65))), "too_long"),
        (dg13(dg13_field(2, "x" * 17_000)), "too_long"),
        (b"\x6d" * 10_000, "tlv_truncated"),
    ],
)
def test_other_bytes_than_dg13_are_refused(raw: bytes, kind: str) -> None:
    with pytest.raises(InputError) as raised:
        read_dg13(raw)
    assert raised.value.kind == kind


def test_the_name_has_its_diacritics_from_dg13(mrz: Mrz) -> None:
    assert citizen_data(mrz, read_dg13(DG13)) == CitizenData(
        number="001190012345",
        name="Nguyễn Thị Mẫu",
        birth_date=PartialDate(1990, 3, 5),
        sex=Sex.FEMALE,
        expires_on=date(2030, 3, 5),
        residence=ADDRESS,
        issued_on=date(2021, 4, 15),
        old_number="012345678",
        kept_from_dg13=True,
        not_kept=8,
    )


def test_without_dg13_the_zone_says_who_it_is(mrz: Mrz) -> None:
    assert citizen_data(mrz) == CitizenData(
        number="001190012345",
        name="NGUYEN THI MAU",
        birth_date=PartialDate(1990, 3, 5),
        sex=Sex.FEMALE,
        expires_on=date(2030, 3, 5),
    )


def test_without_dg13_the_other_data_groups_fill_in(mrz: Mrz) -> None:
    data = citizen_data(mrz, None, ADDRESS, date(2021, 4, 15))
    assert (data.name, data.residence, data.issued_on) == ("NGUYEN THI MAU", ADDRESS, date(2021, 4, 15))


def test_dg13_goes_before_the_other_data_groups(mrz: Mrz) -> None:
    data = citizen_data(mrz, read_dg13(DG13), "Nơi khác", date(2000, 1, 1))
    assert (data.name, data.residence, data.issued_on) == ("Nguyễn Thị Mẫu", ADDRESS, date(2021, 4, 15))


def test_dg13_tells_the_century_and_nothing_else_of_the_birth_date(mrz: Mrz) -> None:
    assert citizen_data(mrz, replace(NOTHING, birth_date=PartialDate(1890, 3, 5))).birth_date.year == 1890
    assert citizen_data(mrz, replace(NOTHING, birth_date=PartialDate(1991, 3, 5))).birth_date.year == 1990


def test_a_card_without_the_number_in_its_zone_may_have_it_in_dg13(mrz: Mrz) -> None:
    other = replace(mrz, citizen_number=None)
    assert citizen_data(other, read_dg13(DG13)).number == "001190012345"
    with pytest.raises(InputError) as raised:
        citizen_data(other)
    assert (raised.value.kind, raised.value.field) == ("missing", "number")
