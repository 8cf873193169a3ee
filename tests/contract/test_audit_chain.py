from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, Executable, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from kiosk.model.actor import SYSTEM, Actor
from kiosk.model.events import AuditRow
from kiosk.storage.audit_chain import FIRST_PREVIOUS_HASH, Anchor, Break, VerificationResult, row_hash, verify
from kiosk.storage.tables import audit, audit_head
from kiosk.storage.unit_of_work import SqlStorage

pytestmark = pytest.mark.usefixtures("chain")


@pytest.fixture
def chain(storage: SqlStorage, now: datetime) -> None:
    """Five rows."""
    for number in range(5):
        with storage.write() as work:
            at = now + timedelta(seconds=number)
            work.audit.add(at, Actor.staff("s1"), "read-record", f"check-in/{number}", {"clinic": "mat", "by": "hỏi"})


def verified(storage: SqlStorage, anchor: Anchor | None = None) -> VerificationResult:
    with storage.read() as work:
        return verify(work.audit.rows(), anchor)


def all_rows(storage: SqlStorage) -> list[AuditRow]:
    with storage.read() as work:
        return list(work.audit.rows())


def tamper(engine: Engine, *statements: Executable) -> None:
    """What somebody with the database's password can do: drop the triggers, then anything."""
    with engine.begin() as connection:
        _drop_triggers(connection)
        for statement in statements:
            connection.execute(statement)


def _drop_triggers(connection: Connection) -> None:
    on_table = " ON audit" if connection.dialect.name == "postgresql" else ""
    for change in ("update", "delete"):
        connection.execute(text(f"DROP TRIGGER audit_no_{change}{on_table}"))


def test_an_untouched_chain_is_intact(storage: SqlStorage) -> None:
    rows = all_rows(storage)

    assert verified(storage) == VerificationResult(5, Anchor(5, rows[-1].hash))
    assert [row.sequence for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0].previous_hash == FIRST_PREVIOUS_HASH
    assert rows[0].detail == {"clinic": "mat", "by": "hỏi"}
    assert rows[0].at == datetime(2026, 11, 23, 1, 30, 0, 123456, tzinfo=UTC)


def test_rows_can_be_read_from_any_place_on(storage: SqlStorage) -> None:
    with storage.read() as work:
        assert [row.sequence for row in work.audit.rows(after=3)] == [4, 5]


def test_several_rows_of_one_transaction_are_chained_in_order(storage: SqlStorage, now: datetime) -> None:
    with storage.write() as work:
        work.audit.add(now, SYSTEM, "first", "x", {})
        work.audit.add(now, SYSTEM, "second", "x", {})
        assert [row.action for row in work.audit.rows(after=5)] == ["first", "second"]
        work.audit.add(now, SYSTEM, "third", "x", {})

    assert [row.action for row in all_rows(storage)[5:]] == ["first", "second", "third"]
    assert verified(storage).intact


ALTERATIONS = {
    "actor": "staff:s2",
    "action": "look",
    "subject": "check-in/9",
    "at": "2026-11-23T01:30:09.000000Z",
    "detail": "{}",
    "hash": "f" * 64,
}


@pytest.mark.parametrize(("column", "value"), ALTERATIONS.items(), ids=ALTERATIONS)
def test_an_altered_row_is_found(storage: SqlStorage, engine: Engine, column: str, value: str) -> None:
    tamper(engine, update(audit).where(audit.c.sequence == 3).values({column: value}))

    result = verified(storage)
    assert (result.intact, result.broken_at, result.how, result.rows) == (False, 3, Break.ALTERED, 2)


@pytest.mark.parametrize(("column", "value"), [("at", "yesterday"), ("at", "2026-11-23"), ("detail", "not JSON")])
def test_a_row_that_cannot_even_be_read_is_found(storage: SqlStorage, engine: Engine, column: str, value: str) -> None:
    tamper(engine, update(audit).where(audit.c.sequence == 3).values({column: value}))

    assert (verified(storage).broken_at, verified(storage).how) == (3, Break.ALTERED)


def test_a_removed_row_is_found(storage: SqlStorage, engine: Engine) -> None:
    tamper(engine, delete(audit).where(audit.c.sequence == 3))

    assert (verified(storage).broken_at, verified(storage).how) == (4, Break.GAP)


def test_a_removed_row_is_found_when_the_others_close_up(storage: SqlStorage, engine: Engine) -> None:
    tamper(
        engine,
        delete(audit).where(audit.c.sequence == 3),
        update(audit).where(audit.c.sequence == 4).values(sequence=3),
        update(audit).where(audit.c.sequence == 5).values(sequence=4),
    )

    assert (verified(storage).broken_at, verified(storage).how) == (3, Break.UNCHAINED)


def test_a_removed_beginning_is_found(storage: SqlStorage, engine: Engine) -> None:
    tamper(engine, delete(audit).where(audit.c.sequence <= 2))

    assert (verified(storage).broken_at, verified(storage).how) == (3, Break.GAP)


def test_an_inserted_row_is_found(storage: SqlStorage, engine: Engine) -> None:
    rows = all_rows(storage)
    forged = replace(rows[2], action="forged", previous_hash="a" * 64)
    forged = replace(forged, hash=row_hash(forged))
    tamper(
        engine,
        update(audit).where(audit.c.sequence == 5).values(sequence=6),
        update(audit).where(audit.c.sequence == 4).values(sequence=5),
        update(audit).where(audit.c.sequence == 3).values(sequence=4),
        insert(audit).values(
            sequence=3,
            at="2026-11-23T01:30:02.123456Z",
            actor=forged.actor,
            action="forged",
            subject=forged.subject,
            detail='{"by":"hỏi","clinic":"mat"}',
            previous_hash=forged.previous_hash,
            hash=forged.hash,
        ),
    )

    assert (verified(storage).broken_at, verified(storage).how) == (3, Break.UNCHAINED)


def test_a_cut_tail_is_not_found_without_an_anchor_and_is_with_one(storage: SqlStorage, engine: Engine) -> None:
    before = verified(storage).head
    third = all_rows(storage)[2]
    tamper(
        engine,
        delete(audit).where(audit.c.sequence > 3),
        update(audit_head).values(sequence=3, hash=third.hash),
    )

    assert verified(storage).intact
    assert verified(storage, Anchor(3, third.hash)).intact
    result = verified(storage, before)
    assert (result.intact, result.broken_at, result.how) == (False, 4, Break.CUT)


def test_a_tail_written_anew_is_not_found_without_an_anchor_and_is_with_one(
    storage: SqlStorage, engine: Engine, now: datetime
) -> None:
    before = verified(storage).head
    fourth = all_rows(storage)[3]
    tamper(
        engine,
        delete(audit).where(audit.c.sequence > 4),
        update(audit_head).values(sequence=4, hash=fourth.hash),
    )
    with storage.write() as work:
        work.audit.add(now, SYSTEM, "something else", "x", {})

    assert verified(storage).intact
    assert (verified(storage, before).broken_at, verified(storage, before).how) == (5, Break.CUT)


def test_a_tail_cut_carelessly_shows_with_the_next_row(storage: SqlStorage, engine: Engine, now: datetime) -> None:
    tamper(engine, delete(audit).where(audit.c.sequence > 3))
    with storage.write() as work:
        work.audit.add(now, SYSTEM, "next", "x", {})

    assert (verified(storage).broken_at, verified(storage).how) == (6, Break.GAP)


CHANGES = {
    "update": update(audit).values(actor="nobody"),
    "delete": delete(audit),
    "replace": text("INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE sequence = 3"),
    "truncate": text("TRUNCATE audit"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_database_refuses_to_change_the_chain(storage: SqlStorage, engine: Engine, change: Executable) -> None:
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(change)

    assert verified(storage) == VerificationResult(5, Anchor(5, all_rows(storage)[-1].hash))


def test_a_second_row_after_the_same_row_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        row = dict(connection.execute(select(audit).where(audit.c.sequence == 3)).mappings().one())
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(insert(audit).values(row | {"sequence": 99}))


def test_the_rule_is_what_the_documentation_says() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    row = AuditRow(1, at, "system", "arrive", "check-in/é", {"b": "1", "a": "ố"}, FIRST_PREVIOUS_HASH, "")

    # by sha256sum, of the array as audit_chain.py describes it
    assert row_hash(row) == "6a038958868934df43fa36d046e7ce2fa84229680b9f7578565a5dfe53b38cdc"
