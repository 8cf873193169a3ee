"""A program of its own that writes: `URL NAME COUNT` arrives COUNT times and prints each id once kept.

With COUNT 0 it stops in the middle of a transaction, says so, and waits to be killed.
"""

import sys
import time
from datetime import UTC, date, datetime

from kiosk.model.actor import SYSTEM
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.events import EventKind
from kiosk.model.queue import Ticket
from kiosk.ports.outbox import DeliveryKind
from kiosk.ports.storage import Work
from kiosk.storage.engine import open_engine
from kiosk.storage.unit_of_work import SqlStorage

DAY = date(2026, 11, 23)


def arrive(work: Work, check_in_id: str) -> None:
    now = datetime.now(UTC)
    ticket = Ticket("noi-tiet", DAY, work.counters.next_number("noi-tiet", DAY))
    check_in = CheckIn(check_in_id, "kiosk-1", Stage.ARRIVED, 1, now, now, DAY, ticket=ticket)
    work.check_ins.add(check_in)
    work.events.add(EventKind.ARRIVED, check_in, "noi-tiet", now)
    work.outbox.add(DeliveryKind.ENCOUNTER, check_in_id, now)
    work.audit.add(now, SYSTEM, "arrive", f"check-in/{check_in_id}", {})


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(url: str, name: str, count: int) -> None:
    engine = open_engine(url)
    storage = SqlStorage(engine)
    for number in range(count):
        with storage.write() as work:
            arrive(work, f"{name}-{number}")
        say(f"{name}-{number}")
    if count == 0:
        with storage.write() as work:
            arrive(work, name)
            # reading the chain writes its waiting rows
            list(work.audit.rows())
            say("written, not committed")
            time.sleep(60)
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
