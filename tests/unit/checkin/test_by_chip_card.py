"""A chip's way into a check-in, and how far it is believed."""

from dataclasses import replace
from datetime import date

import pytest

from kiosk.checkin import close_day, compare_holder, known_chips, lists, move, open_record, queue
from kiosk.checkin.read_record import Access, access_to
from kiosk.checkin.resolve_waiting import resolve_waiting
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import NotFound, NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, DocumentKind, Reason, Stage
from kiosk.model.chip_card import ChipReading, ChipReason, ChipVerdict, CitizenData
from kiosk.model.chip_evidence import CardFacts, CardPhase, CardState
from kiosk.model.doubt import Doubts
from kiosk.model.events import EventKind
from kiosk.model.identity import Assurance, ClaimSource, PartialDate, Sex
from kiosk.model.staff import Role, StaffAccount
from kiosk.ports.devices import SignalSource
from tests.support.small_hospital import MAU_QR, STRANGER_QR, SetClock, SmallRecord

HERE = "kiosk-1"
DESK, DOCTOR = Actor.staff("desk"), Actor.staff("doc")
EYES = StaffAccount("doc", "bacsi", "BS. Thử", Role.DOCTOR, ("mat",), "")
PORTRAIT = b"\xff\xd8 the portrait \xff\xd9"
MAU_DATA = CitizenData(
    "001190012345", "Nguyễn Thị Mẫu", PartialDate(1990, 3, 5), Sex.FEMALE, date(2030, 3, 5), kept_from_dg13=True
)
GENUINE = ChipReading(
    ChipVerdict.GENUINE,
    citizen=MAU_DATA,
    signer="51" * 32,
    chip_key="aa" * 32,
    security_object="bb" * 32,
    portrait=PORTRAIT,
)
CONSISTENT = replace(GENUINE, verdict=ChipVerdict.CONSISTENT, reasons=(ChipReason.ISSUER_UNKNOWN,))
FORGED = replace(GENUINE, verdict=ChipVerdict.REFUSED, reasons=(ChipReason.DATA_FORGED,), chip_key=None)
CLONED = replace(FORGED, reasons=(ChipReason.CHIP_CLONED,), alarm=True)


def with_card(kiosk: LocalCheckIns, reading: ChipReading, payload: str = MAU_QR) -> CheckInView:
    view = kiosk.claim(HERE, payload, SignalSource.CAMERA)
    return kiosk.claim_chip(HERE, view.id, reading)


def arrive(kiosk: LocalCheckIns, services: Services, reading: ChipReading) -> CheckIn:
    view = with_card(kiosk, reading)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.choose_appointment(HERE, view.id, view.version, view.appointments[0].id)
    return lists.one(services, view.id)


def compare(services: Services, check_in: CheckIn, *, matches: bool = True) -> CheckIn:
    return compare_holder.compare_holder(
        services, check_in.id, version=check_in.version, clinic_id="mat", matches=matches, by=DOCTOR
    )


def actions(services: Services) -> list[str]:
    with services.storage.read() as work:
        return [row.action for row in work.audit.rows()]


def test_a_chip_confirms_the_code_of_its_card_and_says_so(kiosk: LocalCheckIns, services: Services) -> None:
    view = with_card(kiosk, GENUINE)
    assert (view.stage, view.masked_name) == (Stage.IS_THIS_YOU, "NGUYỄN T** M**")
    assert view.chip
    assert (view.chip.verdict, view.takes_card) == (ChipVerdict.GENUINE, False)
    check_in = lists.one(services, view.id)
    assert check_in.claim
    assert check_in.chip
    assert (check_in.claim.source, check_in.assurance) == (ClaimSource.CHIP_CARD, Assurance.CLAIMED)
    assert check_in.patient
    assert check_in.patient.id == "mau"


def test_a_chip_saves_typing_the_birth_date(kiosk: LocalCheckIns) -> None:
    view = kiosk.claim(HERE, "001190012345", SignalSource.TYPED)
    assert view.stage is Stage.BIRTH_DATE
    assert kiosk.card_facts(HERE, view.id) == CardFacts("001190012345", None, typed=True)
    view = kiosk.claim_chip(HERE, view.id, CONSISTENT)
    assert (view.stage, view.masked_name) == (Stage.IS_THIS_YOU, "NGUYỄN T** M**")


def test_a_genuine_chip_and_a_compared_portrait_are_proof(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services, GENUINE)
    assert access_to(arrived, EYES, services.clock.today(), Doubts()) is Access.ASK
    assert compare_holder.may_compare(arrived, has_portrait=True)
    assert compare_holder.portrait(services, arrived.id, by=DOCTOR) == PORTRAIT
    compared = compare(services, arrived)
    assert compared.assurance is Assurance.PROVEN
    assert compared.chip
    assert compared.chip.holder
    assert (compared.chip.holder.by, compared.chip.holder.matches) == ("staff:doc", True)
    assert access_to(compared, EYES, services.clock.today(), Doubts()) is Access.OPEN
    assert actions(services)[-2:] == ["see_portrait", "holder_matches"]
    with pytest.raises(NotPossibleNow):
        compare(services, compared)


def test_without_its_portrait_a_genuine_chip_is_not_proof(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services, replace(GENUINE, portrait=None))
    with pytest.raises(NotPossibleNow):
        compare(services, arrived)
    bound = known_chips.bind(services, arrived.id, version=arrived.version, by=DESK)
    assert bound.assurance is Assurance.VERIFIED


def test_a_genuine_chip_that_was_bound_is_proof_once_its_portrait_is_compared(
    kiosk: LocalCheckIns, services: Services
) -> None:
    arrived = arrive(kiosk, services, GENUINE)
    bound = known_chips.bind(services, arrived.id, version=arrived.version, by=DESK)
    assert bound.assurance is Assurance.VERIFIED
    assert compare(services, bound).assurance is Assurance.PROVEN


def test_somebody_else_than_the_portrait_shows_opens_nothing(kiosk: LocalCheckIns, services: Services) -> None:
    closed = compare(services, arrive(kiosk, services, GENUINE), matches=False)
    assert (closed.stage, closed.assurance) == (Stage.CANCELLED, Assurance.CLAIMED)
    desk = lists.reception_board(services).desk
    assert [item.reason for item in desk] == [Reason.HOLDER_DIFFERS]
    assert desk[0].chip
    assert desk[0].chip.verdict is ChipVerdict.GENUINE


def test_a_consistent_chip_is_worth_what_was_typed(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services, CONSISTENT)
    assert arrived.assurance is Assurance.CLAIMED
    assert not compare_holder.may_compare(arrived, has_portrait=True)
    with pytest.raises(NotPossibleNow):
        compare(services, arrived)


def test_a_bound_chip_is_known_on_the_second_visit(kiosk: LocalCheckIns, services: Services, clock: SetClock) -> None:
    arrived = arrive(kiosk, services, CONSISTENT)
    bound = known_chips.bind(services, arrived.id, version=arrived.version, by=DESK)
    assert bound.assurance is Assurance.VERIFIED
    assert bound.checked
    assert (bound.checked.document, bound.checked.by) == (DocumentKind.CITIZEN_CARD, "staff:desk")
    queue.call_next(services, clinic_id="mat", by=DOCTOR)
    called = lists.one(services, arrived.id)
    queue.finish(services, called.id, version=called.version, by=DOCTOR)
    clock.pass_time(days=30)

    view = with_card(kiosk, CONSISTENT)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.choose_clinic(HERE, view.id, view.version, "mat")
    again = lists.one(services, view.id)
    assert again.chip
    assert (again.chip.known, again.assurance) == (True, Assurance.CLAIMED)
    assert compare(services, again).assurance is Assurance.VERIFIED


@pytest.mark.parametrize("change", [{"chip_key": None}, {"chip_key": "cc" * 32}, {"security_object": "dd" * 32}])
def test_the_data_of_a_known_chip_without_its_key_are_not_the_chip(
    kiosk: LocalCheckIns, services: Services, clock: SetClock, change: dict[str, str | None]
) -> None:
    arrived = arrive(kiosk, services, CONSISTENT)
    known_chips.bind(services, arrived.id, version=arrived.version, by=DESK)
    clock.pass_time(days=1)
    chip = lists.one(services, with_card(kiosk, replace(CONSISTENT, **change)).id).chip  # type: ignore[arg-type] # fields
    assert chip
    assert not chip.known


def test_a_chip_without_a_proven_key_cannot_be_bound(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services, replace(CONSISTENT, chip_key=None))
    assert not known_chips.may_bind(arrived)
    with pytest.raises(NotPossibleNow):
        known_chips.bind(services, arrived.id, version=arrived.version, by=DESK)


def test_a_revoked_chip_is_not_known_any_more(kiosk: LocalCheckIns, services: Services, clock: SetClock) -> None:
    arrived = arrive(kiosk, services, CONSISTENT)
    bound = known_chips.bind(services, arrived.id, version=arrived.version, by=DESK)
    (chip,) = known_chips.chips_of(services, bound)
    revoked = known_chips.revoke(services, chip.id, by=DESK)
    assert (revoked.is_bound, revoked.revoked_by) == (False, "staff:desk")
    with pytest.raises(NotPossibleNow):
        known_chips.revoke(services, chip.id, by=DESK)
    clock.pass_time(days=1)
    again = lists.one(services, with_card(kiosk, CONSISTENT).id).chip
    assert again
    assert not again.known


def test_a_lost_card_is_capped_and_a_quiet_alarm(kiosk: LocalCheckIns, services: Services, clock: SetClock) -> None:
    arrived = arrive(kiosk, services, GENUINE)
    bound = known_chips.bind(services, arrived.id, version=arrived.version, by=DESK)
    assert bound.assurance is Assurance.VERIFIED
    (chip,) = known_chips.chips_of(services, bound)
    known_chips.report_lost(services, chip.id, lost=True, by=DESK)
    assert lists.one(services, arrived.id).assurance is Assurance.CLAIMED
    clock.pass_time(days=1)

    view = with_card(kiosk, GENUINE)
    assert (view.stage, view.help_coming) == (Stage.IS_THIS_YOU, False)
    shown = lists.one(services, view.id)
    assert (shown.help_reason, shown.assurance) == (Reason.CHIP_ALARM, Assurance.CLAIMED)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.choose_clinic(HERE, view.id, view.version, "mat")
    here = lists.one(services, view.id)
    assert not compare_holder.may_compare(here, has_portrait=True)
    inspected = open_record.inspect_document(
        services, here.id, version=here.version, clinic_id="mat", document=DocumentKind.CITIZEN_CARD, by=DESK
    )
    assert inspected.assurance is Assurance.CLAIMED
    found = known_chips.report_lost(services, chip.id, lost=False, by=DESK)
    assert found.lost_at is None


@pytest.mark.parametrize(("reading", "reason"), [(FORGED, Reason.CHIP_REFUSED), (CLONED, Reason.CHIP_ALARM)])
def test_a_refused_chip_is_no_claim_and_reception_decides(
    kiosk: LocalCheckIns, services: Services, reading: ChipReading, reason: Reason
) -> None:
    view = with_card(kiosk, reading)
    assert (view.stage, view.help_coming) == (Stage.RECEPTION, False)
    check_in = lists.one(services, view.id)
    assert (check_in.reason, check_in.help_reason, check_in.patient) == (reason, reason, None)
    assert check_in.claim
    assert check_in.claim.source is ClaimSource.CITIZEN_QR
    assert check_in.chip
    assert check_in.chip.security_object is None
    assert "chip_not_used" in actions(services)
    with pytest.raises(NotFound):
        compare_holder.portrait(services, check_in.id, by=DESK)


def test_a_clone_laid_again_is_told_of_at_the_number_that_is_there(kiosk: LocalCheckIns, services: Services) -> None:
    first = kiosk.claim(HERE, STRANGER_QR, SignalSource.CAMERA)
    assert first.stage is Stage.RECEPTION
    view = kiosk.claim(HERE, "001085000001", SignalSource.TYPED)
    view = kiosk.claim_chip(HERE, view.id, CLONED)
    assert view.again
    assert lists.one(services, first.id).help_reason is Reason.CHIP_ALARM


def test_a_chip_refused_after_the_number_was_given_keeps_the_number(kiosk: LocalCheckIns, services: Services) -> None:
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.choose_appointment(HERE, view.id, view.version, view.appointments[0].id)
    after = kiosk.claim_chip(HERE, view.id, CLONED)
    assert (after.stage, after.ticket) == (Stage.ARRIVED, view.ticket)
    assert lists.one(services, view.id).help_reason is Reason.CHIP_ALARM


@pytest.mark.parametrize(
    "reading",
    [
        replace(CONSISTENT, contradictions=("name",)),
        replace(GENUINE, citizen=replace(MAU_DATA, number="001040054321")),
    ],
)
def test_chip_and_code_of_two_people_go_to_reception(
    kiosk: LocalCheckIns, services: Services, reading: ChipReading
) -> None:
    check_in = lists.one(services, with_card(kiosk, reading).id)
    assert (check_in.stage, check_in.reason, check_in.patient) == (Stage.RECEPTION, Reason.CHIP_DISAGREES, None)


def test_a_contradiction_in_an_issue_date_is_only_told(kiosk: LocalCheckIns, services: Services) -> None:
    view = with_card(kiosk, replace(CONSISTENT, contradictions=("issued_on",)))
    assert view.stage is Stage.IS_THIS_YOU
    chip = lists.one(services, view.id).chip
    assert chip
    assert chip.contradictions == ("issued_on",)


@pytest.mark.parametrize(
    "citizen",
    [replace(MAU_DATA, name="Nguyễn Thị Khác"), replace(MAU_DATA, birth_date=PartialDate(1991, 3, 5))],
)
def test_a_chip_that_disagrees_with_the_record_goes_to_reception(
    kiosk: LocalCheckIns, services: Services, citizen: CitizenData
) -> None:
    view = kiosk.claim(HERE, "001190012345", SignalSource.TYPED)
    view = kiosk.claim_chip(HERE, view.id, replace(GENUINE, citizen=citizen))
    assert lists.one(services, view.id).reason is Reason.RECORD_DISAGREES
    assert view.stage is Stage.RECEPTION


def test_a_name_without_diacritics_keeps_those_of_the_code(kiosk: LocalCheckIns, services: Services) -> None:
    plain = replace(GENUINE, citizen=replace(MAU_DATA, name="NGUYEN THI MAU", kept_from_dg13=False))
    claim = lists.one(services, with_card(kiosk, plain).id).claim
    assert claim
    assert claim.name == "Nguyễn Thị Mẫu"


def test_without_the_record_the_chip_is_matched_later(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.off = True
    view = with_card(kiosk, GENUINE)
    assert (view.stage, view.record_unreachable) == (Stage.IS_THIS_YOU, True)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.choose_clinic(HERE, view.id, view.version, "mat")
    record.off = False
    resolve_waiting(services)
    settled = lists.one(services, view.id)
    assert settled.patient
    assert settled.patient.id == "mau"
    assert compare(services, settled).assurance is Assurance.PROVEN


def test_a_known_chip_is_known_once_the_record_answers(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    arrived = arrive(kiosk, services, CONSISTENT)
    known_chips.bind(services, arrived.id, version=arrived.version, by=DESK)
    clock.pass_time(days=1)
    record.off = True
    view = with_card(kiosk, CONSISTENT)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.choose_clinic(HERE, view.id, view.version, "mat")
    assert not compare_holder.may_compare(lists.one(services, view.id), has_portrait=True)
    record.off = False
    resolve_waiting(services)
    settled = lists.one(services, view.id)
    assert settled.assurance is Assurance.CLAIMED
    assert compare(services, settled).assurance is Assurance.VERIFIED


def test_a_chip_read_too_late_changes_nothing(kiosk: LocalCheckIns, services: Services) -> None:
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    kiosk.leave(HERE, view.id)
    assert kiosk.claim_chip(HERE, view.id, GENUINE).stage is Stage.ABANDONED
    assert lists.one(services, view.id).chip is None
    with pytest.raises(NotFound):
        kiosk.claim_chip("kiosk-2", view.id, GENUINE)


def test_a_chip_that_names_nobody_is_for_reception(kiosk: LocalCheckIns, services: Services) -> None:
    check_in = lists.one(services, with_card(kiosk, replace(CONSISTENT, citizen=None)).id)
    assert (check_in.stage, check_in.reason, check_in.patient) == (Stage.RECEPTION, Reason.CHIP_REFUSED, None)


def test_a_chip_that_was_not_used_gives_nothing_to_compare(kiosk: LocalCheckIns, services: Services) -> None:
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.choose_appointment(HERE, view.id, view.version, view.appointments[0].id)
    kiosk.claim_chip(HERE, view.id, replace(GENUINE, contradictions=("name",)))
    assert not compare_holder.may_compare(lists.one(services, view.id), has_portrait=True)


def test_not_me_forgets_the_chip_and_its_portrait(kiosk: LocalCheckIns, services: Services) -> None:
    view = with_card(kiosk, GENUINE)
    kiosk.card_state(HERE, view.id, CardState(CardPhase.READ))
    view = kiosk.reject_name(HERE, view.id, view.version)
    assert (view.stage, view.chip, view.card) == (Stage.STARTED, None, None)
    assert not compare_holder.has_portrait(services, lists.one(services, view.id))
    with services.storage.read() as work:
        assert not work.portraits.has(view.id)


def test_a_portrait_ends_with_the_check_in_and_so_do_fingerprints_of_unknown_chips(
    kiosk: LocalCheckIns, services: Services
) -> None:
    arrived = arrive(kiosk, services, GENUINE)
    cancelled = move.cancel(services, arrived.id, version=arrived.version, by=DESK)
    assert cancelled.chip
    assert (cancelled.chip.signer, cancelled.chip.chip_key, cancelled.chip.security_object) == ("51" * 32, None, None)
    with pytest.raises(NotFound):
        compare_holder.portrait(services, arrived.id, by=DESK)


def test_a_portrait_ends_with_the_day(kiosk: LocalCheckIns, services: Services, clock: SetClock) -> None:
    arrived = arrive(kiosk, services, GENUINE)
    called = queue.call_next(services, clinic_id="mat", by=DOCTOR)
    assert called
    queue.mark_absent(services, called.id, version=called.version, by=DOCTOR)
    assert compare_holder.has_portrait(services, lists.one(services, arrived.id))
    clock.pass_time(days=1)
    close_day.close_earlier_days(services)
    assert not compare_holder.has_portrait(services, lists.one(services, arrived.id))


def test_progress_is_told_without_making_a_touch_stale(kiosk: LocalCheckIns, services: Services) -> None:
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    for done in (1, 1, 2):
        kiosk.card_state(HERE, view.id, CardState(CardPhase.READING, done=done, total=6))
    now = kiosk.view(HERE, view.id)
    assert (now.version, now.card) == (view.version, CardState(CardPhase.READING, done=2, total=6))
    kiosk.card_state(HERE, view.id, None)
    assert kiosk.view(HERE, view.id).card is None
    with services.storage.read() as work:
        told = [event.kind for event in work.events.unpublished(100)]
    assert EventKind.CARD not in told
    with pytest.raises(NotFound):
        kiosk.card_state("kiosk-2", view.id, None)


def test_what_opens_the_chip_is_the_citizen_s_number_and_a_typed_expiry(kiosk: LocalCheckIns) -> None:
    view = kiosk.start(HERE, "vi")
    assert kiosk.card_facts(HERE, view.id) is None
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    assert kiosk.card_facts(HERE, view.id) == CardFacts("001190012345", PartialDate(1990, 3, 5), typed=False)
    view = kiosk.give_card_expiry(HERE, view.id, view.version, date(2030, 3, 5))
    facts = kiosk.card_facts(HERE, view.id)
    assert facts
    assert facts.expires_on == date(2030, 3, 5)
