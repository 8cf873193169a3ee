from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from kiosk.errors import CardProblem, NotFound
from kiosk.model.checkin import CheckIn
from kiosk.model.chip_card import CheckOutcome, ChipCheck, ChipReading, ChipReason, ChipVerdict
from kiosk.model.chip_evidence import CardPhase, CardState, ChipEvidence, HolderCompared, KnownChip
from kiosk.storage.sealing import Seal
from kiosk.storage.unit_of_work import SqlStorage

Begun = Callable[..., CheckIn]

PORTRAIT = b"\xff\xd8 a portrait \xff\xd9"


@pytest.fixture
def sealing(engine: Engine) -> SqlStorage:
    return SqlStorage(engine, Seal(b"k" * 32))


def test_a_chip_s_evidence_comes_back_as_it_was(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    reading = ChipReading(
        ChipVerdict.CONSISTENT,
        reasons=(ChipReason.ISSUER_UNKNOWN,),
        checks={ChipCheck.SIGNATURE: CheckOutcome.PASSED, ChipCheck.CHAIN: CheckOutcome.NOT_POSSIBLE},
        contradictions=("issued_on",),
        signer="aa" * 32,
        chip_key="bb" * 32,
        security_object="cc" * 32,
        expired=True,
    )
    evidence = ChipEvidence.of(reading, now)
    seen = replace(evidence, known=True, lost=True, holder=HolderCompared(matches=True, by="staff:1", at=now))
    with storage.write() as work:
        work.check_ins.add(begun("a", chip=seen, card_expires_on=now.date()))
    with storage.read() as work:
        stored = work.check_ins.get("a")
    assert (stored.chip, stored.card_expires_on) == (seen, now.date())


def test_how_far_a_reading_is_is_one_row_that_changes_and_ends(storage: SqlStorage, begun: Begun) -> None:
    reading = CardState(CardPhase.READING, done=2, total=6)
    problem = CardState(CardPhase.PROBLEM, CardProblem.WRONG_KEY, tries_left=2)
    with storage.write() as work:
        work.check_ins.add(begun("a"))
        work.cards.put("a", reading)
    with storage.write() as work:
        assert work.cards.get("a") == reading
        work.cards.put("a", problem)
        assert work.cards.get("a") == problem
        work.cards.drop("a")
        assert work.cards.get("a") is None


def test_a_portrait_is_sealed_and_opens_only_with_its_key_and_at_its_place(
    sealing: SqlStorage, engine: Engine, begun: Begun, now: datetime
) -> None:
    with sealing.write() as work:
        work.check_ins.add(begun("a"))
        work.check_ins.add(begun("b"))
        assert work.portraits.put("a", PORTRAIT, now)
    with engine.begin() as connection:
        assert PORTRAIT not in bytes(connection.execute(text("SELECT sealed FROM portraits")).scalar_one())
    with sealing.read() as work:
        assert (work.portraits.get("a"), work.portraits.get("b")) == (PORTRAIT, None)
        assert work.portraits.has("a")
    with SqlStorage(engine, Seal(b"x" * 32)).read() as work:
        assert work.portraits.get("a") is None
    with engine.begin() as connection:
        connection.execute(text("UPDATE portraits SET check_in_id = 'b'"))
    with sealing.read() as work:
        assert work.portraits.get("b") is None


def test_without_a_key_no_portrait_is_kept(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("a"))
        assert not work.portraits.put("a", PORTRAIT, now)
        assert not work.portraits.has("a")


def test_portraits_of_earlier_days_are_deleted(sealing: SqlStorage, begun: Begun, now: datetime) -> None:
    with sealing.write() as work:
        for check_in_id, kept_at in (("old", now - timedelta(days=1)), ("new", now)):
            work.check_ins.add(begun(check_in_id))
            work.portraits.put(check_in_id, PORTRAIT, kept_at)
        assert work.portraits.drop_before(now) == 1
        assert (work.portraits.has("old"), work.portraits.has("new")) == (False, True)


def test_known_chips_are_found_by_key_or_security_object_and_by_patient(storage: SqlStorage, now: datetime) -> None:
    chip = KnownChip("k1", "key-1", "sod-1", "bn-1", "staff:1", now)
    other = KnownChip("k2", "key-2", "sod-2", "bn-1", "staff:1", now + timedelta(seconds=1))
    revoked = replace(chip, revoked_by="staff:2", revoked_at=now, lost_by="staff:2", lost_at=now)
    with storage.write() as work:
        work.known_chips.add(chip)
        work.known_chips.add(other)
        work.known_chips.save(revoked)
    with storage.read() as work:
        assert work.known_chips.alike("key-1", None) == [revoked]
        assert work.known_chips.alike(None, "sod-2") == [other]
        assert work.known_chips.alike("key-1", "sod-2") == [revoked, other]
        assert work.known_chips.alike(None, None) == []
        assert work.known_chips.of_patient("bn-1") == [revoked, other]
        assert work.known_chips.get("k1").is_bound is False
        with pytest.raises(NotFound):
            work.known_chips.get("nobody")
    with storage.write() as work, pytest.raises(NotFound):
        work.known_chips.save(replace(chip, id="nobody"))
