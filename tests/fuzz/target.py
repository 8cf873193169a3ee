"""What a target is, and where its seeds lie."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

CORPUS = Path(__file__).with_name("corpus")


@dataclass(frozen=True)
class Target:
    """One parser, or one step of the reader.

    Attributes:
        run: takes any bytes and raises only when something is wrong with what it tries.
        modules: whose lines are counted.
        longest: bytes of an input.
        is_tree: its inputs are data objects within data objects.
    """

    run: Callable[[bytes], None]
    modules: Sequence[ModuleType]
    longest: int
    is_tree: bool = True
