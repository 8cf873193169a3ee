"""Whatever bytes a card gives: clean data or an `InputError`, in steps that grow with their number."""

import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import InputError
from kiosk.identify.chip_card.access_key import AccessKeys, QrFacts, expiry_candidates
from kiosk.identify.chip_card.citizen_data import MAX_DG13_BYTES, citizen_data, read_dg13
from kiosk.identify.chip_card.contradictions import contradictions
from kiosk.identify.chip_card.data_groups import read_dg11, read_dg12
from kiosk.identify.chip_card.mrz import read_dg1, read_mrz
from kiosk.identify.chip_card.portrait import find_picture
from kiosk.identify.chip_card.tlv import encode
from kiosk.model.identity import PartialDate
from tests.support.work_done import steps
from tests.unit.identify.chip_card.invented_holder import (
    DG13,
    MRZ_LINES,
    TODAY,
    dg1,
    dg2,
    dg13,
    dg13_field,
    encoded_face,
    facial_record,
)

READERS: dict[str, tuple[Callable[[bytes], Any], bytes]] = {
    "DG1": (lambda raw: read_dg1(raw, TODAY), dg1()),
    "DG2": (find_picture, dg2(facial_record(encoded_face(width=16, height=16), 2))),
    "DG11": (read_dg11, encode(0x6B, encode(0x5F42, "Phố Ví Dụ<Hà Nội".encode()))),
    "DG12": (read_dg12, encode(0x6C, encode(0x5F26, b"20210415"))),
    "DG13": (read_dg13, DG13),
}
DATES = st.dates(date(1900, 1, 1), date(2100, 1, 1))
ZONE = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<", min_size=88, max_size=90)


def tried(reader: Callable[[bytes], Any], raw: bytes) -> None:
    try:
        reader(raw)
    except InputError as error:
        assert error.kind  # noqa: PT017 # either outcome is right, other exceptions are not


@pytest.mark.parametrize("name", READERS)
@given(raw=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(name: str, raw: bytes) -> None:
    tried(READERS[name][0], raw)


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_a_changed_file_is_read_or_refused(name: str, data: st.DataObject) -> None:
    reader, right = READERS[name]
    raw = bytearray(right)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
        raw = raw or bytearray(b"\0")
    tried(reader, bytes(raw))


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_a_file_cut_short_is_refused(name: str, data: st.DataObject) -> None:
    reader, right = READERS[name]
    with pytest.raises(InputError):
        reader(right[: data.draw(st.integers(0, len(right) - 1))])


@given(ZONE)
def test_any_zone_is_read_or_refused(text: str) -> None:
    tried(lambda _: read_mrz(text, TODAY), b"")


@given(at=st.integers(0, 89), put=st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"))
def test_one_wrong_character_never_gives_another_citizens_number_or_date(at: int, put: str) -> None:
    """A check digit cannot tell 0 from A, K, U and <; then the document's number disagrees with the citizen's."""
    right = "".join(MRZ_LINES)
    expected = read_mrz(right, TODAY)
    try:
        found = read_mrz(right[:at] + put + right[at + 1 :], TODAY)
    except InputError:
        return
    assert found.citizen_number in {expected.citizen_number, None}
    assert (found.birth_date, found.expires_on) == (expected.birth_date, expected.expires_on)
    if found.document_number != expected.document_number:
        assert "document_number" in contradictions(found)


@given(st.lists(st.tuples(st.integers(0, 20), st.text(max_size=120)), max_size=20, unique_by=lambda pair: pair[0]))
def test_what_is_kept_of_dg13_is_clean(entries: list[tuple[int, str]]) -> None:
    raw = dg13(*(dg13_field(number, text.encode("utf-8", "replace").decode()) for number, text in entries))
    try:
        found = read_dg13(raw)
    except InputError as error:
        assert error.kind == "too_long"  # noqa: PT017 # nothing else can be wrong with it
        return
    for text in (found.name, found.residence):
        assert text is None or unicodedata.is_normalized("NFC", text)
        assert text is None or not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"} for char in text)
    assert 0 <= found.not_kept <= len(entries)
    mrz = read_dg1(dg1(), TODAY)
    assert citizen_data(mrz, found).number == "001190012345"
    assert "document_number" not in contradictions(mrz, found)


@given(birth=DATES, issued=DATES)
def test_candidates_are_birthdays_after_the_issue_and_never_more_than_three(birth: date, issued: date) -> None:
    found = expiry_candidates(birth, issued)
    assert len(found) <= 3
    assert len(set(found)) == len(found)
    assert bool(found) == (issued >= birth)
    for expiry in found:
        if expiry is not None:
            assert expiry > issued
            assert expiry.year - birth.year in {14, 25, 40, 60}
            assert (expiry.month, expiry.day) in {(birth.month, birth.day), (2, 28), (3, 1)}


@given(birth=DATES, issued=DATES)
def test_every_scanned_card_gives_well_formed_keys(birth: date, issued: date) -> None:
    facts = QrFacts("001190012345", PartialDate.from_iso(str(birth)), PartialDate.from_iso(str(issued)))
    keys = AccessKeys.from_qr(facts)
    assert all(len(text) == 24 and text.isdigit() for text in keys.mrz)


GROWING: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "nested": ("DG13", lambda size: b"\x6d\x80" * (size // 2)),
    "empty objects": ("DG13", lambda size: encode(0x6D, encode(0x30, b"\x05\0" * (size // 2)))),
    "empty objects beside the template": ("DG2", lambda size: encode(0x75, b"\x05\0" * (size // 2))),
    "combining marks": ("DG13", lambda size: dg13(dg13_field(2, "a" + "\u0316\u0301" * (size // 4)))),
    "a long name": ("DG13", lambda size: dg13(dg13_field(2, "a" * size))),
    "a long address": ("DG11", lambda size: encode(0x6B, encode(0x5F42, b"a<" * (size // 2)))),
}


@pytest.mark.parametrize("name", GROWING)
def test_ten_times_the_length_costs_at_most_fifteen_times_the_steps(name: str) -> None:
    reader, make = GROWING[name]
    read, long, short = READERS[reader][0], make(15_000), make(1500)
    assert len(long) <= MAX_DG13_BYTES, "the long one must not be refused for its length"
    assert steps(lambda: tried(read, long)) <= 15 * steps(lambda: tried(read, short))


def test_a_name_with_a_run_of_marks_is_not_composed() -> None:
    """To compose them takes the square of their number, within one step."""
    assert read_dg13(dg13(dg13_field(2, "a" + "\u0316\u0301" * 20))).name is None
