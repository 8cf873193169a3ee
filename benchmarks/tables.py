"""How a benchmark prints what it found."""

import statistics
from collections.abc import Sequence

Row = Sequence[str]


def print_table(title: str, columns: Row, rows: Sequence[Row]) -> None:
    """Print a table in Markdown, the first column to the left."""
    widths = [max(len(row[at]) for row in [columns, *rows]) for at in range(len(columns))]
    print(f"\n### {title}\n", flush=True)
    print(_line(columns, widths))
    print(
        "| " + " | ".join("-" * width if at == 0 else "-" * (width - 1) + ":" for at, width in enumerate(widths)) + " |"
    )
    for row in rows:
        print(_line(row, widths), flush=True)


def _line(row: Row, widths: Sequence[int]) -> str:
    first, *others = (f"{cell:{'<' if at == 0 else '>'}{widths[at]}}" for at, cell in enumerate(row))
    return "| " + " | ".join([first, *others]) + " |"


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that at least so many percent of the values do not exceed; NaN of nothing."""
    if not values:
        return float("nan")
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


def median(values: Sequence[float]) -> float:
    """NaN of nothing."""
    return statistics.median(values) if values else float("nan")
