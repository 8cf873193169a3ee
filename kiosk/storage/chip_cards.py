"""What is kept of chip cards: how far a reading is, sealed portraits, and known chips."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, false, insert, or_, select, text, update

from kiosk.errors import CardProblem, NotFound
from kiosk.model.chip_evidence import CardPhase, CardState, KnownChip
from kiosk.storage.beside_tables import card_states, known_chips, portraits
from kiosk.storage.sealing import Seal

_PUT_STATE = text(
    "INSERT INTO card_states (check_in_id, phase, problem, done, total, tries_left) "
    "VALUES (:check_in_id, :phase, :problem, :done, :total, :tries_left) ON CONFLICT (check_in_id) DO UPDATE "
    "SET phase = excluded.phase, problem = excluded.problem, done = excluded.done, total = excluded.total, "
    "tries_left = excluded.tries_left"
)


class SqlCards:
    """`CardStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, check_in_id: str, state: CardState) -> None:
        """See the port."""
        values = asdict(state) | {"phase": state.phase.value, "problem": state.problem and state.problem.value}
        self._connection.execute(_PUT_STATE, {"check_in_id": check_in_id} | values)

    def get(self, check_in_id: str) -> CardState | None:
        """See the port."""
        found = select(card_states).where(card_states.c.check_in_id == check_in_id)
        row = self._connection.execute(found).first()
        if row is None:
            return None
        problem = CardProblem(row.problem) if row.problem else None
        return CardState(CardPhase(row.phase), problem, row.done, row.total, row.tries_left)

    def drop(self, check_in_id: str) -> None:
        """See the port."""
        self._connection.execute(delete(card_states).where(card_states.c.check_in_id == check_in_id))


class SqlPortraits:
    """`PortraitStore` on a connection within a transaction.

    Args:
        connection: of the transaction.
        seal: None where no key was given; then nothing is kept.
    """

    def __init__(self, connection: Connection, seal: Seal | None) -> None:
        self._connection = connection
        self._seal = seal

    def put(self, check_in_id: str, jpeg: bytes, at: datetime) -> bool:
        """See the port."""
        if self._seal is None:
            return False
        self.drop(check_in_id)
        sealed = self._seal.close(jpeg, check_in_id)
        self._connection.execute(insert(portraits), {"check_in_id": check_in_id, "kept_at": at, "sealed": sealed})
        return True

    def get(self, check_in_id: str) -> bytes | None:
        """See the port."""
        found = select(portraits.c.sealed).where(portraits.c.check_in_id == check_in_id)
        sealed = self._connection.execute(found).scalar_one_or_none()
        return self._seal.open(sealed, check_in_id) if sealed and self._seal else None

    def has(self, check_in_id: str) -> bool:
        """See the port."""
        found = select(portraits.c.check_in_id).where(portraits.c.check_in_id == check_in_id)
        return self._connection.execute(found).first() is not None

    def drop(self, check_in_id: str) -> None:
        """See the port."""
        self._connection.execute(delete(portraits).where(portraits.c.check_in_id == check_in_id))

    def has_before(self, moment: datetime) -> bool:
        """See the port."""
        found = select(portraits.c.check_in_id).where(portraits.c.kept_at < moment).limit(1)
        return self._connection.execute(found).first() is not None

    def drop_before(self, moment: datetime) -> int:
        """See the port."""
        return self._connection.execute(delete(portraits).where(portraits.c.kept_at < moment)).rowcount


class SqlKnownChips:
    """`KnownChipStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, chip: KnownChip) -> None:
        """See the port."""
        self._connection.execute(insert(known_chips), asdict(chip))

    def save(self, chip: KnownChip) -> None:
        """See the port."""
        changed = update(known_chips).where(known_chips.c.id == chip.id).values(asdict(chip))
        if self._connection.execute(changed).rowcount == 0:
            raise NotFound("no such known chip")

    def get(self, known_chip_id: str) -> KnownChip:
        """See the port."""
        found = self._all(known_chips.c.id == known_chip_id)
        if not found:
            raise NotFound("no such known chip")
        return found[0]

    def alike(self, chip_key: str | None, security_object: str | None) -> Sequence[KnownChip]:
        """See the port."""
        same_key = known_chips.c.chip_key == chip_key if chip_key else false()
        same_object = known_chips.c.security_object == security_object if security_object else false()
        return self._all(or_(same_key, same_object))

    def of_patient(self, patient_id: str) -> Sequence[KnownChip]:
        """See the port."""
        return self._all(known_chips.c.patient_id == patient_id)

    def _all(self, condition: ColumnElement[bool]) -> list[KnownChip]:
        query = select(known_chips).where(condition).order_by(known_chips.c.bound_at, known_chips.c.id)
        names = [field.name for field in fields(KnownChip)]
        return [
            msgspec.convert({name: row[name] for name in names}, KnownChip)
            for row in self._connection.execute(query).mappings()
        ]
