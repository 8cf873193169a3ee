"""What a scanned citizen code says that opens its card's chip: held by the station, in memory, for one check-in."""

import threading

from kiosk.errors import InputError
from kiosk.identify.chip_card.access_key import QrFacts
from kiosk.identify.codes.citizen_qr import parse_citizen_qr
from kiosk.identify.codes.fields import read_payload


class ScannedCard:
    """The newest citizen code that was scanned here; shared by the station's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shown: QrFacts | None = None
        self._held: tuple[str, QrFacts] | None = None

    def show(self, payload: str) -> None:
        """A code is about to be claimed; one of another kind of card opens no chip."""
        facts = _facts(payload)
        with self._lock:
            self._shown = facts

    def hold(self, check_in_id: str | None) -> None:
        """It was claimed for this check-in, in place of the one before; None for no check-in."""
        with self._lock:
            if self._shown and check_in_id:
                self._held = (check_in_id, self._shown)
            self._shown = None

    def facts(self, check_in_id: str, number: str) -> QrFacts | None:
        """What the code of this number said, if it was shown for this check-in."""
        with self._lock:
            if self._held and self._held[0] == check_in_id and self._held[1].number == number:
                return self._held[1]
            return self._shown if self._shown and self._shown.number == number else None

    def forget_others(self, check_in_id: str | None) -> None:
        """Somebody else stands here, or nobody."""
        with self._lock:
            if self._held and self._held[0] != check_in_id:
                self._held = None


def _facts(payload: str) -> QrFacts | None:
    try:
        code = parse_citizen_qr(read_payload(payload).split("|"))
    except InputError:
        return None
    if code is None:
        return None
    return QrFacts(code.number.value, code.birth_date, code.issue_date, code.name, code.sex)
