"""SecurityInfos as a Vietnamese card publishes them, and as no card should."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import InputError
from kiosk.identify.chip_card.key_derivation import Cipher
from kiosk.identify.chip_card.security_infos import Mapping, pace_infos, read_security_infos
from kiosk.identify.chip_card.tlv import encode

VIETNAMESE = bytes.fromhex(
    "3134300D060804007F0007020202020101300F060A04007F000702020302020201013012060A04007F0007020204020202010202010D"
)


def pace(mapping: int, cipher: int, parameter_id: int | None = 13, version: int = 2) -> bytes:
    parts = encode(6, bytes.fromhex("04007F0007020204") + bytes((mapping, cipher))) + encode(2, bytes((version,)))
    return encode(0x30, parts + (encode(2, bytes((parameter_id,))) if parameter_id is not None else b""))


def test_the_way_to_do_pace_is_found_wherever_it_stands() -> None:
    (info,) = pace_infos(read_security_infos(VIETNAMESE))
    assert info.name == "id-PACE-ECDH-GM-AES-CBC-CMAC-128"
    assert (info.mapping, info.cipher, info.parameter_id) == (Mapping.ECDH_GM, Cipher.AES_128, 13)
    assert info.curve is not None
    assert info.curve.name == "brainpoolP256r1"
    assert info.is_usable


def test_dg14_holds_the_same_within_its_own_tag() -> None:
    assert read_security_infos(encode(0x6E, VIETNAMESE)) == read_security_infos(VIETNAMESE)


def test_each_entry_keeps_its_raw_bytes() -> None:
    assert b"".join(info.raw for info in read_security_infos(VIETNAMESE)) == VIETNAMESE[2:]


def test_the_strongest_cipher_comes_first() -> None:
    infos = read_security_infos(encode(0x31, pace(2, 1) + pace(2, 2) + pace(2, 4) + pace(2, 3)))
    assert [info.cipher for info in pace_infos(infos)] == [
        Cipher.AES_256,
        Cipher.AES_192,
        Cipher.AES_128,
        Cipher.TDES,
    ]


@pytest.mark.parametrize(
    "entry",
    [pace(1, 2, 0), pace(3, 2, 0), pace(4, 2), pace(6, 2), pace(2, 2, None), pace(2, 2, 31), pace(2, 2, 0)],
)
def test_what_this_reader_cannot_do_is_named_and_not_usable(entry: bytes) -> None:
    (info,) = pace_infos(read_security_infos(encode(0x31, entry)))
    assert info.name.startswith("id-PACE-")
    assert not info.is_usable


@pytest.mark.parametrize("entry", [pace(5, 2), pace(2, 5), pace(2, 2, version=1), pace(7, 0)])
def test_what_no_standard_knows_is_passed_over(entry: bytes) -> None:
    assert pace_infos(read_security_infos(encode(0x31, entry))) == ()


@pytest.mark.parametrize("raw", ["", "30 00", "6E 02 30 00", "31 02 30 00", "31 05 30 03 02 01 01", "31 03 31 01 00"])
def test_what_is_no_set_of_entries_is_refused(raw: str) -> None:
    with pytest.raises(InputError):
        read_security_infos(bytes.fromhex(raw))


@given(st.binary(max_size=200) | st.binary(max_size=120).map(lambda content: encode(0x31, content)))
def test_any_bytes_are_read_or_refused_as_input(raw: bytes) -> None:
    with contextlib.suppress(InputError):
        pace_infos(read_security_infos(raw))
