"""From an error to a page or to JSON, without a trace or the error's own words."""

import pytest
from flask import Flask

from kiosk import errors
from kiosk.web.errors import KINDS, classify, install_errors
from kiosk.web.language import install_language

SECRET = "Nguyễn Thị Mẫu 001190012345"
EVERY_ERROR: list[tuple[errors.KioskError, int, str]] = [
    (errors.InputError("bad_date", "birth_date", SECRET), 400, "input"),
    (errors.AccessDenied(SECRET), 403, "denied"),
    (errors.NotFound(SECRET), 404, "not_found"),
    (errors.StaleVersion(SECRET), 409, "changed_meanwhile"),
    (errors.NotPossibleNow(SECRET), 409, "not_possible_now"),
    (errors.AlreadyCheckedIn(SECRET), 409, "already_checked_in"),
    (errors.StorageError(SECRET), 503, "storage"),
    (errors.BusUnreachable(SECRET), 503, "bus"),
    (errors.RecordUnreachable(SECRET), 503, "record_unreachable"),
    (errors.RecordRefused(SECRET), 502, "record_refused"),
    (errors.RecordConflict(SECRET), 409, "changed_meanwhile"),
    (errors.DeviceError("fault", SECRET), 503, "device"),
    (errors.ConfigurationError(SECRET), 500, "fault"),
]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("error", "status", "kind"), EVERY_ERROR, ids=lambda value: type(value).__name__)
def test_every_error_has_its_status_and_words(
    error: errors.KioskError, status: int, kind: str, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = app_that_raises(error, language)
    page = app.test_client().get("/", headers={"Accept": "text/html,*/*"})
    assert page.status_code == status
    assert "<h1>" in page.text
    assert SECRET not in page.text
    assert SECRET not in caplog.text
    answer = app.test_client().get("/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json) == (status, {"error": {"kind": kind}})


def test_an_unforeseen_error_is_a_page_too() -> None:
    page = app_that_raises(ZeroDivisionError(SECRET), "vi").test_client().get("/")
    assert page.status_code == 500
    assert "Có lỗi ngoài dự kiến" in page.text
    assert "Traceback" not in page.text
    assert SECRET not in page.text


def test_a_wrong_address_is_a_page_too() -> None:
    page = app_that_raises(ZeroDivisionError(), "vi").test_client().get("/nowhere")
    assert page.status_code == 404
    assert "Không tìm thấy trang" in page.text


def test_every_class_of_the_tree_is_known() -> None:
    known = {error_type for error_type, _, _ in KINDS}
    leaves = {leaf for leaf in errors_below(errors.KioskError) if not leaf.__subclasses__()}
    # these two reach no page: one ends the process, the other is for who watches the host
    assert leaves - known == {errors.ConfigurationError, errors.PartDegraded}
    assert classify(errors.ConfigurationError()) == (500, "fault")


def errors_below(root: type[errors.KioskError]) -> set[type[errors.KioskError]]:
    return {found for child in root.__subclasses__() for found in {child, *errors_below(child)}}


def app_that_raises(error: Exception, language: str) -> Flask:
    app = Flask("kiosk.web")
    app.logger.disabled = True
    install_language(app, lambda: language)
    install_errors(app, template="error_words.html")

    @app.get("/")
    def fail() -> str:
        raise error

    return app
