"""Whatever bytes come: a parser reads them or says InputError, and no changed card becomes a better one."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import InputError
from kiosk.identify.chip_card.active_authentication import prove
from kiosk.identify.chip_card.apdu import Response
from kiosk.identify.chip_card.certificates import read_certificate
from kiosk.identify.chip_card.chip_authentication import best_offer
from kiosk.identify.chip_card.issuer import CITIZEN_CARD, Pinned
from kiosk.identify.chip_card.key_derivation import Cipher
from kiosk.identify.chip_card.master_list import read_master_list
from kiosk.identify.chip_card.proof import Proof
from kiosk.identify.chip_card.public_keys import read_public_key
from kiosk.identify.chip_card.revocation_lists import read_revocation_list
from kiosk.identify.chip_card.security_object import read_security_object
from kiosk.identify.chip_card.trust_store import TrustStore
from kiosk.identify.chip_card.verdict import judge
from kiosk.model.chip_card import CheckOutcome, ChipVerdict
from tests.support.chip_issuer import (
    TODAY,
    Signing,
    authority,
    dg1,
    document_signer,
    ec_key,
    explicit_key_info,
    key_info,
    master_list,
    revocation_list,
    rsa_key,
    security_object,
)
from tests.support.proving_chip import Answers, agreement_info, chip_key_info, dg14, dg15

ROOT = authority()
ANCHOR = read_certificate(ROOT.certificate)
SIGNER = document_signer(ROOT, document_types=["ID"])
GROUPS = {"DG1": dg1(), "DG15": dg15(rsa_key(1024))}
SIGNED = security_object(GROUPS, SIGNER)
STORE = TrustStore.of([Pinned(CITIZEN_CARD, ANCHOR)])
AGREEMENT = dg14(agreement_info(Cipher.AES_128), chip_key_info(explicit_key_info(ec_key()), 1))
LIST = revocation_list(ROOT, [1, 2, 3], next_update=datetime(2027, 1, 1, tzinfo=UTC))
PSS_SIGNER = document_signer(ROOT, signing=Signing(rsa_key(2048), pss=True))
PARSERS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "EF.SOD": (SIGNED, read_security_object),
    "EF.SOD with RSA-PSS": (security_object(GROUPS, PSS_SIGNER), read_security_object),
    "certificate": (SIGNER.certificate, read_certificate),
    "named key": (key_info(ec_key()), read_public_key),
    "explicit key": (explicit_key_info(ec_key()), read_public_key),
    "RSA key": (key_info(rsa_key(1024)), read_public_key),
    "revocation list": (LIST, read_revocation_list),
    "master list": (master_list([ROOT.certificate], SIGNER), lambda data: read_master_list(data, "VN", ANCHOR)),
    "DG14": (AGREEMENT, best_offer),
}

changes = st.lists(
    st.tuples(st.sampled_from(["set", "cut", "add"]), st.integers(0, 10_000), st.binary(min_size=1, max_size=4)),
    min_size=1,
    max_size=4,
)


def changed(data: bytes, how: list[tuple[str, int, bytes]]) -> bytes:
    for kind, where, value in how:
        at = where % (len(data) + 1)
        gone = {"set": len(value), "cut": len(value), "add": 0}[kind]
        data = data[:at] + (b"" if kind == "cut" else value) + data[at + gone :]
    return data


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.binary(max_size=300))
@settings(max_examples=50, deadline=None)
def test_arbitrary_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    with contextlib.suppress(InputError):
        PARSERS[name][1](data)


@pytest.mark.parametrize("name", PARSERS)
@given(how=changes)
@settings(max_examples=100, deadline=None)
def test_changed_bytes_are_read_or_refused(name: str, how: list[tuple[str, int, bytes]]) -> None:
    good, read = PARSERS[name]
    with contextlib.suppress(InputError):
        read(changed(good, how))


@pytest.mark.parametrize("name", PARSERS)
def test_every_shortened_file_is_refused(name: str) -> None:
    good, read = PARSERS[name]
    for length in range(0, len(good), 7):
        with pytest.raises(InputError):
            read(good[:length])


@given(how=changes)
@settings(max_examples=200, deadline=None)
def test_a_changed_security_object_is_judged_and_vouches_for_nothing_else(how: list[tuple[str, int, bytes]]) -> None:
    files = {**GROUPS, "EF.SOD": changed(SIGNED, how), "DG1": dg1("IDVNM9")}
    proof = Proof(CheckOutcome.PASSED, "key")
    judgement = judge(files, trust=STORE, today=TODAY, active=proof, chip=None)
    assert judgement.verdict is ChipVerdict.REFUSED


@given(data=st.binary(max_size=200), status=st.integers(0, 0xFFFF))
@settings(max_examples=200, deadline=None)
def test_no_answer_made_up_passes_active_authentication(data: bytes, status: int) -> None:
    proof = prove(Answers(lambda _: Response(data, status)), GROUPS["DG15"], None, bytes(8))
    assert proof.outcome is (CheckOutcome.FAILED if status == 0x9000 else CheckOutcome.NOT_POSSIBLE)


@pytest.mark.parametrize("name", PARSERS)
def test_a_file_of_any_size_is_refused_at_once(name: str) -> None:
    with pytest.raises(InputError):
        PARSERS[name][1](b"\x30\x84\x02\x00\x00\x00" + bytes(0x2000000))
