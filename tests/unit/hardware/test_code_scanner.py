from hypothesis import given
from hypothesis import strategies as st

from kiosk.hardware.code_scanner import LONGEST_LINE, LineCutter

codes = st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), min_size=1, max_size=200)


@given(st.lists(codes, max_size=5), st.sampled_from(["\r", "\n", "\r\n"]), st.integers(1, 70))
def test_however_the_bytes_come_the_lines_are_the_same(scanned: list[str], end: str, packet: int) -> None:
    data = "".join(code + end for code in scanned).encode()
    cutter = LineCutter()
    got = [line for at in range(0, len(data), packet) for line in cutter.feed(data[at : at + packet])]
    assert got == scanned
    assert cutter.flush() == []


@given(st.binary(max_size=300))
def test_no_bytes_are_too_strange(data: bytes) -> None:
    cutter = LineCutter()
    assert all(cutter.feed(data) + cutter.flush())


def test_a_flood_without_an_end_is_kept_small() -> None:
    cutter = LineCutter()
    for _ in range(100):
        assert cutter.feed(b"A" * 10_000) == []
    assert cutter.flush() == ["A" * (LONGEST_LINE + 1)]
