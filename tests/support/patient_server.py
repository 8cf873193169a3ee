"""The patient's screen on a real port, and the station beside it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from werkzeug.serving import make_server

from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.model.check_in_view import CheckInView
from kiosk.model.chip_evidence import CardState
from kiosk.model.face import AttackOutcome, FaceFeatures, FaceGuide, FaceState, FaceTrouble
from kiosk.ports.devices import SignalSource
from tests.support.patient_site import STATION, PatientSite, StillCamera, demo_settings
from tests.support.small_faces import sample


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

    def tell_of_face(self, guide: FaceGuide, done: int = 0, total: int = 8) -> None:
        """The station sees this before its camera."""
        if self.here:
            self.station.face_state(STATION, self.here.id, FaceState(guide, done, total))

    def take_face(self, features: FaceFeatures, attack: AttackOutcome = AttackOutcome.LIVE) -> None:
        """The station takes the face that is before its camera."""
        here = self.here
        attempt = self.station.face_attempt(STATION, here.id) if here else None
        if here and attempt:
            self.station.claim_face(STATION, here.id, sample(attempt, features, attack))

    def miss_face(self) -> None:
        """The time of the attempt is over."""
        here = self.here
        attempt = self.station.face_attempt(STATION, here.id) if here else None
        if here and attempt:
            self.station.face_failed(STATION, here.id, attempt.id, FaceTrouble.TOO_LATE)

    @property
    def here(self) -> CheckInView | None:
        """Who stands at the station."""
        return self.station.current(STATION)


@contextmanager
def serve_patient(services: Services, picture: bytes) -> Iterator[PatientKiosk]:
    """Serve the screen on a free port of this host."""
    station = LocalCheckIns(services)
    camera = StillCamera(picture, pause=0.1)
    site = PatientSite(station, services.clock, services.bus, demo_settings(card_reader="simulated"), camera)
    app = replace(site, faces_on=services.faces is not None).app()
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
