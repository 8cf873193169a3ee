from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an account is for; each role has its own screens and its own session cookie."""

    RECEPTION = "reception"
    DOCTOR = "doctor"
    DISPLAY = "display"
    """A waiting-room screen: numbers and rooms only."""
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """A person, or a waiting-room screen, that signs in.

    Attributes:
        clinics: ids of the clinics a doctor works in, or a display shows.
        password_hash: argon2id, PHC string.
        failures: wrong passwords since the last right one.
    """

    id: str
    sign_in_name: str
    shown_name: str
    role: Role
    clinics: tuple[str, ...]
    password_hash: str
    failures: int = 0
    locked_until: datetime | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A sign-in that ends: `token_hash` is SHA-256 of the cookie's value."""

    token_hash: str
    staff_id: str
    role: Role
    started_at: datetime
    last_seen_at: datetime
    expires_at: datetime
