"""What a laboratory value says: by the laboratory's own word, and by the reference range."""

from datetime import UTC, datetime

import pytest

from kiosk.model.summary import Interpretation, LabSeries, Measurement

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)
NORMAL, LOW, HIGH = Interpretation.NORMAL, Interpretation.LOW, Interpretation.HIGH


def verdict(
    value: float, low: float | None, high: float | None, comparator: str = "", said: Interpretation | None = None
) -> Interpretation | None:
    return LabSeries("x", "y", low, high, (Measurement(NOON, value, comparator, said),)).verdict


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (4.1, 3.5, 5.1, NORMAL),
        (3.4, 3.5, 5.1, LOW),
        (5.2, 3.5, 5.1, HIGH),
        (5.1, 3.5, 5.1, NORMAL),
        (4.9, None, 5.2, NORMAL),
        (5.3, None, 5.2, HIGH),
        (40, 60, None, LOW),
        (4.1, None, None, None),
    ],
)
def test_an_exact_value_is_compared_with_its_range(
    value: float, low: float | None, high: float | None, expected: Interpretation | None
) -> None:
    assert verdict(value, low, high) is expected


@pytest.mark.parametrize(
    ("comparator", "value", "low", "high", "expected"),
    [
        ("<", 0.01, 0.4, 4.0, LOW),
        ("<", 0.4, 0.4, 4.0, LOW),
        ("<=", 0.4, 0.4, 4.0, None),
        ("<", 5, 0, 5, NORMAL),
        ("<", 5, None, 5, NORMAL),
        ("<", 10, None, 5, None),
        ("<", 5, 3, 9, None),
        (">", 500, 30, 400, HIGH),
        (">", 400, 30, 400, HIGH),
        (">=", 400, 30, 400, None),
        (">", 90, 60, None, NORMAL),
        (">", 50, 60, None, None),
        (">", 50, 30, 400, None),
        ("ad", 50, 30, 400, None),
    ],
)
def test_a_value_beyond_the_measurable_is_judged_only_where_every_true_value_would_be_judged_alike(
    comparator: str, value: float, low: float | None, high: float | None, expected: Interpretation | None
) -> None:
    assert verdict(value, low, high, comparator) is expected


@pytest.mark.parametrize(
    ("said", "value", "expected"),
    [
        (NORMAL, 4.1, NORMAL),
        (NORMAL, 9.9, HIGH),
        (LOW, 4.1, LOW),
        (Interpretation.VERY_HIGH, 9.9, Interpretation.VERY_HIGH),
        (Interpretation.ABNORMAL, 9.9, HIGH),
        (Interpretation.ABNORMAL, 4.1, Interpretation.ABNORMAL),
    ],
)
def test_what_either_the_laboratory_or_the_range_calls_abnormal_is_abnormal(
    said: Interpretation, value: float, expected: Interpretation
) -> None:
    assert verdict(value, 3.5, 5.1, said=said) is expected


def test_the_laboratorys_word_counts_without_a_range() -> None:
    assert verdict(4.1, None, None, said=NORMAL) is NORMAL
    assert verdict(4.1, None, None, said=HIGH) is HIGH
