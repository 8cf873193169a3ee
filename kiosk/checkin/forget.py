"""What is old is forgotten: one day of history at a time."""

from datetime import date, timedelta

from kiosk.checkin.services import Services


def forget_old(services: Services, keep: timedelta) -> int:
    """Delete the oldest day of ended check-ins that are older than `keep`; the audit chain stays.

    At most one day in 24 hours, and none while the clock is in doubt: no clock that is wrong can take more.

    Returns:
        How many.
    """
    closes_before = services.clock.closes_before
    if closes_before is None:
        return 0
    before = min(closes_before, services.clock.today()) - keep
    with services.storage.read() as work:
        oldest = work.check_ins.oldest_over(before)
    if oldest is not None and not _may_take(services):
        return 0
    return services.storage.forget_ended(_day_after(oldest) if oldest else before, services.clock.now())


def _may_take(services: Services) -> bool:
    """Note it first: whoever ends in between has had the day's turn."""
    with services.storage.write() as work:
        kept = work.time.get(for_change=True)
        if kept is None or not kept.may_forget:
            return False
        work.time.put(kept.forgetting())
    return True


def _day_after(day: date) -> date:
    return day + timedelta(days=1)
