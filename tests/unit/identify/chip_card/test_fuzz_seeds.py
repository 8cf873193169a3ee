"""The fuzzer's seeds, run once each without the fuzzer: on every Python, and first to show a change that breaks one."""

import pytest

from tests.fuzz.target import CORPUS
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_read_or_refused(name: str) -> None:
    seeds = list((CORPUS / name).iterdir())
    assert len(seeds) >= 2
    for seed in seeds:
        TARGETS[name].run(seed.read_bytes())
