"""`kiosk face`: compare and judge pictures of faces, and measure the recogniser. Nothing is stored."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

import click
from click.decorators import FC

from kiosk.cli.face_attacks import evaluate_attacks
from kiosk.cli.face_evaluate import evaluate
from kiosk.cli.face_policy import policy_risk
from kiosk.cli.model_folder import known_settings, model_folder
from kiosk.errors import InputError
from kiosk.identify.face.comparison import STATED, mean_features, score
from kiosk.identify.face.detection import DetectedFace, FaceDetector
from kiosk.identify.face.feature_extraction import RecogniserKind, open_recogniser
from kiosk.identify.face.image import MAX_IMAGE_BYTES, Image, read_image
from kiosk.identify.face.opencv import prepare_opencv
from kiosk.identify.face.quality import Quality, QualityLimits, limits, measure, problems
from kiosk.identify.face.weights import find

Answer = dict[str, object]

NOT_GOOD = 1
UNUSABLE = 2
THREADS = 2


def models_option(command: FC) -> FC:
    """Which folder the networks come from."""
    place = click.Path(path_type=Path, file_okay=False)
    said = "Folder of the networks.  [default: as the settings say]"
    return click.option("--models", "folder", type=place, help=said)(command)


recogniser_option: Callable[[FC], FC] = click.option(
    "--recogniser", type=click.Choice(["sface", "face-recognition"]), default="sface", show_default=True
)
as_json_option: Callable[[FC], FC] = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


@click.group()
def face() -> None:
    """Compare, check and evaluate faces; no picture or feature is kept.

    Example: kiosk face compare card.jpg camera.jpg --json
    """
    prepare_opencv(THREADS)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A picture and the largest face in it."""

    image: Image
    face: DetectedFace
    quality: Quality


@face.command()
@click.argument("a")
@click.argument("b")
@recogniser_option
@models_option
@as_json_option
def compare(*, a: str, b: str, recogniser: RecogniserKind, folder: Path | None, as_json: bool) -> None:
    """Compare the largest faces of two PNG or JPEG pictures.

    Prints the comparison score, the decision at each threshold whose false match rate is known, and the quality of
    both pictures; one does not change the other. Exit status 0 whatever the decision, 2 if a picture cannot be used.

    Example: kiosk face compare card.jpg camera.jpg --json
    """
    place = model_folder(folder)
    detector, network = FaceDetector(find(place, "detector")), open_recogniser(recogniser, place)
    bounds = limits(known_settings().face)
    try:
        seen = [_see(detector, path) for path in (a, b)]
    except InputError as error:
        _refuse(error, as_json=as_json)
    probe, reference = (mean_features(network.name, [network.extract(one.image, one.face)]) for one in seen)
    value = score(probe, reference)
    if as_json:
        decisions = [asdict(stated) | {"match": value >= stated.threshold} for stated in STATED[network.name]]
        qualities = {name: _quality(one.quality, bounds) for name, one in zip("ab", seen, strict=True)}
        click.echo(
            json.dumps({"recogniser": network.name, "score": round(value, 4), "decisions": decisions} | qualities)
        )
        return
    click.echo(f"score: {value:.4f} ({network.name})")
    for stated in STATED[network.name]:
        decision = "match" if value >= stated.threshold else "no match"
        click.echo(f"at threshold {stated.threshold:.3f}, false match rate {stated.fmr:.1e}: {decision}")
    for path, one in zip((a, b), seen, strict=True):
        click.echo("\n" + _in_words({"image": path} | _quality(one.quality, bounds)))


@face.command()
@click.argument("images", metavar="IMAGE…", nargs=-1, required=True)
@models_option
@as_json_option
def check(*, images: Sequence[str], folder: Path | None, as_json: bool) -> None:
    """Measure the largest face of each PNG or JPEG picture, and say what to do better.

    Exit status 0 if all are good, 1 if one is not, 2 if one cannot be used.

    Example: kiosk face check camera-1.jpg camera-2.jpg --json
    """
    detector = FaceDetector(find(model_folder(folder), "detector"))
    bounds = limits(known_settings().face)
    with click.progressbar(images, label="Looking", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        answers = [_checked(detector, path, bounds) for path in bar]
    click.echo(json.dumps(answers, ensure_ascii=False) if as_json else "\n\n".join(map(_in_words, answers)))
    bad = any(answer.get("problems") for answer in answers)
    sys.exit(UNUSABLE if any("error" in answer for answer in answers) else NOT_GOOD if bad else 0)


def _see(detector: FaceDetector, path: str) -> _Seen:
    image = read_image(_bytes(path))
    faces = detector.detect(image)
    if not faces:
        raise InputError("no_face", "image", f"no face was found in {path}")
    return _Seen(image, faces[0], measure(image, faces, faces[0]))


def _bytes(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_IMAGE_BYTES + 1)
    except OSError as error:
        raise InputError("unreadable", "image", f"{path}: {error.strerror}") from error


def _checked(detector: FaceDetector, path: str, bounds: QualityLimits) -> Answer:
    try:
        return {"image": path} | _quality(_see(detector, path).quality, bounds)
    except InputError as error:
        return {"image": path} | _error(error)


def _quality(quality: Quality, bounds: QualityLimits) -> Answer:
    numbers = {name: round(value, 3) for name, value in asdict(quality).items()}
    return {"quality": numbers, "problems": [str(reason) for reason in problems(quality, bounds)]}


def _error(error: InputError) -> Answer:
    return {"error": {"kind": error.kind, "field": error.field, "message": error.message}}


def _refuse(error: InputError, *, as_json: bool) -> NoReturn:
    click.echo(json.dumps(_error(error), ensure_ascii=False) if as_json else error.message, err=not as_json)
    sys.exit(UNUSABLE)


face.add_command(evaluate)
face.add_command(evaluate_attacks)
face.add_command(policy_risk)


def _in_words(answer: Answer) -> str:
    """One `name: value` a line."""
    lines = []
    for name, value in answer.items():
        if isinstance(value, dict):
            lines += [f"{key}: {text}" for key, text in value.items() if text is not None]
        else:
            text = ", ".join(value) or "none" if isinstance(value, list) else value
            lines.append(f"{name}: {text}")
    return "\n".join(lines)
