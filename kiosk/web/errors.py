"""From our errors and HTTP's to a courteous page, or JSON for scripts; never a trace, never the error's own words."""

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from structlog import get_logger
from werkzeug.exceptions import HTTPException, InternalServerError

from kiosk import errors

KINDS: tuple[tuple[type[errors.KioskError], int, str], ...] = (
    (errors.InputError, 400, "input"),
    (errors.AccessDenied, 403, "denied"),
    (errors.NotFound, 404, "not_found"),
    (errors.StaleVersion, 409, "changed_meanwhile"),
    (errors.NotPossibleNow, 409, "not_possible_now"),
    (errors.AlreadyCheckedIn, 409, "already_checked_in"),
    (errors.AlreadyEnrolled, 409, "not_possible_now"),
    (errors.StorageError, 503, "storage"),
    (errors.BusUnreachable, 503, "bus"),
    (errors.RecordUnreachable, 503, "record_unreachable"),
    (errors.RecordRefused, 502, "record_refused"),
    (errors.RecordConflict, 409, "changed_meanwhile"),
    (errors.DeviceError, 503, "device"),
    (errors.CardError, 503, "device"),
)
"""Status and kind of each error, the first that fits; `templates/error_words.html` has words for each kind."""

STATUS_KINDS = {400: "input", 401: "signed_out", 403: "denied", 404: "not_found", 405: "not_found", 413: "too_large"}

log = get_logger(__name__)


def install_errors(app: Flask, *, template: str = "error.html") -> None:
    """Answer every error with a page of the app.

    Args:
        app: either listener's app.
        template: drawn with ``status`` and ``kind``; it includes ``error_words.html``.
    """

    def answer(status: int, kind: str) -> ResponseReturnValue:
        if wants_json():
            return jsonify({"error": {"kind": kind}}), status
        return render_template(template, status=status, kind=kind), status

    def of_kiosk(error: errors.KioskError) -> ResponseReturnValue:
        status, kind = classify(error)
        level = log.warning if status < InternalServerError.code else log.error
        level("request failed", kind=kind, status=status, exception_type=type(error).__qualname__, **_place())
        return answer(status, kind)

    def of_http(error: HTTPException) -> ResponseReturnValue:
        if error.response is not None:
            return error.response
        status = error.code or InternalServerError.code
        return answer(status, STATUS_KINDS.get(status, "fault"))

    app.register_error_handler(errors.KioskError, of_kiosk)
    app.register_error_handler(HTTPException, of_http)


def classify(error: errors.KioskError) -> tuple[int, str]:
    """The HTTP status and the stable kind of an error."""
    for error_type, status, kind in KINDS:
        if isinstance(error, error_type):
            return status, kind
    return InternalServerError.code, "fault"


def wants_json() -> bool:
    """Whether a script asks: it says that it accepts JSON and not HTML."""
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def _place() -> dict[str, str]:
    return {"endpoint": request.endpoint or "none", "method": request.method}
