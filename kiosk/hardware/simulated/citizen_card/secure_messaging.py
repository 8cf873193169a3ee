"""Secure messaging, the card's end (ICAO Doc 9303-11, 9.8)."""

import hmac
from dataclasses import replace

from kiosk.hardware.simulated.citizen_card.ber import BadTlv, parse, tlv
from kiosk.hardware.simulated.citizen_card.ciphers import KeyPair, decrypt, encrypt, mac, pad, unpad
from kiosk.hardware.simulated.citizen_card.commands import (
    EXTENDED_LIMIT,
    SHORT_LIMIT,
    ReceivedCommand,
    Refusal,
    Reply,
    Sw,
)

_PADDING_INDICATOR = b"\x01"
_CRYPTOGRAM, _CRYPTOGRAM_ODD, _EXPECTED, _STATUS, _MAC = 0x87, 0x85, 0x97, 0x99, 0x8E
_ORDERS = tuple(
    (*data, *expected, _MAC) for data in ((), (_CRYPTOGRAM,), (_CRYPTOGRAM_ODD,)) for expected in ((), (_EXPECTED,))
)


class CardChannel:
    """One protected session.

    Args:
        keys: the session keys.
        counter: the send sequence counter at the start.
    """

    def __init__(self, keys: KeyPair, counter: int = 0) -> None:
        self._keys = keys
        self._counter = counter

    def open(self, command: ReceivedCommand) -> ReceivedCommand:
        """Check and decrypt a command.

        Raises:
            Refusal: 6987 an object is missing, 6988 one is wrong; the session is over then.
        """
        self._counter += 1
        try:
            objects = parse(command.data)
        except BadTlv as error:
            raise Refusal(Sw.SM_OBJECT_WRONG) from error
        found = dict(objects)
        if _MAC not in found:
            raise Refusal(Sw.SM_OBJECT_MISSING)
        if tuple(tag for tag, _ in objects) not in _ORDERS:
            raise Refusal(Sw.SM_OBJECT_WRONG)
        self._check_mac(command, objects)
        data = self._decrypt(command.ins, found)
        return replace(command, cla=command.cla & 0xF0, data=data, expected=_expected(found.get(_EXPECTED)))

    def seal(self, reply: Reply, *, odd: bool) -> bytes:
        """Protect an answer; `odd` is whether the command's instruction was an odd one."""
        self._counter += 1
        objects = b""
        if reply.data:
            padded = pad(reply.data, self._keys.suite.block_bytes)
            cryptogram = encrypt(self._keys.suite, self._keys.encryption, padded, self._iv())
            objects = tlv(_CRYPTOGRAM_ODD, cryptogram) if odd else tlv(_CRYPTOGRAM, _PADDING_INDICATOR, cryptogram)
        objects += tlv(_STATUS, reply.status.to_bytes(2, "big"))
        return objects + tlv(_MAC, self._mac(objects))

    def room(self, limit: int) -> int:
        """How many bytes of data an answer of at most `limit` protected bytes can carry."""
        block = self._keys.suite.block_bytes
        ends = len(tlv(_STATUS, bytes(2))) + len(tlv(_MAC, bytes(8)))
        around = len(tlv(_CRYPTOGRAM, bytes(limit - ends))) - (limit - ends) + len(_PADDING_INDICATOR)
        return (limit - ends - around) // block * block - 1

    def _check_mac(self, command: ReceivedCommand, objects: list[tuple[int, bytes]]) -> None:
        block = self._keys.suite.block_bytes
        protected = b"".join(tlv(tag, value) for tag, value in objects[:-1])
        right = self._mac(protected, pad(command.header, block))
        if not hmac.compare_digest(right, objects[-1][1]):
            raise Refusal(Sw.SM_OBJECT_WRONG)

    def _mac(self, objects: bytes, header: bytes = b"") -> bytes:
        suite = self._keys.suite
        body = pad(objects, suite.block_bytes) if objects else b""
        return mac(suite, self._keys.authentication, self._counter_bytes() + header + body)

    def _decrypt(self, ins: int, found: dict[int, bytes]) -> bytes:
        odd = bool(ins & 1)
        if (_CRYPTOGRAM if odd else _CRYPTOGRAM_ODD) in found:
            raise Refusal(Sw.SM_OBJECT_WRONG)
        cryptogram = found.get(_CRYPTOGRAM_ODD if odd else _CRYPTOGRAM)
        if cryptogram is None:
            return b""
        if not odd and not cryptogram.startswith(_PADDING_INDICATOR):
            raise Refusal(Sw.SM_OBJECT_WRONG)
        try:
            encrypted = cryptogram if odd else cryptogram[1:]
            return unpad(decrypt(self._keys.suite, self._keys.encryption, encrypted, self._iv()))
        except ValueError as error:
            raise Refusal(Sw.SM_OBJECT_WRONG) from error

    def _iv(self) -> bytes | None:
        """AES encrypts the counter for an initial vector, 3DES starts at zero (9303-11, 9.8.6.1)."""
        if self._keys.suite.block_bytes == 8:  # noqa: PLR2004 # DES
            return None
        return encrypt(self._keys.suite, self._keys.encryption, self._counter_bytes())

    def _counter_bytes(self) -> bytes:
        size = self._keys.suite.block_bytes
        return (self._counter % (1 << 8 * size)).to_bytes(size, "big")


def _expected(value: bytes | None) -> int:
    if value is None:
        return 0
    if len(value) not in (1, 2):
        raise Refusal(Sw.SM_OBJECT_WRONG)
    return int.from_bytes(value, "big") or (SHORT_LIMIT if len(value) == 1 else EXTENDED_LIMIT)
