"""`kiosk face evaluate-attacks`: how often attack detection errs on a hospital's own frames."""

import json
import sys
from pathlib import Path

import click

from kiosk.cli.model_folder import known_settings, model_folder
from kiosk.errors import InputError
from kiosk.identify.face.attack_evaluation import (
    ErrorCounts,
    Errors,
    Frame,
    Score,
    count_errors,
    find_frames,
    score_frames,
)
from kiosk.identify.face.detection import FaceDetector
from kiosk.identify.face.eyes import SIDE
from kiosk.identify.face.presentation_attack import NetworkAttackDetector
from kiosk.identify.face.weights import find

Answer = dict[str, object]

UNUSABLE = 2
THRESHOLD = click.FloatRange(0, 1)


@click.command("evaluate-attacks")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--live", type=THRESHOLD, help="Threshold of a live person.  [default: as the settings say]")
@click.option("--doubtful", type=THRESHOLD, help="Below it is an attack.  [default: as the settings say]")
@click.option("--models", type=click.Path(file_okay=False, path_type=Path), help="The folder of the networks.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def evaluate_attacks(
    *, folder: Path, live: float | None, doubtful: float | None, models: Path | None, as_json: bool
) -> None:
    """Measure attack detection on the frames in DIR/live and DIR/print (ISO/IEC 30107-3).

    In each, a folder for each person, with a folder for each session in it, or pictures alone. APCER is the share of
    printed photographs that pass, BPCER the share of people who are refused: by frame, by capture (the median of five
    successive frames of a session, as the kiosk decides) and by person (with at least one capture in error), with the
    upper bound of a one-sided 95 % interval. Nothing is said of other attacks than those in DIR/print.

    Exit status 0 whatever the rates, 2 if DIR holds no such pictures.

    Example: kiosk face evaluate-attacks pilot --json
    """
    settings = known_settings().face
    at = settings.attack_live if live is None else live
    below = settings.attack_doubtful if doubtful is None else doubtful
    place = model_folder(models)
    tools = FaceDetector(find(place, "detector"), side=SIDE), NetworkAttackDetector(find(place, "attack_detector"))
    try:
        shown = [find_frames(folder / kind) for kind in ("print", "live")]
    except InputError as error:
        click.echo(json.dumps({"error": {"kind": error.kind, "message": error.message}}) if as_json else error.message)
        sys.exit(UNUSABLE)
    attacks, people = (_score(frames, label, *tools) for frames, label in zip(shown, ("prints", "people"), strict=True))
    answer = {
        "thresholds": {"live": at, "doubtful": below},
        "apcer": _counts(count_errors(attacks, at, below, people=False)),
        "bpcer": _counts(count_errors(people, at, below, people=True)),
    }
    click.echo(json.dumps(answer) if as_json else _in_words(answer))


def _score(
    frames: list[Frame], label: str, detector: FaceDetector, attack_detector: NetworkAttackDetector
) -> list[Score]:
    with click.progressbar(length=len(frames), label=label, file=sys.stderr) as bar:
        return score_frames(frames, detector, attack_detector, lambda: bar.update(1))


def _counts(counts: ErrorCounts) -> Answer:
    return {
        "frames": _errors(counts.frames),
        "captures": _errors(counts.captures),
        "persons": _errors(counts.persons),
        "doubtful_captures": counts.doubtful,
        "frames_not_judged": counts.not_judged,
    }


def _errors(errors: Errors) -> Answer:
    return {
        "errors": errors.count,
        "of": errors.of,
        "rate": round(errors.rate, 5),
        "upper_95": round(errors.at_most, 5),
    }


def _in_words(answer: Answer) -> str:
    """One figure a line."""
    lines = []
    for name, part in answer.items():
        for key, value in part.items() if isinstance(part, dict) else ():
            if isinstance(value, dict):
                said = f"{value['errors']} of {value['of']}, at most {value['upper_95']:.2%}"
            else:
                said = str(value)
            lines.append(f"{name} {key.replace('_', ' ')}: {said}")
    return "\n".join(lines)
