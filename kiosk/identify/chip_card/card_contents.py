"""Everything that is taken from a card while it lies there, in the order that fits real cards; judging comes after."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from kiosk.errors import CardError, CardProblem, InputError
from kiosk.identify.chip_card import active_authentication, chip_authentication
from kiosk.identify.chip_card.access_control import Access, AccessControl
from kiosk.identify.chip_card.apdu import PlainChannel
from kiosk.identify.chip_card.card_files import CARD_ACCESS, COM, SOD
from kiosk.identify.chip_card.challenges import Challenges
from kiosk.identify.chip_card.file_reader import FileReader, read_card_access, read_selected_card_access
from kiosk.identify.chip_card.proof import Proof
from kiosk.identify.chip_card.security_object import read_security_object
from kiosk.identify.chip_card.tlv import find
from kiosk.model.chip_card import CheckOutcome

Progress = Callable[[int, int], None]
"""Told how many files are read, and how many there are to read as far as is known."""

_USUAL = ("DG14", "DG1", "DG13", "DG11", "DG12", "DG15", "DG2")
"""The portrait last: it takes longest."""
_MORE = ("DG5", "DG6", "DG7", "DG8", "DG9", "DG10", "DG16")
_COM_TAG, _LIST_TAG = 0x60, 0x5C
_GROUPS_BY_TAG = dict(
    zip(bytes.fromhex("61756376656667 68696A6B6C6D6E6F70"), (f"DG{number}" for number in range(1, 17)), strict=True)
)


@dataclass(slots=True)
class Contents:
    """What came from a card.

    Attributes:
        files: raw, by name; what the card did not give is left out.
        active: of active authentication; None when there was no DG15.
        chip: of chip authentication; None when there was no DG14.
        not_read: listed data groups that were left alone on purpose, or because a copy gave itself away before.
    """

    access: Access
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    active: Proof | None = None
    chip: Proof | None = None
    not_read: frozenset[str] = frozenset()

    @property
    def is_copy(self) -> bool:
        """Whether the chip answered one of its proofs wrongly."""
        return any(proof is not None and proof.outcome is CheckOutcome.FAILED for proof in (self.active, self.chip))


class CardVisit:
    """One card, from reset to its last file.

    Args:
        plain: to the card, freshly reset.
        control: opens it.
        challenges: of active and chip authentication.
        progress: told of each file.
    """

    def __init__(self, plain: PlainChannel, control: AccessControl, challenges: Challenges, progress: Progress) -> None:
        self._plain = plain
        self._control = control
        self._challenges = challenges
        self._progress = progress
        self._takes_extended = True

    def open(self, *, extended: bool) -> tuple[Contents, FileReader]:
        """Open the card.

        Raises:
            CardError: as `AccessControl.open`.
        """
        card_access, self._takes_extended = read_card_access(
            self._plain, extended=extended, believes=self._control.has_zone_key
        )
        try:
            channel, access = self._control.open(card_access)
        except CardError as error:
            if card_access is not None or not self._control.may_try_pace_after(error):
                raise
            # the card may have the file, and with it PACE, behind its master file
            card_access = read_selected_card_access(self._plain)
            if card_access is None:
                raise
            channel, access = self._control.open(card_access)
        files = {CARD_ACCESS: card_access} if card_access else {}
        return Contents(access, files), FileReader(channel, extended=self._takes_extended)

    def read(self, contents: Contents, reader: FileReader, *, everything: bool) -> None:
        """Read the files and ask for the proofs that they offer.

        Raises:
            CardError: the card left, went silent or broke the protocol; not once it has given a wrong proof, for then
                that is what must be told.
        """
        self._read(contents, reader, (COM, SOD), 2 + len(_USUAL))
        listed = listed_groups(contents.files)
        wanted = [name for name in _USUAL + (_MORE if everything else ()) if name in listed]
        contents.not_read = listed.difference(wanted)
        total = 2 + len(wanted)
        for at, name in enumerate(wanted):
            try:
                self._take(contents, reader, name, total)
            except CardError:
                if not contents.is_copy:
                    raise
                contents.not_read |= frozenset(wanted[at:]) - contents.files.keys()
                break
        self._progress(total, total)

    def _take(self, contents: Contents, reader: FileReader, name: str, total: int) -> None:
        """One data group, and the proof that it makes possible."""
        self._read(contents, reader, (name,), total)
        if name == "DG14":
            self._prove_chip(contents, reader)
        elif name == "DG15":
            self._prove_actively(contents, reader)

    def _read(self, contents: Contents, reader: FileReader, names: Iterable[str], total: int) -> None:
        for name in names:
            self._progress(len(contents.files.keys() - {CARD_ACCESS}), total)
            found = self._file(reader, name)
            if found is not None:
                contents.files[name] = found

    def _file(self, reader: FileReader, name: str) -> bytes | None:
        try:
            return reader.read(name)
        except CardError as error:
            if not reader.is_probing or error.kind is not CardProblem.SECURE_MESSAGING:
                raise
        # some cards answer an extended length before secure messaging comes into play, and then it is lost
        self._takes_extended = False
        reader.keep_short(self._control.open_again())
        return reader.read(name)

    def _prove_chip(self, contents: Contents, reader: FileReader) -> None:
        """After a wrong answer reading goes on with a new opening."""
        dg14 = contents.files.get("DG14")
        if dg14 is None:
            return

        def ask() -> Proof:
            proof, reader.channel = chip_authentication.prove(self._plain, reader.channel, dg14, self._challenges)
            return proof

        contents.chip = self._proof(reader, ask)
        if contents.chip.outcome is CheckOutcome.FAILED:
            reader.channel = self._control.open_again()

    def _prove_actively(self, contents: Contents, reader: FileReader) -> None:
        dg15, dg14 = contents.files.get("DG15"), contents.files.get("DG14")
        if dg15 is None:
            return

        def ask() -> Proof:
            challenge = self._challenges.challenge()
            extended = self._takes_extended
            return active_authentication.prove(reader.channel, dg15, dg14, challenge, takes_extended=extended)

        contents.active = self._proof(reader, ask)

    def _proof(self, reader: FileReader, ask: Callable[[], Proof]) -> Proof:
        """Some cards refuse a proof without protecting the refusal: not possible all the same, and opened anew."""
        try:
            return ask()
        except CardError as error:
            if error.kind is not CardProblem.SECURE_MESSAGING:
                raise
        reader.channel = self._control.open_again()
        return Proof(CheckOutcome.NOT_POSSIBLE)


def listed_groups(files: Mapping[str, bytes]) -> frozenset[str]:
    """The data groups that EF.SOD or EF.COM list: what only one of them names is looked at too, and judged."""
    listed = set[str]()
    with suppress(InputError):
        listed.update(read_security_object(files[SOD]).hashes if SOD in files else ())
    return frozenset(listed | _announced(files.get(COM)))


def _announced(com: bytes | None) -> set[str]:
    try:
        tags = find(com, _COM_TAG, _LIST_TAG) if com else None
    except InputError:
        tags = None
    return {_GROUPS_BY_TAG[tag] for tag in tags.value if tag in _GROUPS_BY_TAG} if tags else set()
