"""What the database holds of time, and whether what the host's clock says now fits it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

TOLERANCE = timedelta(minutes=5)
"""What a clock may be set by while the host runs, as at its first exchange with a time server."""

SHORT_STOP = timedelta(hours=1)
"""A start anew, an update, a power cut: nothing that makes a proven clock doubtful."""

LONGEST_STOP = timedelta(days=16)
"""Tết is nine days off, with the weekends and a bridge less than sixteen; a host that was off for longer says so."""

SURE_AFTER = timedelta(minutes=10)
"""For so long a clock that jumped while the host ran must go on saying that it is synchronised."""

DAY_SECONDS = 86_400.0

LONG_AGO = date(1970, 1, 1)


class Doubt(StrEnum):
    """How the host's clock does not fit."""

    AHEAD = "ahead"
    BEHIND = "behind"


class Proof(StrEnum):
    """Who says that the time is right."""

    NONE = "none"
    """The host's own battery clock, after a stop: plausible, no more."""
    PERSON = "person"
    SYNCHRONISED = "synchronised"
    """The kernel, which follows a time server."""


@dataclass(frozen=True, slots=True)
class HostReading:
    """The host's clocks at one moment.

    Attributes:
        wall: what the host takes for now, aware.
        boot_id: of this start of the host.
        boot_seconds: since then, suspended or not; it never jumps.
        synchronised: whether the kernel says that it follows a time server.
    """

    wall: datetime
    boot_id: str
    boot_seconds: float
    synchronised: bool


@dataclass(frozen=True, slots=True)
class KeptTime:
    """One row.

    Attributes:
        service_day: the day under which check-ins are given; only a trusted clock advances it.
        latest: the latest moment that was told.
        boot_id: during which start of the host that was, and
        boot_seconds: how long after it.
        doubt: None while the host's clock is trusted.
        doubt_since: in the time that was told, not the clock's.
        knows_hour: False where the host started anew in doubt: for how long it was off nobody knows.
        closes_before: only days before this one are ended. While nobody vouches for the time, a day is ended once hosts
            have run for 24 hours under a later one: a whole working day in which somebody sees that it is wrong.
        waiting_day: the day that comes next as `closes_before`, and
        waiting_since: of `run_seconds`, since when it waits.
        run_seconds: for how long hosts have run, by monotonic clocks.
        rest_seconds: for how long they stood still, at most a day for each stop.
        forgot_at: of `elapsed`, when history was deleted last.
        corrections: how often the latest moment was found too high and taken back.
    """

    service_day: date
    latest: datetime
    boot_id: str
    boot_seconds: float
    proof: Proof
    doubt: Doubt | None = None
    doubt_since: datetime | None = None
    knows_hour: bool = True
    closes_before: date = LONG_AGO
    waiting_day: date = LONG_AGO
    waiting_since: float = 0.0
    run_seconds: float = 0.0
    rest_seconds: float = 0.0
    forgot_at: float | None = None
    corrections: int = 0

    @property
    def may_forget(self) -> bool:
        """Whether a day of history may be deleted: one in 24 hours, whatever any clock says."""
        return self.doubt is None and (self.forgot_at is None or self.elapsed - self.forgot_at >= DAY_SECONDS)

    @property
    def elapsed(self) -> float:
        """Seconds that passed, as no clock that is set can make them."""
        return self.run_seconds + self.rest_seconds

    def forgetting(self) -> "KeptTime":
        """After a day of history was deleted."""
        return replace(self, forgot_at=self.elapsed)

    def expected(self, host: HostReading) -> datetime:
        """Now, at the earliest: the latest moment and what has passed since by the clock that never jumps."""
        return self.latest + timedelta(seconds=self.ran(host))

    def ran(self, host: HostReading) -> float:
        """Seconds since then during which the host ran, at the least."""
        return host.boot_seconds - self.boot_seconds if self.same_boot(host) else host.boot_seconds

    def same_boot(self, host: HostReading) -> bool:
        """Whether the host has not started anew since."""
        return host.boot_id == self.boot_id and host.boot_seconds >= self.boot_seconds


def first(host: HostReading, today: date) -> KeptTime:
    """Where the database knows of no time yet, the host's is taken."""
    proof = Proof.SYNCHRONISED if host.synchronised else Proof.NONE
    kept = KeptTime(today, host.wall, host.boot_id, host.boot_seconds, proof, waiting_day=today)
    return _ending_days(kept)


def judged(kept: KeptTime, host: HostReading, today: date) -> KeptTime:
    """What to keep now.

    Args:
        kept: what the database holds.
        host: read after that.
        today: the hospital's date at `host.wall`.
    """
    ahead = host.wall - kept.expected(host)
    if kept.same_boot(host):
        return _in_one_boot(kept, host, ahead, today)
    return _after_boot(kept, host, ahead, today)


def accepted(kept: KeptTime, host: HostReading, today: date) -> KeptTime:
    """A person says that the host's clock is right."""
    return _set(kept, host, today, Proof.SYNCHRONISED if host.synchronised else Proof.PERSON)


def _in_one_boot(kept: KeptTime, host: HostReading, ahead: timedelta, today: date) -> KeptTime:
    if abs(ahead) <= TOLERANCE:
        return _trusted(kept, host, today, Proof.SYNCHRONISED if host.synchronised else kept.proof)
    started_in_doubt = not kept.knows_hour and ahead > timedelta(0)
    if host.synchronised and (kept.proof is not Proof.SYNCHRONISED or started_in_doubt):
        return _set(kept, host, today, Proof.SYNCHRONISED)
    if host.synchronised and kept.doubt and timedelta(0) < ahead <= LONGEST_STOP and _for_long(kept, host):
        # a virtual machine that was paused: the clock that never jumps stood still with it
        return _trusted(kept, host, today, Proof.SYNCHRONISED)
    return _doubted(kept, host, ahead)


def _after_boot(kept: KeptTime, host: HostReading, ahead: timedelta, today: date) -> KeptTime:
    """For how long the host was off nobody knows."""
    if host.synchronised and (ahead >= -TOLERANCE or kept.proof is not Proof.SYNCHRONISED):
        return _set(kept, host, today, Proof.SYNCHRONISED)
    if abs(ahead) <= TOLERANCE:
        return _trusted(kept, host, today, kept.proof)
    if kept.doubt or not timedelta(0) < ahead <= LONGEST_STOP:
        return _doubted(kept, host, ahead)
    return _trusted(kept, host, today, kept.proof if ahead <= SHORT_STOP else Proof.NONE)


def _set(kept: KeptTime, host: HostReading, today: date, proof: Proof) -> KeptTime:
    """The host's clock is right, also where it is earlier than what was told before."""
    if host.wall >= kept.expected(host) - TOLERANCE:
        return _trusted(kept, host, today, proof)
    moved = _moved(kept, host, host.wall)
    corrected = replace(
        moved,
        service_day=today,
        proof=proof,
        doubt=None,
        doubt_since=None,
        knows_hour=True,
        closes_before=min(today, kept.closes_before),
        corrections=kept.corrections + 1,
    )
    return _ending_days(corrected)


def _trusted(kept: KeptTime, host: HostReading, today: date, proof: Proof) -> KeptTime:
    moved = _moved(kept, host, max(kept.latest, host.wall))
    day = max(kept.service_day, today)
    return _ending_days(replace(moved, service_day=day, proof=proof, doubt=None, doubt_since=None, knows_hour=True))


def _ending_days(kept: KeptTime) -> KeptTime:
    """Which days may be ended by a trusted time."""
    if kept.proof is not Proof.NONE:
        closes_before = kept.service_day
    elif kept.run_seconds - kept.waiting_since < DAY_SECONDS:
        return kept
    else:
        closes_before = max(kept.closes_before, kept.waiting_day)
    return replace(kept, closes_before=closes_before, waiting_day=kept.service_day, waiting_since=kept.run_seconds)


def _for_long(kept: KeptTime, host: HostReading) -> bool:
    return kept.doubt_since is not None and kept.expected(host) - kept.doubt_since >= SURE_AFTER


def _doubted(kept: KeptTime, host: HostReading, ahead: timedelta) -> KeptTime:
    """The day stands; time goes on by the clock that never jumps."""
    moved = _moved(kept, host, kept.expected(host))
    doubt = Doubt.AHEAD if ahead > timedelta(0) else Doubt.BEHIND
    knows_hour = kept.knows_hour and kept.same_boot(host)
    return replace(moved, doubt=doubt, doubt_since=kept.doubt_since or moved.latest, knows_hour=knows_hour)


def _moved(kept: KeptTime, host: HostReading, latest: datetime) -> KeptTime:
    stopped = 0.0 if kept.same_boot(host) else max(0.0, (latest - kept.expected(host)).total_seconds())
    return replace(
        kept,
        latest=latest,
        boot_id=host.boot_id,
        boot_seconds=host.boot_seconds,
        run_seconds=kept.run_seconds + kept.ran(host),
        rest_seconds=kept.rest_seconds + min(stopped, DAY_SECONDS),
    )
