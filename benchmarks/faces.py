"""From a frame to a decision, beside face_recognition's own pipeline; from the oval to a candidate; and the search."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import cv2
import face_recognition
import numpy as np
from numpy.typing import NDArray
from skimage.data import astronaut

from benchmarks import face_search
from benchmarks.tables import median, percentile, print_table
from kiosk.identify.face.capture import Capture, capture_limits
from kiosk.identify.face.comparison import mean_features, score
from kiosk.identify.face.eyes import FaceEyes, open_eyes
from kiosk.identify.face.identification import MemoryGallery
from kiosk.identify.face.image import Image
from kiosk.identify.face.opencv import prepare_opencv
from kiosk.identify.face.presentation_attack import FRAMES
from kiosk.identify.face.quality import measure, problems
from kiosk.identify.face.weights import is_complete
from kiosk.live.clock import SystemClock
from kiosk.model.face import FaceAttempt, FaceFeatures
from kiosk.settings.sections import FaceSettings

MODELS = Path(__file__).parents[1] / ".tools" / "models"
WIDTH, HEIGHT = 640, 480
FRAMES_A_SECOND = 15
AIM_TIMES, AIM_SECONDS = 6, 1.2
CORES = 2


def main(*, rounds: int = 60, captures: int = 20, sizes: tuple[int, ...] = (10_000, 100_000)) -> None:
    """Print the three tables."""
    if not is_complete(MODELS):
        print(f"the networks are not in {MODELS}: make models")
        return
    prepare_opencv(CORES)
    eyes = open_eyes(FaceSettings(), MODELS)
    frames = list(islice((frame for frame in scenes() if _is_good(eyes, frame)), rounds))
    _print_chain(eyes, frames)
    _print_capture(eyes, frames, captures)
    face_search.print_search(sizes, rounds)


def quick() -> None:
    """Few rounds, a small gallery."""
    main(rounds=12, captures=2, sizes=(10_000,))


def scenes() -> Iterator[Image]:
    """Frames of a camera with one face before it, each a little moved and with its own noise, without end."""
    portrait = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)
    random = np.random.default_rng(0)
    while True:
        aside, below = random.uniform(-6, 6, 2)
        # the face of the portrait is at (224, 112), about 90 pixels wide
        place = np.array([[1.5, 0, WIDTH / 2 - 1.5 * 224 + aside], [0, 1.5, HEIGHT / 2 - 1.5 * 112 + below]])
        scene = cv2.warpAffine(portrait, place, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        yield np.clip(scene + random.normal(0, 3, scene.shape), 0, 255).astype(np.uint8)


def _is_good(eyes: FaceEyes, frame: Image) -> bool:
    """The portrait's chin is up, about as far as the limit: some frames are refused, and none of those is timed."""
    faces = eyes.detector.detect(frame)
    return not problems(measure(frame, faces, faces[0]), eyes.quality)


def _print_chain(eyes: FaceEyes, frames: list[Image]) -> None:
    reference = mean_features(
        eyes.recogniser.name, [eyes.recogniser.extract(frames[0], eyes.detector.detect(frames[0])[0])]
    )
    known = face_recognition.face_encodings(_colours(frames[0]))
    ways: Mapping[str, Callable[[Image], bool]] = {
        "face_recognition: locations, encodings, compare": lambda frame: _their_chain(frame, known),
        "kiosk: detection, quality, features, comparison": lambda frame: _our_chain(eyes, frame, reference),
        "kiosk: detection": lambda frame: bool(eyes.detector.detect(frame)),
        "kiosk: attack detection, with its detection": lambda frame: _attack(eyes, frame),
    }
    timed = _milliseconds(ways, frames)
    theirs = median(next(iter(timed.values())))
    print_table(
        f"From a frame of {WIDTH} x {HEIGHT} to a decision, {CORES} cores, {len(frames)} frames; aim {AIM_TIMES} times",
        ("chain", "median ms", "p95 ms", "times as fast"),
        [
            (name, f"{median(taken):.1f}", f"{percentile(taken, 95):.1f}", f"{theirs / median(taken):.1f}")
            for name, taken in timed.items()
        ],
    )


def _their_chain(frame: Image, known: list[NDArray[np.float64]]) -> bool:
    colours = _colours(frame)
    places = face_recognition.face_locations(colours)
    encodings = face_recognition.face_encodings(colours, places)
    return bool(face_recognition.compare_faces(known, encodings[0])[0])


def _our_chain(eyes: FaceEyes, frame: Image, reference: FaceFeatures) -> bool:
    faces = eyes.detector.detect(frame)
    if problems(measure(frame, faces, faces[0]), eyes.quality):
        return False
    probe = mean_features(eyes.recogniser.name, [eyes.recogniser.extract(frame, faces[0])])
    return score(probe, reference) >= FaceSettings().threshold_enrolled


def _attack(eyes: FaceEyes, frame: Image) -> bool:
    return eyes.attack_detector.liveness(frame, eyes.detector.detect(frame)[0]) >= FaceSettings().attack_live


def _colours(frame: Image) -> Image:
    return np.ascontiguousarray(frame[:, :, ::-1])


def _milliseconds(ways: Mapping[str, Callable[[Image], bool]], frames: list[Image]) -> dict[str, list[float]]:
    """Of each frame after the first two, the ways in turn, so that the host's other work slows all of them alike."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for frame in frames:
        for name, way in ways.items():
            start = time.perf_counter()
            accepted = way(frame)
            taken[name].append(1000 * (time.perf_counter() - start))
            if not accepted:
                raise RuntimeError(f"{name}: a frame was not accepted, so this was not the whole chain")
    return {name: durations[2:] for name, durations in taken.items()}


def _print_capture(eyes: FaceEyes, frames: list[Image], captures: int) -> None:
    gallery = face_search.filled(10_000)
    pictures = [cv2.imencode(".jpg", frame)[1].tobytes() for frame in frames]
    whole, busy = zip(*(_capture(eyes, pictures, gallery) for _ in range(captures)), strict=True)
    print_table(
        f"From the face in the oval to a candidate of 10,000: {FRAMES} pictures and a last look, "
        f"{FRAMES_A_SECOND} frames a second, no head turns, {captures} captures",
        ("", "p50", "p95", "x the aim"),
        [
            ("seconds", f"{median(whole):.2f}", f"{percentile(whole, 95):.2f}", f"{median(whole) / AIM_SECONDS:.2f}"),
            ("of them busy", f"{median(busy):.2f}", f"{percentile(busy, 95):.2f}", f"{median(busy) / AIM_SECONDS:.2f}"),
        ],
    )


def _capture(eyes: FaceEyes, pictures: list[bytes], gallery: MemoryGallery) -> tuple[float, float]:
    """Seconds from the first picture, and of computing among them."""
    now = datetime.now(UTC)
    attempt = FaceAttempt("attempt", "check-in", "kiosk-1", (), now, now + timedelta(seconds=30))
    capture = Capture(attempt, eyes, capture_limits(FaceSettings()), SystemClock("Asia/Ho_Chi_Minh"))
    begin, busy, number = time.perf_counter(), 0.0, 0
    while not capture.ended:
        start = time.perf_counter()
        capture.look(pictures[number % len(pictures)])
        busy += time.perf_counter() - start
        # the newest frame wins: those that came while the last one was looked at are passed over
        passed = time.perf_counter() - begin
        number = int(passed * FRAMES_A_SECOND) + 1
        if not capture.ended:
            time.sleep(number / FRAMES_A_SECOND - passed)
    if capture.sample is None:
        raise RuntimeError(f"no sample: {capture.trouble}")
    start = time.perf_counter()
    gallery.search(capture.sample.features)
    end = time.perf_counter()
    return end - begin, busy + end - start
