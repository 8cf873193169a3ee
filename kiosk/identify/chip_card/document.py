"""The front door: a card on the reader becomes a document that says who it is and how far it may be believed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from time import monotonic
from typing import TypeVar

from kiosk.errors import DeviceError, InputError
from kiosk.identify.chip_card.access_control import Access, AccessControl
from kiosk.identify.chip_card.access_key import AccessKeys, KeyAttempts, QrFacts
from kiosk.identify.chip_card.apdu import Limits, PlainChannel
from kiosk.identify.chip_card.card_contents import CardVisit, Contents, Progress
from kiosk.identify.chip_card.challenges import Challenges, OwnChallenges
from kiosk.identify.chip_card.citizen_data import citizen_data, read_dg13
from kiosk.identify.chip_card.contradictions import contradictions
from kiosk.identify.chip_card.data_groups import read_dg11, read_dg12
from kiosk.identify.chip_card.mrz import Mrz, read_dg1
from kiosk.identify.chip_card.portrait import Portrait, PortraitDecoder, find_picture
from kiosk.identify.chip_card.trust_store import TrustStore
from kiosk.identify.chip_card.verdict import Judgement, judge
from kiosk.model.chip_card import ChipReading, CitizenData
from kiosk.ports.devices import CardConnection

Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class Document:
    """A chip's whole reading.

    Attributes:
        files: raw, by name, as the card gave them; they end with the reading.
        mrz: None where DG1 is missing or cannot be used.
        portrait: None where DG2 is missing or cannot be decoded.
        contradictions: fields in which DG1, DG13 and what was claimed disagree.
        unusable: data groups that were read and could not be understood.
        exchanges: command APDUs.
        bytes_read: bytes that the card answered.
        seconds: from the first command to the last file.
    """

    access: Access
    judgement: Judgement
    files: Mapping[str, bytes] = field(repr=False)
    mrz: Mrz | None = field(repr=False)
    citizen: CitizenData | None = field(repr=False)
    portrait: Portrait | None
    contradictions: tuple[str, ...]
    unusable: tuple[str, ...]
    is_expired: bool
    exchanges: int
    bytes_read: int
    seconds: float

    @property
    def reading(self) -> ChipReading:
        """What a check-in is told: no raw file, and a portrait made anew from its pixels."""
        judgement = self.judgement
        return ChipReading(
            verdict=judgement.verdict,
            reasons=judgement.reasons,
            alarm=judgement.alarm,
            checks=judgement.checks,
            citizen=self.citizen,
            contradictions=self.contradictions,
            signer=judgement.signer,
            chip_key=judgement.chip_key,
            security_object=judgement.security_object,
            portrait=self.portrait.jpeg() if self.portrait else None,
            expired=self.is_expired,
        )


def read_document(  # noqa: PLR0913 # the one front door: what is left out has a default
    connection: CardConnection,
    keys: AccessKeys,
    *,
    trust: TrustStore,
    today: date,
    claimed: QrFacts | None = None,
    attempts: KeyAttempts | None = None,
    progress: Progress = lambda _done, _total: None,
    challenges: Challenges | None = None,
    limits: Limits | None = None,
    clock: Callable[[], float] = monotonic,
    everything: bool = False,
) -> Document:
    """Open the card, read it, let it prove that it is no copy, and judge it.

    Args:
        connection: to a card that was just reset.
        keys: what may open it.
        trust: the pinned anchors.
        today: at the hospital.
        claimed: what the patient presented, to be compared with the chip.
        attempts: of this check-in; three of its own unless given.
        progress: told how many files are read, and of how many.
        challenges: draws what the chip must answer; of this host unless given.
        limits: of time and exchanges for the whole card.
        clock: seconds, for them.
        everything: read each data group that is not the state's alone, not only those that a check-in needs.

    Raises:
        CardError: the card could not be read; `kind` says what to tell whom.
    """
    plain = PlainChannel(connection, limits=limits, clock=clock)
    control = AccessControl(plain, keys, attempts or KeyAttempts())
    visit = CardVisit(plain, control, challenges or OwnChallenges(), progress)
    contents, portrait = _take(visit, extended=limits.extended if limits else True, everything=everything)
    judgement = judge(
        contents.files,
        trust=trust,
        today=today,
        active=contents.active,
        chip=contents.chip,
        not_read=contents.not_read,
    )
    return _document(contents, judgement, portrait, _understand(contents.files, today, claimed), plain)


def _take(visit: CardVisit, *, extended: bool, everything: bool) -> tuple[Contents, Portrait | None]:
    contents, reader = visit.open(extended=extended)
    with _decoder() as decoder:
        visit.read(contents, reader, everything=everything)
        return contents, _portrait(decoder, contents.files.get("DG2"))


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What the text of the data groups says."""

    mrz: Mrz | None
    citizen: CitizenData | None
    contradictions: tuple[str, ...]
    unusable: tuple[str, ...]
    is_expired: bool = False


def _document(
    contents: Contents, judgement: Judgement, portrait: Portrait | None, meant: _Meaning, plain: PlainChannel
) -> Document:
    lacks_portrait = portrait is None and "DG2" in contents.files
    return Document(
        access=contents.access,
        judgement=judgement,
        files=contents.files,
        mrz=meant.mrz,
        citizen=meant.citizen,
        portrait=portrait,
        contradictions=meant.contradictions,
        unusable=(*meant.unusable, "DG2") if lacks_portrait else meant.unusable,
        is_expired=meant.is_expired,
        exchanges=plain.exchanges,
        bytes_read=plain.bytes_read,
        seconds=plain.seconds,
    )


def _understand(files: Mapping[str, bytes], today: date, claimed: QrFacts | None) -> _Meaning:
    unusable: list[str] = []
    mrz = _attempt(unusable, "DG1", lambda raw: read_dg1(raw, today), files)
    dg13 = _attempt(unusable, "DG13", read_dg13, files)
    residence = _attempt(unusable, "DG11", read_dg11, files)
    issued_on = _attempt(unusable, "DG12", read_dg12, files)
    if mrz is None:
        return _Meaning(None, None, (), tuple(unusable))
    try:
        citizen = citizen_data(mrz, dg13, residence, issued_on)
    except InputError:
        citizen = None
    is_expired = mrz.expires_on is not None and mrz.expires_on < today
    return _Meaning(mrz, citizen, contradictions(mrz, dg13, claimed), tuple(unusable), is_expired)


def _attempt(
    unusable: list[str], name: str, read: Callable[[bytes], Meaning], files: Mapping[str, bytes]
) -> Meaning | None:
    """A data group that cannot be understood must not hide the others."""
    try:
        return read(files[name]) if name in files else None
    except InputError:
        unusable.append(name)
        return None


@contextmanager
def _decoder() -> Iterator[PortraitDecoder | None]:
    """Started while the card is read; a host that cannot start one reads the card all the same."""
    try:
        decoder = PortraitDecoder()
    except DeviceError:
        yield None
        return
    with decoder:
        yield decoder


def _portrait(decoder: PortraitDecoder | None, dg2: bytes | None) -> Portrait | None:
    if decoder is None or dg2 is None:
        return None
    try:
        return decoder.decode(find_picture(dg2))
    except (InputError, DeviceError):
        return None
