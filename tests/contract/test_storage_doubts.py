"""What is remembered of people for a day, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from kiosk.model.checkin import CheckIn
from kiosk.model.doubt import Doubt, DoubtKind
from kiosk.model.identity import ClaimSource, Identifier, IdentifierSystem, IdentityClaim, PartialDate
from kiosk.storage.doubts import KEPT
from kiosk.storage.unit_of_work import SqlStorage

CITIZEN = Identifier(IdentifierSystem.CITIZEN_ID, "001190012345")
INSURANCE = Identifier(IdentifierSystem.INSURANCE, "0100123456")
CLAIM = IdentityClaim(ClaimSource.CITIZEN_QR, CITIZEN, "Nguyễn Thị Mẫu", PartialDate(1990, 5))


@pytest.fixture
def doubt(storage: SqlStorage, begun: Callable[..., CheckIn], day: date, now: datetime) -> Doubt:
    """One of a check-in that is stored."""
    with storage.write() as work:
        work.check_ins.add(begun("a"))
    return Doubt(day, DoubtKind.CODE_DISAGREES, now, "kiosk-1", "a", None, "bn-1", CLAIM, ("birth_date",))


def without_id(rows: object) -> list[Doubt]:
    return [replace(row, id=0) for row in rows]  # type: ignore[attr-defined] # any sequence of doubts


def test_a_doubt_comes_back_as_it_was(storage: SqlStorage, doubt: Doubt, day: date) -> None:
    by_staff = replace(doubt, kind=DoubtKind.OPEN_QUESTION_WRONG, clinic_id="noi", claim=None, disagrees=(), times=2)
    with storage.write() as work:
        work.doubts.add(doubt)
        work.doubts.add(by_staff)

    with storage.read() as work:
        assert without_id(work.doubts.on(day)) == [doubt, by_staff]


def test_a_person_is_found_by_a_number_or_as_a_patient_of_that_day_only(
    storage: SqlStorage, doubt: Doubt, day: date
) -> None:
    with storage.write() as work:
        work.doubts.add(doubt)
        work.doubts.add(replace(doubt, day=day - timedelta(days=1)))

    with storage.read() as work:
        assert without_id(work.doubts.about(day, identifiers=[CITIZEN, INSURANCE], patient_ids=[])) == [doubt]
        assert without_id(work.doubts.about(day, identifiers=[INSURANCE], patient_ids=["bn-1"])) == [doubt]
        assert work.doubts.about(day, identifiers=[INSURANCE], patient_ids=["bn-2"]) == []
        assert work.doubts.about(day, identifiers=[], patient_ids=[]) == []


def test_the_same_digits_of_another_system_are_another_number(storage: SqlStorage, doubt: Doubt, day: date) -> None:
    with storage.write() as work:
        work.doubts.add(replace(doubt, patient_id=None))
    with storage.read() as work:
        other = Identifier(IdentifierSystem.OLD_ID, CITIZEN.value)
        assert work.doubts.about(day, identifiers=[other], patient_ids=[]) == []


def test_a_number_that_was_of_a_patient_leads_to_what_another_card_of_theirs_did(
    storage: SqlStorage, doubt: Doubt, day: date
) -> None:
    by_other_card = replace(doubt, claim=replace(CLAIM, identifier=INSURANCE))
    with storage.write() as work:
        work.doubts.add(doubt)
        work.doubts.add(by_other_card)
    with storage.read() as work:
        assert without_id(work.doubts.about(day, identifiers=[CITIZEN], patient_ids=[])) == [doubt, by_other_card]


def test_of_many_the_newest_are_kept_apart_and_all_are_counted(storage: SqlStorage, doubt: Doubt, day: date) -> None:
    later = [replace(doubt, at=doubt.at + timedelta(minutes=minute)) for minute in range(KEPT + 5)]
    another = replace(doubt, kind=DoubtKind.NOT_THIS_PERSON)
    with storage.write() as work:
        work.doubts.add(another)
        for one in later:
            work.doubts.add(one)

    with storage.read() as work:
        first, *rows = without_id(work.doubts.on(day))
    assert first == another
    assert rows == [replace(later[5], times=6), *later[6:]]


def test_doubts_are_forgotten_with_their_day(storage: SqlStorage, doubt: Doubt, day: date) -> None:
    with storage.write() as work:
        work.doubts.add(replace(doubt, day=day - timedelta(days=1)))
        work.doubts.add(doubt)

    storage.forget_ended(day, doubt.at)

    with storage.read() as work:
        assert work.doubts.on(day - timedelta(days=1)) == []
        assert without_id(work.doubts.on(day)) == [doubt]
