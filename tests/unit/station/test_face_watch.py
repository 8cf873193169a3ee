"""The thread that takes faces: real use cases and capture, before a scene that a test sets."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import pytest

from kiosk.checkin import lists
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import ConfigurationError, DeviceError, StorageError
from kiosk.identify.face.capture import CaptureLimits
from kiosk.identify.face.detection import DetectedFace
from kiosk.identify.face.image import Image
from kiosk.identify.face.same_face import SameFaceLimits
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, Enrolment, Stage
from kiosk.model.chip_card import ChipReading, ChipVerdict, CitizenData
from kiosk.model.face import FaceEvidence, FaceFeatures, FaceOutcome, FaceSample, FaceState, FaceTrouble, Turn
from kiosk.model.identity import Assurance, PartialDate, Sex
from kiosk.ports.devices import SignalSource
from kiosk.ports.time import Clock
from kiosk.station.faces import FaceParts, FaceWatch
from tests.support import face_scene
from tests.support.face_scene import Scene, SceneRecogniser
from tests.support.patience import PATIENCE, until
from tests.support.small_faces import MODEL, enrol, face, with_faces
from tests.support.small_hospital import MAU_QR, SetClock, SmallRecord, open_small_hospital

HERE = "kiosk-1"
MAU, STRANGER = 1, 3
BORN = PartialDate(1990, 3, 5)
PICTURE = face_scene.picture()
CHIP = ChipReading(
    ChipVerdict.GENUINE,
    citizen=CitizenData("001190012345", "Nguyễn Thị Mẫu", BORN, Sex.FEMALE, None, kept_from_dg13=True),
    signer="51" * 32,
    chip_key="aa" * 32,
    security_object="bb" * 32,
    portrait=b"\xff\xd8 the portrait \xff\xd9",
)


class Pauses(threading.Event):
    """The watching thread's: time passes between its looks and never during one, however slow the host is.

    Attributes:
        turn: held by the thread while it looks; who takes it does what they do between two looks.
    """

    def __init__(self) -> None:
        super().__init__()
        self.clock = SetClock()
        self.turn = threading.Lock()

    def wait(self, timeout: float | None = None) -> bool:
        self.turn.release()
        stopped = super().wait(timeout)
        self.turn.acquire()
        self.clock.seconds += (timeout or 0.0) + 0.001
        return stopped

    def let_pass(self, seconds: float) -> None:
        ends = self.clock.seconds + seconds
        until(lambda: self.clock.seconds >= ends)


@dataclass
class Person:
    """Who turns the head as the screen asks, or does not."""

    turns: bool = True

    def turn(self) -> None:
        self.turns = True

    def yaw(self, image: Image, face: DetectedFace, asked: Turn | None) -> float:  # noqa: ARG002 # the port's
        if asked is None or not self.turns:
            return 0.0
        return 40.0 if asked is Turn.LEFT else -40.0


@dataclass
class SceneCamera:
    """Sees the scene; unplugged it sees nothing, and one that stands still gives the same picture again."""

    plugged: bool = True
    stands_still: bool = False

    def frame(self) -> bytes:
        if not self.plugged:
            raise DeviceError("absent", "unplugged")
        return PICTURE if self.stands_still else bytes(bytearray(PICTURE))


@dataclass(frozen=True)
class Unsteady(LocalCheckIns):
    """The use cases on a database that cannot be used for a moment: each step named here fails once.

    Of one that is named with "answer" only the answer is lost. In `unfit` is what the host is not fit for.
    """

    failing: list[str] = field(default_factory=list)
    unfit: list[str] = field(default_factory=list)
    claimed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    clock: Clock = field(default_factory=SetClock)
    seen: list[float] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    told: list[tuple[float, FaceState | None]] = field(default_factory=list)

    def claim_face(self, station_id: str, check_in_id: str, sample: FaceSample) -> CheckInView:
        self.claimed.append(sample.attempt_id)
        self._stumble("claim_face")
        view = super().claim_face(station_id, check_in_id, sample)
        self._stumble("claim_face answer")
        return view

    def enrol_face(self, station_id: str, check_in_id: str, features: FaceFeatures | None) -> CheckInView:
        if features:
            self._stumble("enrol_face")
        return super().enrol_face(station_id, check_in_id, features)

    def face_failed(self, station_id: str, check_in_id: str, attempt_id: str, trouble: FaceTrouble) -> CheckInView:
        self._stumble("face_failed")
        return super().face_failed(station_id, check_in_id, attempt_id, trouble)

    def face_seen(self, station_id: str, check_in_id: str) -> None:
        self.seen.append(self.clock.monotonic())
        super().face_seen(station_id, check_in_id)

    def gone(self, station_id: str, check_in_id: str) -> None:
        self.over.append(check_in_id)
        super().gone(station_id, check_in_id)

    def face_left(self, station_id: str, check_in_id: str) -> CheckInView:
        self.left.append(check_in_id)
        self._stumble("face_left")
        return super().face_left(station_id, check_in_id)

    def face_state(self, station_id: str, check_in_id: str, state: FaceState | None) -> None:
        self.told.append((self.clock.monotonic(), state))
        super().face_state(station_id, check_in_id, state)

    def _stumble(self, step: str) -> None:
        if step in self.failing:
            self.failing.remove(step)
            raise StorageError("locked")
        if step in self.unfit:
            self.unfit.remove(step)
            raise ConfigurationError("no key")


@dataclass
class Hall:
    """A kiosk whose camera sees a scene."""

    services: Services
    kiosk: Unsteady
    scene: Scene
    person: Person
    camera: SceneCamera
    pauses: Pauses
    thread: threading.Thread | None = None

    def open(self) -> None:
        gallery = self.services.faces.gallery if self.services.faces else None
        assert gallery
        eyes = replace(self.scene.eyes, recogniser=SceneRecogniser(self.scene, MODEL), head=self.person)
        limits = CaptureLimits(turn_seconds=1.5, frame_gap_seconds=0.02, same=SameFaceLimits(gone_seconds=0.8))
        parts = FaceParts(eyes, limits, gallery)
        watch = FaceWatch(HERE, self.kiosk, self.camera, parts, self.pauses.clock)
        self.pauses.clear()
        self.thread = threading.Thread(target=self._run, args=(watch,))
        self.thread.start()

    def _run(self, watch: FaceWatch) -> None:
        with self.pauses.turn:
            watch.run(self.pauses)

    def close(self) -> None:
        self.pauses.set()
        if self.thread:
            self.thread.join(PATIENCE)
            assert not self.thread.is_alive()

    def between_looks(self, true: Callable[[], object], do: Callable[[], object]) -> None:
        """Do it as soon as that is true, before the next look."""

        def done() -> bool:
            with self.pauses.turn:
                return bool(true() and (do() or True))

        until(done)

    @property
    def view(self) -> CheckInView:
        found = self.kiosk.current(HERE)
        assert found
        return found

    @property
    def check_in(self) -> CheckIn:
        return lists.one(self.services, self.view.id)

    @property
    def evidence(self) -> FaceEvidence:
        found = self.check_in.face
        assert found
        return found

    def ask(self) -> None:
        """Somebody would be known by face."""
        view = self.kiosk.start(HERE, "vi")
        self.kiosk.begin_face(HERE, view.id, view.version)

    def agree(self) -> None:
        view = self.view
        self.kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)

    def is_at(self, stage: Stage) -> Callable[[], bool]:
        return lambda: self.view.stage is stage

    def known(self) -> CheckInView:
        """Mẫu, enrolled, by face and birth date."""
        enrol(self.services, "mau", face(MAU))
        self.ask()
        self.agree()
        until(self.is_at(Stage.BIRTH_DATE))
        view = self.view
        return self.kiosk.answer_birth_date(HERE, view.id, view.version, BORN)

    def proven(self) -> CheckInView:
        """Mẫu, by a genuine chip and the face in it, who may have the face kept."""
        view = self.kiosk.claim(HERE, MAU_QR, SignalSource.SCANNER)
        view = self.kiosk.claim_chip(HERE, view.id, CHIP)
        self.kiosk.accept_name(HERE, view.id, view.version)
        self.agree()
        until(self.is_at(Stage.ENROL_CONSENT))
        return self.view


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    clock = SetClock()
    plain = open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", SmallRecord(), MemoryBus(), clock)
    services = with_faces(plain, tmp_path, clock, portrait=face(MAU))
    scene = Scene(faces=[face_scene.face()], person=MAU)
    pauses = Pauses()
    made = Hall(services, Unsteady(services, clock=pauses.clock), scene, Person(), SceneCamera(), pauses)
    made.open()
    yield made
    made.close()


def test_before_consent_nothing_is_extracted(hall: Hall) -> None:
    hall.ask()
    hall.pauses.let_pass(0.8)
    assert (hall.view.stage, hall.scene.extracted) == (Stage.FACE_CONSENT, 0)
    hall.agree()
    until(lambda: hall.scene.extracted)


def test_a_known_face_leads_to_the_birth_date_and_then_to_a_name(hall: Hall) -> None:
    assert hall.known().stage is Stage.IS_THIS_YOU
    assert hall.check_in.assurance is Assurance.VERIFIED


def test_a_strangers_way_is_the_same_up_to_the_birth_date(hall: Hall) -> None:
    hall.scene.person = STRANGER
    hall.ask()
    hall.agree()
    until(hall.is_at(Stage.BIRTH_DATE))
    assert hall.evidence.outcome is FaceOutcome.TAKEN


def test_the_screen_is_told_what_to_do_and_not_too_often(hall: Hall) -> None:
    hall.ask()
    hall.agree()
    until(hall.is_at(Stage.BIRTH_DATE))
    told = [state for _, state in hall.kiosk.told]
    assert len(told) == len(set(told))
    assert told[-1]
    assert told[-1].done == told[-1].total
    # the last one comes at once; of the others no more than three a second
    times = [at for at, _ in hall.kiosk.told[:-1]]
    assert all(later - earlier >= 0.3 for earlier, later in pairwise(times))


def test_a_photograph_is_asked_twice_and_then_goes_another_way(hall: Hall) -> None:
    hall.scene.liveness = [0.02]
    hall.ask()
    hall.agree()
    until(lambda: hall.view.face.again)
    until(hall.is_at(Stage.STARTED))
    assert hall.view.face.closed


def test_a_head_that_does_not_turn_ends_the_attempt(hall: Hall) -> None:
    hall.person.turns = False
    hall.ask()
    hall.agree()
    hall.between_looks(lambda: hall.view.face.again, hall.person.turn)
    until(hall.is_at(Stage.BIRTH_DATE))


def test_a_camera_that_is_gone_ends_the_way_by_face_and_nothing_else(hall: Hall) -> None:
    hall.camera.plugged = False
    hall.ask()
    hall.agree()
    until(hall.is_at(Stage.STARTED))
    assert hall.view.face.closed
    assert hall.kiosk.claim(HERE, MAU_QR, SignalSource.SCANNER).stage is Stage.IS_THIS_YOU


def test_a_picture_that_the_camera_gives_again_is_not_another_one(hall: Hall) -> None:
    hall.camera.stands_still = True
    hall.ask()
    hall.agree()
    until(lambda: hall.scene.extracted)
    hall.pauses.let_pass(0.8)
    assert hall.view.stage is Stage.FACE
    assert hall.scene.extracted <= 5


def test_time_passes_for_whoever_is_gone_while_nothing_moves(hall: Hall) -> None:
    hall.person.turns = False
    hall.camera.stands_still = True
    hall.ask()
    hall.agree()
    until(lambda: hall.view.face.again)


def test_who_presses_that_the_head_cannot_turn_is_looked_at_no_longer(hall: Hall) -> None:
    hall.person.turns = False
    hall.ask()
    hall.agree()

    def press() -> None:
        view = hall.view
        hall.kiosk.cannot_turn(HERE, view.id, view.version)

    hall.between_looks(lambda: hall.scene.extracted, press)
    hall.pauses.let_pass(0.4)
    seen = hall.scene.extracted
    hall.pauses.let_pass(0.4)
    assert (hall.scene.extracted, hall.view.stage) == (seen, Stage.STARTED)


@pytest.mark.parametrize("step", ["claim_face", "face_failed"])
def test_what_a_database_did_not_take_is_handed_over_again(hall: Hall, step: str) -> None:
    hall.kiosk.failing.append(step)
    if step == "face_failed":
        hall.camera.plugged = False
    hall.ask()
    hall.agree()
    until(lambda: hall.view.stage is not Stage.FACE)
    assert not hall.kiosk.failing


def test_a_face_in_view_is_told_of_again_and_again_until_the_number(hall: Hall) -> None:
    view = hall.known()
    until(lambda: len(hall.kiosk.seen) >= 4)
    assert all(0.4 <= later - earlier < 1.5 for earlier, later in pairwise(hall.kiosk.seen))
    hall.scene.faces = []
    until(lambda: not hall.evidence.present)
    told = len(hall.kiosk.seen)
    hall.scene.faces = [face_scene.face()]
    hall.pauses.let_pass(1)
    assert (len(hall.kiosk.seen), hall.kiosk.over) == (told, [])
    assert hall.check_in.id == view.id


def test_who_leaves_after_the_number_is_seen_off_without_being_compared(hall: Hall) -> None:
    view = hall.known()
    view = hall.kiosk.accept_name(HERE, view.id, view.version)
    hall.kiosk.choose_clinic(HERE, view.id, view.version, "mat")
    hall.pauses.let_pass(1)
    extracted = hall.scene.extracted
    assert hall.kiosk.over == []
    hall.scene.faces = []
    until(lambda: hall.kiosk.over)
    hall.pauses.let_pass(1)
    assert (hall.kiosk.over, hall.scene.extracted) == ([view.id], extracted)


def test_whoever_walks_away_before_the_number_is_no_longer_verified(hall: Hall) -> None:
    hall.known()
    hall.kiosk.failing.append("face_left")
    hall.scene.faces = []
    until(lambda: not hall.evidence.present)
    assert hall.check_in.assurance is Assurance.CLAIMED


def test_somebody_else_at_the_kiosk_is_no_longer_verified(hall: Hall) -> None:
    hall.known()
    hall.scene.person = STRANGER
    until(lambda: not hall.evidence.present)


def test_who_stays_until_the_number_keeps_the_level(hall: Hall) -> None:
    view = hall.known()
    view = hall.kiosk.accept_name(HERE, view.id, view.version)
    hall.pauses.let_pass(1.5)
    assert (hall.evidence.present, hall.check_in.assurance) == (True, Assurance.VERIFIED)
    view = hall.kiosk.choose_clinic(HERE, view.id, view.version, "noi")
    hall.scene.faces = []
    hall.pauses.let_pass(1.5)
    found = lists.one(hall.services, view.id)
    assert found.face
    assert (found.face.present, found.assurance) == (True, Assurance.VERIFIED)


def test_a_station_that_began_anew_does_not_answer_for_who_stands_there(hall: Hall) -> None:
    hall.known()
    hall.close()
    hall.open()
    until(lambda: not hall.evidence.present)


def test_a_face_that_counts_though_the_answer_was_lost_is_watched_too(hall: Hall) -> None:
    hall.kiosk.failing.append("claim_face answer")
    assert hall.known().stage is Stage.IS_THIS_YOU
    hall.pauses.let_pass(0.6)
    assert hall.evidence.present
    hall.scene.faces = []
    until(lambda: not hall.evidence.present)
    assert hall.check_in.assurance is Assurance.CLAIMED


def test_a_face_that_was_let_go_while_its_check_in_was_away_counts_no_more(hall: Hall) -> None:
    here = hall.known()
    with hall.services.write() as work:
        before = work.check_ins.get(here.id)
        away = replace(before, stage=Stage.STARTED, version=before.version + 1)
        work.check_ins.save(away)
    hall.pauses.let_pass(0.8)
    with hall.services.write() as work:
        work.check_ins.save(replace(before, version=away.version + 1))
    until(lambda: not hall.evidence.present)


def test_a_check_in_without_a_watched_face_is_asked_about_once(hall: Hall) -> None:
    view = hall.kiosk.claim(HERE, MAU_QR, SignalSource.SCANNER)
    hall.pauses.let_pass(1.2)
    assert hall.kiosk.left == [view.id]


def test_an_attempt_that_took_no_face_is_not_said_to_have_left(hall: Hall) -> None:
    view = hall.kiosk.claim(HERE, MAU_QR, SignalSource.SCANNER)
    view = hall.kiosk.claim_chip(HERE, view.id, CHIP)
    hall.kiosk.accept_name(HERE, view.id, view.version)
    hall.pauses.let_pass(0.6)
    hall.kiosk.left.clear()
    hall.camera.plugged = False
    hall.agree()
    until(hall.is_at(Stage.CHOOSING))
    hall.pauses.let_pass(0.8)
    assert hall.kiosk.left == []


def test_a_sample_that_cannot_be_kept_is_handed_over_twice_and_then_the_attempt_failed(hall: Hall) -> None:
    hall.kiosk.failing.extend(["claim_face"] * 9)
    hall.ask()
    hall.agree()
    until(hall.is_at(Stage.STARTED))
    assert len(hall.kiosk.claimed) == 2
    assert len(set(hall.kiosk.claimed)) == 1
    assert hall.view.face.closed


def test_a_host_that_is_not_fit_for_a_face_ends_the_attempt_at_once(hall: Hall) -> None:
    hall.kiosk.unfit.extend(["claim_face"] * 9)
    hall.ask()
    hall.agree()
    until(hall.is_at(Stage.STARTED))
    assert len(hall.kiosk.claimed) == 1
    assert hall.view.face.closed


def test_a_face_is_kept_from_the_pictures_that_were_compared(hall: Hall) -> None:
    view = hall.proven()
    hall.kiosk.answer_enrolment(HERE, view.id, view.version, agreed=True)
    until(lambda: hall.view.face.enrolment is Enrolment.DONE)
    with hall.services.storage.read() as work:
        reference = work.faces.of_patient("mau")
        assert reference
        assert work.faces.features(reference.id) == face(MAU)


@pytest.mark.parametrize("what", ["failing", "unfit"])
def test_a_face_that_cannot_be_kept_is_said_to_be_not_kept(hall: Hall, what: str) -> None:
    getattr(hall.kiosk, what).extend(["enrol_face"] * 9)
    view = hall.proven()
    hall.kiosk.answer_enrolment(HERE, view.id, view.version, agreed=True)
    until(lambda: hall.view.face.enrolment is Enrolment.NOT_KEPT)
    assert len(getattr(hall.kiosk, what)) == (7 if what == "failing" else 8)


def test_who_agrees_and_takes_the_number_at_once_is_enrolled_all_the_same(hall: Hall) -> None:
    view = hall.proven()
    view = hall.kiosk.answer_enrolment(HERE, view.id, view.version, agreed=True)
    appointment = view.appointments[0].id
    hall.kiosk.choose_appointment(HERE, view.id, view.version, appointment)
    until(lambda: hall.kiosk.view(HERE, view.id).face.enrolment is Enrolment.DONE)


def test_a_face_that_left_before_the_answer_is_not_kept(hall: Hall) -> None:
    hall.proven()
    hall.scene.faces = []
    until(lambda: not hall.evidence.present)
    assert (hall.view.stage, hall.view.face.enrolment) == (Stage.CHOOSING, Enrolment.NOT_KEPT)


def test_a_face_that_was_forgotten_leaves_the_index_by_itself(hall: Hall) -> None:
    reference = enrol(hall.services, "mau", face(MAU))
    gallery = hall.services.faces.gallery if hall.services.faces else None
    assert gallery
    until(lambda: reference.id in gallery.holds())
    with hall.services.storage.write() as work:
        work.faces.forget("mau", hall.services.clock.now())
    until(lambda: not gallery.holds())
