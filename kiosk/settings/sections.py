"""The sections of the settings, each with its defaults; `config/kiosk.example.toml` explains each key."""

import re
from datetime import time
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import interegular
import msgspec

RESERVED_NUMBERS = "[0-9]{10}|[0-9]{12}|[A-Za-z]{2}[0-9]{13}"
"""Insurance numbers of 10 and 15 characters and citizen numbers: a hospital's own code must match none of them."""


LOWEST_OF_FACE_RECOGNITION = 0.95
"""Its false match rate is 2e-5 there; two strangers often score 0.8."""


_PASSWORD = re.compile(r"://[^@/]*:[^@]*@|[?&](ssl)?password=", re.IGNORECASE)
"""As the drivers read it: a password may hold a slash, and may stand among the options."""
_USER = re.compile(r"://[^/?#]*@")


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown keys are refused."""


class HospitalSettings(Section, frozen=True):
    """`[hospital]`: see `config/kiosk.example.toml`."""

    name: str = "Bệnh viện"
    name_en: str = "Hospital"
    timezone: str = "Asia/Ho_Chi_Minh"
    code_pattern: str = "BN[0-9]{6}"

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no such time zone: {self.timezone}") from error
        try:
            re.compile(self.code_pattern)
            own = interegular.parse_pattern(self.code_pattern).to_fsm()
        except (re.error, interegular.InvalidSyntax, interegular.Unsupported) as error:
            raise ValueError(f"code_pattern is not a plain regular expression: {error}") from error
        if not own.isdisjoint(interegular.parse_pattern(RESERVED_NUMBERS).to_fsm()):
            raise ValueError("code_pattern also matches citizen or insurance numbers; add a letter or another length")


class ClinicSettings(Section, frozen=True):
    """`[[clinics]]`: see `config/kiosk.example.toml`."""

    id: str
    name: str
    name_en: str
    room: str
    reference: str
    opens: time = time(6, 30)
    closes: time = time(17, 0)
    discreet: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", self.id) or self.id == "reception":
            raise ValueError("id: lower-case letters, digits and hyphens, not `reception`")


class StationSettings(Section, frozen=True):
    """`[station]`: see `config/kiosk.example.toml`."""

    id: str = "kiosk-1"
    name: str = "Kiosk 1"
    camera: str = "none"
    scanner: str = "none"
    printer: str = "none"
    card_reader: str = "none"
    paper_width_mm: Literal[58, 80] = 80
    mm_per_pixel: float = 0.25
    voice: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", self.id):
            raise ValueError("id: lower-case letters, digits and hyphens")
        if not 0.1 <= self.mm_per_pixel <= 1:  # noqa: PLR2004 # from a telephone's screen to a wall's
            raise ValueError("mm_per_pixel: between 0.1 and 1")

    @property
    def virtual_card_reader(self) -> bool:
        """Whether the named reader is vpcd's, whose card is whoever connects to its port."""
        return "virtual pcd" in self.card_reader.lower()


class WebSettings(Section, frozen=True):
    """`[web]`: see `config/kiosk.example.toml`."""

    patient_port: int = 8080
    staff_host: str = "127.0.0.1"
    staff_port: int = 8443
    staff_names: tuple[str, ...] = ()
    front: bool = False
    metrics_port: int = 9464
    threads: int = 256

    def __post_init__(self) -> None:
        if self.front and self.staff_host not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("front: with staff_host 127.0.0.1 only, so that nobody goes past it")


class DatabaseSettings(Section, frozen=True):
    """`[database]`: see `config/kiosk.example.toml`."""

    url: str = "sqlite"

    def __post_init__(self) -> None:
        if _PASSWORD.search(self.url):
            raise ValueError("database.url: no password here; it is the credential database-password")


class RedisSettings(Section, frozen=True):
    """`[redis]`: see `config/kiosk.example.toml`."""

    url: str = "unix:///run/redis/redis-server.sock"

    def __post_init__(self) -> None:
        if _PASSWORD.search(self.url):
            raise ValueError("redis.url: no password here; it is the credential redis-password")


class RecordSettings(Section, frozen=True):
    """`[record]`: see `config/kiosk.example.toml`."""

    kind: Literal["folder", "fhir"] = "folder"
    folder: str = "record"
    url: str = ""
    timeout_seconds: float = 4.0

    def __post_init__(self) -> None:
        if self.kind == "fhir" and not re.match(r"https://|http://(127\.0\.0\.1|\[::1\])([:/]|$)", self.url):
            raise ValueError("url: https:// (plain http:// only on this host)")
        if _USER.search(self.url):
            raise ValueError("record.url: no name or password here; the token is the credential record-token")


class PolicySettings(Section, frozen=True):
    """`[policy]`: see `config/kiosk.example.toml`."""

    idle_seconds: int = 30
    idle_warning_seconds: int = 20
    ticket_seconds: int = 20
    birth_date_tries: int = 3
    station_failures: int = 5
    station_failure_minutes: int = 10
    answer_after_ms: int = 700
    open_question_tries: int = 2
    undo_seconds: int = 10
    change_clinic_minutes: int = 5
    session_idle_minutes: int = 30
    session_hours: int = 12
    display_session_days: int = 30
    sign_in_tries: int = 5
    lock_minutes: int = 15
    keep_check_ins_days: int = 90


class FaceSettings(Section, frozen=True):
    """`[face]`: see `config/kiosk.example.toml`."""

    enabled: bool = False
    recogniser: Literal["sface", "face-recognition"] = "sface"
    attack_detection: Literal["network", "simulated"] = "network"
    models: str = "models"
    threshold_enrolled: float = 0.52
    threshold_portrait: float = 0.52
    threshold_today: float = 0.50
    gap_today: float = 0.10
    largest_today: int = 500
    threshold_ten_thousand: float = 0.55
    threshold_hundred_thousand: float = 0.60
    attack_live: float = 0.8
    attack_doubtful: float = 0.5
    turn_degrees: float = 30.0
    attempt_seconds: int = 30
    tries: int = 2
    gone_seconds: float = 2.0
    quality_face_pixels: float = 80
    quality_face_share: float = 0.5
    quality_yaw: float = 20
    quality_pitch: float = 25
    quality_roll: float = 10
    quality_sharpness: float = 0.05
    quality_dark: float = 50
    quality_bright: float = 220
    quality_covered: float = 20
    quality_cut_off: float = 0.05

    def __post_init__(self) -> None:
        lowest = min(self.threshold_enrolled, self.threshold_portrait, self.threshold_today)
        lowest = min(lowest, self.threshold_ten_thousand, self.threshold_hundred_thousand)
        if self.recogniser == "face-recognition" and lowest < LOWEST_OF_FACE_RECOGNITION:
            raise ValueError(
                f"recogniser: face-recognition needs thresholds of {LOWEST_OF_FACE_RECOGNITION} and more;"
                " at those of sface everybody is everybody"
            )


class PathSettings(Section, frozen=True):
    """`[paths]`: see `config/kiosk.example.toml`."""

    data: str = "/var/lib/kiosk"
    runtime: str = "/run/kiosk"
    credentials: str = ""
    trust: str = "/etc/kiosk/trust"


class LogSettings(Section, frozen=True):
    """`[logs]`: see `config/kiosk.example.toml`."""

    level: Literal["debug", "info", "warning", "error"] = "info"
