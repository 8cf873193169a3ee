"""Invented faces: vectors that lie as far apart as a test says."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from kiosk.checkin.face_gallery import KeptGallery
from kiosk.checkin.faces import Faces
from kiosk.checkin.services import Services
from kiosk.identify.face.comparison import mean_features, score
from kiosk.identify.face.policy import FaceThresholds
from kiosk.model.actor import Actor
from kiosk.model.chip_card import ChipReading, ChipVerdict, CitizenData
from kiosk.model.face import AttackOutcome, FaceAttempt, FaceFeatures, FaceReference, FaceSample
from kiosk.model.identity import PartialDate, Sex
from kiosk.storage.engine import open_engine
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.sealing import Seal
from kiosk.storage.unit_of_work import SqlStorage
from tests.support.small_hospital import SetClock

ATTEMPT = timedelta(seconds=30)
UNSEEN = timedelta(seconds=3)
MODEL = "sface-2021dec"
GENUINE = ChipReading(
    ChipVerdict.GENUINE,
    citizen=CitizenData(
        "001190012345", "Nguyễn Thị Mẫu", PartialDate(1990, 3, 5), Sex.FEMALE, None, kept_from_dg13=True
    ),
    signer="51" * 32,
    chip_key="aa" * 32,
    security_object="bb" * 32,
    portrait=b"\xff\xd8 the portrait \xff\xd9",
)
"""The card of the small hospital's Mẫu, whose portrait `with_faces` gives features."""
KEEPER = Actor.staff("desk")


def face(person: int, *, like: int | None = None, cosine: float = 0.0) -> FaceFeatures:
    """Somebody's features; of two people the cosine is 0 unless said."""
    vector = np.zeros(128, np.float32)
    vector[person] = 1.0
    if like is not None:
        vector[person] = (1 - cosine**2) ** 0.5
        vector[like] = cosine
    return mean_features(MODEL, [vector])


def with_faces(services: Services, folder: Path, clock: SetClock, portrait: FaceFeatures | None = None) -> Services:
    """The same hospital, with faces on; every chip portrait has these features."""
    engine = open_engine(f"sqlite:///{folder / 'kiosk.sqlite'}")
    storage = SqlStorage(engine, Seal(bytes(32)), FaceKeys(folder / "keys.sqlite", [Seal(b"\x01" * 32)]))
    faces = Faces(
        thresholds=FaceThresholds(),
        tries=2,
        attempt_lasts=ATTEMPT,
        unseen_for=UNSEEN,
        gallery=KeptGallery(storage, clock),
        score=score,
        portrait_features=lambda _jpeg: portrait,
    )
    return replace(services, storage=storage, faces=faces)


def enrol(services: Services, patient_id: str, features: FaceFeatures, *, look_alike: bool = False) -> FaceReference:
    now = services.clock.now()
    reference = FaceReference(f"ref-{patient_id}", patient_id, MODEL, now, (str(KEEPER),), now, look_alike)
    with services.storage.write() as work:
        work.faces.add(reference, features)
    return reference


def sample(attempt: FaceAttempt, features: FaceFeatures, attack: AttackOutcome = AttackOutcome.LIVE) -> FaceSample:
    """What a station takes in answer to an attempt."""
    turns = attempt.turns if attack is AttackOutcome.LIVE else ()
    return FaceSample(attempt.id, features, attack, turns, frames=5)
