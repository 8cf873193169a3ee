from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from kiosk.ports.beside import CardStore, KnownChipStore, PaperStore, PortraitStore, ShowingStore
from kiosk.ports.desk import FoundStore, OpeningStore, UndoStore
from kiosk.ports.doubts import AttemptStore, DoubtStore
from kiosk.ports.faces import FaceAttemptStore, FaceReferenceStore
from kiosk.ports.lost_numbers import LostNumberStore
from kiosk.ports.outbox import OutboxStore
from kiosk.ports.storage import AuditStore, CheckInStore, CounterStore, EventStore, KeptTimeStore, StaffStore, Work
from kiosk.storage.attempts import SqlAttempts
from kiosk.storage.audit_chain import SqlAudit
from kiosk.storage.beside import SqlPapers, SqlShowings
from kiosk.storage.check_ins import SqlCheckIns
from kiosk.storage.chip_cards import SqlCards, SqlKnownChips, SqlPortraits
from kiosk.storage.desk import SqlFound, SqlReaders, SqlUndos
from kiosk.storage.doubts import SqlDoubts
from kiosk.storage.engine import LOCK_WAIT_SECONDS, POSTGRESQL_WRITERS, reading, writing
from kiosk.storage.erasure import scrub
from kiosk.storage.face_attempts import SqlFaceAttempts
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.faces import SqlFaceReferences, gone_since
from kiosk.storage.heartbeat import beat
from kiosk.storage.in_use import DatabaseLock
from kiosk.storage.kept_time import SqlKeptTime
from kiosk.storage.lost_numbers import SqlLostNumbers
from kiosk.storage.outgoing import SqlEvents, SqlOutbox
from kiosk.storage.retention import forget_ended
from kiosk.storage.sealing import Seal
from kiosk.storage.staff import SqlStaff
from kiosk.storage.tickets import SqlCounters
from kiosk.storage.turns import Turns


class SqlWork:
    """The stores on one connection, within one transaction."""

    def __init__(
        self, connection: Connection, seal: Seal | None, face_keys: FaceKeys | None, *, face_keys_closed: bool
    ) -> None:
        self._audit = SqlAudit(connection)
        self._faces = SqlFaceReferences(connection, face_keys, keys_closed=face_keys_closed)
        self.check_ins: CheckInStore = SqlCheckIns(connection)
        self.counters: CounterStore = SqlCounters(connection)
        self.events: EventStore = SqlEvents(connection)
        self.audit: AuditStore = self._audit
        self.outbox: OutboxStore = SqlOutbox(connection)
        self.attempts: AttemptStore = SqlAttempts(connection)
        self.doubts: DoubtStore = SqlDoubts(connection)
        self.staff: StaffStore = SqlStaff(connection)
        self.cards: CardStore = SqlCards(connection)
        self.papers: PaperStore = SqlPapers(connection)
        self.showings: ShowingStore = SqlShowings(connection)
        self.portraits: PortraitStore = SqlPortraits(connection, seal)
        self.known_chips: KnownChipStore = SqlKnownChips(connection)
        self.lost_numbers: LostNumberStore = SqlLostNumbers(connection)
        self.face_attempts: FaceAttemptStore = SqlFaceAttempts(connection)
        self.faces: FaceReferenceStore = self._faces
        self.time: KeptTimeStore = SqlKeptTime(connection)
        self.undos: UndoStore = SqlUndos(connection)
        self.found: FoundStore = SqlFound(connection)
        self.readers: OpeningStore = SqlReaders(connection)

    @property
    def withdrew_faces(self) -> bool:
        """Whether a face reference was withdrawn."""
        return self._faces.withdrew

    def settle(self) -> None:
        """What must happen right before the commit; the keys of faces last, since they follow no rollback."""
        self._audit.append()
        self._faces.settle()


class SqlStorage:
    """`Storage` on SQLite or PostgreSQL.

    Args:
        engine: of the database.
        seal: for portraits; None keeps none.
        face_keys: of references; None on a host that knows no faces, or whose keys cannot be used now.
        face_keys_closed: the latter: nothing can be withdrawn then.
        held: kept for as long as this storage is, so that nobody replaces the database meanwhile.
    """

    def __init__(
        self,
        engine: Engine,
        seal: Seal | None = None,
        face_keys: FaceKeys | None = None,
        *,
        face_keys_closed: bool = False,
        held: DatabaseLock | None = None,
    ) -> None:
        self._held = held
        self._engine = engine
        self._seal = seal
        self._face_keys = face_keys
        self._face_keys_closed = face_keys_closed
        self._scrubbed = 0
        self._turns = Turns(1 if engine.dialect.name == "sqlite" else POSTGRESQL_WRITERS, LOCK_WAIT_SECONDS)

    def read(self) -> AbstractContextManager[Work]:
        """See the port."""
        return self._work(reading(self._engine))

    def write(self) -> AbstractContextManager[Work]:
        """See the port."""
        return self._work(self._turns.take(writing(self._engine)))

    def beat(self, at: datetime) -> None:
        """See the port."""
        with self._turns.take(writing(self._engine)) as connection:
            beat(connection, at)

    def forget_ended(self, before: date, now: datetime) -> int:
        """See the port."""
        return forget_ended(self._engine, before, now)

    def finish_erasure(self) -> None:
        """See the port."""
        with reading(self._engine) as connection:
            at = SqlFaceReferences(connection, None).changes()
            # numbers fall when a backup of an earlier day is put in the database's place
            gone = gone_since(connection, self._scrubbed if self._scrubbed <= at else 0)
        if not gone or scrub(self._engine, wait=0):
            self._scrubbed = at
        if self._face_keys:
            self._face_keys.finish_erasure()

    @contextmanager
    def _work(self, transaction: AbstractContextManager[Connection]) -> Iterator[Work]:
        with transaction as connection:
            work = SqlWork(connection, self._seal, self._face_keys, face_keys_closed=self._face_keys_closed)
            yield work
            work.settle()
        if work.withdrew_faces:
            scrub(self._engine)
