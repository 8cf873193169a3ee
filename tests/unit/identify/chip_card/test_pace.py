"""PACE against ICAO Doc 9303-11 Appendix G.1, and against cards that do it wrong."""

from collections.abc import Iterator

import pytest

from kiosk.errors import CardError, CardProblem
from kiosk.identify.chip_card.apdu import PlainChannel
from kiosk.identify.chip_card.block_cipher import encrypt, mac, pad
from kiosk.identify.chip_card.curves import STANDARD_CURVES, Curve, Point, add, encode_point, multiply, shared_x
from kiosk.identify.chip_card.key_derivation import Cipher, password_key, session_keys
from kiosk.identify.chip_card.pace import Password, open_with_pace
from kiosk.identify.chip_card.security_infos import Mapping, PaceInfo
from kiosk.identify.chip_card.tlv import children, encode, read_tlv

OID = bytes.fromhex("04007F00070202040202")
INFO = PaceInfo(OID, Mapping.ECDH_GM, Cipher.AES_128, 13)
PASSWORD = Password.from_mrz("T22000129364081251010318")
BRAINPOOL = STANDARD_CURVES[13]

MAP_KEY = 0x7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99
AGREEMENT_KEY = 0xA73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595
MAP_PUBLIC = (
    "7ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
    "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D"
)
CARD_MAP_PUBLIC = (
    "824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
    "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54"
)
AGREEMENT_PUBLIC = (
    "2DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
    "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462"
)
CARD_PUBLIC = (
    "9E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
    "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094"
)
NONCE_ANSWER = "7C12801095A3A016522EE98D01E76CB6B98B42C3"
TRANSCRIPT = {
    "0022C1A40F800A04007F00070202040202830101": "9000",
    "10860000027C0000": NONCE_ANSWER + "9000",
    f"10860000457C43814104{MAP_PUBLIC}00": f"7C43824104{CARD_MAP_PUBLIC}9000",
    f"10860000457C43834104{AGREEMENT_PUBLIC}00": f"7C43844104{CARD_PUBLIC}9000",
    "008600000C7C0A8508C2B0BD78D94BA86600": "7C0A86083ABB9674BCE93C089000",
}


class Transcript:
    """A connection that knows the worked example's answers, some of them replaced."""

    def __init__(self, **replaced: str) -> None:
        self.sent: list[str] = []
        steps = dict(zip(("choose", "nonce", "map", "agree", "token"), TRANSCRIPT.values(), strict=True))
        self._answers = dict(zip(TRANSCRIPT, (steps | replaced).values(), strict=True))

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        self.sent.append(command.hex().upper())
        answer = bytes.fromhex(self._answers[self.sent[-1]])
        return answer[:-2], int.from_bytes(answer[-2:])


def worked_keys() -> Iterator[int]:
    yield MAP_KEY
    yield AGREEMENT_KEY


def run(card: Transcript) -> None:
    keys = worked_keys()
    open_with_pace(PlainChannel(card), INFO, PASSWORD, private_keys=lambda _curve: next(keys))


def test_the_worked_example_runs_to_its_end() -> None:
    card = Transcript()
    run(card)
    assert card.sent == list(TRANSCRIPT)


def test_the_worked_examples_values_follow_from_each_other() -> None:
    assert encode_point(BRAINPOOL, multiply(BRAINPOOL, MAP_KEY, BRAINPOOL.generator)).hex().upper() == "04" + MAP_PUBLIC
    cards = Point(int(CARD_MAP_PUBLIC[:64], 16), int(CARD_MAP_PUBLIC[64:], 16))
    hidden = multiply(BRAINPOOL, MAP_KEY, cards)
    assert hidden.x == 0x60332EF2450B5D247EF6D3868397D398852ED6E8CAF6FFEEF6BF85CA57057FD5
    nonce = 0x3F00C4D39D153F2B2A214A078D899B22
    mapped = add(BRAINPOOL, multiply(BRAINPOOL, nonce, BRAINPOOL.generator), hidden)
    assert mapped.x == 0x8CED63C91426D4F0EB1435E7CB1D74A46723A0AF21C89634F65A9AE87A9265E2


OFF_CURVE = "7C43824104" + "01" * 64 + "9000"


@pytest.mark.parametrize(
    ("step", "answer", "kind"),
    [
        ("choose", "6A80", CardProblem.UNSUPPORTED),
        ("choose", "6A88", CardProblem.UNSUPPORTED),
        ("choose", "63C1", CardProblem.THROTTLED),
        ("choose", "6983", CardProblem.THROTTLED),
        ("nonce", "6985", CardProblem.UNSUPPORTED),
        ("nonce", "9000", CardProblem.MALFORMED),
        ("nonce", "7C0280009000", CardProblem.MALFORMED),
        ("nonce", "7C03800101959000", CardProblem.MALFORMED),
        ("nonce", "7C0F800D" + "00" * 13 + "9000", CardProblem.MALFORMED),
        ("map", "6300", CardProblem.UNSUPPORTED),
        ("map", OFF_CURVE, CardProblem.MALFORMED),
        ("map", f"7C43824104{MAP_PUBLIC}9000", CardProblem.MALFORMED),
        ("map", f"7C43844104{CARD_MAP_PUBLIC}9000", CardProblem.MALFORMED),
        ("agree", f"7C43844104{AGREEMENT_PUBLIC}9000", CardProblem.MALFORMED),
        ("agree", "7C0284009000", CardProblem.MALFORMED),
        ("token", "6300", CardProblem.WRONG_KEY),
        ("token", "63C2", CardProblem.THROTTLED),
        ("token", "6983", CardProblem.THROTTLED),
        ("token", "6A80", CardProblem.UNSUPPORTED),
        ("token", "7C0A860800000000000000009000", CardProblem.MALFORMED),
        ("token", "9000", CardProblem.MALFORMED),
    ],
)
def test_each_trouble_of_each_step_has_its_own_word(step: str, answer: str, kind: CardProblem) -> None:
    with pytest.raises(CardError) as refusal:
        run(Transcript(**{step: answer}))
    assert refusal.value.kind is kind


def test_a_card_that_warns_of_its_tries_opens_all_the_same() -> None:
    run(Transcript(choose="63C2"))


@pytest.mark.parametrize(
    "info",
    [
        PaceInfo(OID, Mapping.ECDH_GM, Cipher.AES_128, None),
        PaceInfo(OID, Mapping.ECDH_GM, Cipher.AES_128, 2),
        PaceInfo(OID[:-2] + b"\4\2", Mapping.ECDH_IM, Cipher.AES_128, 13),
        PaceInfo(OID[:-2] + b"\6\2", Mapping.ECDH_CAM, Cipher.AES_128, 13),
        PaceInfo(OID[:-2] + b"\1\2", Mapping.DH_GM, Cipher.AES_128, 2),
    ],
    ids=lambda info: info.name,
)
def test_what_this_reader_cannot_do_is_refused_before_the_card_is_asked(info: PaceInfo) -> None:
    card = Transcript()
    with pytest.raises(CardError) as refusal:
        open_with_pace(PlainChannel(card), info, PASSWORD)
    assert refusal.value.kind is CardProblem.UNSUPPORTED
    assert card.sent == []


class Answering:
    """The chip's side of one agreement, worked out from known keys; no more of a card than the vectors lack."""

    def __init__(self, info: PaceInfo, curve: Curve, password: Password, keys: tuple[int, int]) -> None:
        self._info, self._curve, self._password, self._keys = info, curve, password, keys
        self._nonce = 0x42
        self._base = self._terminal = curve.generator
        self.shared = b""

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        if command[1] != 0x86:
            return b"", 0x9000
        parts = children(read_tlv(command, 5).value)
        if not parts:
            return self._encrypted_nonce(), 0x9000
        step = parts[0].tag
        return encode(0x7C, encode(step + 1, self._answer(step, parts[0].value))), 0x9000

    def _encrypted_nonce(self) -> bytes:
        key = password_key(self._password.secret, self._info.cipher)
        return encode(0x7C, encode(0x80, encrypt(self._info.cipher, key, self._nonce.to_bytes(32))))

    def _answer(self, step: int, data: bytes) -> bytes:
        if step == 0x85:
            return self._token(self._terminal)
        size = self._curve.field_bytes
        self._terminal = Point(int.from_bytes(data[-2 * size : -size]), int.from_bytes(data[-size:]))
        key = self._keys[0 if step == 0x81 else 1]
        own = multiply(self._curve, key, self._base)
        if step == 0x81:
            hidden = multiply(self._curve, key, self._terminal)
            self._base = add(self._curve, multiply(self._curve, self._nonce, self._base), hidden)
        else:
            self.shared = shared_x(self._curve, key, self._terminal)
        return encode_point(self._curve, own)

    def _token(self, point: Point) -> bytes:
        cipher = self._info.cipher
        text = encode(0x7F49, encode(6, self._info.oid) + encode(0x86, encode_point(self._curve, point)))
        keys = session_keys(self.shared, cipher)
        return mac(cipher, keys.mac, text if cipher.is_aes else pad(text, 8))


@pytest.mark.parametrize("cipher", Cipher)
@pytest.mark.parametrize("parameter_id", [8, 10, 12, 14, 17, 18])
def test_every_cipher_and_every_sort_of_curve_agree(cipher: Cipher, parameter_id: int) -> None:
    oid = OID[:-1] + bytes((1 + list(Cipher).index(cipher),))
    info = PaceInfo(oid, Mapping.ECDH_GM, cipher, parameter_id)
    password = Password.from_can("012345")
    card = Answering(info, STANDARD_CURVES[parameter_id], password, (11, 13))
    open_with_pace(PlainChannel(card), info, password)
    assert len(card.shared) == STANDARD_CURVES[parameter_id].field_bytes


@pytest.mark.parametrize("parameter_id", [12, 13, 18])
def test_a_shared_secret_that_begins_with_zero_opens_the_card(parameter_id: int) -> None:
    """Half of the shared secrets on secp521r1 have a first byte of zero, one in 256 on the others."""
    info = PaceInfo(OID, Mapping.ECDH_GM, Cipher.AES_128, parameter_id)
    curve = STANDARD_CURVES[parameter_id]
    password = Password.from_can("012345")
    terminal = (5, zero_key(curve))
    card = Answering(info, curve, password, (7, 1))
    keys = iter(terminal)
    open_with_pace(PlainChannel(card), info, password, private_keys=lambda _curve: next(keys))
    assert card.shared.startswith(b"\0")
    assert len(card.shared) == curve.field_bytes


def zero_key(curve: Curve) -> int:
    """The least private key that gives a shared x with a first byte of zero on the generator mapped by 5, 7 and 42."""
    base = multiply(curve, 0x42 + 35, curve.generator)
    return next(key for key in range(2, 3_000) if multiply(curve, key, base).x < 1 << 8 * (curve.field_bytes - 1))


def test_a_password_never_shows_in_a_log() -> None:
    assert "012345" not in repr(Password.from_can("012345"))
