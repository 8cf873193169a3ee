"""``python -m benchmarks [NAME …] [--quick]``: measures, and prints a table for each name."""

from collections.abc import Callable, Mapping

import click

from benchmarks import arrivals, chip_card, codes_images, deliveries, faces, machine, memory, payloads, throughput

BENCHMARKS: Mapping[str, Callable[[], None]] = {
    "payloads": payloads.main,
    "codes_images": codes_images.main,
    "chip_card": chip_card.main,
    "faces": faces.main,
    "memory": memory.main,
    "throughput": throughput.main,
    "arrivals": arrivals.main,
    "deliveries": deliveries.main,
}
QUICK: Mapping[str, Callable[[], None]] = {
    "chip_card": chip_card.quick,
    "faces": faces.quick,
    "memory": memory.quick,
    "throughput": throughput.quick,
    "arrivals": arrivals.quick,
    "deliveries": deliveries.quick,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHMARKS)))
@click.option("--quick", is_flag=True, help="Fewer samples: shows that everything runs, not how fast.")
def main(*, names: tuple[str, ...], quick: bool) -> None:
    """Measure what NAMES say, or everything (about a quarter of an hour), on a host that does nothing else.

    Example: python -m benchmarks payloads arrivals --quick
    """
    click.echo(machine.describe())
    for name in names or BENCHMARKS:
        click.echo(f"\n## {name}")
        (QUICK.get(name, BENCHMARKS[name]) if quick else BENCHMARKS[name])()
    click.echo(f"\nLoad at the end: {machine.load()}")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
