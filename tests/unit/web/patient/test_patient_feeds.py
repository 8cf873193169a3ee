import itertools
import threading

from kiosk.checkin.station import LocalCheckIns
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.events import Event, EventKind
from kiosk.ports.devices import SignalSource
from kiosk.settings.sections import StationSettings
from tests.support.patient_site import STATION, PatientSite, PlainBrowser, demo_settings
from tests.support.small_hospital import GIA_QR, MAU_QR, SetClock


def state(screen: PlainBrowser) -> dict[str, str]:
    found = screen.client.get("/state", base_url="http://localhost").json
    assert isinstance(found, dict)
    return found


def test_the_state_changes_with_the_check_in_and_tells_nothing_of_it(
    screen: PlainBrowser, station: LocalCheckIns
) -> None:
    assert state(screen) == {"mark": "none"}
    station.claim(STATION, MAU_QR, SignalSource.CAMERA)
    shown = state(screen)
    assert shown.keys() == {"mark"}
    assert shown == state(screen) != {"mark": "none"}
    screen.open()
    assert screen.body["mark"] == shown["mark"]
    screen.press("/name", answer="yes")
    assert state(screen) != shown


def test_the_camera_is_shown_only_while_something_is_asked_for(screen: PlainBrowser, station: LocalCheckIns) -> None:
    assert screen.client.get("/preview", base_url="http://localhost").status_code == 404
    screen.press("/start")
    with screen.client.get("/preview", base_url="http://localhost", buffered=False) as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "multipart/x-mixed-replace"
        assert b"Content-Type: image/jpeg" in next(iter(answer.iter_encoded()))
    station.claim(STATION, MAU_QR, SignalSource.CAMERA)
    assert screen.client.get("/preview", base_url="http://localhost").status_code == 404


def test_a_running_preview_ends_when_the_check_in_goes_on(
    screen: PlainBrowser, station: LocalCheckIns, clock: SetClock
) -> None:
    screen.press("/start")
    with screen.client.get("/preview", base_url="http://localhost", buffered=False) as answer:
        pictures = answer.iter_encoded()
        assert len(list(itertools.islice(pictures, 3))) == 3
        station.claim(STATION, MAU_QR, SignalSource.CAMERA)
        clock.seconds += 1
        assert list(pictures) == []


def test_a_preview_without_a_station_ends_quietly(site: PatientSite) -> None:
    site.preview.picture = None
    screen = PlainBrowser(site.app())
    screen.open()
    screen.press("/start")
    assert screen.client.get("/preview", base_url="http://localhost").data == b""


def test_a_kiosk_without_a_camera_shows_the_drawing_alone(
    station: LocalCheckIns, clock: SetClock, bus: MemoryBus
) -> None:
    settings = demo_settings()
    without = type(settings)(mode="demo", station=StationSettings(camera="none", scanner="simulated"))
    screen = PlainBrowser(PatientSite(station, clock, bus, without).app())
    screen.open()
    assert "/preview" not in screen.press("/start")


def test_the_measure_of_the_screen_comes_from_the_settings(station: LocalCheckIns, clock: SetClock) -> None:
    settings = type(demo_settings())(mode="demo", station=StationSettings(mm_per_pixel=0.2))
    screen = PlainBrowser(PatientSite(station, clock, settings=settings).app())
    answer = screen.client.get("/theme.css", base_url="http://localhost")
    assert answer.mimetype == "text/css"
    assert "--mm: 5.0px;" in answer.text


def test_the_live_stream_names_this_station_only(site: PatientSite, station: LocalCheckIns) -> None:
    def two_stations() -> None:
        station.claim("kiosk-2", GIA_QR, SignalSource.CAMERA)
        station.claim(STATION, MAU_QR, SignalSource.CAMERA)

    app = site.app()
    app.extensions["kiosk_feed"].position()
    showing = threading.Timer(0.3, two_stations)
    with app.test_client().get("/live", base_url="http://localhost", buffered=False) as answer:
        assert answer.mimetype == "text/event-stream"
        frames = answer.iter_encoded()
        assert next(frames).startswith(b"retry:")
        showing.start()
        frame = next(frames)
        showing.join()
    app.extensions["kiosk_feed"].close()
    assert b'"station": "kiosk-1"' in frame
    assert b"kiosk-2" not in frame
    assert "Mẫu".encode() not in frame


def test_that_somebody_is_gone_reaches_the_page_of_their_own_check_in_only(
    site: PatientSite, station: LocalCheckIns, bus: MemoryBus, clock: SetClock
) -> None:
    earlier = station.claim(STATION, GIA_QR, SignalSource.CAMERA)
    station.leave(STATION, earlier.id)
    screen = PlainBrowser(site.app())
    feed = screen.app.extensions["kiosk_feed"]
    feed.position()
    here = station.claim(STATION, MAU_QR, SignalSource.CAMERA)
    screen.open()

    def gone(number: int, check_in_id: str) -> Event:
        return Event(number, EventKind.GONE, check_in_id, None, STATION, clock.now())

    with screen.client.get("/live", base_url="http://localhost", buffered=False) as answer:
        frames = answer.iter_encoded()
        assert next(frames).startswith(b"retry:")
        bus.publish([gone(100, earlier.id), gone(101, here.id)])
        told = b""
        while b"event: gone" not in told:
            told += next(frames)
    feed.close()
    assert here.id.encode() in told
    assert earlier.id.encode() not in told
