"""In which fields a card's parts, and the scanned code, disagree."""

from dataclasses import replace
from datetime import date

import pytest

from kiosk.identify.chip_card.access_key import QrFacts
from kiosk.identify.chip_card.citizen_data import Dg13, read_dg13
from kiosk.identify.chip_card.contradictions import contradictions
from kiosk.identify.chip_card.mrz import Mrz, read_dg1
from kiosk.model.identity import PartialDate, Sex
from tests.unit.identify.chip_card.invented_holder import DG13, MRZ_WITHOUT_EXPIRY, TODAY, dg1

QR = QrFacts("001190012345", PartialDate(1990, 3, 5), PartialDate(2021, 4, 15), "Nguyễn Thị Mẫu", Sex.FEMALE)


@pytest.fixture
def mrz() -> Mrz:
    return read_dg1(dg1(), TODAY)


@pytest.fixture
def said() -> Dg13:
    return read_dg13(DG13)


def test_a_card_and_its_code_agree(mrz: Mrz, said: Dg13) -> None:
    assert contradictions(mrz, said, QR) == ()
    assert contradictions(mrz) == ()


def test_what_was_typed_needs_no_name(mrz: Mrz, said: Dg13) -> None:
    assert contradictions(mrz, said, QrFacts("001190012345", PartialDate(1990), scanned=False)) == ()


def test_everything_may_disagree(mrz: Mrz, said: Dg13) -> None:
    other = QrFacts("079058000017", PartialDate(1958, 4, 12), PartialDate(2020, 1, 1), "Trần Văn Thử", Sex.MALE)
    assert contradictions(replace(mrz, document_number="190012346"), replace(said, expires_on=None), other) == (
        "number",
        "document_number",
        "name",
        "birth_date",
        "sex",
        "issued_on",
    )


@pytest.mark.parametrize("name", ["Nguyễn Thị Mậu", "NGUYEN THI MAU", "Nguyễn-Thị Mẫu", "  nguyễn thị  mẫu "])
def test_names_are_compared_without_diacritics_and_hyphens(mrz: Mrz, name: str) -> None:
    assert contradictions(mrz, None, replace(QR, name=name)) == ()


@pytest.mark.parametrize("name", ["Nguyễn Thị Mẫu Hai", "Nguyễn Thị", "Trần Thị Mẫu", "Mẫu Nguyễn Thị"])
def test_another_name_is_another_name(mrz: Mrz, said: Dg13, name: str) -> None:
    assert contradictions(mrz, None, replace(QR, name=name)) == ("name",)
    assert contradictions(mrz, replace(said, name=name)) == ("name",)


def test_a_name_cut_off_in_the_zone_goes_on_elsewhere(mrz: Mrz) -> None:
    cut = replace(mrz, name="NGUYEN THI MA", name_cut=True)
    assert contradictions(cut, None, QR) == ()
    assert contradictions(replace(cut, name="NGUYEN THI BA"), None, QR) == ("name",)


def test_dg13_and_the_code_are_compared_where_the_zone_is_cut_off(mrz: Mrz, said: Dg13) -> None:
    cut = replace(mrz, name="NGUYEN", name_cut=True)
    assert contradictions(cut, replace(said, name="Nguyễn Thị Hai"), QR) == ("name",)


@pytest.mark.parametrize("born", ["1990", "1990-03", "1990-03-05"])
def test_birth_dates_are_compared_as_far_as_both_know(mrz: Mrz, said: Dg13, born: str) -> None:
    assert contradictions(mrz, said, replace(QR, birth_date=PartialDate.from_iso(born))) == ()


@pytest.mark.parametrize("born", ["1991", "1990-04", "1990-03-06"])
def test_another_birth_date_is_named(mrz: Mrz, said: Dg13, born: str) -> None:
    assert contradictions(mrz, said, replace(QR, birth_date=PartialDate.from_iso(born))) == ("birth_date",)


def test_the_century_counts_where_it_is_written(mrz: Mrz, said: Dg13) -> None:
    other = replace(QR, birth_date=PartialDate(1890, 3, 5))
    assert contradictions(mrz, None, other) == ()
    assert contradictions(mrz, said, other) == ("birth_date",)


def test_the_code_of_an_earlier_card_has_another_issue_date(mrz: Mrz, said: Dg13) -> None:
    assert contradictions(mrz, said, replace(QR, issued_on=PartialDate(2016, 4, 15))) == ("issued_on",)


def test_expiry_is_compared_where_dg13_says_one(mrz: Mrz, said: Dg13) -> None:
    assert contradictions(mrz, replace(said, expires_on=date(2031, 3, 5))) == ("expires_on",)
    assert contradictions(mrz, replace(said, expires_on=None)) == ()
    assert contradictions(mrz, replace(said, expires_on=None, without_expiry=True)) == ("expires_on",)
    endless = read_dg1(dg1(MRZ_WITHOUT_EXPIRY), TODAY)
    assert contradictions(endless, replace(said, expires_on=None, without_expiry=True))[-1] != "expires_on"


def test_values_are_not_in_the_answer(mrz: Mrz, said: Dg13) -> None:
    assert contradictions(mrz, replace(said, number="079058000017")) == ("number",)
