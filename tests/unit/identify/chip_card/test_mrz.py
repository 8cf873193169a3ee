"""The zone in DG1, line by line."""

from datetime import date

import pytest

from kiosk.errors import InputError
from kiosk.identify.chip_card.mrz import Layout, Mrz, check_digit, read_dg1, read_mrz
from kiosk.identify.chip_card.tlv import encode
from kiosk.model.identity import PartialDate, Sex
from tests.unit.identify.chip_card.invented_holder import MRZ_LINES, MRZ_WITHOUT_EXPIRY, TODAY, dg1

PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
CARD_OF_THE_STANDARD = (
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)
LONG_NUMBER = (
    "I<UTOD23145890<7349<<<<<<<<<<<",
    "3407127M9507122UTO<<<<<<<<<<<2",
    "STEVENSON<<PETER<JOHN<<<<<<<<<",
)


def vietnamese(
    *,
    number: str = "001190012345",
    birth: str = "900305",
    sex: str = "F",
    expiry: str = "300305",
    tail: str | None = None,
    name: str = "NGUYEN<<THI<MAU",
    state: str = "VNM",
) -> str:
    """A zone with right check digits over these parts."""
    document = number[-9:]
    optional = number + "<<" + check_digit(number) if tail is None else tail
    first = "ID" + state + document + check_digit(document) + optional
    dates = birth + check_digit(birth) + sex + expiry + check_digit(expiry)
    second = dates + state + "<" * 11
    composite = check_digit(first[5:] + second[:7] + second[8:15] + second[18:29])
    return first + second + composite + name.ljust(30, "<")


def test_a_citizen_card_is_read_whole() -> None:
    assert read_dg1(dg1(), TODAY) == Mrz(
        layout=Layout.TD1,
        document_code="ID",
        state="VNM",
        document_number="190012345",
        birth_date=PartialDate(1990, 3, 5),
        sex=Sex.FEMALE,
        expires_on=date(2030, 3, 5),
        nationality="VNM",
        name="NGUYEN THI MAU",
        name_cut=False,
        citizen_number="001190012345",
    )


def test_a_card_without_expiry_never_expires() -> None:
    mrz = read_dg1(dg1(MRZ_WITHOUT_EXPIRY), TODAY)
    assert (mrz.expires_on, mrz.birth_date, mrz.sex) == (None, PartialDate(1958, 4, 12), Sex.MALE)
    assert (mrz.citizen_number, mrz.document_number) == ("079058000017", "058000017")


def test_another_states_last_day_of_99_is_a_date() -> None:
    assert read_mrz(vietnamese(state="UTO", expiry="991231"), TODAY).expires_on == date(2099, 12, 31)


def test_a_passport_is_recognised() -> None:
    mrz = read_dg1(dg1(PASSPORT), TODAY)
    assert (mrz.layout, mrz.document_code, mrz.state) == (Layout.TD3, "P", "UTO")
    assert (mrz.document_number, mrz.name, mrz.citizen_number) == ("L898902C3", "ERIKSSON ANNA MARIA", None)
    assert (mrz.birth_date, mrz.expires_on) == (PartialDate(1974, 8, 12), date(2012, 4, 15))


def test_a_passport_may_leave_the_optional_data_empty() -> None:
    number, rest = "L898902C36UTO7408122F1204159", "<<<<<<<<<<<<<<<"
    composite = check_digit(number[:10] + number[13:20] + number[21:28] + rest)
    assert read_mrz(PASSPORT[0] + number + rest + composite, TODAY).document_number == "L898902C3"


def test_the_standards_own_card_is_read() -> None:
    mrz = read_dg1(dg1(CARD_OF_THE_STANDARD), TODAY)
    assert (mrz.document_code, mrz.document_number, mrz.citizen_number) == ("I", "D23145890", None)


def test_a_long_number_goes_on_in_the_optional_data() -> None:
    assert read_dg1(dg1(LONG_NUMBER), TODAY).document_number == "D23145890734"


@pytest.mark.parametrize(
    ("line", "at", "put", "field"),
    [
        (0, 14, "8", "document_number"),
        (0, 29, "7", "citizen_number"),
        (1, 6, "8", "birth_date"),
        (1, 14, "8", "expires_on"),
        (1, 29, "1", "composite"),
        (0, 5, "2", "document_number"),
        (1, 0, "8", "birth_date"),
        (1, 8, "4", "expires_on"),
    ],
)
def test_a_wrong_check_digit_is_named(line: int, at: int, put: str, field: str) -> None:
    lines = list(MRZ_LINES)
    lines[line] = lines[line][:at] + put + lines[line][at + 1 :]
    with pytest.raises(InputError) as raised:
        read_dg1(dg1(tuple(lines)), TODAY)
    # position 30 is covered by the composite digit as well, and that one is looked at first
    assert (raised.value.kind, raised.value.field) in {("bad_check_digit", field), ("bad_check_digit", "composite")}


def test_the_digit_over_the_citizens_number_is_checked_for_itself() -> None:
    with pytest.raises(InputError) as raised:
        read_mrz(vietnamese(tail="001190012345<<9"), TODAY)
    assert (raised.value.kind, raised.value.field) == ("bad_check_digit", "citizen_number")


def test_a_card_without_the_digit_over_the_number_is_read() -> None:
    assert read_mrz(vietnamese(tail="001190012345<<<"), TODAY).citizen_number == "001190012345"


def test_optional_data_of_another_form_are_no_citizens_number() -> None:
    assert read_mrz(vietnamese(tail="00119001234<<<<"), TODAY).citizen_number is None


def test_another_states_optional_data_are_no_citizens_number() -> None:
    assert read_mrz(vietnamese(state="UTO"), TODAY).citizen_number is None


@pytest.mark.parametrize(
    ("number", "birth", "born"),
    [
        ("001190012345", "900305", PartialDate(1990, 3, 5)),
        ("001024012345", "240305", PartialDate(1924, 3, 5)),
        ("001224012345", "240305", PartialDate(2024, 3, 5)),
        ("001302012345", "020305", PartialDate(2002, 3, 5)),
        # a corrected year: the nearer century
        ("001199012345", "010305", PartialDate(2001, 3, 5)),
        # a number of the next century cannot be right yet
        ("001424012345", "240305", PartialDate(2024, 3, 5)),
        # unknown day, unknown month
        ("001190012345", "9003<<", PartialDate(1990, 3)),
        ("001190012345", "90<<<<", PartialDate(1990)),
        ("001190012345", "900000", PartialDate(1990)),
        # a leap day tells the century apart by itself
        ("001200012345", "000229", PartialDate(2000, 2, 29)),
    ],
)
def test_the_number_tells_the_century_of_the_birth_date(number: str, birth: str, born: PartialDate) -> None:
    assert read_mrz(vietnamese(number=number, birth=birth), TODAY).birth_date == born


@pytest.mark.parametrize(
    ("birth", "born"),
    [
        ("261122", PartialDate(2026, 11, 22)),
        ("261123", PartialDate(1926, 11, 23)),
        ("740812", PartialDate(1974, 8, 12)),
    ],
)
def test_without_a_number_nobody_is_born_in_the_future(birth: str, born: PartialDate) -> None:
    assert read_mrz(vietnamese(state="UTO", birth=birth), TODAY).birth_date == born


@pytest.mark.parametrize("birth", ["901332", "900230", "<<0305", "90<<05", "9003A5", "90030<"])
def test_a_birth_date_that_cannot_be_is_refused(birth: str) -> None:
    with pytest.raises(InputError) as raised:
        read_mrz(vietnamese(birth=birth), TODAY)
    assert raised.value.kind == "bad_date"


@pytest.mark.parametrize("expiry", ["301332", "300230", "<<<<<<", "30A305"])
def test_an_expiry_that_cannot_be_is_refused(expiry: str) -> None:
    with pytest.raises(InputError) as raised:
        read_mrz(vietnamese(expiry=expiry), TODAY)
    assert (raised.value.kind, raised.value.field) == ("bad_date", "expires_on")


def test_a_sex_that_is_not_said_is_none() -> None:
    assert read_mrz(vietnamese(sex="<"), TODAY).sex is None


def test_a_name_that_fills_its_line_may_be_cut_off() -> None:
    mrz = read_mrz(vietnamese(name="NGUYEN<<THI<ABCDEFGH<IJKLMNOPQ"), TODAY)
    assert mrz.name_cut
    assert mrz.name == "NGUYEN THI ABCDEFGH IJKLMNOPQ"


def test_a_zone_without_a_name_is_refused() -> None:
    with pytest.raises(InputError) as raised:
        read_mrz(vietnamese(name=""), TODAY)
    assert (raised.value.kind, raised.value.field) == ("missing", "name")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (dg1()[:-1], "tlv_truncated"),
        (dg1() + b"\0", "tlv_truncated"),
        (dg1() + dg1(), "too_long"),
        (dg1() + b"\x62\0", "not_dg1"),
        (b"\x62" + dg1()[1:], "not_dg1"),
        (encode(0x61, encode(0x5F1E, b"")), "not_dg1"),
        (dg1(("A" * 89,)), "bad_mrz"),
        (dg1(("a" * 90,)), "bad_mrz"),
        (dg1(("Ă" * 44,)), "bad_mrz"),
        (dg1(("A" * 200,)), "too_long"),
        (b"", "not_dg1"),
        (b"\x61\x80\0\0", "tlv_length"),
    ],
)
def test_other_bytes_than_a_zone_are_refused(raw: bytes, kind: str) -> None:
    with pytest.raises(InputError) as raised:
        read_dg1(raw, TODAY)
    assert raised.value.kind == kind


def test_check_digits_weigh_seven_three_one() -> None:
    assert [check_digit(text) for text in ("520727", "L898902C<", "001190012345", "AB2134<<<")] == ["3", "3", "8", "5"]
