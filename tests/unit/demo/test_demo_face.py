from pathlib import Path

from kiosk.demo.face_models import demo_face
from tests.support.face_models import MODELS


def test_with_the_networks_the_demo_offers_the_face() -> None:
    settings, why_off = demo_face(MODELS)
    assert settings.enabled
    assert settings.attack_detection == "simulated"
    assert Path(settings.models) == MODELS.resolve()
    assert why_off == ""


def test_without_them_it_says_why_not(tmp_path: Path) -> None:
    settings, why_off = demo_face(tmp_path)
    assert not settings.enabled
    assert why_off.startswith("Face is off: ")
    assert "is missing; run: kiosk models install" in why_off
