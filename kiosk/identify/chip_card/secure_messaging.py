"""Secure messaging: every command and answer encrypted and authenticated (ICAO Doc 9303-11, 9.8)."""

from dataclasses import replace
from hmac import compare_digest

from kiosk.errors import CardError, CardProblem, InputError
from kiosk.identify.chip_card.apdu import EXTENDED_EXPECTED, SHORT_EXPECTED, Command, PlainChannel, Response
from kiosk.identify.chip_card.block_cipher import MAC_BYTES, decrypt, encrypt, mac, pad, unpad
from kiosk.identify.chip_card.key_derivation import SessionKeys
from kiosk.identify.chip_card.tlv import Tlv, children, encode

_PROTECTED_CLASS = 0x0C
_ODD_INSTRUCTION = 0x01
_ENCRYPTED = 0x87
_ENCRYPTED_TLV = 0x85
_PADDING_INDICATOR = b"\x01"
_EXPECTED = 0x97
_STATUS = 0x99
_MAC = 0x8E
_STATUS_BYTES = 2
_ORDER = (_ENCRYPTED, _ENCRYPTED_TLV, _STATUS, _MAC)


class SecureChannel:
    """Protected commands to the chip; the first answer that is not protected rightly ends it for good.

    Args:
        plain: carries what was protected.
        keys: of this session.
        counter: the send sequence counter's start: zero after PACE and chip authentication, of both random numbers
            after BAC.
    """

    def __init__(self, plain: PlainChannel, keys: SessionKeys, counter: int = 0) -> None:
        self._plain = plain
        self._keys = keys
        self._counter = counter
        self._alive = True

    def exchange(self, command: Command) -> Response:
        """Protect the command, check the answer, and take its protection off.

        Raises:
            CardError: ``secure_messaging`` for a missing or wrong MAC or status, now or before; and whatever the
                plain channel raises.
        """
        if not self._alive:
            raise _broken("secure messaging has ended")
        self._alive = False
        answer = self._plain.exchange(self._protect(command))
        response = self._open(answer)
        self._alive = True
        return response

    def _protect(self, command: Command) -> Command:
        counter = self._next_counter()
        bare = Command(command.cla | _PROTECTED_CLASS, command.ins, command.p1, command.p2)
        objects = self._encrypted(command, counter) + _expected(command)
        text = counter + self._padded(bare.header) + (self._padded(objects) if objects else b"")
        data = objects + encode(_MAC, self._mac(text))
        long = command.is_extended or len(data) > SHORT_EXPECTED - 1
        return replace(bare, data=data, expected=EXTENDED_EXPECTED if long else SHORT_EXPECTED)

    def _encrypted(self, command: Command, counter: bytes) -> bytes:
        if not command.data:
            return b""
        cipher, key = self._keys.cipher, self._keys.encryption
        text = encrypt(cipher, key, self._padded(command.data), self._initial(counter))
        if command.ins & _ODD_INSTRUCTION:
            return encode(_ENCRYPTED_TLV, text)
        return encode(_ENCRYPTED, _PADDING_INDICATOR + text)

    def _open(self, answer: Response) -> Response:
        counter = self._next_counter()
        try:
            parts = _parts(answer.data)
            self._check_mac(parts, counter)
            return Response(self._decrypted(parts, counter), int.from_bytes(parts[_STATUS].value))
        except InputError:
            raise _broken("an answer is not protected as it must be") from None

    def _check_mac(self, parts: dict[int, Tlv], counter: bytes) -> None:
        text = b"".join(part.raw for tag, part in parts.items() if tag != _MAC)
        if not compare_digest(self._mac(counter + self._padded(text)), parts[_MAC].value):
            raise _broken("an answer's MAC is wrong")

    def _decrypted(self, parts: dict[int, Tlv], counter: bytes) -> bytes:
        text = _cipher_text(parts)
        if text is None:
            return b""
        return unpad(decrypt(self._keys.cipher, self._keys.encryption, text, self._initial(counter)))

    def _next_counter(self) -> bytes:
        size = self._keys.cipher.block_bytes
        self._counter = (self._counter + 1) % (1 << 8 * size)
        return self._counter.to_bytes(size)

    def _initial(self, counter: bytes) -> bytes | None:
        """AES encrypts the counter for an initial vector, 3DES has zeros."""
        cipher = self._keys.cipher
        return encrypt(cipher, self._keys.encryption, counter) if cipher.is_aes else None

    def _padded(self, data: bytes) -> bytes:
        return pad(data, self._keys.cipher.block_bytes)

    def _mac(self, text: bytes) -> bytes:
        return mac(self._keys.cipher, self._keys.mac, text)


def _expected(command: Command) -> bytes:
    if command.expected is None:
        return b""
    size = 2 if command.is_extended else 1
    return encode(_EXPECTED, (command.expected % (1 << 8 * size)).to_bytes(size))


def _parts(data: bytes) -> dict[int, Tlv]:
    """The answer's data objects by tag: at most one encrypted, then the status and the MAC, in this order only."""
    parts = children(data)
    tags = [part.tag for part in parts]
    in_order = [tag for tag in _ORDER if tag in tags]
    by_tag = {part.tag: part for part in parts}
    if tags != in_order or tags[-2:] != [_STATUS, _MAC] or {_ENCRYPTED, _ENCRYPTED_TLV} <= by_tag.keys():
        raise InputError("bad_protection", None, "a status or a MAC is missing, or there is something else")
    if len(by_tag[_STATUS].value) != _STATUS_BYTES or len(by_tag[_MAC].value) != MAC_BYTES:
        raise InputError("bad_protection", None, "a status or a MAC has another length")
    return by_tag


def _cipher_text(parts: dict[int, Tlv]) -> bytes | None:
    if _ENCRYPTED_TLV in parts:
        return parts[_ENCRYPTED_TLV].value
    if _ENCRYPTED not in parts:
        return None
    value = parts[_ENCRYPTED].value
    if not value.startswith(_PADDING_INDICATOR):
        raise InputError("bad_protection", None, "the padding indicator is wrong")
    return value[1:]


def _broken(message: str) -> CardError:
    return CardError(CardProblem.SECURE_MESSAGING, message)
