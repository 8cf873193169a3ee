from io import BytesIO

import pytest
from flask import Flask

from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import ConfigurationError
from kiosk.ports.devices import HeldFace
from kiosk.settings import Settings
from kiosk.web.bench.views import install_bench
from tests.support.patient_site import PNG, PatientSite, PlainBrowser, RememberingBench, TwoPeople
from tests.support.small_hospital import MAU_QR, SetClock

BENCH_PATHS = ("/bench", "/bench/cards/mau/citizen", "/bench/faces/mau", "/components")
BENCH_STEPS = (
    "/bench/hold-up", "/bench/take-away", "/bench/scan", "/bench/device", "/bench/paper", "/bench/record",
    "/bench/redis", "/bench/clock", "/bench/language", "/bench/search", "/bench/lay", "/bench/lift", "/bench/stand",
)  # fmt: skip


@pytest.fixture
def bench(site: PatientSite, screen: PlainBrowser) -> RememberingBench:
    screen.open("/bench")
    return site.bench


def upload(screen: PlainBrowser, content: bytes) -> str:
    answer = screen.client.post(
        "/bench/hold-up",
        data={"csrf_token": screen.hidden("csrf_token"), "picture": (BytesIO(content), "photo.jpg")},
        base_url="http://localhost",
    )
    assert answer.status_code == 303
    return screen.open(answer.headers["Location"])


def test_outside_the_demo_there_is_no_bench(station: LocalCheckIns, clock: SetClock) -> None:
    screen = PlainBrowser(PatientSite(station, clock, settings=Settings()).app())
    screen.open()
    for path in BENCH_PATHS:
        assert screen.client.get(path, base_url="http://localhost").status_code == 404
    for path in BENCH_STEPS:
        assert screen.send(path).status_code == 404


def test_the_bench_refuses_settings_of_a_hospital() -> None:
    with pytest.raises(ConfigurationError):
        install_bench(Flask(__name__), Settings(), RememberingBench(), TwoPeople())


def test_invented_patients_are_found_by_name(bench: RememberingBench, screen: PlainBrowser) -> None:
    assert "Nguyễn Thị Mẫu" in screen.page
    screen.press("/bench/search", search="già")
    assert "Trần Văn Già" in screen.page
    assert "Nguyễn Thị Mẫu" not in screen.page
    assert not bench.done
    assert all("gi" not in path for path in screen.visited)


def test_a_chip_card_is_laid_on_the_reader_and_lifted(bench: RememberingBench, screen: PlainBrowser) -> None:
    page = screen.press("/bench/lay", person="mau", profile="cloned")
    assert bench.done == [("lay_card", b"mau cloned")]
    assert "Thẻ đang nằm trên đầu đọc" in page
    screen.press("/bench/lift")
    assert bench.done[-1] == ("lay_card", None)


def test_somebody_stands_before_the_camera_and_does_what_was_chosen(
    bench: RememberingBench, screen: PlainBrowser
) -> None:
    page = screen.press("/bench/stand", person="mau", behaviour="walks_away")
    assert bench.done == [("hold_face", PNG + b"face of mau", HeldFace.WALKS_AWAY)]
    assert "Người đó đang đứng trước máy quay." in page
    screen.press("/bench/take-away")
    assert bench.done[-1] == ("hold_up", False)


def test_a_second_person_comes_beside_the_one_who_stands_there(bench: RememberingBench, screen: PlainBrowser) -> None:
    assert "together" not in screen.page
    assert screen.send("/bench/stand", person="gia", behaviour="together").status_code == 400
    assert "together" in screen.press("/bench/stand", person="mau", behaviour="turns_head")
    screen.press("/bench/stand", person="gia", behaviour="together")
    assert bench.done[-1] == ("hold_face", PNG + b"face of gia mau", HeldFace.TURNS_HEAD)


def test_a_person_or_behaviour_that_there_is_not_is_refused(screen: PlainBrowser) -> None:
    screen.open("/bench")
    assert screen.send("/bench/stand", person="mau", behaviour="flies").status_code == 400
    assert screen.send("/bench/stand", person="nobody", behaviour="turns_head").status_code == 404
    assert screen.client.get("/bench/faces/nobody", base_url="http://localhost").status_code == 404
    assert screen.client.get("/bench/faces/mau", base_url="http://localhost").data == PNG + b"face of mau"


def test_a_card_is_held_before_the_camera_and_taken_away(bench: RememberingBench, screen: PlainBrowser) -> None:
    page = screen.press("/bench/hold-up", person="mau", card="citizen")
    assert "Đang có một hình" in page
    screen.press("/bench/take-away")
    assert bench.done == [("hold_up", True), ("hold_up", False)]


def test_a_photograph_larger_than_any_form_is_held_up(bench: RememberingBench, screen: PlainBrowser) -> None:
    upload(screen, PNG + b"." * 300_000)
    assert bench.done == [("hold_up", True)]


def test_a_file_that_is_no_picture_is_refused_in_words(bench: RememberingBench, screen: PlainBrowser) -> None:
    assert "Tệp này không phải hình JPEG hoặc PNG." in upload(screen, b"GIF89a")
    assert not bench.done


def test_the_hand_scanner_reads_lines_cards_and_garbage(bench: RememberingBench, screen: PlainBrowser) -> None:
    screen.press("/bench/scan", line=" BN000123 ")
    screen.press("/bench/scan", person="mau", card="citizen")
    screen.press("/bench/scan", garbage="0")
    screen.press("/bench/scan", line=" ")
    assert bench.done == [("scan", "BN000123"), ("scan", MAU_QR), ("scan", "%%%###@@@")]


def test_devices_and_services_are_switched(bench: RememberingBench, screen: PlainBrowser) -> None:
    screen.press("/bench/device", device="printer", on="yes")
    screen.press("/bench/paper", on="no")
    screen.press("/bench/record", on="no")
    screen.press("/bench/redis", on="yes")
    screen.press("/bench/clock", on="no")
    assert bench.done == [
        ("plug", "printer", True),
        ("paper_out", True),
        ("record_off", True),
        ("redis_off", False),
        ("clock_ahead", True),
    ]
    assert screen.send("/bench/device", device="kettle").status_code == 400


def test_a_card_that_nobody_has_is_not_found(screen: PlainBrowser) -> None:
    screen.open("/bench")
    assert screen.client.get("/bench/cards/mau/passport", base_url="http://localhost").status_code == 404
    assert screen.send("/bench/hold-up", person="nobody", card="citizen").status_code == 404


def test_the_picture_of_a_card_can_be_seen(screen: PlainBrowser) -> None:
    answer = screen.client.get("/bench/cards/mau/citizen", base_url="http://localhost")
    assert answer.mimetype == "image/png"
    assert answer.data == PNG + b"mau"


def test_the_bench_speaks_english_too(screen: PlainBrowser) -> None:
    screen.open("/bench")
    assert screen.press("/bench/language", language="en").count("Device bench")


@pytest.mark.parametrize("kind", ["kiosk", "staff"])
def test_the_gallery_shows_every_component(screen: PlainBrowser, kind: str) -> None:
    page = screen.open(f"/components?screen={kind}")
    assert f'data-screen="{kind}"' in page
    for component in ("button", "big-action", "card", "badge", "notice", "field", "list-row", "icon"):
        assert f'class="{component}' in page
