"""A face's way into a check-in: consent, one attempt at a time, and the birth date before anything is said."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kiosk.checkin import lists
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.identify.face.comparison import mean_features, to_array
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Reason, Stage
from kiosk.model.face import AttackOutcome, FaceAttempt, FaceFeatures, FaceOutcome, FacePath, FaceTrouble
from kiosk.model.identity import Assurance, ClaimSource, PartialDate
from kiosk.ports.devices import SignalSource
from tests.support.small_faces import MODEL, enrol, face, sample, with_faces
from tests.support.small_hospital import GIA, MAU, MAU_QR, SetClock, SmallRecord, open_small_hospital

HERE = "kiosk-1"
MAU_BORN, GIA_BORN = PartialDate(1990, 3, 5), PartialDate(1940, 1, 2)
MAU_FACE, GIA_FACE, STRANGER = face(1), face(2), face(3)


@pytest.fixture
def services(tmp_path: Path, clock: SetClock, record: SmallRecord, bus: MemoryBus) -> Services:
    plain = open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", record, bus, clock)
    services = with_faces(plain, tmp_path, clock)
    enrol(services, "mau", MAU_FACE)
    enrol(services, "gia", GIA_FACE)
    return services


def at_camera(kiosk: LocalCheckIns) -> CheckInView:
    view = kiosk.start(HERE, "vi")
    view = kiosk.begin_face(HERE, view.id, view.version)
    assert view.stage is Stage.FACE_CONSENT
    return kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)


def attempt_of(kiosk: LocalCheckIns, view: CheckInView) -> FaceAttempt:
    attempt = kiosk.face_attempt(HERE, view.id)
    assert attempt
    return attempt


def taken(kiosk: LocalCheckIns, features: FaceFeatures) -> CheckInView:
    view = at_camera(kiosk)
    return kiosk.claim_face(HERE, view.id, sample(attempt_of(kiosk, view), features))


def born(kiosk: LocalCheckIns, view: CheckInView, answer: PartialDate) -> CheckInView:
    return kiosk.answer_birth_date(HERE, view.id, view.version, answer)


def test_a_known_face_and_its_birth_date_are_verified(kiosk: LocalCheckIns, services: Services) -> None:
    view = taken(kiosk, MAU_FACE)
    assert (view.stage, view.masked_name) == (Stage.BIRTH_DATE, None)
    view = born(kiosk, view, MAU_BORN)
    assert (view.stage, view.masked_name) == (Stage.IS_THIS_YOU, "NGUYỄN T** M**")
    view = kiosk.accept_name(HERE, view.id, view.version)
    check_in = lists.one(services, view.id)
    assert (check_in.stage, check_in.assurance) == (Stage.CHOOSING, Assurance.VERIFIED)
    assert check_in.claim
    assert check_in.claim.source is ClaimSource.FACE
    assert check_in.face
    assert (check_in.face.path, check_in.face.outcome) == (FacePath.TODAY, FaceOutcome.MATCH)


def test_who_has_no_appointment_is_found_among_those_of_the_last_year(kiosk: LocalCheckIns, services: Services) -> None:
    view = born(kiosk, taken(kiosk, GIA_FACE), GIA_BORN)
    check_in = lists.one(services, view.id)
    assert check_in.face
    assert (check_in.stage, check_in.face.path) == (Stage.IS_THIS_YOU, FacePath.RECENT)


def test_nobody_somebody_and_a_wrong_date_look_alike(kiosk: LocalCheckIns, clock: SetClock) -> None:
    said = []
    for features, answer in ((STRANGER, MAU_BORN), (MAU_FACE, GIA_BORN)):
        view = taken(kiosk, features)
        before, started = replace(view, id="", version=0), clock.monotonic()
        view = born(kiosk, view, answer)
        said.append((before, replace(view, id="", version=0), round(clock.monotonic() - started, 6)))
    assert said[0] == said[1]
    assert said[0][1].missed
    assert said[0][1].tries_left == 1


def test_the_record_is_asked_as_often_for_a_stranger(kiosk: LocalCheckIns, record: SmallRecord) -> None:
    asked = []
    for features in (STRANGER, GIA_FACE):
        before = record.asked
        taken(kiosk, features)
        asked.append(record.asked - before)
    assert asked[0] == asked[1] > 0


def test_two_misses_close_the_face_and_nothing_else(kiosk: LocalCheckIns) -> None:
    view = taken(kiosk, MAU_FACE)
    for _ in range(2):
        view = born(kiosk, view, GIA_BORN)
    assert (view.stage, view.face.closed, view.face.offered) == (Stage.STARTED, True, False)
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    assert view.stage is Stage.IS_THIS_YOU


def test_a_miss_after_a_face_takes_no_try_from_a_number(kiosk: LocalCheckIns) -> None:
    view = born(kiosk, taken(kiosk, MAU_FACE), GIA_BORN)
    assert kiosk.claim(HERE, "BN000123", SignalSource.TYPED).tries_left == 3
    kiosk.leave(HERE, view.id)
    view = born(kiosk, taken(kiosk, MAU_FACE), GIA_BORN)
    view = kiosk.reject_name(HERE, view.id, view.version)
    assert kiosk.claim(HERE, "BN000123", SignalSource.TYPED).tries_left == 3


def test_spent_tries_count_for_the_candidate_all_day(kiosk: LocalCheckIns, clock: SetClock) -> None:
    view = taken(kiosk, MAU_FACE)
    for _ in range(2):
        view = born(kiosk, view, GIA_BORN)
    again = born(kiosk, taken(kiosk, MAU_FACE), MAU_BORN)
    assert again.stage is Stage.BIRTH_DATE
    kiosk.leave(HERE, again.id)
    clock.pass_time(hours=25)
    assert born(kiosk, taken(kiosk, MAU_FACE), MAU_BORN).stage is Stage.IS_THIS_YOU


def test_without_consent_there_is_no_attempt_and_a_person_looks(kiosk: LocalCheckIns, services: Services) -> None:
    view = kiosk.start(HERE, "vi")
    view = kiosk.begin_face(HERE, view.id, view.version)
    assert kiosk.face_attempt(HERE, view.id) is None
    view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=False)
    assert view.ticket
    check_in = lists.one(services, view.id)
    assert (check_in.stage, check_in.reason) == (Stage.RECEPTION, Reason.FACE_DECLINED)
    assert check_in.face_consent
    assert not check_in.face_consent.agreed


def test_a_used_attempt_changes_nothing(kiosk: LocalCheckIns, services: Services) -> None:
    view = at_camera(kiosk)
    attempt = attempt_of(kiosk, view)
    first = kiosk.claim_face(HERE, view.id, sample(attempt, STRANGER))
    view = kiosk.reject_name(HERE, first.id, first.version)
    view = kiosk.begin_face(HERE, view.id, view.version)
    view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)
    again = kiosk.claim_face(HERE, view.id, sample(attempt, MAU_FACE))
    assert (again.stage, again.version) == (Stage.FACE, view.version)
    with services.storage.read() as work:
        assert [row.action for row in work.audit.rows()].count("face_refused") == 1


@pytest.mark.parametrize("what", ["late", "other turns", "other check-in"])
def test_a_sample_that_does_not_fit_its_attempt_changes_nothing(
    kiosk: LocalCheckIns, clock: SetClock, what: str
) -> None:
    view = at_camera(kiosk)
    attempt = attempt_of(kiosk, view)
    taken_now = sample(attempt, MAU_FACE)
    if what == "late":
        clock.pass_time(seconds=31)
    elif what == "other turns":
        taken_now = replace(taken_now, turns=attempt.turns[::-1])
    else:
        view = at_camera(kiosk)
    assert kiosk.claim_face(HERE, view.id, taken_now).stage is Stage.FACE


def test_an_attempt_that_ran_out_is_drawn_anew(kiosk: LocalCheckIns, clock: SetClock) -> None:
    view = at_camera(kiosk)
    first = attempt_of(kiosk, view)
    clock.pass_time(seconds=31)
    assert attempt_of(kiosk, view).id != first.id


@pytest.mark.parametrize("attack", [AttackOutcome.ATTACK, AttackOutcome.DOUBTFUL])
def test_a_photograph_gets_one_more_try_and_then_another_way(kiosk: LocalCheckIns, attack: AttackOutcome) -> None:
    view = at_camera(kiosk)
    first = attempt_of(kiosk, view)
    view = kiosk.claim_face(HERE, view.id, sample(first, MAU_FACE, attack))
    assert (view.stage, view.face.again) == (Stage.FACE, True)
    second = attempt_of(kiosk, view)
    assert second.id != first.id
    view = kiosk.claim_face(HERE, view.id, sample(second, MAU_FACE, attack))
    assert (view.stage, view.face.closed) == (Stage.STARTED, True)


def test_who_cannot_turn_the_head_goes_another_way_at_once(kiosk: LocalCheckIns) -> None:
    view = at_camera(kiosk)
    view = kiosk.cannot_turn(HERE, view.id, view.version)
    assert (view.stage, view.face.closed) == (Stage.STARTED, True)


def test_nobody_in_view_is_a_try(kiosk: LocalCheckIns) -> None:
    view = at_camera(kiosk)
    attempt = attempt_of(kiosk, view)
    view = kiosk.face_failed(HERE, view.id, attempt.id, FaceTrouble.LEFT)
    assert (view.stage, view.face.again) == (Stage.FACE, True)


def test_a_swapped_person_keeps_the_claim_and_loses_the_level(kiosk: LocalCheckIns, services: Services) -> None:
    view = taken(kiosk, MAU_FACE)
    kiosk.face_left(HERE, view.id)
    view = kiosk.view(HERE, view.id)
    view = born(kiosk, view, MAU_BORN)
    assert lists.one(services, view.id).assurance is Assurance.CLAIMED


def test_a_face_that_leaves_after_the_name_loses_the_level(kiosk: LocalCheckIns, services: Services) -> None:
    view = born(kiosk, taken(kiosk, MAU_FACE), MAU_BORN)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.face_left(HERE, view.id)
    view = kiosk.choose_appointment(HERE, view.id, view.version, view.appointments[0].id)
    assert lists.one(services, view.id).assurance is Assurance.CLAIMED


def test_who_looks_like_two_people_is_nobody(kiosk: LocalCheckIns, record: SmallRecord) -> None:
    between = mean_features(MODEL, [to_array(MAU_FACE), to_array(GIA_FACE)])
    record.booked.append(replace(record.booked[0], id="eye-1000", patient_id="gia"))
    assert born(kiosk, taken(kiosk, between), MAU_BORN).missed


def test_a_birth_date_that_many_share_asks_for_the_last_digits(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.patients[0] = replace(MAU, birth_date=PartialDate(1990))
    view = born(kiosk, taken(kiosk, MAU_FACE), PartialDate(1990))
    assert (view.stage, view.masked_name) == (Stage.LAST_FOUR, None)
    wrong = kiosk.answer_last_four(HERE, view.id, view.version, "0000")
    assert (wrong.stage, wrong.missed) == (Stage.BIRTH_DATE, True)
    view = born(kiosk, wrong, PartialDate(1990))
    view = kiosk.answer_last_four(HERE, view.id, view.version, "2345")
    assert view.stage is Stage.IS_THIS_YOU
    assert lists.one(services, view.id).assurance is Assurance.VERIFIED


def test_a_twin_s_digits_lead_to_staff(kiosk: LocalCheckIns, services: Services, record: SmallRecord) -> None:
    record.patients[0] = replace(MAU, multiple_birth=True)
    view = born(kiosk, taken(kiosk, MAU_FACE), MAU_BORN)
    view = kiosk.answer_last_four(HERE, view.id, view.version, "2345")
    check_in = lists.one(services, view.id)
    assert (check_in.stage, check_in.reason) == (Stage.RECEPTION, Reason.FACE_NEEDS_STAFF)
    assert check_in.assurance is Assurance.CLAIMED


def test_a_child_s_birth_date_is_for_a_person(kiosk: LocalCheckIns, services: Services) -> None:
    view = born(kiosk, taken(kiosk, MAU_FACE), PartialDate(2015, 6, 1))
    assert lists.one(services, view.id).reason is Reason.FACE_NEEDS_STAFF


def test_a_candidate_whom_the_record_closed_is_nobody(kiosk: LocalCheckIns, record: SmallRecord) -> None:
    record.patients[1] = replace(GIA, deceased=True)
    assert born(kiosk, taken(kiosk, GIA_FACE), GIA_BORN).missed


def test_while_the_record_is_away_nobody_is_found(kiosk: LocalCheckIns, record: SmallRecord) -> None:
    record.off = True
    assert born(kiosk, taken(kiosk, MAU_FACE), MAU_BORN).missed


def test_a_card_shown_after_the_face_leads_the_way(kiosk: LocalCheckIns, services: Services) -> None:
    taken(kiosk, GIA_FACE)
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    check_in = lists.one(services, view.id)
    assert (check_in.candidate, check_in.face) == (None, None)
    assert check_in.patient
    assert (check_in.patient.id, check_in.assurance) == ("mau", Assurance.CLAIMED)


def test_where_faces_are_off_nobody_is_asked(services: Services) -> None:
    off = LocalCheckIns(replace(services, faces=None))
    view = off.start(HERE, "vi")
    assert not view.face.offered
    assert off.begin_face(HERE, view.id, view.version).stage is Stage.STARTED


def test_who_looks_like_two_of_today_is_not_sought_among_all(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.booked.append(replace(record.booked[0], id="eye-1000", patient_id="gia"))
    probe = np.zeros(128, np.float32)
    probe[[1, 2, 9]] = 0.60, 0.53, 0.60
    view = taken(kiosk, mean_features(MODEL, [probe]))
    assert lists.one(services, view.id).candidate is None


def test_a_face_of_somebody_doubted_leads_to_their_case(kiosk: LocalCheckIns, services: Services) -> None:
    for day in (1, 2, 3):
        kiosk.claim("kiosk-2", MAU_QR.replace("05031990", f"{day:02}051990"), SignalSource.CAMERA)
    view = born(kiosk, taken(kiosk, MAU_FACE), MAU_BORN)
    [case] = [one for one in lists.reception_board(services).desk if one.stage is Stage.RECEPTION]
    assert lists.one(services, view.id).same_as == case.id
    assert view.masked_name is None
