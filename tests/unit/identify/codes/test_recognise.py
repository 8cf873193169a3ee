"""What a payload is taken for, and what it then claims."""

import unicodedata

import pytest

from kiosk.errors import InputError
from kiosk.identify.codes.citizen_number import CitizenNumber
from kiosk.identify.codes.citizen_qr import CitizenCode
from kiosk.identify.codes.hospital_code import HospitalCode
from kiosk.identify.codes.insurance_number import InsuranceNumber
from kiosk.identify.codes.insurance_qr import InsuranceCode
from kiosk.identify.codes.recognise import Code, recognise, recognise_claim
from kiosk.model.identity import ClaimSource, Identifier, IdentifierSystem, PartialDate, Sex
from tests.unit.identify.codes.vectors import CITIZEN_2021, CITIZEN_2024, INSURANCE_NEW, INSURANCE_OLD, PATTERN


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (CITIZEN_2021, CitizenCode),
        (CITIZEN_2024, CitizenCode),
        (INSURANCE_OLD, InsuranceCode),
        (INSURANCE_NEW, InsuranceCode),
        ("001190012345", CitizenNumber),
        ("0100123456", InsuranceNumber),
        ("GD4010100123456", InsuranceNumber),
        ("BN000123", HospitalCode),
    ],
)
def test_each_code_is_taken_for_what_it_is(payload: str, kind: type[Code]) -> None:
    assert isinstance(recognise(payload, PATTERN), kind)


@pytest.mark.parametrize("ending", ["\0", "\r\n", "\n", " ", "\0\0\r\n", "\t"])
@pytest.mark.parametrize("payload", [CITIZEN_2021, INSURANCE_NEW, "001190012345", "BN000123"])
def test_what_a_scanner_puts_after_the_code_is_left_out(payload: str, ending: str) -> None:
    assert recognise(payload + ending, PATTERN) == recognise(payload, PATTERN)


@pytest.mark.parametrize("payload", [CITIZEN_2021, CITIZEN_2024])
def test_decomposed_letters_are_composed(payload: str) -> None:
    assert recognise(unicodedata.normalize("NFD", payload), PATTERN) == recognise(payload, PATTERN)


@pytest.mark.parametrize(
    ("typed", "system", "value"),
    [
        ("001 190 012 345", IdentifierSystem.CITIZEN_ID, "001190012345"),
        ("0100 123 456", IdentifierSystem.INSURANCE, "0100123456"),
        ("gd 4 01 01 001 23456", IdentifierSystem.INSURANCE, "GD4010100123456"),
        ("bn000123", IdentifierSystem.HOSPITAL_CODE, "BN000123"),
        ("BN 000 123", IdentifierSystem.HOSPITAL_CODE, "BN000123"),
    ],
)
def test_numbers_may_be_typed_in_groups_and_lower_case(typed: str, system: IdentifierSystem, value: str) -> None:
    assert recognise_claim(typed, PATTERN, typed=True).identifier == Identifier(system, value)


def test_a_hospital_code_whose_pattern_knows_lower_case_stays_as_it_is() -> None:
    assert recognise("ab-12", "[A-Za-z]{2}-[0-9]{2}") == HospitalCode("ab-12")


def test_a_hospital_pattern_never_takes_a_citizen_or_insurance_number() -> None:
    everything = ".*"
    assert isinstance(recognise("001190012345", everything), CitizenNumber)
    assert isinstance(recognise("0100123456", everything), InsuranceNumber)


@pytest.mark.parametrize(
    "payload",
    [
        "hello",
        "https://example.org/?q=001190012345",
        "00119001234",
        "0011900123456",
        "٠٠١١٩٠٠١٢٣٤٥",
        "００１１９００１２３４５",
        "GD8010100123456",
        "ﬁ4010100123456",
        "BN0001234",
        "BN000123\x00BN000124",
        "|",
        "|" * 4096,
        "$",
        "00119001234||Nguyễn Thị Mẫu|05031990|Nữ|Hà Nội|15042021",
        "00020101021138570010A000000727",
    ],
)
def test_what_fits_nothing_is_an_unknown_code(payload: str) -> None:
    with pytest.raises(InputError) as raised:
        recognise(payload, PATTERN)
    assert (raised.value.kind, raised.value.field) == ("unknown_code", None)


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ("", "empty"),
        ("\0\r\n ", "empty"),
        ("1" * 4097, "too_long"),
        ("ữ" * 1366, "too_long"),
        ("\ud800", "not_utf8"),
        ("a" + "\u0301" * 9, "bad_text"),
    ],
)
def test_unusable_payloads_are_refused_before_parsing(payload: str, kind: str) -> None:
    with pytest.raises(InputError) as raised:
        recognise(payload, PATTERN)
    assert (raised.value.kind, raised.value.field) == (kind, None)


def test_an_error_never_repeats_what_was_presented() -> None:
    with pytest.raises(InputError) as raised:
        recognise("001190012345||Nguyễn Thị Mẫu|31021990|Nữ|Hà Nội|15042021", PATTERN)
    assert "1990" not in raised.value.message
    assert raised.value.__suppress_context__


def test_a_citizen_qr_claims_name_birth_date_and_sex() -> None:
    claim = recognise_claim(CITIZEN_2021, PATTERN, typed=False)
    assert claim.source is ClaimSource.CITIZEN_QR
    assert claim.identifier == Identifier(IdentifierSystem.CITIZEN_ID, "001190012345")
    assert (claim.name, claim.birth_date, claim.sex) == ("Nguyễn Thị Mẫu", PartialDate(1990, 3, 5), Sex.FEMALE)
    assert not claim.is_bare


def test_an_insurance_qr_claims_its_number_as_given() -> None:
    old, new = (recognise_claim(payload, PATTERN, typed=False) for payload in (INSURANCE_OLD, INSURANCE_NEW))
    assert old.source is new.source is ClaimSource.INSURANCE_QR
    assert old.identifier == Identifier(IdentifierSystem.INSURANCE, "GD4010100123456")
    assert new.identifier == Identifier(IdentifierSystem.INSURANCE, "0100123456")
    assert (old.name, old.birth_date) == (new.name, new.birth_date) == ("Nguyễn Thị Mẫu", PartialDate(1990, 3, 5))


@pytest.mark.parametrize(("typed", "source"), [(True, ClaimSource.TYPED_NUMBER), (False, ClaimSource.SCANNED_NUMBER)])
@pytest.mark.parametrize("number", ["001190012345", "0100123456", "GD4010100123456", "BN000123"])
def test_a_bare_number_claims_no_name_and_says_how_it_came(number: str, typed: bool, source: ClaimSource) -> None:  # noqa: FBT001 # a table's column
    claim = recognise_claim(number, PATTERN, typed=typed)
    assert claim.is_bare
    assert (claim.source, claim.birth_date, claim.sex) == (source, None, None)


def test_warnings_of_the_code_go_with_the_claim() -> None:
    claim = recognise_claim(CITIZEN_2021.replace("05031990", "05031991"), PATTERN, typed=False)
    assert claim.warnings == ("birth_year_disagrees",)


def test_old_and_new_insurance_numbers_share_the_last_ten() -> None:
    assert InsuranceNumber("GD4010100123456").last_10 == InsuranceNumber("0100123456").last_10
