"""What holds for every card and every text."""

import re
import string
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import InputError
from kiosk.identify.codes.citizen_number import CitizenNumber
from kiosk.identify.codes.citizen_qr import CitizenCode
from kiosk.identify.codes.insurance_qr import InsuranceCode
from kiosk.identify.codes.recognise import recognise, recognise_claim
from kiosk.model.identity import PartialDate, Sex
from tests.unit.identify.codes.vectors import PATTERN

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
words = st.text(LETTERS, min_size=1, max_size=8).map(str.capitalize)
names = st.lists(words, min_size=2, max_size=5).map(" ".join)
addresses = st.lists(words, min_size=1, max_size=6).map(", ".join)
dates = st.dates(date(1900, 1, 1), date(2099, 12, 31))
partial_dates = st.tuples(dates, st.integers(0, 2)).map(
    lambda drawn: PartialDate(*(drawn[0].year, drawn[0].month, drawn[0].day)[: drawn[1] + 1])
)
sexes = st.sampled_from(Sex)
Normalise = Callable[[str], str]
normal_forms: st.SearchStrategy[Normalise] = st.sampled_from(
    [partial(unicodedata.normalize, "NFC"), partial(unicodedata.normalize, "NFD")]
)


def number_of(birth_date: PartialDate, sex: Sex) -> str:
    century = (birth_date.year - 1900) // 100
    return f"001{2 * century + (sex is Sex.FEMALE)}{birth_date.year % 100:02}000001"


@given(names, partial_dates, sexes, addresses, dates, st.sampled_from(["", "||||"]), normal_forms)
def test_a_citizen_card_is_read_as_it_was_written(
    name: str, born: PartialDate, sex: Sex, address: str, issued: date, tail: str, normalise: Normalise
) -> None:
    birth_text = f"{born.day or 0:02}{born.month or 0:02}{born.year:04}"
    sex_text = "Nữ" if sex is Sex.FEMALE else "Nam"
    number = number_of(born, sex)
    payload = f"{number}||{name}|{birth_text}|{sex_text}|{address}|{issued:%d%m%Y}{tail}"
    assert recognise(normalise(payload), PATTERN) == CitizenCode(
        number=CitizenNumber(number),
        old_id=None,
        name=name,
        birth_date=born,
        sex=sex,
        address=address,
        issue_date=PartialDate(issued.year, issued.month, issued.day),
    )


@given(names, partial_dates, sexes, addresses, normal_forms)
def test_an_insurance_card_is_read_as_it_was_written(
    name: str, born: PartialDate, sex: Sex, place: str, normalise: Normalise
) -> None:
    name_hex, place_hex = (normalise(text).encode().hex() for text in (name, place))
    birth_text = f"{born.day or 0:02}/{born.month or 0:02}/{born.year:04}"
    payload = (
        f"0100123456|{name_hex}|{birth_text}|{1 + (sex is Sex.FEMALE)}|-|01 - 001|01/01/2025|-|02/01/2025|x|-|4|"
        f" 01/06/2029|x|4|{place_hex}|$"
    )
    code = recognise(payload, PATTERN)
    assert isinstance(code, InsuranceCode)
    assert (code.name, code.birth_date, code.sex, code.issuing_place) == (name, born, sex, place)
    assert code.warnings == ()


@settings(max_examples=300)
@given(st.text(max_size=400))
def test_any_text_gives_a_claim_or_an_input_error(text: str) -> None:
    try:
        claim = recognise_claim(text, PATTERN, typed=True)
    except InputError:
        return
    assert re.fullmatch(r"[0-9]{12}|(?:[A-Z]{2}[1-7][0-9]{2})?[0-9]{10}|BN[0-9]{6}", claim.identifier.value)


@given(st.text(string.digits, min_size=1, max_size=16))
def test_digits_alone_are_a_number_of_the_right_length_or_unknown(digits: str) -> None:
    if len(digits) in {10, 12}:
        assert recognise_claim(digits, PATTERN, typed=True).identifier.value == digits
    else:
        with pytest.raises(InputError, match="neither"):
            recognise_claim(digits, PATTERN, typed=True)
