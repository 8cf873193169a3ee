"""The settings: one TOML file, every key known and documented, secrets never in it."""

import os
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from kiosk.errors import ConfigurationError
from kiosk.settings.sections import (
    ClinicSettings,
    DatabaseSettings,
    FaceSettings,
    HospitalSettings,
    LogSettings,
    PathSettings,
    PolicySettings,
    RecordSettings,
    RedisSettings,
    Section,
    StationSettings,
    WebSettings,
)


class Settings(Section, frozen=True):
    """Everything a host is told; `config/kiosk.example.toml` explains each key."""

    mode: Literal["production", "demo"] = "production"
    hospital: HospitalSettings = HospitalSettings()
    clinics: tuple[ClinicSettings, ...] = ()
    station: StationSettings = StationSettings()
    web: WebSettings = WebSettings()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    record: RecordSettings = RecordSettings()
    policy: PolicySettings = PolicySettings()
    face: FaceSettings = FaceSettings()
    paths: PathSettings = PathSettings()
    logs: LogSettings = LogSettings()

    def __post_init__(self) -> None:
        ids = [clinic.id for clinic in self.clinics]
        if len(set(ids)) < len(ids):
            raise ValueError("clinics: two have the same id")
        if self.mode == "demo":
            self._refuse_real_parts()
        else:
            self._refuse_test_parts()

    def _refuse_real_parts(self) -> None:
        """The demo's bench must never stand beside real patients."""
        if self.record.kind != "folder":
            raise ValueError("mode: demo refuses a FHIR record; use record.kind = 'folder'")
        if Path(self.record.folder).is_absolute():
            raise ValueError("mode: demo refuses a record outside its data; use a relative record.folder")
        if self.database.url != "sqlite":
            raise ValueError("mode: demo refuses PostgreSQL; use database.url = 'sqlite'")
        real_camera = self.station.camera not in {"none", "simulated"}
        if self.station.virtual_card_reader and real_camera:
            raise ValueError("station: a virtual card reader is refused beside a real camera")
        if self.face.attack_detection == "simulated":
            if real_camera:
                raise ValueError("face: simulated attack detection is refused beside a real camera")
            if self.face.enabled and not self.trust_dir.is_relative_to(self.data_dir):
                raise ValueError("face: simulated attack detection is refused beside a trust folder outside the data")

    def _refuse_test_parts(self) -> None:
        station = self.station
        devices = (station.camera, station.scanner, station.printer, station.card_reader)
        if "simulated" in {device.partition(":")[0] for device in devices}:
            raise ValueError("station: simulated devices are for mode = 'demo'")
        if self.face.attack_detection == "simulated":
            raise ValueError("face: simulated attack detection is for mode = 'demo'")
        if station.virtual_card_reader:
            raise ValueError(
                "station: a virtual card reader is for mode = 'demo'; anybody on the network can be its card"
            )

    @property
    def data_dir(self) -> Path:
        """Where the database and an embedded record live."""
        return Path(self.paths.data)

    @property
    def runtime_dir(self) -> Path:
        """Unix sockets and the bench's files: private to this user, gone after a restart."""
        return Path(self.paths.runtime)

    @property
    def models_dir(self) -> Path:
        """The networks of the face, inside the data folder unless absolute."""
        return self.data_dir / self.face.models

    @property
    def face_keys_path(self) -> Path:
        """The key store of face references: beside the database, and in no backup."""
        return self.data_dir / "keys" / "face-keys.sqlite"

    @property
    def trust_dir(self) -> Path:
        """The pinned authorities of chip cards; a folder that is missing is an empty one."""
        return Path(self.paths.trust)

    @property
    def database_url(self) -> str:
        """For SQLAlchemy."""
        return f"sqlite:///{self.data_dir / 'kiosk.sqlite'}" if self.database.url == "sqlite" else self.database.url

    @property
    def record_dir(self) -> Path:
        """The folder of FHIR bundles, inside the data folder unless absolute."""
        return self.data_dir / self.record.folder

    def credential(self, name: str) -> str | None:
        """A secret: a file of that name in systemd's credentials folder or in `paths.credentials`.

        Raises:
            ConfigurationError: the file is there and cannot be read, or is empty.
        """
        path = self.credential_path(name)
        try:
            content = path.read_text(encoding="utf-8").strip() if path else None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"cannot read the credential {name}: {error}") from error
        if content == "":
            raise ConfigurationError(f"the credential {name} is empty: {path}")
        return content

    def credential_path(self, name: str) -> Path | None:
        """Where that secret lies, for libraries that want a file."""
        for folder in (os.environ.get("CREDENTIALS_DIRECTORY"), self.paths.credentials):
            if folder and (Path(folder) / name).is_file():
                return Path(folder) / name
        return None


def load_settings(path: Path) -> Settings:
    """Read and check a settings file.

    Raises:
        ConfigurationError: names the file, and the key and what was expected, or that there are no clinics.
    """
    try:
        settings = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), type=Settings)
    except OSError as error:
        raise ConfigurationError(f"cannot read the settings {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    if not settings.clinics:
        # a file that was cut off is a valid one, and its defaults would begin another database
        raise ConfigurationError(f"{path}: has no [[clinics]]; is it empty, or cut off?")
    return settings
