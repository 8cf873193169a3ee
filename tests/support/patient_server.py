"""The patient's screen on a real port, and the station beside it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from werkzeug.serving import make_server

from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.model.checkin import CheckInView
from kiosk.model.chip_evidence import CardState
from kiosk.ports.devices import SignalSource
from tests.support.patient_site import STATION, PatientSite, StillCamera, demo_settings


@dataclass(frozen=True)
class PatientKiosk:
    """Where the screen is, and what its station can do."""

    address: str
    station: LocalCheckIns

    def show(self, payload: str) -> CheckInView:
        """Somebody holds a code before the camera."""
        return self.station.claim(STATION, payload, SignalSource.CAMERA)

    def tell_of_card(self, state: CardState) -> None:
        """The station found this on its card reader."""
        if self.here:
            self.station.card_state(STATION, self.here.id, state)

    @property
    def here(self) -> CheckInView | None:
        """Who stands at the station."""
        return self.station.current(STATION)


@contextmanager
def serve_patient(services: Services, picture: bytes) -> Iterator[PatientKiosk]:
    """Serve the screen on a free port of this host."""
    station = LocalCheckIns(services)
    camera = StillCamera(picture, pause=0.1)
    app = PatientSite(station, services.clock, services.bus, demo_settings(card_reader="simulated"), camera).app()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield PatientKiosk(f"http://127.0.0.1:{server.server_port}", station)
    finally:
        camera.picture = None
        app.extensions["kiosk_feed"].close()
        server.shutdown()
        thread.join()
        server.server_close()
