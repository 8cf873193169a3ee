"""What the demo needs before its processes start: settings, the invented hospital, a database, accounts."""

import os
import secrets
import sys
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import click
import msgspec

from kiosk import bootstrap
from kiosk.bootstrap.faces import why_faces_are_off
from kiosk.checkin import accounts
from kiosk.demo.card_office import prepare_office
from kiosk.demo.hospital import build_hospital, demo_clinics, demo_hospital, demo_staff, load_hospital, move_to_day
from kiosk.demo.supervisor import Demo
from kiosk.errors import ConfigurationError, KioskError
from kiosk.live.clock import SystemClock
from kiosk.model.actor import Actor
from kiosk.record.folder import FolderRecord
from kiosk.settings import Settings
from kiosk.settings.sections import FaceSettings, PathSettings, RedisSettings, StationSettings, WebSettings
from kiosk.storage.migrations import upgrade
from kiosk.storage.sealing import new_key
from kiosk.whole_files import write_whole

SEED = 2026
MODELS_VARIABLE = "KIOSK_MODELS"
"""Names the folder of the face's networks; `make demo` sets it."""
SIMULATED = StationSettings(camera="simulated", scanner="simulated", printer="simulated", card_reader="simulated")


def write_settings(demo: Demo) -> Settings:
    """Write the demo's settings file, private to this user; faces are on where their networks are installed.

    The devices that somebody chose in it stay; all else is written anew.

    Raises:
        ConfigurationError: the devices cannot be read or do not go together; names the key.
    """
    settings = _settings(demo)
    why = why_faces_are_off(settings)
    if why:
        click.echo(f"Faces are off: {why}")
        settings = msgspec.structs.replace(settings, face=msgspec.structs.replace(settings.face, enabled=False))
    write_whole(demo.settings_file, msgspec.toml.encode(settings))
    return settings


def chosen_devices(file: Path) -> StationSettings:
    """The table `[station]` of a demo's settings; everything simulated where there is no file yet.

    Raises:
        ConfigurationError: it cannot be read, or the settings refuse it; names the key and the way out.
    """
    if not file.exists():
        return SIMULATED
    try:
        station = tomllib.loads(file.read_text(encoding="utf-8")).get("station", SIMULATED)
        return msgspec.convert({"mode": "demo", "station": station}, type=Settings).station
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{file}: {error}; mend its [station], or begin anew with --fresh") from error


def _settings(demo: Demo) -> Settings:
    models = os.environ.get(MODELS_VARIABLE) or demo.data / "models"
    station = chosen_devices(demo.settings_file)
    detection: Literal["network", "simulated"] = "simulated" if station.camera in {"none", "simulated"} else "network"
    return Settings(
        mode="demo",
        hospital=demo_hospital(),
        clinics=demo_clinics(),
        station=station,
        web=WebSettings(patient_port=demo.patient_port, staff_port=demo.staff_port, metrics_port=0),
        redis=RedisSettings(url=f"unix://{demo.runtime / 'redis.sock'}"),
        face=FaceSettings(enabled=True, attack_detection=detection, models=str(models)),
        paths=PathSettings(
            data=str(demo.data),
            runtime=str(demo.runtime),
            credentials=str(demo.credentials),
            trust=str(demo.trust),
        ),
    )


def prepare_hospital(folder: Path, day: date, patients: int, progress: Callable[[int, int], None]) -> None:
    """Invent the patients once; on a later day only their appointments move."""
    if load_hospital(folder) is None:
        build_hospital(folder, seed=SEED, day=day, patients=patients, progress=progress)
    else:
        move_to_day(folder, day)


def prepare_cards(demo: Demo) -> None:
    """The office that makes chip cards, and its pinned authority, once."""
    prepare_office(demo.cards, demo.trust)


def prepare_keys(demo: Demo) -> None:
    """The keys that seal portraits and the keys of faces, each once."""
    demo.credentials.mkdir(mode=0o700, exist_ok=True)
    for name in ("sealing-key", "face-master-key"):
        key = demo.credentials / name
        if not key.exists():
            write_whole(key, new_key().encode("ascii"))


def prepare_database(settings: Settings, passwords_file: Path) -> None:
    """Bring the database to this version and make the demo's accounts once.

    Their passwords are kept beside the database, for invented staff only.
    """
    upgrade(bootstrap.open_engine(settings))
    passwords = _passwords(passwords_file)
    services = bootstrap.open_services(settings)
    known = {account.sign_in_name for account in accounts.all_accounts(services)}
    for member in demo_staff():
        if member.sign_in_name in known:
            continue
        accounts.add_account(
            services,
            sign_in_name=member.sign_in_name,
            shown_name=member.shown_name,
            role=member.role,
            clinics=member.clinics,
            password=passwords[member.sign_in_name],
            by=Actor.command_line("demo"),
        )


def _passwords(file: Path) -> Mapping[str, str]:
    """Kept before the accounts are made: a start that was cut off goes on where it stood."""
    if not file.exists():
        write_whole(file, msgspec.toml.encode({member.sign_in_name: _password() for member in demo_staff()}))
    kept: Mapping[str, str] = msgspec.toml.decode(file.read_bytes(), type=dict[str, str])
    return kept


def main(demo: Demo, patients: int) -> None:
    """Make everything that is missing, with a progress bar for the long part."""
    prepare_keys(demo)
    settings = write_settings(demo)
    day = SystemClock(settings.hospital.timezone).today()
    with click.progressbar(length=patients, label="Inventing the hospital") as bar:
        prepare_hospital(settings.record_dir, day, patients, lambda done, _: bar.update(done - bar.pos))
    FolderRecord(settings.record_dir, ZoneInfo(settings.hospital.timezone)).refresh()
    prepare_cards(demo)
    prepare_database(settings, demo.passwords_file)


def _password() -> str:
    """Long enough for the policy, easy to read aloud."""
    return "-".join("".join(secrets.choice("abcdefghkmnpqrstuvwxyz23456789") for _ in range(4)) for _ in range(3))


if __name__ == "__main__":
    data, runtime, patient_port, staff_port, count = sys.argv[1:]
    try:
        main(Demo(Path(data), Path(runtime), int(patient_port), int(staff_port)), int(count))
    except KioskError as error:
        sys.exit(f"Error: {error}")
