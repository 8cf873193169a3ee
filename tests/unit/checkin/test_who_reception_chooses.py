"""Reception's choice is compared with what the patient showed, and nobody alone raises what differs."""

from contextlib import suppress

import pytest

from kiosk.checkin import document_at_desk, known_chips, lists, open_record
from kiosk.checkin.attach import attach, find_patients, give_number
from kiosk.checkin.compare import compare, differences, unsettled
from kiosk.checkin.document_at_desk import inspect_at_desk
from kiosk.checkin.read_record import Access, access_to
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import AccessDenied, InputError, NotFound, NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, DocumentKind, Reason, Stage
from kiosk.model.correction import AttachReason
from kiosk.model.doubt import Doubts
from kiosk.model.identity import (
    Assurance,
    ClaimSource,
    Identifier,
    IdentifierSystem,
    IdentityClaim,
    PartialDate,
    Patient,
    Sex,
)
from kiosk.model.staff import Role, StaffAccount
from kiosk.ports.devices import SignalSource
from tests.support.small_hospital import MAU, MAU_QR, STRANGER_QR, SetClock, SmallRecord

DESK, COLLEAGUE, DOCTOR = Actor.staff("desk"), Actor.staff("colleague"), Actor.staff("doc")
EYES = StaffAccount("doc", "bacsi", "BS. Thử", Role.DOCTOR, ("mat",), "")
WHY = AttachReason.OTHER_DOCUMENT
GIRL = Patient(
    "girl",
    "Lê Gia Hân",
    PartialDate(2023, 5, 1),
    Sex.FEMALE,
    (Identifier(IdentifierSystem.CITIZEN_ID, "001323000016"), Identifier(IdentifierSystem.HOSPITAL_CODE, "BN900016")),
)
MAN_QR = "001090000077||Nguyễn Văn Mới|05031990|Nam|Số 4 Phố Ví Dụ, Hà Nội|15042021"


@pytest.fixture
def case(kiosk: LocalCheckIns, services: Services, record: SmallRecord) -> CheckIn:
    """A man of 1990, whom the record does not know, with a number of the desk."""
    record.patients.append(GIRL)
    return lists.one(services, kiosk.claim("kiosk-1", MAN_QR, SignalSource.CAMERA).id)


def attach_girl(services: Services, case: CheckIn) -> CheckIn:
    find_patients(services, case.id, payload="BN900016", by=DESK)
    return attach(services, case.id, version=case.version, patient_id="girl", clinic_id="mat", reason=WHY, by=DESK)


def inspect(services: Services, check_in: CheckIn, read: str | PartialDate, second: Actor | None = None) -> CheckIn:
    here, card = lists.one(services, check_in.id), DocumentKind.CITIZEN_CARD
    return inspect_at_desk(services, here.id, version=here.version, document=card, read=read, second=second, by=DESK)


def detail_of(services: Services, action: str) -> dict[str, str]:
    with services.storage.read() as work:
        return [dict(row.detail) for row in work.audit.rows() if row.action == action][-1]


def test_every_field_is_compared_and_one_value_that_differs_is_enough() -> None:
    number = Identifier(IdentifierSystem.CITIZEN_ID, "001190012345")
    right = IdentityClaim(ClaimSource.CITIZEN_QR, number, "NGUYEN THI MAU", PartialDate(1990, 3, 5), Sex.FEMALE)
    other = IdentityClaim(ClaimSource.CITIZEN_QR, number, "Nguyễn Thị Mẫu", PartialDate(1990, 5, 3), Sex.MALE)
    assert [one.agrees for one in compare((right,), MAU)] == [True, True, True, True]
    assert differences((right, other), MAU) == ("birth_date", "sex")


@pytest.mark.parametrize(
    ("system", "value", "agrees"),
    [
        (IdentifierSystem.INSURANCE, "GD4010100123456", True),
        (IdentifierSystem.INSURANCE, "GD4010100123457", False),
        (IdentifierSystem.OLD_ID, "012345678", None),
    ],
)
def test_a_number_is_compared_with_those_of_its_kind(
    system: IdentifierSystem, value: str, *, agrees: bool | None
) -> None:
    claim = IdentityClaim(ClaimSource.SCANNED_NUMBER, Identifier(system, value))
    assert compare((claim,), MAU)[0].agrees is agrees


def test_the_kiosk_compares_the_sex_too(kiosk: LocalCheckIns, services: Services) -> None:
    view = kiosk.claim("kiosk-1", MAU_QR.replace("Nữ", "Nam"), SignalSource.CAMERA)
    kept = lists.one(services, view.id)
    assert (kept.reason, kept.disagrees) == (Reason.RECORD_DISAGREES, ("sex",))


def test_a_man_of_1990_and_the_record_of_a_girl_of_three(services: Services, case: CheckIn) -> None:
    attached = attach_girl(services, case)
    assert (attached.stage, attached.assurance) == (Stage.ARRIVED, Assurance.CLAIMED)
    assert attached.disagrees == ("number", "name", "birth_date", "sex")
    assert (attached.attached_by, attached.attach_reason) == ("staff:desk", WHY)
    assert detail_of(services, "attach")["differs"] == "number,name,birth_date,sex"
    with pytest.raises(AccessDenied):
        inspect(services, attached, "0016")
    kept = lists.one(services, attached.id)
    assert kept.assurance is Assurance.CLAIMED
    assert access_to(kept, EYES, services.clock.today(), Doubts()) is Access.ASK
    assert not known_chips.may_bind(kept)


def test_what_differs_is_not_attached_without_a_reason(services: Services, case: CheckIn) -> None:
    find_patients(services, case.id, payload="BN900016", by=DESK)
    with pytest.raises(NotPossibleNow):
        attach(services, case.id, version=case.version, patient_id="girl", clinic_id="mat", by=DESK)
    assert lists.one(services, case.id) == case


def test_two_of_the_staff_raise_what_differs(services: Services, case: CheckIn) -> None:
    attached = attach_girl(services, case)
    with pytest.raises(AccessDenied):
        inspect(services, attached, "0016", second=DESK)
    verified = inspect(services, attached, "0016", second=COLLEAGUE)
    assert verified.checked
    assert (verified.assurance, verified.checked.second) == (Assurance.VERIFIED, "staff:colleague")
    assert detail_of(services, "checked_document")["second"] == "staff:colleague"
    assert unsettled(verified) == ()
    assert verified.disagrees == attached.disagrees


def test_the_doctor_is_the_second_of_whoever_attached(services: Services, case: CheckIn) -> None:
    attached = attach_girl(services, case)
    card, version = DocumentKind.CITIZEN_CARD, attached.version
    with pytest.raises(AccessDenied):
        open_record.inspect_document(services, attached.id, version=version, clinic_id="mat", document=card, by=DESK)
    verified = open_record.inspect_document(
        services, attached.id, version=version, clinic_id="mat", document=card, by=DOCTOR
    )
    assert verified.checked
    assert (verified.assurance, verified.checked.second) == (Assurance.VERIFIED, "staff:desk")


def test_dates_that_were_tried_are_differences_of_the_case(kiosk: LocalCheckIns, services: Services) -> None:
    """Somebody tries birth dates with one number at the kiosk: the right record stays `claimed` for one person."""
    tried = [MAU_QR.replace("05031990", f"{day:02}031991") for day in range(1, 5)]
    first, *_ = [lists.one(services, kiosk.claim("kiosk-1", payload, SignalSource.CAMERA).id) for payload in tried]
    case = lists.one(services, first.id)
    find_patients(services, case.id, payload="BN000123", by=DESK)
    with pytest.raises(NotPossibleNow):
        attach(services, case.id, version=case.version, patient_id="mau", clinic_id="noi", by=DESK)
    attached = attach(services, case.id, version=case.version, patient_id="mau", clinic_id="noi", reason=WHY, by=DESK)
    assert attached.disagrees == ("birth_date",)
    with pytest.raises(AccessDenied):
        inspect(services, attached, "2345")


def test_only_whom_this_account_found_in_this_case_lately_is_attached(
    kiosk: LocalCheckIns, services: Services, clock: SetClock
) -> None:
    case = lists.one(services, kiosk.help("kiosk-1", None).id)
    other = lists.one(services, kiosk.claim("kiosk-2", STRANGER_QR, SignalSource.CAMERA).id)
    find_patients(services, other.id, payload="BN000123", by=DESK)
    find_patients(services, case.id, payload="BN000123", by=COLLEAGUE)
    with pytest.raises(NotFound):
        attach(services, case.id, version=case.version, patient_id="mau", clinic_id="noi", by=DESK)
    find_patients(services, case.id, payload="BN000123", by=DESK)
    clock.pass_time(minutes=10, seconds=1)
    with pytest.raises(NotFound):
        attach(services, case.id, version=case.version, patient_id="mau", clinic_id="noi", by=DESK)
    find_patients(services, case.id, payload="BN000123", by=DESK)
    attached = attach(services, case.id, version=case.version, patient_id="mau", clinic_id="noi", by=DESK)
    assert (attached.disagrees, attached.attach_reason) == ((), None)


def test_a_night_desk_gives_a_number_without_a_record(kiosk: LocalCheckIns, services: Services, case: CheckIn) -> None:
    numbered = give_number(services, case.id, version=case.version, clinic_id="mat", by=DESK)
    assert (numbered.stage, numbered.patient, numbered.clinic_id) == (Stage.ARRIVED, None, "mat")
    assert access_to(numbered, EYES, services.clock.today(), Doubts()) is Access.DENIED
    again = kiosk.claim("kiosk-1", MAN_QR, SignalSource.CAMERA)
    assert again.ticket
    assert again.ticket.code == numbered.id
    find_patients(services, numbered.id, payload="BN000123", by=DESK)
    here = lists.one(services, numbered.id)
    attached = attach(services, here.id, version=here.version, patient_id="mau", clinic_id="mat", reason=WHY, by=DESK)
    assert attached.ticket == numbered.ticket


def test_who_showed_nothing_gets_a_number_too(kiosk: LocalCheckIns, services: Services) -> None:
    for station in ("kiosk-1", "kiosk-2"):
        case = lists.one(services, kiosk.help(station, None).id)
        assert give_number(services, case.id, version=case.version, clinic_id="noi", by=DESK).stage is Stage.ARRIVED


def arrived(kiosk: LocalCheckIns, services: Services) -> CheckIn:
    view = kiosk.claim("kiosk-1", MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name("kiosk-1", view.id, view.version)
    view = kiosk.choose_appointment("kiosk-1", view.id, view.version, "eye-0930")
    return lists.one(services, view.id)


def test_the_last_digits_of_the_card_are_typed(kiosk: LocalCheckIns, services: Services) -> None:
    here = arrived(kiosk, services)
    with pytest.raises(InputError) as refused:
        inspect(services, here, "9999")
    assert refused.value.kind == "wrong_document"
    kept = lists.one(services, here.id)
    assert (kept.wrong_documents, kept.assurance) == (1, Assurance.CLAIMED)
    assert inspect(services, here, "2345").assurance is Assurance.VERIFIED


def test_after_three_wrong_entries_no_document_verifies_here(kiosk: LocalCheckIns, services: Services) -> None:
    here = arrived(kiosk, services)
    for _ in range(3):
        with pytest.raises(InputError):
            inspect(services, here, "0000")
    assert not document_at_desk.may_inspect(services, lists.one(services, here.id))
    with pytest.raises(NotPossibleNow):
        inspect(services, here, "2345")


@pytest.mark.parametrize(
    ("read", "fits"), [(PartialDate(1990, 3, 5), True), (PartialDate(1990, 3, 6), False), ("2345", False)]
)
def test_of_a_passport_the_birth_date_is_typed(
    kiosk: LocalCheckIns, services: Services, read: str | PartialDate, *, fits: bool
) -> None:
    here, passport = arrived(kiosk, services), DocumentKind.PASSPORT
    with suppress(InputError):
        inspect_at_desk(services, here.id, version=here.version, document=passport, read=read, by=DESK)
    assert (lists.one(services, here.id).assurance is Assurance.VERIFIED) is fits
