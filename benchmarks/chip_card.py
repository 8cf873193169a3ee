"""What reading a chip card costs: exchanges and bytes next to the least possible, and this host's own time."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from benchmarks.tables import median, percentile, print_table
from kiosk.hardware.simulated.citizen_card.card import VirtualCard
from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.hardware.simulated.citizen_card.image import Behaviour, CardImage
from kiosk.hardware.simulated.citizen_card.personalisation import Plan, personalise
from kiosk.hardware.simulated.citizen_card.pki import Issuer, new_issuer
from kiosk.hardware.simulated.citizen_card.portrait import draw_portrait, encode
from kiosk.hardware.simulated.citizen_card.reader import SimulatedCardReader
from kiosk.identify.chip_card.access_key import AccessKeys, QrFacts
from kiosk.identify.chip_card.apdu import Limits
from kiosk.identify.chip_card.certificates import read_certificate
from kiosk.identify.chip_card.document import Document, read_document
from kiosk.identify.chip_card.file_reader import LARGEST_BLOCK, SHORT_BLOCK
from kiosk.identify.chip_card.issuer import CITIZEN_CARD, Pinned
from kiosk.identify.chip_card.trust_store import TrustStore
from kiosk.model.chip_card import ChipVerdict
from kiosk.model.identity import PartialDate, Sex
from kiosk.ports.devices import CardConnection

TODAY = date(2026, 11, 22)
AIM_MS = 150
PORTRAIT_BYTES = 19_900
"""With its frame, DG2 has 20 KB."""
ANSWER_SECONDS = 0.02
"""A card's time for one answer, a short one: all that this host does beside it is not waited for."""
FILES = ("EF.SOD", "DG14", "DG1", "DG13", "DG15", "DG2")
_NUMBER, _NAME = "001190012345", "Nguyễn Thị Mẫu"
_BORN, _ISSUED = PartialDate(1990, 3, 5), PartialDate(2021, 4, 15)
_ACCESS: Mapping[str, int] = {"pace": 1 + 5 + 1, "bac": 1 + 2 + 1}
"""EF.CardAccess; PACE or BAC; SELECT the application."""
_PROOFS = 3 + 1
"""Chip authentication with AES and its confirmation; active authentication."""


class TimedConnection:
    """A card that takes its time, and tells how much of it."""

    def __init__(self, connection: CardConnection, answer_seconds: float) -> None:
        self.seconds = 0.0
        self._connection = connection
        self._answer_seconds = answer_seconds

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """Pass a command on and wait as for a real card."""
        started = time.perf_counter()
        try:
            time.sleep(self._answer_seconds)
            return self._connection.transmit(command)
        finally:
            self.seconds += time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class Timed:
    """One reading.

    Attributes:
        talking: this host's milliseconds until the last file was there.
        judging: its milliseconds after that.
    """

    document: Document
    talking: float
    judging: float


def main(samples: int = 50) -> None:
    """Print both tables."""
    issuer = new_issuer()
    _print_exchanges(issuer)
    _print_time(issuer, samples)


def quick() -> None:
    """With few samples."""
    main(samples=5)


def card(issuer: Issuer, *, extended: bool = True, pace: bool = True) -> CardImage:
    """A genuine card with a portrait of 20 KB."""
    picture = encode(draw_portrait(_NAME, Sex.FEMALE))
    holder = Holder(
        number=_NUMBER,
        name=_NAME,
        birth_date=_BORN,
        sex=Sex.FEMALE,
        residence="Số 1 Phố Ví Dụ, Phường Mẫu, Quận Thử, Hà Nội",
        issued_on=date(2021, 4, 15),
        expires_on=date(2030, 3, 5),
        # what stands behind a picture's end is read and not shown
        portrait=picture + bytes(max(0, PORTRAIT_BYTES - len(picture))),
    )
    plan = Plan(behaviour=Behaviour(extended_length=extended))
    return personalise(holder, issuer, plan if pace else replace(plan, pace=()))


def read(image: CardImage, trust: TrustStore, *, answer_seconds: float = 0.0, extended: bool = True) -> Timed:
    """Lay the card and read it."""
    facts = QrFacts(_NUMBER, _BORN, _ISSUED, name=_NAME)
    virtual = VirtualCard(image)
    with SimulatedCardReader(lambda: virtual).connect() as connection:
        timed = TimedConnection(connection, answer_seconds)
        started = time.perf_counter()
        document = read_document(
            timed,
            AccessKeys.from_qr(facts),
            trust=trust,
            today=TODAY,
            claimed=facts,
            limits=Limits(extended=extended),
        )
        spent = time.perf_counter() - started
    if document.judgement.verdict is not ChipVerdict.GENUINE or document.portrait is None:
        raise RuntimeError("what was measured is not the reading of a genuine card")
    return Timed(document, 1e3 * (document.seconds - timed.seconds), 1e3 * (spent - document.seconds))


def least(document: Document, block: int) -> int:
    """The exchanges that nobody can spare who reads these files in such blocks."""
    blocks = sum(-(-len(document.files[name]) // block) for name in FILES)
    return _ACCESS[document.access.protocol] + _PROOFS + blocks


def _print_exchanges(issuer: Issuer) -> None:
    trust = _trust(issuer)
    rows = []
    for pace in (True, False):
        for label, block, takes, asks in (
            ("short blocks", SHORT_BLOCK, True, False),
            ("short blocks, the card refuses longer ones", SHORT_BLOCK, False, True),
            ("extended blocks", LARGEST_BLOCK, True, True),
        ):
            document = read(card(issuer, extended=takes, pace=pace), trust, extended=asks).document
            rows.append((f"{document.access.protocol.upper()}, {label}", *_cost(document, block)))
    names = ", ".join(FILES)
    print_table(
        f"{names} (aim: at most 1.1 times the least exchanges)",
        ("how", "exchanges", "least", "x the least", "file bytes", "bytes answered", "x the file bytes"),
        rows,
    )


def _cost(document: Document, block: int) -> Sequence[str]:
    floor, content = least(document, block), sum(len(document.files[name]) for name in FILES)
    return (
        str(document.exchanges),
        str(floor),
        f"{document.exchanges / floor:.2f}",
        str(content),
        str(document.bytes_read),
        f"{document.bytes_read / content:.2f}",
    )


def _print_time(issuer: Issuer, samples: int) -> None:
    trust, rows = _trust(issuer), []
    for pace in (True, False):
        for label, extended in (("extended blocks", True), ("short blocks", False)):
            image = card(issuer, pace=pace)
            # what is imported and made once does not count
            read(image, trust, extended=extended)
            timed = [
                read(image, trust, answer_seconds=ANSWER_SECONDS, extended=extended)
                for _ in range(samples if extended else max(3, samples // 5))
            ]
            name = f"{timed[0].document.access.protocol.upper()}, {label}"
            rows.append((name, *_milliseconds(timed)))
    print_table(
        f"This host's time (aim: under {AIM_MS} ms), ms, median / p95",
        ("how", "readings", "key agreement, protection", "portrait, checks", "together", "x the aim"),
        rows,
    )


def _milliseconds(timed: Sequence[Timed]) -> Sequence[str]:
    columns = (
        [one.talking for one in timed],
        [one.judging for one in timed],
        [one.talking + one.judging for one in timed],
    )
    shown = (f"{median(values):.0f} / {percentile(values, 95):.0f}" for values in columns)
    return (str(len(timed)), *shown, f"{median(columns[2]) / AIM_MS:.2f}")


def _trust(issuer: Issuer) -> TrustStore:
    return TrustStore.of([Pinned(CITIZEN_CARD, read_certificate(issuer.authority.certificate))])


if __name__ == "__main__":
    main()
