"""Staff accounts: signing in, sessions that end, lock-out. Wrong, locked, disabled and unknown look alike."""

import hashlib
import secrets
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import argon2

from kiosk.checkin.services import Services
from kiosk.errors import AccessDenied, InputError, NotFound
from kiosk.model.actor import Actor
from kiosk.model.staff import Role, StaffAccount, StaffSession
from kiosk.ports.storage import Work

SHORTEST_PASSWORD = 10
HASHER = argon2.PasswordHasher()
NOBODY = HASHER.hash(secrets.token_hex(16))
"""Compared with when there is no such account, so that the answer takes as long."""

AT_ONCE = threading.BoundedSemaphore(4)
"""Comparisons at the same time: each takes 64 MiB, and anybody may try."""


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a sign-in lasts and when it is refused."""

    idle: timedelta
    longest: timedelta
    tries: int
    lock: timedelta


def sign_in(
    services: Services, *, name: str, password: str, role: Role, limits: SessionLimits
) -> tuple[str, StaffAccount]:
    """Begin a session of one role.

    Returns:
        The token for the cookie, which is stored only as its hash, and the account.

    Raises:
        AccessDenied: for every cause alike.
    """
    compared = _compared(services, name, password)
    now = services.clock.now()
    token = secrets.token_urlsafe(32)
    with services.storage.write() as work:
        account = _proved(services, work, compared, {role}, limits)
        if account:
            work.staff.add_session(
                StaffSession(_hash(token), account.id, role, now, now, expires_at=now + limits.longest)
            )
            work.audit.add(now, Actor.staff(account.id), "sign_in", f"staff/{account.id}", {"role": role})
            return token, account
    raise AccessDenied("sign-in refused")


def vouch(services: Services, *, name: str, password: str, limits: SessionLimits) -> StaffAccount:
    """A second person of the staff stands for something with their own password; no session begins.

    Raises:
        AccessDenied: for every cause alike.
    """
    compared = _compared(services, name, password)
    with services.storage.write() as work:
        account = _proved(services, work, compared, {Role.RECEPTION, Role.DOCTOR, Role.ADMINISTRATOR}, limits)
        if account:
            work.audit.add(services.clock.now(), Actor.staff(account.id), "vouch", f"staff/{account.id}", {})
            return account
    raise AccessDenied("the second name was refused")


@dataclass(frozen=True, slots=True)
class _Compared:
    """An account as it was when the password was compared with it."""

    account: StaffAccount | None
    right: bool


def _compared(services: Services, name: str, password: str) -> _Compared:
    with services.storage.read() as work:
        account = work.staff.by_sign_in_name(name)
    return _Compared(account, _verifies(account.password_hash if account else NOBODY, password))


def _proved(
    services: Services, work: Work, compared: _Compared, roles: Collection[Role], limits: SessionLimits
) -> StaffAccount | None:
    """The account, if it may act; comparing took a while: meanwhile it may have been locked or disabled."""
    before = compared.account
    account = work.staff.get(before.id) if before else None
    same = account is not None and before is not None and account.password_hash == before.password_hash
    right = compared.right and same
    locked = account is not None and account.locked_until is not None and services.clock.now() < account.locked_until
    if account is None or not right or locked or account.disabled or account.role not in roles:
        _refuse(services, work, account, limits, locked=locked)
        return None
    work.staff.save(replace(account, failures=0, locked_until=None))
    return account


def account_of(
    services: Services, *, token: str, role: Role, limits: SessionLimits, keep_alive: bool = True
) -> StaffAccount | None:
    """Whose session this is, if it still runs; use keeps it alive, a screen that only refreshes itself does not."""
    now = services.clock.now()
    with services.storage.read() as work:
        session = work.staff.session(_hash(token))
        if session is None or session.role is not role:
            return None
        if now >= session.expires_at or now - session.last_seen_at > limits.idle:
            return None
        account = work.staff.get(session.staff_id)
    if account.disabled:
        return None
    if keep_alive and now - session.last_seen_at > limits.idle / 10:
        with services.storage.write() as work:
            work.staff.touch_session(session.token_hash, now)
    return account


def sign_out(services: Services, *, token: str) -> None:
    """End a session; an unknown one is ended already."""
    with services.storage.write() as work:
        session = work.staff.session(_hash(token))
        if session:
            work.staff.end_session(session.token_hash)
            by = Actor.staff(session.staff_id)
            work.audit.add(services.clock.now(), by, "sign_out", f"staff/{session.staff_id}", {})


def add_account(
    services: Services,
    *,
    sign_in_name: str,
    shown_name: str,
    role: Role,
    clinics: Sequence[str],
    password: str,
    by: Actor,
) -> StaffAccount:
    """Create an account.

    Raises:
        InputError: ``too_short`` (password), ``taken`` (sign_in_name), ``unknown`` or ``missing`` (clinics).
    """
    _check(services, role, clinics, password)
    account = StaffAccount(
        id=secrets.token_hex(8),
        sign_in_name=sign_in_name.strip(),
        shown_name=shown_name.strip(),
        role=role,
        clinics=tuple(clinics),
        password_hash=HASHER.hash(password),
    )
    with services.storage.write() as work:
        work.staff.add(account)
        work.audit.add(services.clock.now(), by, "add_account", f"staff/{account.id}", {"role": role})
    return account


def unlock(services: Services, *, staff_id: str, by: Actor) -> StaffAccount:
    """Let a locked or disabled account sign in again.

    Raises:
        NotFound: no such account.
    """
    with services.storage.write() as work:
        account = replace(work.staff.get(staff_id), failures=0, locked_until=None, disabled=False)
        work.staff.save(account)
        work.audit.add(services.clock.now(), by, "unlock", f"staff/{staff_id}", {})
    return account


def disable(services: Services, *, staff_id: str, by: Actor) -> StaffAccount:
    """Refuse further sign-ins and end every session of the account.

    Raises:
        NotFound: no such account.
    """
    with services.storage.write() as work:
        account = replace(work.staff.get(staff_id), disabled=True)
        work.staff.save(account)
        work.staff.end_sessions_of(staff_id)
        work.audit.add(services.clock.now(), by, "disable", f"staff/{staff_id}", {})
    return account


def set_password(services: Services, *, staff_id: str, password: str, by: Actor) -> StaffAccount:
    """Replace a password and end every session of the account.

    Raises:
        InputError: ``too_short``.
        NotFound: no such account.
    """
    _check_password(password)
    with services.storage.write() as work:
        account = replace(work.staff.get(staff_id), password_hash=HASHER.hash(password), failures=0, locked_until=None)
        work.staff.save(account)
        work.staff.end_sessions_of(staff_id)
        work.audit.add(services.clock.now(), by, "set_password", f"staff/{staff_id}", {})
    return account


def account_named(services: Services, *, sign_in_name: str) -> StaffAccount:
    """One account by the name it signs in with.

    Raises:
        NotFound: no such account.
    """
    with services.storage.read() as work:
        account = work.staff.by_sign_in_name(sign_in_name)
    if account is None:
        raise NotFound(f"no account signs in as {sign_in_name}")
    return account


def all_accounts(services: Services) -> Sequence[StaffAccount]:
    """Every account, by name."""
    with services.storage.read() as work:
        return work.staff.all()


def _check(services: Services, role: Role, clinics: Sequence[str], password: str) -> None:
    _check_password(password)
    for clinic_id in clinics:
        if clinic_id not in services.clinics:
            raise InputError("unknown", "clinics", f"no clinic {clinic_id}; there are: {', '.join(services.clinics)}")
    if role in {Role.DOCTOR, Role.DISPLAY} and not clinics:
        raise InputError("missing", "clinics", f"a {role} needs at least one clinic")


def _check_password(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise InputError("too_short", "password", f"at least {SHORTEST_PASSWORD} characters")


def _refuse(
    services: Services, work: Work, account: StaffAccount | None, limits: SessionLimits, *, locked: bool
) -> None:
    """Count it; a locked account and a name that nobody has write a row too, so that all take as long."""
    if account is None or locked:
        who = account.id if account else "unknown"
        work.audit.add(services.clock.now(), Actor.staff(who), "sign_in_refused", f"staff/{who}", {})
        return
    failures = account.failures + 1
    locked_until = services.clock.now() + limits.lock if failures >= limits.tries else None
    work.staff.save(replace(account, failures=0 if locked_until else failures, locked_until=locked_until))
    by = Actor.staff(account.id)
    work.audit.add(services.clock.now(), by, "sign_in_refused", f"staff/{account.id}", {"failures": str(failures)})


def _verifies(password_hash: str, password: str) -> bool:
    try:
        with AT_ONCE:
            return HASHER.verify(password_hash, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
