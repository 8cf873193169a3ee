"""What the staff's listener believes of a client when a front stands before it."""

import pytest
from flask import Flask, request

from kiosk.settings.sections import WebSettings
from kiosk.web.front import BehindFront


def seen(peer: str, **headers: str) -> tuple[str | None, str]:
    app = Flask(__name__)

    @app.get("/")
    def who() -> dict[str, str | None]:
        return {"address": request.remote_addr, "scheme": request.scheme}

    app.wsgi_app = BehindFront(app.wsgi_app)  # type: ignore[method-assign] # as Flask says to
    named = {f"X-Forwarded-{name}": value for name, value in headers.items()}
    answer = app.test_client().get("/", headers=named, environ_overrides={"REMOTE_ADDR": peer}).get_json()
    return answer["address"], answer["scheme"]


def test_the_front_of_this_host_says_who_the_client_is() -> None:
    assert seen("127.0.0.1", For="10.1.2.3", Proto="https") == ("10.1.2.3", "https")
    assert seen("::1", For="fd00::7", Proto="https") == ("fd00::7", "https")


def test_another_host_that_says_so_is_not_believed() -> None:
    assert seen("10.9.9.9", For="10.1.2.3", Proto="https") == ("10.9.9.9", "http")


@pytest.mark.parametrize("said", ["", "10.1.2.3, 10.4.5.6", "reception", "10.1.2.3:80"])
def test_what_is_not_one_address_is_not_believed(said: str) -> None:
    assert seen("127.0.0.1", For=said) == ("127.0.0.1", "http")


def test_a_front_that_others_can_go_past_is_refused() -> None:
    with pytest.raises(ValueError, match="staff_host"):
        WebSettings(front=True, staff_host="0.0.0.0")  # noqa: S104 # the point of the test
