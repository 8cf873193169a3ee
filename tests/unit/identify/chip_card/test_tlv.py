"""BER-TLV as a stranger's card may send it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import InputError
from kiosk.identify.chip_card.tlv import Tlv, children, encode, find, read_head, read_tlv

TAGS = st.sampled_from([0x02, 0x30, 0x31, 0x5C, 0x61, 0x77, 0x87, 0x5F1F, 0x7F60, 0x5F2E, 0x7F8101])


@given(tag=TAGS, value=st.binary(max_size=700))
def test_what_was_encoded_is_read_back(tag: int, value: bytes) -> None:
    raw = encode(tag, value)
    assert read_tlv(raw + b"rest") == Tlv(tag, value, raw)


@given(st.lists(st.tuples(TAGS, st.binary(max_size=40)), max_size=8))
def test_children_fill_their_parent_to_the_last_byte(parts: list[tuple[int, bytes]]) -> None:
    data = b"".join(encode(tag, value) for tag, value in parts)
    found = children(data)
    assert [(tlv.tag, tlv.value) for tlv in found] == parts
    assert b"".join(tlv.raw for tlv in found) == data


@given(st.binary(max_size=400))
def test_any_bytes_are_read_whole_or_refused_as_input(data: bytes) -> None:
    with contextlib.suppress(InputError):
        assert b"".join(tlv.raw for tlv in children(data)) == data


@given(tag=TAGS, value=st.binary(min_size=1, max_size=300), cut=st.integers(min_value=1, max_value=300))
def test_an_object_that_breaks_off_is_refused(tag: int, value: bytes, cut: int) -> None:
    with pytest.raises(InputError) as refusal:
        read_tlv(encode(tag, value)[: -min(cut, len(value))])
    assert refusal.value.kind == "tlv_truncated"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("", "tlv_truncated"),
        ("30", "tlv_truncated"),
        ("5F", "tlv_truncated"),
        ("3082", "tlv_truncated"),
        ("308201", "tlv_truncated"),
        ("3080 0000", "tlv_length"),
        ("3085 0000000001 00", "tlv_length"),
        ("30FF", "tlv_length"),
        ("1F818101 00", "tlv_tag"),
        ("3084 FFFFFFFF 00", "tlv_truncated"),
    ],
)
def test_each_broken_object_says_what_is_wrong(raw: str, kind: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_tlv(bytes.fromhex(raw))
    assert refusal.value.kind == kind


def test_a_length_may_be_longer_than_needed_and_the_raw_bytes_stay_as_they_stood() -> None:
    raw = bytes.fromhex("3082 0002 0500")
    assert read_tlv(raw) == Tlv(0x30, b"\5\0", raw)


def test_a_head_tells_the_length_before_the_value_is_there() -> None:
    head = read_head(bytes.fromhex("7F60 82 4E20"))
    assert (head.tag, head.size, head.length) == (0x7F60, 5, 20_000)


def test_a_nested_object_is_found_by_its_path() -> None:
    data = encode(0x61, encode(0x02, b"\1") + encode(0x5F1F, b"ID"))
    found = find(data, 0x61, 0x5F1F)
    assert found is not None
    assert found.value == b"ID"
    assert find(data, 0x61, 0x5C) is None
    assert find(data) is None
