"""The process that fuzzes one target: libFuzzer ends it by itself, whatever it found."""

import sys

import atheris

with atheris.instrument_imports(include=["kiosk.identify.chip_card", "asn1crypto"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Arguments: the target's name, then libFuzzer's own."""
    name, *options = sys.argv[1:]
    atheris.Setup([sys.argv[0], *options], TARGETS[name].run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
