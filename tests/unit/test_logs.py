import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog

from kiosk.logs import configure_logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    hooks = sys.excepthook, threading.excepthook
    yield
    root.handlers = handlers
    sys.excepthook, threading.excepthook = hooks
    root.setLevel(level)
    structlog.reset_defaults()


def written(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    row: dict[str, str] = json.loads(capsys.readouterr().err)
    return row


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    structlog.get_logger().info("arrived", check_in="abc", clinic="mat")
    row = written(capsys)
    assert (row["event"], row["check_in"], row["clinic"], row["level"]) == ("arrived", "abc", "mat", "info")


def test_a_key_that_nobody_allowed_is_dropped_with_its_value(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    structlog.get_logger().info("arrived", name="Nguyễn Thị Mẫu")
    row = written(capsys)
    assert "Mẫu" not in json.dumps(row, ensure_ascii=False)
    assert row["reason"] == "dropped keys: name"


def test_an_error_is_told_by_type_and_place_but_not_by_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    try:
        raise ValueError("001190012345")  # noqa: TRY301 # the test is about what is caught
    except ValueError:
        structlog.get_logger().exception("broken")
    row = written(capsys)
    assert row["exception_type"] == "ValueError"
    assert "test_logs.py" in row["where"]
    assert "001190012345" not in json.dumps(row)


def test_what_a_library_logs_goes_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    logging.getLogger("gunicorn.error").info("Booting worker with pid: %s", 7)
    assert written(capsys)["event"] == "Booting worker with pid: 7"


def test_addresses_asked_by_the_http_client_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("debug")
    logging.getLogger("httpx").info("HTTP Request: GET https://his.example/Patient?identifier=001190012345")
    assert capsys.readouterr().err == ""


def test_what_nobody_caught_is_logged_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    try:
        raise ValueError("001190012345")  # noqa: TRY301 # the test is about what is caught
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    row = written(capsys)
    assert (row["event"], row["exception_type"]) == ("uncaught", "ValueError")
    assert "001190012345" not in json.dumps(row)
