"""DG11 and DG12, where a card has them."""

from collections.abc import Callable
from datetime import date

import pytest

from kiosk.errors import InputError
from kiosk.identify.chip_card.data_groups import read_dg11, read_dg12
from kiosk.identify.chip_card.tlv import encode

DG11 = encode(
    0x6B,
    encode(0x5C, bytes.fromhex("5F0E5F105F42"))
    + encode(0x5F0E, "NGUYỄN<<THỊ<MẪU".encode())
    + encode(0x5F10, b"001190012345")
    + encode(0x5F42, "Phố Ví Dụ<Hà Nội".encode()),
)
DG12 = encode(0x6C, encode(0x5C, bytes.fromhex("5F26")) + encode(0x5F26, b"20210415"))


def test_both_are_read() -> None:
    assert (read_dg11(DG11), read_dg12(DG12)) == ("Phố Ví Dụ, Hà Nội", date(2021, 4, 15))


def test_without_their_fields_they_say_nothing() -> None:
    assert (read_dg11(b"\x6b\x00"), read_dg12(b"\x6c\x00")) == (None, None)


def test_the_date_may_be_packed() -> None:
    assert read_dg12(encode(0x6C, encode(0x5F26, bytes.fromhex("20210415")))) == date(2021, 4, 15)


@pytest.mark.parametrize("value", [b"", b"2021", b"20211315", b"\xff" * 8, bytes.fromhex("2021ffff")])
def test_a_date_that_cannot_be_is_missing(value: bytes) -> None:
    assert read_dg12(encode(0x6C, encode(0x5F26, value))) is None


@pytest.mark.parametrize("value", [b"", b"-", "Phố\x07".encode(), b"a" * 1600])
def test_an_address_that_cannot_be_is_missing(value: bytes) -> None:
    assert read_dg11(encode(0x6B, encode(0x5F42, value))) is None


@pytest.mark.parametrize(
    ("read", "raw", "kind"),
    [
        (read_dg11, DG12, "not_dg11"),
        (read_dg12, DG11, "not_dg12"),
        (read_dg11, b"", "not_dg11"),
        (read_dg11, DG11[:-1], "tlv_truncated"),
        (read_dg11, encode(0x6B, bytes(20_000)), "too_long"),
    ],
)
def test_other_bytes_are_refused(read: Callable[[bytes], object], raw: bytes, kind: str) -> None:
    with pytest.raises(InputError) as raised:
        read(raw)
    assert raised.value.kind == kind
