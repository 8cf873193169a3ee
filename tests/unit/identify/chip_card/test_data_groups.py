"""DG11 and DG12, where a card has them."""

from datetime import date

import pytest

from kiosk.errors import InputError
from kiosk.identify.chip_card.data_groups import PersonalDetails, read_details
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
    assert read_details(DG11, DG12) == PersonalDetails("NGUYỄN THỊ MẪU", "Phố Ví Dụ, Hà Nội", date(2021, 4, 15))


def test_a_card_without_them_says_nothing() -> None:
    assert read_details(None, None) == PersonalDetails()


def test_the_date_may_be_packed() -> None:
    assert read_details(None, encode(0x6C, encode(0x5F26, bytes.fromhex("20210415")))).issued_on == date(2021, 4, 15)


@pytest.mark.parametrize("value", [b"", b"2021", b"20211315", b"\xff" * 8, bytes.fromhex("2021ffff")])
def test_a_date_that_cannot_be_is_missing(value: bytes) -> None:
    assert read_details(None, encode(0x6C, encode(0x5F26, value))).issued_on is None


@pytest.mark.parametrize("value", [b"", b"<<", b"\xff\xfe", "Nguyễn\x07".encode()])
def test_a_name_that_cannot_be_is_missing(value: bytes) -> None:
    assert read_details(encode(0x6B, encode(0x5F0E, value)), None).name is None


@pytest.mark.parametrize(
    ("dg11", "dg12", "kind"),
    [
        (DG12, None, "not_dg11"),
        (None, DG11, "not_dg12"),
        (b"", None, "not_dg11"),
        (DG11[:-1], None, "tlv_truncated"),
        (encode(0x6B, bytes(20_000)), None, "too_long"),
    ],
)
def test_other_bytes_are_refused(dg11: bytes | None, dg12: bytes | None, kind: str) -> None:
    with pytest.raises(InputError) as raised:
        read_details(dg11, dg12)
    assert raised.value.kind == kind
