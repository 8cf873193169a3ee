"""Master lists: what one state has collected of all states' signing authorities (ICAO Doc 9303-12, 8).

Importing one whole would let any state's signer vouch for a Vietnamese card: only one state's certificates are taken.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.errors import InputError
from kiosk.identify.chip_card.certificates import MASTER_LIST_SIGNING, Certificate, read_certificate
from kiosk.identify.chip_card.signed_data import SignedData, read_signed_data
from kiosk.identify.chip_card.tlv import children, read_tlv

MAX_BYTES = 32_000_000
_CONTENT_TYPE = "2.23.136.1.1.2"
_SEQUENCE, _SET = 0x30, 0x31


@dataclass(frozen=True, slots=True)
class MasterList:
    """One state's authorities out of a list.

    Attributes:
        taken: self-signed authorities, and link certificates that one of these signed.
        unreadable: how many certificates of the list could not be read, by the kind of the problem; their state is
            not known.
        unlinked: how many of the state's certificates lead to no self-signed one in the list.
        other_states: how many certificates are of other states.
    """

    taken: tuple[Certificate, ...]
    unreadable: Mapping[str, int]
    unlinked: int
    other_states: int


def read_master_list(der: bytes, country: str, signer: Certificate) -> MasterList:
    """Check a list's own signature, then take one state's certificates.

    Args:
        der: the list, in CMS form.
        country: the state's two letters, as in certificates.
        signer: whom the list must be from: the certificate that signed it, or the authority that issued that one.

    Raises:
        InputError: kind ``too_long``, ``not_trusted`` where the signature is not `signer`'s, or as
            `signed_data.read_signed_data`.
    """
    signed = _signed_data(der)
    _check_signer(signed, signer)
    readable, unreadable = _read_all(_entries(signed.content))
    own = [certificate for certificate in readable if certificate.country == country and certificate.is_authority]
    anchors = [certificate for certificate in own if certificate.is_self_signed]
    taken = [entry for entry in own if any(entry.is_signed_by(anchor) for anchor in anchors)]
    return MasterList(tuple(taken), unreadable, len(own) - len(taken), len(readable) - len(own))


def signer_of(der: bytes) -> Certificate | None:
    """Who says to have signed a list; nothing is checked.

    Raises:
        InputError: as `read_master_list`.
    """
    return _signed_data(der).embedded_signer()


def _signed_data(der: bytes) -> SignedData:
    if len(der) > MAX_BYTES:
        raise InputError("too_long", None, f"a master list has at most {MAX_BYTES} bytes")
    return read_signed_data(der, _CONTENT_TYPE)


def _check_signer(signed: SignedData, expected: Certificate) -> None:
    actual = expected if signed.is_of(expected) else signed.embedded_signer()
    if actual is None or not (actual.raw == expected.raw or _may_sign_lists(actual, expected, signed)):
        raise InputError("not_trusted", "signer", "the list is not signed by this signer")
    if not signed.is_signed_by(actual):
        raise InputError("not_trusted", "signer", "the list's signature is wrong")


def _may_sign_lists(actual: Certificate, authority: Certificate, signed: SignedData) -> bool:
    """Whether `authority` made `actual` a signer of lists, and not only of passports, at the time of signing."""
    return (
        authority.is_authority
        and MASTER_LIST_SIGNING in actual.purposes
        and actual.is_signed_by(authority)
        and signed.signing_time is not None
        and actual.was_valid_at(signed.signing_time)
    )


def _entries(content: bytes) -> list[bytes]:
    """CscaMasterList: SEQUENCE { version INTEGER, certList SET OF Certificate }."""
    outer = read_tlv(content)
    parts = children(outer.value)
    if outer.tag != _SEQUENCE or not parts or parts[-1].tag != _SET:
        raise InputError("malformed", None, "the master list holds no set of certificates")
    return [entry.raw for entry in children(parts[-1].value)]


def _read_all(entries: list[bytes]) -> tuple[list[Certificate], Mapping[str, int]]:
    readable, unreadable = [], Counter[str]()
    for raw in entries:
        try:
            readable.append(read_certificate(raw))
        except InputError as error:
            unreadable[error.kind] += 1
    return readable, unreadable
