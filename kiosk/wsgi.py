"""What gunicorn loads: one app for each listener, from the settings file that `KIOSK_SETTINGS` names."""

import os
from pathlib import Path

from flask import Flask

from kiosk import bootstrap
from kiosk.demo import CARDS
from kiosk.demo.bench_people import InventedPeople
from kiosk.demo.hospital import load_hospital
from kiosk.live.clock import SystemClock
from kiosk.logs import configure_logs
from kiosk.settings import Settings, load_settings


def patient() -> Flask:
    """The kiosk's own screen; in demo mode also the device bench."""
    settings = _settings()
    return bootstrap.patient_app(settings, _invented_people(settings))


def staff() -> Flask:
    """Reception, doctors and the waiting-room display."""
    return bootstrap.staff_app(_settings())


def _invented_people(settings: Settings) -> InventedPeople | None:
    hospital = load_hospital(settings.record_dir) if settings.mode == "demo" else None
    clock = SystemClock(settings.hospital.timezone)
    return InventedPeople(hospital, settings.data_dir / CARDS, clock.today) if hospital else None


def _settings() -> Settings:
    settings = load_settings(Path(os.environ["KIOSK_SETTINGS"]))
    configure_logs(settings.logs.level)
    return settings
