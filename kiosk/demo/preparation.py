"""What the demo needs before its processes start: settings, the invented hospital, a database, accounts."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import msgspec

from kiosk import bootstrap
from kiosk.checkin import accounts
from kiosk.demo.hospital import build_hospital, demo_clinics, demo_hospital, demo_staff, load_hospital, move_to_day
from kiosk.demo.supervisor import Demo, make_password
from kiosk.model.actor import Actor
from kiosk.settings import (
    PathSettings,
    RedisSettings,
    Settings,
    StationSettings,
    WebSettings,
)
from kiosk.storage.migrations import upgrade

SEED = 2026


def write_settings(demo: Demo, *, station_id: str = "kiosk-1") -> Settings:
    """Write the demo's settings file, private to this user."""
    settings = Settings(
        mode="demo",
        hospital=demo_hospital(),
        clinics=demo_clinics(),
        station=StationSettings(id=station_id, camera="simulated", scanner="simulated", printer="simulated"),
        web=WebSettings(patient_port=demo.patient_port, staff_port=demo.staff_port, metrics_port=0),
        redis=RedisSettings(url=f"unix://{demo.runtime / 'redis.sock'}"),
        paths=PathSettings(data=str(demo.data), runtime=str(demo.runtime)),
    )
    demo.settings_file.write_bytes(msgspec.toml.encode(settings))
    demo.settings_file.chmod(0o600)
    return settings


def prepare_hospital(folder: Path, day: date, patients: int, progress: Callable[[int, int], None]) -> None:
    """Invent the patients once; on a later day only their appointments move."""
    if load_hospital(folder) is None:
        build_hospital(folder, seed=SEED, day=day, patients=patients, progress=progress)
    else:
        move_to_day(folder, day)


def prepare_database(settings: Settings) -> Mapping[str, str]:
    """Bring the database to this version and make the demo's accounts once.

    Returns:
        Passwords by sign-in name; they are kept beside the database, for invented staff only.
    """
    upgrade(bootstrap.open_engine(settings))
    kept = settings.data_dir / "demo-passwords.toml"
    if kept.exists():
        return {name: str(word) for name, word in tomllib.loads(kept.read_text(encoding="utf-8")).items()}
    passwords = {member.sign_in_name: make_password() for member in demo_staff()}
    services = bootstrap.open_services(settings)
    for member in demo_staff():
        accounts.add_account(
            services,
            sign_in_name=member.sign_in_name,
            shown_name=member.shown_name,
            role=member.role,
            clinics=member.clinics,
            password=passwords[member.sign_in_name],
            by=Actor.command_line("demo"),
        )
    kept.touch(mode=0o600)
    kept.write_bytes(msgspec.toml.encode(passwords))
    return passwords
