"""The fuzzer's seeds, run once each without the fuzzer: on every Python, and first to show a change that breaks one."""

from pathlib import Path

import pytest

from tests.fuzz import targets

CORPUS = Path(targets.__file__).with_name("corpus")


@pytest.mark.parametrize("name", targets.TARGETS)
def test_every_seed_is_read_or_refused(name: str) -> None:
    seeds = list((CORPUS / name).iterdir())
    assert len(seeds) >= 2
    for seed in seeds:
        targets.TARGETS[name].run(seed.read_bytes())
