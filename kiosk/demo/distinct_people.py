"""Which of the invented people a recogniser tells apart: drawings resemble each other more than people do."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kiosk.demo.hospital import PLANTED, Hospital, InventedPatient
from kiosk.hardware.simulated.drawn_people.frame import camera_frame
from kiosk.hardware.simulated.drawn_people.person import draw_person
from kiosk.identify.face.detection import FaceDetector
from kiosk.identify.face.feature_extraction import SFace
from kiosk.identify.face.weights import find


def distinct_people(hospital: Hospital, models: Path, *, below: float = 0.45) -> Iterator[InventedPatient]:
    """People of whom any two score less than that, the planted ones first; each as soon as it is found.

    Args:
        hospital: whose people; of each name and sex the first only.
        models: folder of weights.
        below: of the comparison score of SFace.

    Raises:
        ConfigurationError: the weights are missing.
    """
    detector, recogniser = FaceDetector(find(models, "detector")), SFace(find(models, "recogniser"))
    planted = {row.id for row in PLANTED.values()}
    chosen = np.empty((0, 128), dtype=np.float32)
    for patient in sorted(hospital.patients, key=lambda patient: patient.id not in planted):
        picture = camera_frame(draw_person(patient.name, sex=patient.sex))
        faces = detector.detect(picture)
        if len(faces) != 1:
            continue
        features = recogniser.extract(picture, faces[0])
        if (chosen @ features < below).all():
            chosen = np.vstack([chosen, features])
            yield patient
