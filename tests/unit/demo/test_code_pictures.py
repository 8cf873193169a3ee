import cv2
import numpy as np
import pytest

from kiosk.demo.code_pictures import card_picture, code_picture, draw_code
from kiosk.demo.hospital import PLANTED, cards_of
from kiosk.demo.hospital.planted import planted_patients
from kiosk.hardware.simulated.picture import as_camera_picture
from kiosk.identify.codes.images import read_codes
from tests.support.invented_hospital import DAY

PATIENTS = {patient.id: patient for patient in planted_patients(DAY)}


@pytest.mark.parametrize("key", PLANTED)
def test_every_card_before_the_simulated_camera_is_read_as_it_was_written(key: str) -> None:
    patient = PATIENTS[PLANTED[key].id]
    for card in cards_of(patient):
        seen = as_camera_picture(card_picture(patient, card))
        assert [found.text for found in read_codes(seen)] == [card.payload]


@pytest.mark.parametrize("encoding", ["png", "jpeg"])
def test_a_code_alone_is_a_picture_in_either_format(encoding: str) -> None:
    picture = code_picture("BN900001", "code128", "png" if encoding == "png" else "jpeg")
    assert picture.startswith(b"\x89PNG" if encoding == "png" else b"\xff\xd8\xff")
    assert [(found.text, found.format) for found in read_codes(picture)] == [("BN900001", "Code 128")]


def test_a_code_is_drawn_in_whole_pixels() -> None:
    small, large = draw_code("BN900001", "qr"), draw_code("BN900001", "qr", scale=3)
    assert np.array_equal(large, cv2.resize(small, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST))
