"""What reception looked for, kept for a moment, so that no number stands in an address."""

import secrets
import threading
from collections import OrderedDict

KEPT = 200


class Searches:
    """The newest searches of this process by a random key; a restart forgets them and staff search again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[str, str]] = OrderedDict()

    def keep(self, staff_id: str, payload: str) -> str:
        """Remember a search.

        Returns:
            The key for the address.
        """
        key = secrets.token_urlsafe(12)
        with self._lock:
            self._kept[key] = (staff_id, payload)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return key

    def payload(self, key: str, staff_id: str) -> str | None:
        """What this account looked for under that key."""
        with self._lock:
            found = self._kept.get(key)
        return found[1] if found and found[0] == staff_id else None
