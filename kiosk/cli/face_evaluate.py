"""`kiosk face evaluate`: the error rates of a recogniser on a hospital's own pictures."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from kiosk.cli.model_folder import model_folder
from kiosk.identify.face.comparison import STATED
from kiosk.identify.face.det_plot import Curve, draw
from kiosk.identify.face.detection import FaceDetector
from kiosk.identify.face.evaluation import (
    Comparisons,
    OperatingPoint,
    enrol_first,
    errors_at,
    identification,
    operating_points,
    trade_off,
    verification,
)
from kiosk.identify.face.evaluation_set import Picture, Samples, acquire, find_gallery, find_pictures
from kiosk.identify.face.eyes import SIDE
from kiosk.identify.face.feature_extraction import Recogniser, RecogniserKind, open_recogniser
from kiosk.identify.face.weights import find

Answer = dict[str, object]

FMRS = (1e-2, 1e-3, 1e-4)
FPIRS = (1e-2, 1e-3)
NOT_MEASURABLE = "not measurable here"
STRANGER = -1
"""The number of every person in the gallery: no probe has it."""


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--recogniser", type=click.Choice(["sface", "face-recognition"]), default="sface", show_default=True)
@click.option(
    "--gallery",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A flat folder of other persons, one picture each, who are enrolled beside those of DIR.",
)
@click.option(
    "--frames", type=click.IntRange(1, 100), default=1, show_default=True, help="Pictures that make a sample."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the intervals' random draws.")
@click.option("--models", type=click.Path(file_okay=False, path_type=Path), help="The folder of the networks.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Write the DET curves to this SVG file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def evaluate(  # noqa: PLR0913 # one parameter for each option
    *,
    folder: Path,
    recogniser: RecogniserKind,
    gallery: Path | None,
    frames: int,
    seed: int,
    models: Path | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Measure a recogniser's error rates on the pictures in DIR (ISO/IEC 19795-1).

    DIR holds a folder for each person, with folders session-1, session-2 … in it where pictures were taken at several
    times: then samples of one person are compared across sessions only. There is no figure where fewer than ten
    false matches are expected; intervals (95 %) are taken over persons.

    Example: kiosk face evaluate pilot --gallery others --plot pilot.svg --json
    """
    tools = _open(recogniser, models)
    samples = _acquire("persons", find_pictures(folder), tools, frames)
    others = _acquire("gallery", find_gallery(gallery), tools, 1) if gallery else None
    pairs = verification(samples.vectors, samples.persons, samples.sessions)
    searches, size = _searches(samples, others)
    name = tools[1].name
    if plot:
        lines = [Curve("1:1", trade_off(pairs)), Curve(f"1:N, gallery of {size:,}", trade_off(searches))]
        plot.write_text(draw(f"{name}, {folder.name}", lines), encoding="utf-8")
    answer = {
        "recogniser": name,
        "frames": frames,
        "persons": len(np.unique(samples.persons)),
        "failure_to_acquire": _failures(samples, others),
        "pairs": _pairs(pairs, samples),
        "tar_at_fmr": _tar(pairs, seed),
        "searches": {"mated": len(searches.mated), "non_mated": len(searches.non_mated), "gallery_size": size},
        "fnir_at_fpir": _fnir(searches, size, seed),
        "errors_at_threshold": [_errors(pairs, searches, threshold) for threshold in _thresholds(name)],
    }
    click.echo(json.dumps(answer) if as_json else "\n".join(_in_words(answer)))


Tools = tuple[FaceDetector, Recogniser]


def _open(recogniser: RecogniserKind, models: Path | None) -> Tools:
    folder = model_folder(models)
    return FaceDetector(find(folder, "detector"), side=SIDE), open_recogniser(recogniser, folder)


def _acquire(label: str, pictures: list[Picture], tools: Tools, frames: int) -> Samples:
    with click.progressbar(length=len(pictures), label=label, file=sys.stderr) as progress:
        return acquire(pictures, *tools, frames=frames, each=lambda: progress.update(1))


def _searches(samples: Samples, others: Samples | None) -> tuple[Comparisons, int]:
    references, probes = enrol_first(samples.persons, samples.sessions)
    vectors, persons = samples.vectors[references], samples.persons[references]
    if others:
        vectors = np.concatenate([vectors, others.vectors])
        persons = np.concatenate([persons, np.full(len(others.vectors), STRANGER, dtype=np.int32)])
    return identification(samples.vectors[probes], samples.persons[probes], vectors, persons), len(vectors)


def _failures(samples: Samples, others: Samples | None) -> Answer:
    own: Answer = {"pictures": samples.pictures, "failures": samples.failures}
    own["rate"] = round(samples.failures / samples.pictures, 5)
    return own | ({"gallery_pictures": others.pictures, "gallery_failures": others.failures} if others else {})


def _pairs(pairs: Comparisons, samples: Samples) -> Answer:
    return {
        "genuine": len(pairs.mated),
        "genuine_persons": len(np.unique(pairs.mated_persons)),
        "impostor": len(pairs.non_mated),
        "cross_session": samples.sessions is not None,
    }


def _tar(pairs: Comparisons, seed: int) -> Answer:
    return {
        f"{rate:g}": {"tar": None, "why": NOT_MEASURABLE}
        if point is None
        else {"tar": round(point.hits, 5)} | _at(point)
        for rate, point in zip(FMRS, operating_points(pairs, FMRS, seed=seed), strict=True)
    }


def _fnir(searches: Comparisons, size: int, seed: int) -> Answer:
    rates: Answer = {}
    for rate, point in zip(FPIRS, operating_points(searches, FPIRS, seed=seed), strict=True):
        if point is None:
            found: Answer = {"fnir": None, "why": NOT_MEASURABLE}
        else:
            missed = None if point.interval is None else (1 - point.interval[1], 1 - point.interval[0])
            found = {"fnir": round(1 - point.hits, 5)} | _at(replace(point, interval=missed))
        rates[f"{rate:g}"] = found | {"gallery_size": size}
    return rates


def _at(point: OperatingPoint) -> Answer:
    interval = None if point.interval is None else [round(limit, 5) for limit in point.interval]
    return {"interval": interval, "threshold": round(point.threshold, 5)}


def _errors(pairs: Comparisons, searches: Comparisons, threshold: float) -> Answer:
    false_matches, false_non_matches = errors_at(pairs, threshold)
    false_positives, false_negatives = errors_at(searches, threshold)
    return {
        "threshold": threshold,
        "false_matches": false_matches,
        "false_non_matches": false_non_matches,
        "false_positives": false_positives,
        "false_negatives": false_negatives,
    }


def _thresholds(name: str) -> list[float]:
    return [stated.threshold for stated in STATED.get(name, ())]


def _in_words(answer: Answer) -> list[str]:
    """One figure a line."""
    lines = []
    for name, value in answer.items():
        if isinstance(value, dict):
            lines += [_line(name, key, part) for key, part in value.items()]
        elif isinstance(value, list):
            lines += [_line(name, "", part) for part in value]
        else:
            lines.append(f"{name}: {value}")
    return lines


def _line(name: str, key: str, part: object) -> str:
    if isinstance(part, dict):
        part = ", ".join(_fact(fact, number) for fact, number in part.items() if number is not None)
    return f"{name} {key}: {part}".replace(" :", ":")


def _fact(name: str, value: object) -> str:
    if name == "why":
        return str(value)
    return f"95 % {value[0]} to {value[1]}" if isinstance(value, list) else f"{name} {value}"
