from datetime import date

import pytest

from kiosk.errors import RecordRefused, RecordUnreachable
from kiosk.record.expected import KeptDays
from tests.support.small_hospital import SetClock

TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)


class Record:
    """Answers with what a test set, and counts."""

    def __init__(self) -> None:
        self.answers: list[frozenset[str] | Exception] = []
        self.asked = 0

    def __call__(self, _day: date) -> frozenset[str]:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def record() -> Record:
    return Record()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def kept(record: Record, clock: SetClock) -> KeptDays:
    return KeptDays(record, clock.monotonic)


def test_a_day_is_asked_for_again_after_five_minutes(kept: KeptDays, record: Record, clock: SetClock) -> None:
    record.answers = [frozenset({"an"}), frozenset({"an", "binh"})]
    assert kept.of(TODAY) == {"an"}
    clock.seconds += 299
    assert kept.of(TODAY) == {"an"}
    clock.seconds += 1
    assert kept.of(TODAY) == {"an", "binh"}
    assert record.asked == 2


def test_the_next_day_is_another_question(kept: KeptDays, record: Record) -> None:
    record.answers = [frozenset({"an"}), frozenset()]
    assert kept.of(TODAY) == {"an"}
    assert kept.of(TOMORROW) == frozenset()


@pytest.mark.parametrize("error", [RecordUnreachable, RecordRefused])
def test_a_failure_is_told_again_for_some_seconds(
    kept: KeptDays, record: Record, clock: SetClock, error: type[Exception]
) -> None:
    record.answers = [error("no answer"), frozenset({"an"})]
    for _ in range(2):
        with pytest.raises(error, match="no answer"):
            kept.of(TODAY)
    clock.seconds += 20
    assert kept.of(TODAY) == {"an"}
    assert record.asked == 2
