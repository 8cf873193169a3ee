"""Every error that kiosk raises, in one tree.

KioskError
├── InputError              what a person, a code or a file gave cannot be used; names the field
├── ConfigurationError      the settings or the host are not fit to start
├── AccessDenied            this actor may not do this to this check-in
├── NotFound                no such check-in, patient, appointment or account
├── StaleVersion            somebody else changed the check-in first
├── NotPossibleNow          the check-in's stage does not allow this step
├── AlreadyCheckedIn        an active check-in for the same patient and appointment exists
├── AlreadyEnrolled         the patient's face has a reference already
├── StorageError            the database cannot be used
├── PartDegraded            a part of the host works, but somebody must look after it; `state` says how
├── BusUnreachable          Redis cannot be used; nothing is lost, screens fall back
├── RecordError             the hospital's record
│   ├── RecordUnreachable   no answer, a time-out or a fault of the server: try again later
│   ├── RecordRefused       the server understood and said no (OperationOutcome)
│   └── RecordConflict      the resource changed meanwhile (412 on If-Match)
├── DeviceError             a device is absent, broken or out of paper; `kind` says which
└── CardError               a chip card could not be read; `kind` is a CardProblem

"Not recognised", "two candidates" and "unknown number" are stages of a check-in, not errors. A foreign library's
errors are turned into these at the one module that uses the library.
"""

from enum import StrEnum


class KioskError(Exception):
    """The root: whoever catches it catches everything that kiosk raises on purpose."""


class InputError(KioskError):
    """Input that cannot be used.

    Args:
        kind: a stable word for programs, such as ``too_long`` or ``bad_date``.
        field: which part of the input, such as ``birth_date``; None for the whole.
        message: what was expected, for a person.
    """

    def __init__(self, kind: str, field: str | None, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.field = field
        self.message = message


class ConfigurationError(KioskError):
    """The settings, or the host, are not fit to start; the message says what to change."""


class AccessDenied(KioskError):
    """This actor may not do this; the reason is for the audit chain, not for the screen."""


class NotFound(KioskError):
    """No such thing, or none that this actor may know of."""


class StaleVersion(KioskError):
    """The check-in was changed by somebody else since it was read."""


class NotPossibleNow(KioskError):
    """The check-in is at a stage that does not allow this step."""


class PartDegraded(KioskError):
    """A part of the host works, but somebody must look after it.

    Args:
        state: one word, as `/readyz` shows it.
    """

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class AlreadyCheckedIn(KioskError):
    """An active check-in for the same patient and appointment (or clinic and day) exists.

    Args:
        check_in_id: the one that holds the place.
    """

    def __init__(self, check_in_id: str) -> None:
        super().__init__(f"already checked in: {check_in_id}")
        self.check_in_id = check_in_id


class AlreadyEnrolled(KioskError):
    """The patient's face has a reference; a second one is for reception to decide."""


class StorageError(KioskError):
    """The database cannot be opened, read or written."""


class BusUnreachable(KioskError):
    """Redis does not answer. It is never the only copy of anything, so work goes on."""


class RecordError(KioskError):
    """Anything that goes wrong with the hospital's record."""


class RecordUnreachable(RecordError):
    """No answer in time, or a fault on the record's side: trying again later is right."""


class RecordRefused(RecordError):
    """The record understood the request and refuses it: trying again changes nothing."""


class RecordConflict(RecordError):
    """The resource was changed by somebody else since it was read (FHIR R4 3.1.0.5)."""


class DeviceError(KioskError):
    """A device cannot be used now.

    Args:
        kind: ``absent``, ``no_paper``, ``busy``, ``refused`` or ``fault``.
        message: for the log and the reception screen.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class CardProblem(StrEnum):
    """Why a chip card could not be read; patients and staff are told apart what to do."""

    SERVICE_DOWN = "service_down"
    """The PC/SC service does not answer."""
    NO_READER = "no_reader"
    NO_CARD = "no_card"
    REMOVED = "removed"
    """The card left the reader in the middle."""
    NO_ANSWER = "no_answer"
    """The card or its reader took longer than allowed, for one exchange or for the whole card."""
    WRONG_KEY = "wrong_key"
    """The card does not open with this number, birth and expiry date."""
    THROTTLED = "throttled"
    """The card slows down or blocks after wrong keys, or the attempts of this check-in are spent."""
    UNSUPPORTED = "unsupported"
    """No ICAO application, or neither BAC nor PACE: an old card without chip, or another card."""
    SECURE_MESSAGING = "secure_messaging"
    """A MAC or protected status was missing or wrong."""
    MALFORMED = "malformed"
    """The card answers what no standard allows."""


class CardError(KioskError):
    """A chip card cannot be read.

    Args:
        kind: what a person should be told.
        message: for the log, without anything of the card's contents.
    """

    def __init__(self, kind: CardProblem, message: str) -> None:
        super().__init__(message)
        self.kind = kind
