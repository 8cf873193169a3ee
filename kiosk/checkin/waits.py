"""How long to wait before the record is asked again, after it did not answer."""

from collections.abc import Collection
from datetime import datetime, timedelta

LONGEST_WAIT = timedelta(minutes=5)


def wait_after(attempts: int) -> timedelta:
    """2 s after the first attempt (none before it), then twice as long each time, up to 5 minutes."""
    return min(timedelta(seconds=2 ** min(attempts + 1, 10)), LONGEST_WAIT)


class Waits:
    """For which check-ins the record did not answer, and until when each one waits. Of one process."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[int, datetime]] = {}

    def __len__(self) -> int:
        return len(self._until)

    def is_due(self, check_in_id: str, now: datetime) -> bool:
        """Whether the record may be asked for this one."""
        until = self._until[check_in_id][1] if check_in_id in self._until else now
        # no wait is longer: the clock was taken back meanwhile
        return until <= now or until - now > LONGEST_WAIT

    def longer(self, check_in_id: str, now: datetime) -> None:
        """The record did not answer for it."""
        attempts = self._until[check_in_id][0] + 1 if check_in_id in self._until else 0
        self._until[check_in_id] = (attempts, now + wait_after(attempts))

    def forget_but(self, check_in_ids: Collection[str]) -> None:
        """The others wait no more."""
        self._until = {one: wait for one, wait in self._until.items() if one in check_in_ids}
