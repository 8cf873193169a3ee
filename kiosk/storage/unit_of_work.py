from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date

from sqlalchemy import Connection, Engine

from kiosk.ports.outbox import OutboxStore
from kiosk.ports.storage import (
    AttemptStore,
    AuditStore,
    CardStore,
    CheckInStore,
    CounterStore,
    EventStore,
    KnownChipStore,
    PortraitStore,
    StaffStore,
    Work,
)
from kiosk.storage.attempts import SqlAttempts
from kiosk.storage.audit_chain import SqlAudit
from kiosk.storage.check_ins import SqlCheckIns
from kiosk.storage.chip_cards import SqlCards, SqlKnownChips, SqlPortraits
from kiosk.storage.engine import LOCK_WAIT_SECONDS, POSTGRESQL_WRITERS, reading, writing
from kiosk.storage.outgoing import SqlEvents, SqlOutbox
from kiosk.storage.retention import forget_ended
from kiosk.storage.sealing import Seal
from kiosk.storage.staff import SqlStaff
from kiosk.storage.tickets import SqlCounters
from kiosk.storage.turns import Turns


class SqlWork:
    """The stores on one connection, within one transaction."""

    def __init__(self, connection: Connection, audit: SqlAudit, seal: Seal | None) -> None:
        self.check_ins: CheckInStore = SqlCheckIns(connection)
        self.counters: CounterStore = SqlCounters(connection)
        self.events: EventStore = SqlEvents(connection)
        self.audit: AuditStore = audit
        self.outbox: OutboxStore = SqlOutbox(connection)
        self.attempts: AttemptStore = SqlAttempts(connection)
        self.staff: StaffStore = SqlStaff(connection)
        self.cards: CardStore = SqlCards(connection)
        self.portraits: PortraitStore = SqlPortraits(connection, seal)
        self.known_chips: KnownChipStore = SqlKnownChips(connection)


class SqlStorage:
    """`Storage` on SQLite or PostgreSQL.

    Args:
        engine: of the database.
        seal: for portraits; None keeps none.
    """

    def __init__(self, engine: Engine, seal: Seal | None = None) -> None:
        self._engine = engine
        self._seal = seal
        self._turns = Turns(1 if engine.dialect.name == "sqlite" else POSTGRESQL_WRITERS, LOCK_WAIT_SECONDS)

    def read(self) -> AbstractContextManager[Work]:
        """See the port."""
        return _work(reading(self._engine), self._seal)

    def write(self) -> AbstractContextManager[Work]:
        """See the port."""
        return _work(self._turns.take(writing(self._engine)), self._seal)

    def forget_ended(self, before: date) -> int:
        """See the port."""
        return forget_ended(self._engine, before)


@contextmanager
def _work(transaction: AbstractContextManager[Connection], seal: Seal | None) -> Iterator[Work]:
    with transaction as connection:
        audit = SqlAudit(connection)
        yield SqlWork(connection, audit, seal)
        audit.append()
