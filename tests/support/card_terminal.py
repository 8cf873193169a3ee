"""A bare terminal that opens a virtual card by BAC, for tests of the card's own side: it judges nothing."""

import hashlib
from typing import NamedTuple

from kiosk.hardware.simulated.citizen_card import ber
from kiosk.hardware.simulated.citizen_card.card import VirtualCard
from kiosk.hardware.simulated.citizen_card.ciphers import KeyPair, Suite, decrypt, encrypt, mac, pad, unpad
from kiosk.hardware.simulated.citizen_card.image import CardImage

SELECT_APPLICATION = bytes.fromhex("00A4040C07A0000002471001")


class Answer(NamedTuple):
    """What a card said."""

    data: bytes
    status: int


class Terminal:
    """One open session.

    Args:
        image: the card to lay and open.
    """

    def __init__(self, image: CardImage) -> None:
        self.card = VirtualCard(image)
        self.card.power_on()
        seed = hashlib.sha1(image.mrz_information.encode()).digest()[:16]  # noqa: S324 # the standard's
        self._keys = KeyPair.derived(seed, Suite.TDES)
        self.card.exchange(SELECT_APPLICATION)
        challenge = self.card.exchange(bytes.fromhex("0084000008"))[:8]
        answer = self.card.exchange(bytes.fromhex("0082000028") + self._protected(bytes(8) + challenge + bytes(16)))
        card_key = decrypt(Suite.TDES, self._keys.encryption, answer[:32])[16:]
        self.enter(KeyPair.derived(card_key, Suite.TDES), int.from_bytes(challenge[4:] + bytes(4), "big"))

    def _protected(self, plain: bytes) -> bytes:
        cryptogram = encrypt(Suite.TDES, self._keys.encryption, plain)
        return cryptogram + mac(Suite.TDES, self._keys.authentication, pad(cryptogram, 8))

    def enter(self, keys: KeyPair, counter: int = 0) -> None:
        """Go on under other session keys."""
        self._keys, self._counter = keys, counter

    def send(self, header: str, data: bytes = b"", expected: int | None = None, *, extended: bool = False) -> Answer:
        """Send a protected command; the answer's MAC is checked."""
        ins = int(header[2:4], 16)
        objects = self._objects(ins, data, expected)
        self._counter += 1
        protected = self._mac(pad(bytes.fromhex(header), self._block) + (pad(objects, self._block) if objects else b""))
        body = objects + ber.tlv(0x8E, protected)
        lengths = (b"\0" + len(body).to_bytes(2, "big"), b"\0\0") if extended else (bytes([len(body)]), b"\0")
        return self._opened(self._collect(bytes.fromhex(header) + lengths[0] + body + lengths[1]))

    def _objects(self, ins: int, data: bytes, expected: int | None) -> bytes:
        objects = b""
        self._counter += 1
        if data:
            cryptogram = encrypt(self._suite, self._keys.encryption, pad(data, self._block), self._iv())
            objects = ber.tlv(0x85, cryptogram) if ins & 1 else ber.tlv(0x87, b"\x01", cryptogram)
        self._counter -= 1
        if expected is not None:
            short = expected <= 256
            size = 1 if short else 2
            objects += ber.tlv(0x97, (expected % (256 if short else 65536)).to_bytes(size, "big"))
        return objects

    def _collect(self, command: bytes) -> bytes:
        answer = self.card.exchange(command)
        whole = answer[:-2]
        while answer[-2] == 0x61:
            answer = self.card.exchange(bytes((0, 0xC0, 0, 0, answer[-1])))
            whole += answer[:-2]
        return whole + answer[-2:]

    def _opened(self, answer: bytes) -> Answer:
        status = int.from_bytes(answer[-2:], "big")
        if len(answer) == 2:
            return Answer(b"", status)
        self._counter += 1
        objects = dict(ber.parse(answer[:-2]))
        signed = answer[: -2 - len(ber.tlv(0x8E, bytes(8)))]
        assert self._mac(pad(signed, self._block)) == objects[0x8E]
        assert int.from_bytes(objects[0x99], "big") == status
        cryptogram = objects.get(0x85) or objects.get(0x87, b"")[1:]
        if not cryptogram:
            return Answer(b"", status)
        return Answer(unpad(decrypt(self._suite, self._keys.encryption, cryptogram, self._iv())), status)

    def _mac(self, padded: bytes) -> bytes:
        return mac(self._suite, self._keys.authentication, self._counter.to_bytes(self._block, "big") + padded)

    def _iv(self) -> bytes | None:
        if self._suite is Suite.TDES:
            return None
        return encrypt(self._suite, self._keys.encryption, self._counter.to_bytes(self._block, "big"))

    @property
    def _suite(self) -> Suite:
        return self._keys.suite

    @property
    def _block(self) -> int:
        return self._suite.block_bytes
