"""A backup in the place of a database: what is refused, what is kept, what is said; all in one process."""

import gc
import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk import bootstrap
from kiosk.cli.audit import audit
from kiosk.cli.db import db
from kiosk.model.actor import SYSTEM
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.chip_evidence import CardPhase, CardState, KnownChip
from kiosk.model.doubt import Doubt, DoubtKind
from kiosk.model.identity import ClaimSource, Identifier, IdentifierSystem, IdentityClaim
from kiosk.model.kept_time import KeptTime, Proof
from kiosk.model.queue import Ticket
from kiosk.model.staff import Role, StaffAccount, StaffSession
from kiosk.ports.storage import Work
from kiosk.settings import Settings
from kiosk.settings.sections import PathSettings
from kiosk.storage.beside_tables import card_states
from kiosk.storage.carry_over import keep_lost_numbers, keep_rows
from kiosk.storage.engine import open_engine
from kiosk.storage.in_use import DatabaseLock
from kiosk.storage.sqlite_files import open_as_it_lies
from kiosk.storage.unit_of_work import SqlStorage

DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


class House:
    """A host with its database and a backup of six check-ins."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(paths=PathSettings(data=str(folder / "data")))
        self.backup = folder / "backup.sqlite"
        self.live = folder / "data" / "kiosk.sqlite"
        self.run("upgrade")

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(db, words, obj=self.settings)

    def restore(self) -> str:
        result = self.run("restore", str(self.backup))
        assert result.exit_code == 0, result.exception
        return result.output

    def work(self) -> "Writing":
        return Writing(self.settings)


class Writing:
    """A unit of work, with nothing open after it."""

    def __init__(self, settings: Settings) -> None:
        self._engine = open_engine(settings.database_url)
        self._unit = SqlStorage(self._engine).write()

    def __enter__(self) -> Work:
        return self._unit.__enter__()

    def __exit__(self, *error: object) -> None:
        self._unit.__exit__(*error)  # type: ignore[arg-type] # as the block gives them
        self._engine.dispose()


def arrive(work: Work, check_in_id: str, clinic_id: str = "noi-tiet", **fields: object) -> CheckIn:
    ticket = Ticket(clinic_id, DAY, work.counters.next_number(clinic_id, DAY))
    begun = CheckIn(check_in_id, "kiosk-1", Stage.ARRIVED, 1, NOW, NOW, DAY, ticket=ticket, arrived_at=NOW)
    check_in = replace(begun, **fields)  # type: ignore[arg-type] # the tests name fields of a check-in
    work.check_ins.add(check_in)
    work.audit.add(NOW, SYSTEM, "confirm", f"check-in/{check_in_id}", {})
    return check_in


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    with house.work() as work:
        for number in range(6):
            arrive(work, f"before-{number}")
    assert house.run("backup", str(house.backup)).exit_code == 0
    return house


def test_it_is_refused_while_anybody_uses_the_database_and_nothing_changes(house: House) -> None:
    before = house.live.read_bytes()
    storage = bootstrap.open_storage(house.settings)

    result = house.run("restore", str(house.backup))

    assert "the database is in use" in str(result.exception)
    assert "systemctl stop kiosk.target" in str(result.exception)
    assert (house.live.read_bytes(), list(house.live.parent.glob("*.re*"))) == (before, [])
    del storage
    gc.collect()
    assert "restored" in house.restore()


def test_a_program_that_knows_no_lock_is_noticed_too(house: House) -> None:
    with closing(sqlite3.connect(house.live)) as other:
        other.execute("SELECT count(*) FROM check_ins").fetchone()
        result = house.run("restore", str(house.backup))

    assert "another program has the database open" in str(result.exception)


def test_whoever_starts_while_a_restore_runs_is_told(house: House) -> None:
    with DatabaseLock(house.live, alone=True), pytest.raises(Exception, match="is being restored"):
        DatabaseLock(house.live, wait=0)


def test_what_was_there_is_set_aside_whole(house: House) -> None:
    with house.work() as work:
        arrive(work, "after")

    said = house.restore()

    [aside] = house.live.parent.glob("kiosk.sqlite.replaced-*")
    assert str(aside) in said
    assert stat.S_IMODE(aside.stat().st_mode) == stat.S_IMODE(house.live.stat().st_mode) == 0o600
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT count(*) FROM check_ins").fetchone() == (7,)
    with closing(sqlite3.connect(house.live)) as connection:
        assert connection.execute("SELECT count(*) FROM check_ins").fetchone() == (6,)
    assert sorted(path.name for path in house.live.parent.iterdir()) == [
        "kiosk.sqlite",
        "kiosk.sqlite.lock",
        aside.name,
    ]


def test_it_says_what_the_one_has_and_the_other_has_not(house: House) -> None:
    with house.work() as work:
        arrive(work, "late", started_at=NOW + timedelta(hours=2))
        arrive(work, "eye", "mat")
        arrive(work, "desk", "reception", stage=Stage.RECEPTION)

    said = house.restore().splitlines()

    assert "newest check-in of the backup: 2026-11-23 08:30:00+07:00" in said
    assert "newest check-in of the replaced database: 2026-11-23 10:30:00+07:00" in said
    at = said.index("3 numbers are only in the replaced database")
    assert said[at + 1 : at + 4] == ["  2026-11-23 mat: 1", "  2026-11-23 noi-tiet: 7", "  2026-11-23 reception: 1"]
    assert "3 of them are kept for reception, whose screen makes them again" in said


def test_no_number_is_given_twice(house: House) -> None:
    with house.work() as work:
        arrive(work, "after")
        arrive(work, "eye", "mat")
    house.restore()
    with house.work() as work:
        assert work.counters.next_number("noi-tiet", DAY) == 8
        assert work.counters.next_number("mat", DAY) == 2


def test_a_counter_of_the_backup_that_is_ahead_stays(house: House) -> None:
    """The database in place is older than the backup: restored twice, or the wrong way round."""
    with house.work() as work:
        for number in range(3):
            arrive(work, f"newer-{number}")
    newer = house.backup.with_name("newer.sqlite")
    house.run("backup", str(newer))
    house.restore()
    assert house.run("restore", str(newer)).exit_code == 0
    with house.work() as work:
        assert work.counters.next_number("noi-tiet", DAY) == 10


def test_ended_accounts_and_passwords_stay_ended(tmp_path: Path) -> None:
    house = House(tmp_path)
    accounts = {name: StaffAccount(name, name, name, Role.DOCTOR, ("noi",), f"old-{name}") for name in "abc"}
    with house.work() as work:
        for account in accounts.values():
            work.staff.add(account)
            hour = timedelta(hours=1)
            work.staff.add_session(StaffSession(f"t-{account.id}", account.id, account.role, NOW, NOW, NOW + hour))
    house.run("backup", str(house.backup))
    with house.work() as work:
        work.staff.save(replace(accounts["a"], disabled=True))
        work.staff.save(replace(accounts["b"], password_hash="new-b"))
        work.staff.add(replace(accounts["c"], id="d", sign_in_name="d", role=Role.RECEPTION, clinics=()))

    said = house.restore()

    with house.work() as work:
        now = {account.id: account for account in work.staff.all()}
        sessions = [work.staff.session(f"t-{name}") for name in "abc"]
    assert (now["a"].disabled, now["b"].password_hash, now["c"]) == (True, "new-b", accounts["c"])
    assert now["d"].role is Role.RECEPTION
    assert sessions == [None, None, None]
    assert "account a: stays as it was, not as in the backup: disabled" in said
    assert "account b: stays as it was, not as in the backup: password" in said
    assert "account d: is not in the backup, stays" in said
    assert "account c" not in said
    assert "3 sessions ended" in said
    assert "new-b" not in said


def test_revoked_and_lost_chips_stay_so_and_others_are_as_in_the_backup(tmp_path: Path) -> None:
    house = House(tmp_path)
    chips = {name: KnownChip(name, f"key-{name}", f"sod-{name}", f"bn-{name}", "staff:1", NOW) for name in "abcd"}
    with house.work() as work:
        for name in "abc":
            work.known_chips.add(chips[name])
    house.run("backup", str(house.backup))
    with house.work() as work:
        work.known_chips.save(replace(chips["a"], revoked_by="staff:2", revoked_at=NOW))
        work.known_chips.save(replace(chips["b"], lost_by="staff:2", lost_at=NOW))
        work.known_chips.add(replace(chips["d"], revoked_by="staff:2", revoked_at=NOW))
        work.known_chips.add(replace(chips["d"], id="e"))

    assert "3 known chips stay revoked or lost" in house.restore()

    with house.work() as work:
        assert work.known_chips.get("a").revoked_at == NOW
        assert work.known_chips.get("b").lost_at == NOW
        assert work.known_chips.get("c") == chips["c"]
        assert [chip.id for chip in work.known_chips.of_patient("bn-d")] == ["d"]


def test_lost_numbers_are_kept_with_all_that_they_were(house: House) -> None:
    claim = IdentityClaim(ClaimSource.TYPED_NUMBER, Identifier(IdentifierSystem.CITIZEN_ID, "001190012345"))
    with house.work() as work:
        waiting = arrive(work, "waiting", claim=claim, active_key="k")
        done = arrive(work, "done", stage=Stage.DONE, ended_at=NOW)
        arrive(work, "cancelled", stage=Stage.CANCELLED)
        before = work.check_ins.get("before-0")
        moved = replace(before, version=2, ticket=Ticket("mat", DAY, work.counters.next_number("mat", DAY)))
        work.check_ins.save(moved)
    house.restore()
    with house.work() as work:
        assert list(work.lost_numbers.of_day(DAY)) == [moved, waiting, done]
        assert list(work.lost_numbers.of_person(None, claim.identifier, DAY)) == [waiting]
        assert list(work.lost_numbers.of_day(DAY + timedelta(days=1))) == []


def test_guesses_stay_counted(house: House) -> None:
    with house.work() as work:
        work.attempts.add("kiosk-1", NOW)
    house.restore()
    with house.work() as work:
        assert work.attempts.count_since("kiosk-1", NOW - timedelta(minutes=1)) == 1


def test_doubts_stay_and_the_service_day_does_not_go_back(house: House) -> None:
    said = Doubt(DAY, DoubtKind.NOT_THIS_PERSON, NOW, "kiosk-1", "nowhere", patient_id="bn-1")
    with house.work() as work:
        work.doubts.add(said)
        work.time.put(KeptTime(DAY + timedelta(days=1), NOW, "boot", 1.0, Proof.SYNCHRONISED))
        kept = work.time.get()
    house.restore()
    with house.work() as work:
        assert [replace(one, id=0) for one in work.doubts.on(DAY)] == [said]
        assert work.time.get() == kept


def test_a_row_of_a_check_in_that_the_backup_does_not_know_is_kept_with_nobody_in_it(house: House) -> None:
    """As a doubt about a person must be: the check-in in which it arose need not be in the backup."""
    state = CardState(CardPhase.READING, None, 3, 9, 2)
    with house.work() as work:
        lost = arrive(work, "after", active_key="k")
        for key in ("after", "before-0"):
            work.cards.put(key, state)
    there, here = open_as_it_lies(house.live), open_engine(f"sqlite:///{house.backup}")
    with there.connect() as replaced, here.begin() as restored:
        keep_rows(card_states)(replaced, restored)
        keep_rows(card_states)(replaced, restored)
        keep_lost_numbers(replaced, restored)
    with SqlStorage(here).read() as work:
        kept = work.check_ins.get("after")
        assert (work.cards.get("after"), work.cards.get("before-0")) == (state, state)
        assert (kept.stage, kept.ticket, kept.patient, kept.active_key) == (Stage.ABANDONED, None, None, None)
        assert list(work.lost_numbers.of_day(DAY)) == [lost], "reception can make it again over that"
    here.dispose()


def test_lost_numbers_outlive_a_second_restore(house: House) -> None:
    with house.work() as work:
        lost = arrive(work, "after")
    house.restore()
    house.restore()
    with house.work() as work:
        assert list(work.lost_numbers.of_day(DAY)) == [lost]


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\0" + os.urandom(20_000)])
def test_a_database_that_cannot_be_read_is_replaced_too(house: House, content: bytes) -> None:
    house.live.write_bytes(content)
    house.live.with_name("kiosk.sqlite-wal").write_bytes(content)

    said = house.restore()

    assert "could not be read" in said
    with house.work() as work:
        assert work.check_ins.get("before-5").stage is Stage.ARRIVED
    kept = [path.read_bytes() for path in house.live.parent.glob("kiosk.sqlite.replaced-*Z")]
    assert kept == ([content] if content else [])


def test_a_database_of_a_newer_program_is_set_aside_and_not_carried_over(house: House) -> None:
    with closing(sqlite3.connect(house.live)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    assert "could not be read: the database belongs to a newer version of kiosk" in house.restore()


def test_where_there_was_none_it_is_put(house: House) -> None:
    house.live.unlink()
    assert "there was none" in house.restore()
    assert list(house.live.parent.glob("*.replaced-*")) == []
    with house.work() as work:
        assert work.check_ins.get("before-5").stage is Stage.ARRIVED


def test_a_damaged_backup_changes_nothing(house: House) -> None:
    content = bytearray(house.backup.read_bytes())
    content[5000:9000] = bytes(4000)
    house.backup.write_bytes(content)
    before = house.live.read_bytes()
    assert house.run("restore", str(house.backup)).exit_code == 1
    assert house.live.read_bytes() == before


def test_the_chain_of_the_backup_goes_on_with_the_restore(house: House) -> None:
    house.restore()
    result = CliRunner().invoke(audit, ["verify"], obj=house.settings)
    assert (result.exit_code, "7 rows fit" in result.output) == (0, True)


def test_replaced_databases_go_when_their_check_ins_would(house: House) -> None:
    house.restore()
    [aside] = house.live.parent.glob("kiosk.sqlite.replaced-*")
    storage = bootstrap.open_storage(house.settings)
    now = datetime.now(UTC)
    today = now.date()
    storage.forget_ended(today, now)
    assert aside.exists()
    storage.forget_ended(today + timedelta(days=1), now)
    assert not aside.exists()
