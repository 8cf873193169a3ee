"""Read cards in a row through the real pcscd, pull some in the middle, and count what is left behind.

Run it alone for as many as you like: python -m tests.support.card_endurance --reads 1000
"""

import argparse
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from kiosk.errors import CardError
from kiosk.hardware.card_reader import PcscCardReader
from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.hardware.simulated.citizen_card.profiles import CardOffice, CardProfile
from kiosk.identify.chip_card.access_key import AccessKeys
from kiosk.identify.chip_card.certificates import read_certificate
from kiosk.identify.chip_card.document import read_document
from kiosk.identify.chip_card.issuer import CITIZEN_CARD, Pinned
from kiosk.identify.chip_card.trust_store import TrustStore
from kiosk.model.identity import PartialDate, Sex
from tests.support.card_tray import Tray, problem_of
from tests.support.pcscd import READER, Pcscd

WARM_UP, SETTLE_SECONDS = 3, 5.0
HOLDER = Holder(
    number="001190012345",
    name="Nguyễn Thị Mẫu",
    birth_date=PartialDate(1990, 3, 5),
    sex=Sex.FEMALE,
    residence="Số 1 Phố Ví Dụ, Phường Mẫu, Quận Thử, Hà Nội",
    issued_on=date(2021, 4, 15),
    expires_on=date(2030, 3, 5),
)


@dataclass(frozen=True, slots=True)
class Held:
    """What this process and the daemon hold."""

    threads: int
    files: int
    children: int
    locks: int
    daemon_threads: int
    daemon_files: int


@dataclass(slots=True)
class Outcome:
    """What became of the reads.

    Attributes:
        ends: how many ended with each verdict or problem.
        before: after some reads, when everything that is made once is there.
        after: at the end.
        is_free: another reader can take the card for itself.
    """

    ends: Counter[str] = field(default_factory=Counter)
    pulled: int = 0
    seconds: float = 0.0
    before: Held | None = None
    after: Held | None = None
    is_free: bool = False


def endure(pcscd: Pcscd, reads: int, seed: int) -> Outcome:
    """Read one card that often; in a third of them it is pulled at a random moment and laid again."""
    chance, outcome = random.Random(seed), Outcome()  # noqa: S311 # moments, not secrets
    office, tray = CardOffice(), Tray(pcscd)
    trust = TrustStore.of([Pinned(CITIZEN_CARD, read_certificate(office.home.authority.certificate))])
    image = office.make(CardProfile.GENUINE, HOLDER, date(2026, 11, 22))
    reader = PcscCardReader(READER, allow_virtual=True)
    try:
        tray.lay(image)
        usual = min(timed(lambda: read(reader, trust)) for _ in range(WARM_UP))
        outcome.before, began = held(pcscd), time.monotonic()
        for number in range(reads):
            if not tray.slot.holds_card:
                tray.lay(image)
            pull = threading.Timer(chance.uniform(0, usual), tray.slot.pull)
            if number % 3 == 0:
                outcome.pulled += 1
                pull.start()
            outcome.ends[read(reader, trust)] += 1
            if number % 3 == 0:
                pull.join()
        outcome.seconds = time.monotonic() - began
        if not tray.slot.holds_card:
            tray.lay(image)
        outcome.after, outcome.is_free = held(pcscd, outcome.before), problem_of(reader) is None
    finally:
        tray.lift()
    return outcome


def read(reader: PcscCardReader, trust: TrustStore) -> str:
    """The verdict, or why there is none."""
    try:
        with reader.connect() as connection:
            keys = AccessKeys.from_can(HOLDER.can)
            found = read_document(connection, keys, trust=trust, today=date(2026, 11, 22))
    except CardError as error:
        return error.kind
    return found.judgement.verdict


def timed(what: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    began = time.monotonic()
    what()
    return time.monotonic() - began


def held(pcscd: Pcscd, like: Held | None = None) -> Held:
    """What is held now, or as soon as that is what it was before: the last read's end may be under way."""
    ends = time.monotonic() + SETTLE_SECONDS
    while True:
        time.sleep(0.1)
        found = _count(pcscd)
        if found == like or (like is None and pcsc_threads() == 0) or time.monotonic() > ends:
            return found


def pcsc_threads() -> int:
    """Threads that the reader started and that still run."""
    return sum(thread.name == "pcsc" for thread in threading.enumerate())


def _count(pcscd: Pcscd) -> Held:
    own, daemon = Path("/proc/self"), Path("/proc") / str(pcscd.pid)
    children = [path.read_text(encoding="ascii").split() for path in own.glob("task/*/children")]
    locks = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    return Held(
        threads=threading.active_count(),
        files=len(list((own / "fd").iterdir())),
        children=sum(map(len, children)),
        locks=sum(line.split()[4] == str(os.getpid()) for line in locks),
        daemon_threads=len(list((daemon / "task").iterdir())),
        daemon_files=len(list((daemon / "fd").iterdir())),
    )


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reads", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    pcscd = Pcscd()
    os.environ["PCSCLITE_CSOCK_NAME"] = str(pcscd.address)
    pcscd.start()
    outcome = endure(pcscd, chosen.reads, chosen.seed)
    pcscd.close()
    print(f"{chosen.reads} reads in {outcome.seconds:.0f} s, {outcome.pulled} pulled: {dict(outcome.ends)}")  # noqa: T201 # its answer
    print(f"before {outcome.before}\nafter  {outcome.after}\nfree   {outcome.is_free}")  # noqa: T201 # its answer


if __name__ == "__main__":
    main()
