"""Writes the seeds anew: ``python -m tests.fuzz.seeds``. They are what an invented holder's card says, and near it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from kiosk.hardware.simulated.citizen_card.ciphers import Suite
from kiosk.hardware.simulated.citizen_card.image import ChipKey
from kiosk.hardware.simulated.citizen_card.pki import new_authority, new_signer
from kiosk.hardware.simulated.citizen_card.private_keys import elliptic_key, rsa_key
from kiosk.hardware.simulated.citizen_card.security_infos import (
    chip_authentication_info,
    chip_public_key_info,
    data_group_14,
    data_group_15,
)
from kiosk.hardware.simulated.citizen_card.security_object import security_object
from kiosk.identify.chip_card.block_cipher import encrypt, mac, pad
from kiosk.identify.chip_card.key_derivation import Cipher, session_keys
from kiosk.identify.chip_card.tlv import encode
from tests.fuzz.card_targets import CHALLENGE
from tests.fuzz.target import CORPUS
from tests.unit.identify.chip_card.invented_holder import (
    DG13,
    MRZ_LINES,
    MRZ_WITHOUT_EXPIRY,
    dg1,
    dg2,
    dg13,
    dg13_field,
    encoded_face,
    facial_record,
)

WHEN = datetime(2021, 4, 15, tzinfo=UTC)
PASSPORT = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"
LONG_NUMBER = "I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<"
CARD_ACCESS = bytes.fromhex(
    "3134300D060804007F0007020202020101300F060A04007F000702020302020201013012060A04007F0007020204020202010202010D"
)


def protected(choice: int, plain: bytes, tag: int = 0x87) -> bytes:
    """An answer that is protected rightly, as the target of secure messaging takes it."""
    cipher = list(Cipher)[choice & 3]
    keys = session_keys(bytes(range(16)), cipher)
    counter = (2).to_bytes(cipher.block_bytes)
    initial = encrypt(cipher, keys.encryption, counter) if cipher.is_aes else None
    text = encrypt(cipher, keys.encryption, pad(plain, cipher.block_bytes), initial)
    answer = (encode(tag, b"\x01" * (tag == 0x87) + text) if plain else b"") + encode(0x99, b"\x90\x00")
    code = mac(cipher, keys.mac, counter + pad(answer, cipher.block_bytes))
    return bytes([choice]) + answer + (encode(0x8E, code) if not choice & 4 else b"")


def script(*answers: bytes) -> bytes:
    """What a card answers, each with the status 9000."""
    return b"".join(bytes([len(answer)]) + answer + b"\x90\0" for answer in answers)


def issued() -> dict[str, Sequence[bytes]]:
    """What an invented authority signs, new at each call: EF.SOD, certificates and public keys."""
    keys = [elliptic_key(13, explicit=True), elliptic_key(12), rsa_key(), rsa_key(pss=True)]
    authority = new_authority(key=keys[0])
    signers = [new_signer(authority, key) for key in keys]
    groups = {1: dg1(), 13: DG13}
    objects = [security_object(groups, signer, signed_at=WHEN) for signer in signers]
    objects += [security_object(groups, signers[1], hash_name="sha512")]
    return {
        "sod": objects,
        "verdict": objects,
        "active_authentication": [
            *(data_group_15(key) + key.sign_plain(CHALLENGE) for key in (elliptic_key(12), elliptic_key(13))),
            *(data_group_15(key) + bytes(256) for key in keys),
        ],
        "chip_authentication": [
            data_group_14([chip_authentication_info(key), chip_public_key_info(key)])
            + script(b"", b"\x7c\0", bytes(16))
            for key in (ChipKey(suite=suite, scalar=elliptic_key(13).scalar) for suite in Suite)
        ],
        "certificate": [authority.certificate, *(signer.certificate for signer in signers)],
        "public_key": [key.public_info() for key in (*keys, elliptic_key(12, explicit=True, foreign=True))],
    }


SEEDS: dict[str, Sequence[bytes]] = {
    "tlv": (dg1(), DG13, CARD_ACCESS, encode(0x7F61, encode(0x5F2E, bytes(300))), b"\x30\x84\0\0\0\x02\x05\0"),
    "mrz": (
        dg1(),
        dg1((PASSPORT,)),
        "".join(MRZ_LINES).encode(),
        "".join(MRZ_WITHOUT_EXPIRY).encode(),
        PASSPORT.encode(),
        LONG_NUMBER.encode(),
    ),
    "dg2": (
        dg2(facial_record(encoded_face(width=8, height=8)[:400])),
        dg2(facial_record(encoded_face(width=8, height=8)[:400], points=2), 0x7F2E),
        dg2(facial_record(encoded_face(".jp2", 64, 64)[:400])),
    ),
    "dg13": (
        DG13,
        dg13(*(dg13_field(number, "Không thời hạn", tag) for number, tag in enumerate((0x0C, 0x13, 0x1E), start=11))),
        dg13(dg13_field(2, "Nguye\u0302\u0303n"), dg13_field(16, "012345678"), dg13_field(3, None)),
    ),
    "secure_messaging": [
        *(protected(choice, plain) for choice in range(8) for plain in (b"", DG13[:40])),
        *(protected(choice, DG13[:40], 0x85) for choice in range(8)),
    ],
    "details": (
        encode(0x6B, encode(0x5F0E, "NGUYỄN<<THỊ<MẪU".encode()) + encode(0x5F42, "Phố Ví Dụ<Hà Nội".encode())),
        encode(0x6C, encode(0x5F26, b"20210415")),
        encode(0x6C, encode(0x5F26, bytes.fromhex("20210415"))),
    ),
    "card": (
        script(CARD_ACCESS, b"", bytes.fromhex("7c128010") + bytes(16)),
        script(CARD_ACCESS, b"", bytes.fromhex("7c128010") + bytes(16), bytes.fromhex("7c43824104") + bytes(64)),
        script(b"", b"", b"", bytes(8), bytes(40)),
        b"\x00\x6a\x82\x00\x6d\x00\x00\x61\x00\x00\x6c\x08\x00\x63\x00",
    ),
    "security_infos": (CARD_ACCESS, encode(0x6E, CARD_ACCESS)),
}


def main() -> None:
    """Write every seed into its target's folder."""
    for name, seeds in (SEEDS | issued()).items():
        folder = CORPUS / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds, start=1):
            (folder / f"{number:02}").write_bytes(seed)


if __name__ == "__main__":
    main()
