"""Microseconds that it takes to read a code's payload, for each kind, and what ten times the length costs."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from benchmarks.tables import median, percentile, print_table
from kiosk.errors import InputError
from kiosk.identify.codes.recognise import recognise

HOSPITAL_PATTERN = "BN[0-9]{6}"
ROUNDS, REPEATS = 200, 10

_CITIZEN = "001190012345|012345678|Nguyễn Thị Mẫu|05031990|Nữ|Số 1 Phố Ví Dụ, Phường Mẫu, Quận Thử, Hà Nội|15042021"
_NAME, _ADDRESS, _PLACE = "Nguyễn Thị Mẫu".encode().hex(), "Số 1 Phố Ví Dụ".encode().hex(), "Tỉnh Thử".encode().hex()
_NEW = f"0100123456|{_NAME}|05/03/1990|2|-|01 - 001|01/01/2025|-|02/01/2025|01010100123456|-|4| 01/06/2029|"
_OLD = (
    f"DN4010100123456|{_NAME}|05/03/1990|2|{_ADDRESS}|01 - 001|01/01/2025|31/12/2025|02/01/2025|01010100123456|-|4|"
    " 01/06/2029|"
)
KINDS: Mapping[str, str] = {
    "citizen QR of 2021": _CITIZEN,
    "citizen QR of 2024": f"{_CITIZEN}||||",
    "insurance QR, 15 parts": f"{_OLD}0123456789abcdef-7102|$",
    "insurance QR, 17 parts": f"{_NEW}0123456789abcdef-1202|4|{_PLACE}|$",
    "citizen number": "001190012345",
    "insurance number of 15": "DN4010100123456",
    "insurance number of 10": "0100123456",
    "hospital code": "BN000123",
    "unknown": "9781234567897",
}
LONG: Mapping[str, Callable[[int], str]] = {
    "digits": lambda length: "1" * length,
    "separators": lambda length: "|" * length,
    "spaces": lambda length: "1 " * (length // 2),
    "combining marks": lambda length: "001190012345||e" + "\u0316\u0301" * (length // 4) + "|05031990|Nữ||15042021",
    "a citizen's name": lambda length: f"001190012345||{'Ng ' * (length // 3)}|05031990|Nữ||15042021",
    "an insurance name": lambda length: _NEW.replace(_NAME, "61" * (length // 2)) + "0123456789abcdef-1202|4||$",
    "an address": lambda length: f"001190012345||Mẫu|05031990|Nữ|{'So ' * (length // 3)}|15042021",
}


def main() -> None:
    """Print both tables."""
    timed = {kind: microseconds(payload) for kind, payload in KINDS.items()}
    fastest = min(median(durations) for durations in timed.values())
    print_table(
        f"Reading a payload: {ROUNDS} rounds of {REPEATS}",
        ("kind", "characters", "median µs", "p95 µs", "x the fastest"),
        [
            (
                kind,
                str(len(KINDS[kind])),
                f"{median(durations):.1f}",
                f"{percentile(durations, 95):.1f}",
                f"{median(durations) / fastest:.1f}",
            )
            for kind, durations in timed.items()
        ],
    )
    rows = []
    for name, make in LONG.items():
        short, long = (min(microseconds(make(length))) for length in (380, 3800))
        rows.append((name, f"{short:.1f}", f"{long:.1f}", f"{long / short:.1f}"))
    print_table(
        "Ten times the length (aim: at most 15 times the time; fastest of the rounds)",
        ("long", "380 bytes, µs", "3,800 bytes, µs", "ratio"),
        rows,
    )


def microseconds(payload: str) -> list[float]:
    """One figure a round."""
    durations = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(REPEATS):
            _read(payload)
        durations.append(1e6 * (time.perf_counter() - start) / REPEATS)
    return durations


def _read(payload: str) -> None:
    with suppress(InputError):
        recognise(payload, HOSPITAL_PATTERN)


if __name__ == "__main__":
    main()
