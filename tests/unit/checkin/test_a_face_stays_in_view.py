"""What rests on a face lasts while its station says that it sees it: one that fell silent may have lost sight of it."""

from pathlib import Path

import pytest

from kiosk.checkin import lists
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import NotFound
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, Enrolment, Stage
from kiosk.model.events import EventKind
from kiosk.model.face import FaceOutcome
from kiosk.model.identity import Assurance, PartialDate
from kiosk.ports.devices import SignalSource
from tests.support.small_faces import GENUINE, UNSEEN, enrol, face, sample, with_faces
from tests.support.small_hospital import MAU_QR, SetClock, SmallRecord, open_small_hospital

HERE = "kiosk-1"
MAU_FACE = face(1)
BORN = PartialDate(1990, 3, 5)
LONGER = UNSEEN.total_seconds() + 0.5


@pytest.fixture
def services(tmp_path: Path, clock: SetClock, record: SmallRecord, bus: MemoryBus) -> Services:
    plain = open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", record, bus, clock)
    return with_faces(plain, tmp_path, clock, portrait=MAU_FACE)


@pytest.fixture
def enrolled(services: Services) -> None:
    enrol(services, "mau", MAU_FACE)


def taken(kiosk: LocalCheckIns, view: CheckInView) -> CheckInView:
    attempt = kiosk.face_attempt(HERE, view.id)
    assert attempt
    return kiosk.claim_face(HERE, view.id, sample(attempt, MAU_FACE))


def searched(kiosk: LocalCheckIns) -> CheckInView:
    view = kiosk.start(HERE, "vi")
    view = kiosk.begin_face(HERE, view.id, view.version)
    return taken(kiosk, kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True))


def proven(kiosk: LocalCheckIns) -> CheckInView:
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.claim_chip(HERE, view.id, GENUINE)
    view = kiosk.accept_name(HERE, view.id, view.version)
    return taken(kiosk, kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True))


def wait(kiosk: LocalCheckIns, clock: SetClock, view: CheckInView, seconds: int) -> None:
    for _ in range(seconds):
        clock.pass_time(seconds=1)
        kiosk.face_seen(HERE, view.id)


def numbered(kiosk: LocalCheckIns, view: CheckInView) -> CheckIn:
    view = kiosk.choose_clinic(HERE, view.id, view.version, "mat")
    assert view.ticket
    return lists.one(kiosk.services, view.id)


def levels(services: Services, check_in_id: str) -> list[str]:
    with services.storage.read() as work:
        rows = [row for row in work.audit.rows() if row.subject == f"check-in/{check_in_id}"]
    return [row.detail["assurance"] for row in rows if "assurance" in row.detail]


@pytest.mark.usefixtures("enrolled")
def test_a_face_that_is_seen_again_and_again_counts(kiosk: LocalCheckIns, services: Services, clock: SetClock) -> None:
    view = searched(kiosk)
    wait(kiosk, clock, view, 25)
    view = kiosk.answer_birth_date(HERE, view.id, view.version, BORN)
    wait(kiosk, clock, view, 25)
    view = kiosk.accept_name(HERE, view.id, view.version)
    check_in = numbered(kiosk, view)
    assert check_in.assurance is Assurance.VERIFIED
    assert check_in.face
    assert check_in.face.present
    assert levels(services, view.id) == ["verified"]


@pytest.mark.usefixtures("enrolled")
@pytest.mark.parametrize("step", ["birth date", "name", "number"])
def test_a_station_that_fell_silent_has_shown_nothing(
    kiosk: LocalCheckIns, services: Services, clock: SetClock, step: str
) -> None:
    def pause(here: str) -> None:
        clock.pass_time(seconds=LONGER if here == step else 1)
        if here != step:
            kiosk.face_seen(HERE, view.id)

    view = searched(kiosk)
    pause("birth date")
    view = kiosk.answer_birth_date(HERE, view.id, view.version, BORN)
    pause("name")
    view = kiosk.accept_name(HERE, view.id, view.version)
    pause("number")
    check_in = numbered(kiosk, view)
    assert check_in.assurance is Assurance.CLAIMED
    assert check_in.face
    assert (check_in.face.outcome, check_in.face.present) == (FaceOutcome.MATCH, False)
    assert levels(services, view.id) == ([] if step == "birth date" else ["verified", "claimed"])


@pytest.mark.usefixtures("enrolled")
def test_what_is_said_too_late_does_not_bring_it_back(kiosk: LocalCheckIns, clock: SetClock) -> None:
    view = searched(kiosk)
    clock.pass_time(seconds=LONGER)
    view = kiosk.answer_birth_date(HERE, view.id, view.version, BORN)
    wait(kiosk, clock, view, 2)
    view = kiosk.accept_name(HERE, view.id, view.version)
    assert numbered(kiosk, view).assurance is Assurance.CLAIMED


def test_after_silence_no_face_is_kept(kiosk: LocalCheckIns, clock: SetClock, services: Services) -> None:
    view = proven(kiosk)
    assert view.stage is Stage.ENROL_CONSENT
    clock.pass_time(seconds=LONGER)
    view = kiosk.answer_enrolment(HERE, view.id, view.version, agreed=True)
    assert (view.stage, view.face.enrolment) == (Stage.CHOOSING, Enrolment.NOT_KEPT)
    view = kiosk.enrol_face(HERE, view.id, MAU_FACE)
    with services.storage.read() as work:
        assert work.faces.of_patient("mau") is None
    assert numbered(kiosk, view).assurance is Assurance.CLAIMED


def test_after_the_number_nobody_need_be_seen(kiosk: LocalCheckIns, clock: SetClock, services: Services) -> None:
    view = proven(kiosk)
    view = kiosk.answer_enrolment(HERE, view.id, view.version, agreed=False)
    assert numbered(kiosk, view).assurance is Assurance.PROVEN
    clock.pass_time(seconds=LONGER)
    kiosk.set_language(HERE, view.id, "en")
    assert lists.one(services, view.id).assurance is Assurance.PROVEN


def test_who_is_gone_after_the_end_is_told_to_the_screen_of_that_station(kiosk: LocalCheckIns, bus: MemoryBus) -> None:
    view = proven(kiosk)
    kiosk.gone(HERE, view.id)
    before = bus.last_event()
    view = kiosk.answer_enrolment(HERE, view.id, view.version, agreed=False)
    numbered(kiosk, view)
    kiosk.gone(HERE, view.id)
    kinds = [published.event.kind for published in bus.events(before, 0)]
    assert kinds.count(EventKind.GONE) == 1
    assert kinds[-1] is EventKind.GONE


def test_another_station_says_nothing_of_a_face(kiosk: LocalCheckIns) -> None:
    view = proven(kiosk)
    for say in (kiosk.face_seen, kiosk.gone):
        with pytest.raises(NotFound):
            say("kiosk-2", view.id)


@pytest.mark.usefixtures("enrolled")
def test_a_clock_that_is_set_back_has_seen_nothing(kiosk: LocalCheckIns, clock: SetClock) -> None:
    view = searched(kiosk)
    view = kiosk.answer_birth_date(HERE, view.id, view.version, BORN)
    view = kiosk.accept_name(HERE, view.id, view.version)
    clock.pass_time(hours=-1)
    assert numbered(kiosk, view).assurance is Assurance.CLAIMED
