"""What is fuzzed: each parser that meets a card's bytes, with what it may raise."""

from dataclasses import dataclass, replace
from datetime import date

from kiosk.errors import CardError, CardProblem, InputError
from kiosk.identify.chip_card import (
    apdu,
    block_cipher,
    certificates,
    citizen_data,
    contradictions,
    data_groups,
    data_text,
    key_derivation,
    mrz,
    portrait,
    public_keys,
    secure_messaging,
    security_infos,
    security_object,
    signed_data,
    tlv,
)
from tests.fuzz.card_targets import CARD_TARGETS
from tests.fuzz.target import Target

TODAY = date(2026, 11, 22)
_DEEPEST = 8
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
_CARD, _PASSPORT = 90, 88
_RAW, _WITH_MAC = 0, 1


def _tlv(data: bytes, depth: int = 0) -> None:
    """Every object is a part of the data, and together they are all of it."""
    try:
        found = tlv.children(data)
    except InputError:
        return
    if b"".join(each.raw for each in found) != data:
        raise AssertionError("the objects are not the data")
    for each in found:
        again = tlv.read_tlv(tlv.encode(each.tag, each.value))
        if (again.tag, again.value) != (each.tag, each.value):
            raise AssertionError("an object encoded anew is another one")
        if depth < _DEEPEST:
            _tlv(each.value, depth + 1)


def _mrz(data: bytes) -> None:
    """As DG1; and as a zone whose check digits are right, which chance would hardly find."""
    try:
        mrz.read_dg1(data, TODAY)
    except InputError:
        text = "".join(_ALPHABET[byte % len(_ALPHABET)] if byte > 0x7F else chr(byte) for byte in data)
        _zone(text)


def _zone(text: str) -> None:
    try:
        found = mrz.read_mrz(_with_check_digits(text), TODAY)
    except InputError:
        return
    if found.citizen_number is not None and not found.citizen_number.isdigit():
        raise AssertionError("a citizen's number is no number")
    contradictions.contradictions(found)
    try:
        citizen_data.citizen_data(found)
    except InputError:
        return


def _with_check_digits(text: str) -> str:
    """The digits put where ICAO Doc 9303-4 and -5 have them; text of another length or alphabet stays as it is."""
    fields = {
        _CARD: ((5, 14), (30, 36), (38, 44)),
        _PASSPORT: ((44, 53), (57, 63), (65, 71), (72, 86)),
    }.get(len(text))
    if fields is None or not set(text) <= set(_ALPHABET):
        return text
    for begin, end in fields:
        if (begin, text[end]) == (5, "<"):
            continue  # a long number has its digit elsewhere
        text = text[:end] + mrz.check_digit(text[begin:end]) + text[end + 1 :]
    if len(text) == _PASSPORT:
        return text[:87] + mrz.check_digit(text[44:54] + text[57:64] + text[65:87])
    number = text[15:27]
    if number.isdigit() and text[27:29] == "<<":
        text = text[:29] + mrz.check_digit(number) + text[30:]
    return text[:59] + mrz.check_digit(text[5:30] + text[30:37] + text[38:45] + text[48:59]) + text[60:]


def _dg2(data: bytes) -> None:
    try:
        found = portrait.find_picture(data)
    except InputError:
        return
    if found.data not in data:
        raise AssertionError("the picture is not in the data group")


def _dg13(data: bytes) -> None:
    try:
        found = citizen_data.read_dg13(data)
    except InputError:
        return
    if not 0 <= found.not_kept <= citizen_data.MAX_FIELDS:
        raise AssertionError("more fields are dropped than there are")


def _details(data: bytes) -> None:
    for read in (data_groups.read_dg11, data_groups.read_dg12):
        try:
            read(data)
        except InputError:
            continue


def _sod(data: bytes) -> None:
    try:
        found = security_object.read_security_object(data)
    except InputError:
        return
    for name in found.hashes:
        found.holds(name, data)
    for certificate in found.signature.certificates:
        _certificate(certificate)


def _certificate(data: bytes) -> None:
    try:
        certificates.read_certificate(data)
    except InputError:
        return


def _security_infos(data: bytes) -> None:
    try:
        found = security_infos.read_security_infos(data)
    except InputError:
        return
    for info in security_infos.pace_infos(found):
        if not info.name or (info.is_usable and info.curve is None):
            raise AssertionError("a way to do PACE has no name or no curve")


def _public_key(data: bytes) -> None:
    try:
        public_keys.read_public_key(data)
    except InputError:
        return


@dataclass(frozen=True)
class _Card:
    """Answers every command with the same bytes."""

    answer: bytes

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """The answer, whatever the command."""
        del command
        return self.answer, 0x9000


def _secure_messaging(data: bytes) -> None:
    """The first byte chooses cipher and way: the answer as it is, or with a right MAC over it."""
    choice, answer = (data or b"\0")[0], data[1:]
    cipher = list(key_derivation.Cipher)[choice & 3]
    keys = key_derivation.session_keys(bytes(range(16)), cipher)
    if choice >> 2 & 1 == _WITH_MAC:
        counter = (2).to_bytes(cipher.block_bytes)
        text = counter + block_cipher.pad(answer, cipher.block_bytes)
        answer += tlv.encode(0x8E, block_cipher.mac(cipher, keys.mac, text))
    channel = secure_messaging.SecureChannel(apdu.PlainChannel(_Card(answer)), keys)
    read = apdu.Command(0x00, 0xB0, 0x81, 0x00, expected=256)
    try:
        channel.exchange(read)
    except CardError as error:
        _must_be_dead(channel, read, error)


def _must_be_dead(channel: secure_messaging.SecureChannel, command: apdu.Command, error: CardError) -> None:
    if error.kind is not CardProblem.SECURE_MESSAGING:
        raise error
    try:
        channel.exchange(replace(command, p1=0x82))
    except CardError:
        return
    raise AssertionError("the channel goes on after a broken answer")


TARGETS = {
    "tlv": Target(_tlv, (tlv,), 512),
    "mrz": Target(_mrz, (mrz,), 160, is_tree=False),
    "sod": Target(_sod, (security_object, signed_data), 4096),
    "dg2": Target(_dg2, (portrait,), 2048),
    "dg13": Target(_dg13, (citizen_data, data_text), 1024),
    "secure_messaging": Target(_secure_messaging, (secure_messaging, block_cipher), 512, is_tree=False),
    "details": Target(_details, (data_groups, data_text), 512),
    "security_infos": Target(_security_infos, (security_infos,), 512),
    "certificate": Target(_certificate, (certificates,), 2048),
    "public_key": Target(_public_key, (public_keys,), 1024),
    **CARD_TARGETS,
}
"""The six that must not miss first, then the others that read a card's bytes."""
