"""A hundred thousand hostile texts, and texts made to be slow."""

import random
import unicodedata
from collections.abc import Callable
from contextlib import suppress

import pytest

from kiosk.errors import InputError
from kiosk.identify.codes.recognise import recognise_claim
from tests.support.work_done import steps
from tests.unit.identify.codes.vectors import (
    CITIZEN_2021,
    CITIZEN_2024,
    INSURANCE_NEW,
    INSURANCE_OLD,
    NAME_HEX,
    PATTERN,
)

RUNS = 100_000
SEED = 20261105
CARDS = (CITIZEN_2021, CITIZEN_2024, INSURANCE_NEW, INSURANCE_OLD, "001190012345", "0100123456", "GD4010100123456")
PIECES = (
    *("|", "||", "$", "-", "/", " ", "0", "9", "00", "Nam", "Nữ", "1", "2", "A", "ữ", "đ", "\0", "\r\n", "\t", "%s"),
    *("\u202e", "\u200b", "\ufeff", "\u2028", "\u0301", "\u0f73", "\ud800", "\udfff", "\ue000", "\uffff", "😀", "ﬁ"),
    *("４", "٤", "²", "Ⅷ", "\u212a", "İ", "ß", "{}", "\\", "'", '"', "<b>", "eda080", "c080", "ff", "e1bb", NAME_HEX),
    *("31021990", "00000000", "99999999", "31/02/1990", "00/00/0000", "05/03/1990\n", "1" * 50, "a" * 200, "|" * 50),
)


def hostile(random_: random.Random) -> str:
    """A card with some pieces put in, left out or exchanged; or pieces alone."""
    card = random_.choice(CARDS) if random_.random() < 0.8 else ""
    parts = card.split("|")
    for _ in range(random_.randint(1, 4)):
        at = random_.randrange(len(parts))
        piece = random_.choice(PIECES)
        cut = random_.randint(0, len(parts[at]))
        parts[at] = random_.choice((piece, parts[at][:cut] + piece + parts[at][cut:], parts[at][:cut], piece * 40))
        if random_.random() < 0.2:
            random_.shuffle(parts)
    return "|".join(parts)


def assert_clean(text: str | None) -> None:
    if text is not None:
        assert unicodedata.is_normalized("NFC", text)
        assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"} for character in text)


def test_hostile_texts_give_clean_claims_or_input_errors() -> None:
    random_ = random.Random(SEED)  # noqa: S311 # repeatable, not secret
    outcomes: dict[str, int] = {}
    for _ in range(RUNS):
        try:
            claim = recognise_claim(hostile(random_), PATTERN, typed=False)
        except InputError as error:
            outcome = error.kind
        else:
            outcome = claim.source
            assert_clean(claim.name)
            assert claim.identifier.value.isascii()
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    assert sum(outcomes.values()) == RUNS
    # The mixture reaches every way to succeed and to fail.
    assert {"citizen_qr", "insurance_qr", "scanned_number"} < outcomes.keys()
    assert {"bad_date", "bad_hex", "bad_number", "bad_sex", "bad_text"} < outcomes.keys()
    assert {"missing", "missing_fields", "not_utf8", "too_long", "unknown_code"} < outcomes.keys()


GROWING: dict[str, Callable[[int], str]] = {
    "bars": lambda size: "|" * size,
    "bars after a citizen number": lambda size: "001190012345" + "|" * size,
    "bars after an insurance number": lambda size: f"0100123456|{NAME_HEX}|1990|2|" + "|" * size,
    "digits": lambda size: "1" * size,
    "spaces": lambda size: "1" + " " * size + "1",
    "trailing NUL": lambda size: "1" + "\0" * size,
    "a long name": lambda size: f"001190012345||{'A' * size}|1990|Nữ||",
    "a long address": lambda size: f"001190012345||Mẫu|1990|Nữ|{'a ' * (size // 2)}|",
    "long hexadecimal": lambda size: f"0100123456|{'61' * (size // 2)}|1990|2|-|-|-|-|-|-|$",
    "combining marks": lambda size: "a" + "\u0316\u0301" * (size // 4),
    "combining marks in the hexadecimal": lambda size: f"0100123456|61{'cc96cc81' * (size // 8)}|1990|2|-|-|-|-|-|-|$",
    "marks that decompose": lambda size: "\u0f73\u0f71" * (size // 6),
    "short runs of marks": lambda size: ("a" + "\u0316\u0301" * 4) * (size // 17),
    "spaces around the facility": lambda size: f"0100123456|{NAME_HEX}|1990|2|-|{' -' * (size // 2)}|-|-|-|-|$",
}


def read(payload: str) -> None:
    with suppress(InputError):
        recognise_claim(payload, PATTERN, typed=False)


@pytest.mark.parametrize("name", GROWING)
def test_ten_times_the_length_costs_at_most_fifteen_times_the_steps(name: str) -> None:
    long, short = GROWING[name](4000), GROWING[name](400)
    assert len(long.encode()) <= 4096, "the long one must not be refused for its length"
    assert steps(lambda: read(long)) <= 15 * steps(lambda: read(short))


@pytest.mark.parametrize("name", ["combining marks", "combining marks in the hexadecimal", "marks that decompose"])
def test_a_run_of_marks_is_refused_before_it_is_composed(name: str) -> None:
    """To compose them takes the square of their number, within one step."""
    with pytest.raises(InputError) as refused:
        recognise_claim(GROWING[name](400), PATTERN, typed=False)
    assert refused.value.kind == "bad_text"
    assert steps(lambda: read(GROWING[name](4000))) < 2 * steps(lambda: read(GROWING[name](400)))
