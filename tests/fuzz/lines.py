"""Which lines of some modules' functions some inputs reach."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any


@dataclass(frozen=True)
class Reached:
    """Lines as ``mrz.py:75``, of the functions that were entered at all.

    Attributes:
        lines: those that can run.
        missed: those of them that did not.
    """

    lines: frozenset[str]
    missed: frozenset[str]


def reached_lines(run: Callable[[bytes], None], inputs: Iterable[bytes], modules: Iterable[ModuleType]) -> Reached:
    """Run the inputs and look which lines they go through."""
    names = {str(module.__file__): Path(str(module.__file__)).name for module in modules}
    entered: set[CodeType] = set()
    reached: set[str] = set()

    def step(frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:  # noqa: ANN401 # as sys.settrace has it
        name = names.get(frame.f_code.co_filename)
        if name is None:
            return None
        entered.add(frame.f_code)
        if event == "line":
            reached.add(f"{name}:{frame.f_lineno}")
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        for data in inputs:
            run(data)
    finally:
        sys.settrace(before)
    lines = {f"{names[code.co_filename]}:{line}" for code in entered for line in _lines(code)}
    return Reached(frozenset(lines), frozenset(lines - reached))


def _lines(code: CodeType) -> Iterator[int]:
    """All but the definition itself: a frame begins with it and does not count it as a step."""
    return (line for _, _, line in code.co_lines() if line and line != code.co_firstlineno)
