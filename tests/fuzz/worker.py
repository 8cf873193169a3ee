"""The process that fuzzes one target: libFuzzer ends it by itself, whatever it found."""

import sys

import atheris

from tests.fuzz.mutation import mutate_tree

with atheris.instrument_imports(include=["kiosk.identify.chip_card", "asn1crypto"]):
    from tests.fuzz.targets import TARGETS


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Every second time a change to the tree of data objects, else libFuzzer's own to the bytes."""
    changed = mutate_tree(data, seed) if seed % 2 else None
    if changed is None or len(changed) > max_size:
        return bytes(atheris.Mutate(data, max_size))
    return changed


def main() -> None:
    """Arguments: the target's name, then libFuzzer's own."""
    name, *options = sys.argv[1:]
    target = TARGETS[name]
    more = {"custom_mutator": mutate} if target.is_tree else {}
    atheris.Setup([sys.argv[0], *options], target.run, **more)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
