"""Which code is this, and what does it claim? The front door for whatever was scanned or typed."""

from kiosk.errors import InputError
from kiosk.identify.codes.citizen_number import CitizenNumber
from kiosk.identify.codes.citizen_qr import CitizenCode, parse_citizen_qr
from kiosk.identify.codes.fields import read_payload
from kiosk.identify.codes.hospital_code import HospitalCode
from kiosk.identify.codes.insurance_number import InsuranceNumber
from kiosk.identify.codes.insurance_qr import InsuranceCode, parse_insurance_qr
from kiosk.model.identity import ClaimSource, Identifier, IdentifierSystem, IdentityClaim

Code = CitizenCode | InsuranceCode | CitizenNumber | InsuranceNumber | HospitalCode


def recognise(payload: str, hospital_pattern: str) -> Code:
    """Read a payload as the first that fits: citizen's QR, insurance QR, citizen, insurance, hospital number.

    Args:
        payload: what the scanner gave or the person typed.
        hospital_pattern: regular expression for the whole of the hospital's own code.

    Raises:
        InputError: kind ``unknown_code`` where nothing fits, else what is wrong with the code that it resembles.
    """
    text = read_payload(payload)
    parts = text.split("|")
    # Cards print numbers in groups, and people type them so.
    compact = text.replace(" ", "")
    code = (
        parse_citizen_qr(parts)
        or parse_insurance_qr(parts)
        or CitizenNumber.from_text(compact)
        or InsuranceNumber.from_text(compact)
        or HospitalCode.from_text(text, hospital_pattern)
    )
    if code is None:
        raise InputError("unknown_code", None, "neither a citizen, an insurance nor a hospital code")
    return code


def recognise_claim(payload: str, hospital_pattern: str, *, typed: bool) -> IdentityClaim:
    """What the payload claims about who this is; a number alone claims no name.

    Raises:
        InputError: as `recognise`.
    """
    code = recognise(payload, hospital_pattern)
    if isinstance(code, CitizenCode):
        return IdentityClaim(
            source=ClaimSource.CITIZEN_QR,
            identifier=Identifier(IdentifierSystem.CITIZEN_ID, code.number.value),
            name=code.name,
            birth_date=code.birth_date,
            sex=code.sex,
            warnings=code.warnings,
        )
    if isinstance(code, InsuranceCode):
        return IdentityClaim(
            source=ClaimSource.INSURANCE_QR,
            identifier=Identifier(IdentifierSystem.INSURANCE, code.number.value),
            name=code.name,
            birth_date=code.birth_date,
            sex=code.sex,
            warnings=code.warnings,
        )
    source = ClaimSource.TYPED_NUMBER if typed else ClaimSource.SCANNED_NUMBER
    return IdentityClaim(source=source, identifier=Identifier(_system_of(code), code.value))


def _system_of(number: CitizenNumber | InsuranceNumber | HospitalCode) -> IdentifierSystem:
    if isinstance(number, CitizenNumber):
        return IdentifierSystem.CITIZEN_ID
    if isinstance(number, InsuranceNumber):
        return IdentifierSystem.INSURANCE
    return IdentifierSystem.HOSPITAL_CODE
