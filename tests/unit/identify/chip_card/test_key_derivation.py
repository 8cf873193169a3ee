"""Keys against ICAO Doc 9303-11 Appendix D and G, and against an invented citizen."""

import hashlib

import pytest

from kiosk.identify.chip_card.key_derivation import Cipher, password_key, session_keys


def test_the_keys_of_the_worked_example_for_bac_come_out() -> None:
    seed = hashlib.sha1(b"L898902C<369080619406236").digest()[:16]  # noqa: S324 # prescribed by the standard
    keys = session_keys(seed, Cipher.TDES)
    assert seed.hex().upper() == "239AB9CB282DAF66231DC5A4DF6BFBAE"
    assert keys.encryption.hex().upper() == "AB94FDECF2674FDFB9B391F85D7F76F2"
    assert keys.mac.hex().upper() == "7962D9ECE03D1ACD4C76089DCE131543"


def test_the_session_keys_of_the_worked_example_for_bac_come_out() -> None:
    ours = bytes.fromhex("0B795240CB7049B01C19B33E32804F0B")
    cards = bytes.fromhex("0B4F80323EB3191CB04970CB4052790B")
    keys = session_keys(bytes(one ^ other for one, other in zip(ours, cards, strict=True)), Cipher.TDES)
    assert keys.encryption.hex().upper() == "979EC13B1CBFE9DCD01AB0FED307EAE5"
    assert keys.mac.hex().upper() == "F1CB1F1FB5ADF208806B89DC579DC1F8"


def test_the_password_key_of_the_worked_example_for_pace_comes_out() -> None:
    text = hashlib.sha1(b"T22000129364081251010318").digest()  # noqa: S324 # prescribed by the standard
    assert password_key(text, Cipher.AES_128).hex().upper() == "89DED1B26624EC1E634C1989302849DD"


def test_an_invented_citizen_gives_the_known_keys() -> None:
    assert password_key(b"012345", Cipher.AES_128).hex() == "5e5cd537047973c8f8bfdea168324ec0"
    seed = hashlib.sha1(b"190012345790030593003057").digest()[:16]  # noqa: S324 # prescribed by the standard
    keys = session_keys(seed, Cipher.TDES)
    assert seed.hex() == "dcda74a649cc79e384aebc3dcbb936ad"
    assert keys.encryption.hex() == "2f4680cde958f7f7611cd50e0badf4d5"
    assert keys.mac.hex() == "1cda9e0d13cdd5fd83431386f1d05407"


@pytest.mark.parametrize(
    ("cipher", "digest"),
    [(Cipher.AES_128, "sha1"), (Cipher.AES_192, "sha256"), (Cipher.AES_256, "sha256")],
)
def test_each_aes_key_is_the_beginning_of_its_ciphers_hash(cipher: Cipher, digest: str) -> None:
    keys = session_keys(b"secret", cipher)
    assert keys.encryption == hashlib.new(digest, b"secret\0\0\0\1").digest()[: cipher.key_bytes]
    assert keys.mac == hashlib.new(digest, b"secret\0\0\0\2").digest()[: cipher.key_bytes]
    assert len(keys.encryption) == cipher.key_bytes


def test_every_byte_of_a_3des_key_has_odd_parity() -> None:
    keys = session_keys(b"secret", Cipher.TDES)
    assert all(byte.bit_count() % 2 == 1 for byte in keys.encryption + keys.mac)


def test_leading_zero_bytes_of_a_secret_change_the_keys() -> None:
    assert session_keys(b"\0secret", Cipher.AES_128) != session_keys(b"secret", Cipher.AES_128)


def test_keys_never_show_in_a_log() -> None:
    keys = session_keys(b"secret", Cipher.AES_256)
    assert keys.encryption.hex() not in repr(keys)
    assert repr(keys.mac) not in repr(keys)
