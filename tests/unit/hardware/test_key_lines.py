"""Event bytes laid out as Linux's struct input_event on a 64-bit host (linux/input.h), as a HID keyboard sends them."""

import struct
from itertools import chain

import pytest

from kiosk.hardware.code_scanner import LONGEST_LINE
from kiosk.hardware.key_lines import KeyLines

INPUT_EVENT = struct.Struct("llHHi")
EV_SYN, EV_KEY, EV_MSC, MSC_SCAN = 0, 1, 4, 4
ENTER, SHIFT, ALT_GR, CTRL, J = 28, 42, 100, 29, 36
DIGITS = {"1": 2, "2": 3, "3": 4, "4": 5, "5": 6, "6": 7, "7": 8, "8": 9, "9": 10, "0": 11}
KEYPAD = {"7": 71, "8": 72, "9": 73, "4": 75, "5": 76, "6": 77, "1": 79, "2": 80, "3": 81, "0": 82}
B, N = 48, 49

# "BN000042" and Enter: each key as scan code, key, report; shift held for the letters
RECORDED = bytes.fromhex(
    "".join(
        INPUT_EVENT.pack(1795411926, 100_000 + 2000 * number, *event).hex()
        for number, event in enumerate(
            chain.from_iterable(
                ((EV_MSC, MSC_SCAN, 0x70000 + code), (EV_KEY, code, value), (EV_SYN, 0, 0))
                for code, value in (
                    *((SHIFT, 1), (B, 1), (B, 0), (N, 1), (N, 0), (SHIFT, 0)),
                    *((11, 1), (11, 0)) * 4,
                    *((5, 1), (5, 0), (3, 1), (3, 0), (ENTER, 1), (ENTER, 0)),
                )
            )
        )
    )
)


def lines(data: bytes, keys: KeyLines | None = None) -> list[str]:
    keys = keys or KeyLines()
    events = INPUT_EVENT.iter_unpack(data)
    given = [keys.feed(kind, code, value, sec + usec / 1e6) for sec, usec, kind, code, value in events]
    return [line for line in given if line is not None]


def typed(*codes: int, at: int = 100) -> bytes:
    return b"".join(INPUT_EVENT.pack(at, 0, EV_KEY, code, value) for code in codes for value in (1, 0))


def held(code: int, data: bytes, at: int = 100) -> bytes:
    return INPUT_EVENT.pack(at, 0, EV_KEY, code, 1) + data + INPUT_EVENT.pack(at, 0, EV_KEY, code, 0)


def test_recorded_bytes_of_a_hospital_code_are_one_line() -> None:
    assert lines(RECORDED) == ["BN000042"]


def test_half_a_line_is_nothing_until_enter() -> None:
    keys = KeyLines()
    assert lines(RECORDED[: len(RECORDED) // 2], keys) == []
    assert lines(RECORDED[len(RECORDED) // 2 :], keys) == ["BN000042"]


def test_the_keypad_types_digits_and_enters() -> None:
    assert lines(typed(*KEYPAD.values(), 96)) == ["".join(KEYPAD)]


def test_the_row_of_digits_types_digits() -> None:
    assert lines(typed(*DIGITS.values(), ENTER)) == ["1234567890"]


def test_shift_gives_the_bar_between_fields() -> None:
    assert lines(typed(2) + held(SHIFT, typed(43)) + typed(3, ENTER)) == ["1|2"]


@pytest.mark.parametrize("modifier", [ALT_GR, CTRL])
def test_a_key_with_another_modifier_is_no_part_of_a_code(modifier: int) -> None:
    assert lines(typed(2) + held(modifier, typed(J)) + typed(3, ENTER)) == ["12"]


def test_a_key_that_repeats_is_one_key() -> None:
    repeated = INPUT_EVENT.pack(100, 0, EV_KEY, 2, 1) + INPUT_EVENT.pack(100, 0, EV_KEY, 2, 2) * 9
    assert lines(repeated + typed(ENTER)) == ["1"]


def test_enter_alone_is_nothing() -> None:
    assert lines(typed(ENTER, ENTER)) == []


def test_half_a_code_that_stood_still_is_not_put_before_the_next() -> None:
    assert lines(typed(2, 3, at=100) + typed(4, 5, ENTER, at=102)) == ["34"]


def test_a_line_of_which_the_kernel_lost_keys_is_not_given() -> None:
    dropped = INPUT_EVENT.pack(100, 0, EV_SYN, 3, 0)
    assert lines(typed(2, 3) + dropped + typed(4, ENTER) + typed(5, 6, ENTER)) == ["45"]


def test_a_line_over_4_kb_is_cut_one_too_long_to_be_accepted() -> None:
    assert lines(typed(*[2] * 5000, ENTER)) == ["1" * (LONGEST_LINE + 1)]
