"""Headers and forms of every page, on an app of three routes."""

import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk.web.security import SessionCookie, install_security


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__, static_folder=Path(__file__).parent, static_url_path="/static")
    install_security(app, cookie=SessionCookie("kiosk_test", secure=True), max_bytes=2000)

    @app.get("/form")
    def form() -> str:
        return render_template_string('<input name="csrf_token" value="{{ csrf_token() }}">')

    @app.route("/change", methods=["POST", "PUT", "DELETE"])
    def change() -> str:
        return f"changed {len(request.get_data())}"

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def token_of(client: FlaskClient) -> str:
    found = re.search(r'value="(.+)"', client.get("/form", base_url="https://localhost").text)
    assert found
    return found[1]


def send(client: FlaskClient, token: str | None, **headers: str) -> TestResponse:
    data = {} if token is None else {"csrf_token": token}
    return client.post("/change", data=data, headers=headers, base_url="https://localhost")


def test_a_form_of_our_page_is_taken(client: FlaskClient) -> None:
    assert send(client, token_of(client)).status_code == 200


def test_a_script_of_our_page_sends_the_token_as_a_header(client: FlaskClient) -> None:
    token = token_of(client)
    assert send(client, None, **{"X-CSRF-Token": token}).status_code == 200


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
def test_a_form_without_its_token_is_refused(client: FlaskClient, token: str | None) -> None:
    token_of(client)
    assert send(client, token).status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_every_unsafe_method_needs_the_token(client: FlaskClient, method: str) -> None:
    token_of(client)
    assert getattr(client, method)("/change", base_url="https://localhost").status_code == 403


def test_the_token_of_one_browser_is_worth_nothing_in_another(app: Flask, client: FlaskClient) -> None:
    other = app.test_client()
    token_of(other)
    assert send(other, token_of(client)).status_code == 403


def test_a_token_without_its_cookie_is_refused(app: Flask, client: FlaskClient) -> None:
    assert send(app.test_client(), token_of(client)).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_a_form_that_another_site_sends_is_refused_even_with_the_token(client: FlaskClient, site: str) -> None:
    assert send(client, token_of(client), **{"Sec-Fetch-Site": site}).status_code == 403


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://localhost"])
def test_an_older_browser_is_judged_by_its_origin(client: FlaskClient, origin: str) -> None:
    assert send(client, token_of(client), Origin=origin).status_code == 403


def test_a_browser_that_hides_its_origin_but_names_our_site_is_taken(client: FlaskClient) -> None:
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert send(client, token_of(client), **headers).status_code == 200


def test_pages_are_closed_down_and_never_kept(client: FlaskClient) -> None:
    headers = client.get("/form").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_errors_are_closed_down_too(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_static_files_may_be_kept(client: FlaskClient) -> None:
    with client.get("/static/test_security.py") as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] != "no-store"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/form").headers["Set-Cookie"]
    assert cookie.startswith("kiosk_test=")
    for flag in ("; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax"):
        assert flag in cookie


def test_a_long_body_is_refused(client: FlaskClient) -> None:
    token = token_of(client)
    answer = client.post("/change", data={"csrf_token": token, "more": "x" * 4000}, base_url="https://localhost")
    assert answer.status_code == 413


def test_another_host_name_is_not_answered(client: FlaskClient) -> None:
    assert client.get("/form", base_url="http://elsewhere.example").status_code == 400
