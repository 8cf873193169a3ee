"""The demo's people before the simulated camera, seen by the real networks and taken by the station's own thread."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kiosk.bootstrap.faces import with_face_parts
from kiosk.checkin import lists
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.demo.bench_faces import before_camera
from kiosk.demo.hospital import InventedPatient
from kiosk.hardware.simulated.bench import FileBench
from kiosk.hardware.simulated.devices import SimulatedCamera
from kiosk.live.clock import SystemClock
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.face import FaceFeatures, FaceGuide
from kiosk.model.identity import PartialDate, Sex
from kiosk.ports.devices import HeldFace, SignalSource
from kiosk.settings import Settings
from kiosk.settings.sections import FaceSettings, PathSettings, StationSettings
from kiosk.station.faces import FaceParts, FaceWatch
from tests.support.face_models import MODELS
from tests.support.patience import until
from tests.support.small_faces import enrol, with_faces
from tests.support.small_hospital import MAU_QR, SetClock, SmallRecord, open_small_hospital

pytestmark = pytest.mark.integration

HERE = "kiosk-1"
BORN = PartialDate(1990, 3, 5)


def somebody(name: str, sex: Sex) -> InventedPatient:
    return InventedPatient(
        id=name,
        name=name,
        sex=sex,
        birth_date=BORN,
        address="Số 1 Phố Ví Dụ, Hà Nội",
        province="Hà Nội",
        phone="",
        hospital_code="BN000123",
        citizen_id="001190012345",
    )


MAU, HUNG = somebody("Nguyễn Thị Mẫu", Sex.FEMALE), somebody("Đỗ Quốc Hùng", Sex.MALE)


@dataclass
class Hall:
    services: Services
    kiosk: LocalCheckIns
    bench: FileBench
    parts: FaceParts

    def stand(self, *people: InventedPatient, behaviour: HeldFace = HeldFace.TURNS_HEAD) -> None:
        self.bench.hold_face(before_camera(people), behaviour)

    def features(self, person: InventedPatient) -> FaceFeatures:
        """What the portrait in this person's chip would show."""
        extract = self.services.faces.portrait_features if self.services.faces else None
        found = extract(before_camera([person])) if extract else None
        assert found
        return found

    def agree(self) -> None:
        view = self.kiosk.start(HERE, "vi")
        view = self.kiosk.begin_face(HERE, view.id, view.version)
        self.kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)

    @property
    def check_in(self) -> CheckIn:
        view = self.kiosk.current(HERE)
        assert view
        return lists.one(self.services, view.id)

    @property
    def guide(self) -> FaceGuide | None:
        view = self.kiosk.current(HERE)
        return view.face.state.guide if view and view.face.state else None


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    settings = Settings(
        mode="demo",
        station=StationSettings(camera="simulated"),
        face=FaceSettings(enabled=True, attack_detection="simulated", models=str(MODELS)),
        paths=PathSettings(
            data=str(tmp_path), runtime=str(tmp_path), credentials=str(tmp_path), trust=str(tmp_path / "trust")
        ),
    )
    (tmp_path / "face-master-key").write_text("01" * 32, encoding="ascii")
    clock, stop = SetClock(), threading.Event()
    plain = open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", SmallRecord(), MemoryBus(), clock)
    services, parts = with_face_parts(settings, with_faces(plain, tmp_path, clock))
    assert parts
    kiosk, bench = LocalCheckIns(services), FileBench(tmp_path)
    quick = replace(parts, limits=replace(parts.limits, turn_seconds=1.5))
    watch = FaceWatch(HERE, kiosk, SimulatedCamera(bench), quick, SystemClock("Asia/Ho_Chi_Minh"))
    thread = threading.Thread(target=watch.run, args=(stop,))
    with ExitStack() as ending:
        ending.callback(thread.join, 5)
        ending.callback(stop.set)
        thread.start()
        yield Hall(services, kiosk, bench, quick)


def known(hall: Hall) -> None:
    enrol(hall.services, "mau", hall.features(MAU))
    hall.stand(MAU)
    hall.agree()
    until(lambda: hall.check_in.stage is Stage.BIRTH_DATE)


def test_a_person_who_turns_the_head_is_known_by_the_enrolled_face(hall: Hall) -> None:
    known(hall)
    candidate = hall.check_in.candidate
    assert candidate
    assert candidate.id == "mau"
    view = hall.kiosk.answer_birth_date(HERE, hall.check_in.id, hall.check_in.version, BORN)
    assert view.stage is Stage.IS_THIS_YOU


def test_another_person_is_not_taken_for_the_one_who_is_enrolled(hall: Hall) -> None:
    enrol(hall.services, "mau", hall.features(MAU))
    hall.stand(HUNG)
    hall.agree()
    until(lambda: hall.check_in.stage is Stage.BIRTH_DATE)
    assert hall.check_in.candidate is None


@pytest.mark.parametrize("behaviour", [HeldFace.PRINT, HeldFace.CANNOT_TURN, HeldFace.WALKS_AWAY])
def test_a_photograph_a_stiff_neck_and_an_empty_place_lead_to_no_sample(hall: Hall, behaviour: HeldFace) -> None:
    hall.stand(MAU, behaviour=behaviour)
    hall.agree()
    until(lambda: hall.check_in.face_tries == 1)
    assert hall.check_in.face is None


def test_of_two_people_none_is_taken(hall: Hall) -> None:
    hall.stand(MAU, HUNG)
    hall.agree()
    until(lambda: hall.guide is FaceGuide.ONE_PERSON)
    assert hall.check_in.stage is Stage.FACE


def test_nobody_is_asked_to_come(hall: Hall) -> None:
    hall.bench.hold_up(None)
    hall.agree()
    until(lambda: hall.guide is FaceGuide.COME)


@pytest.mark.parametrize("swapped", [True, False], ids=["somebody else", "nobody"])
def test_who_leaves_before_the_number_is_not_verified(hall: Hall, *, swapped: bool) -> None:
    known(hall)
    hall.kiosk.answer_birth_date(HERE, hall.check_in.id, hall.check_in.version, BORN)
    if swapped:
        hall.stand(HUNG)
    else:
        hall.bench.hold_up(None)
    until(lambda: hall.check_in.face and not hall.check_in.face.present)


def test_who_stays_for_the_birth_date_and_the_name_is_still_the_same(hall: Hall) -> None:
    known(hall)
    time.sleep(4)
    assert hall.check_in.face
    assert hall.check_in.face.present


def test_a_code_shown_while_a_face_is_asked_for_begins_anew_with_it(hall: Hall) -> None:
    hall.stand(MAU)
    hall.agree()
    asked = hall.kiosk.current(HERE)
    view = hall.kiosk.claim(HERE, MAU_QR, SignalSource.SCANNER)
    assert asked
    assert (view.id != asked.id, view.stage) == (True, Stage.IS_THIS_YOU)
