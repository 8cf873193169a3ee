"""The port `CheckIns` in process: what a station and its patient may do and see."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from kiosk.checkin import by_chip_card, by_code, by_face, confirm, enrol, face_steps, further_clinic, help_patient
from kiosk.checkin.change import load, store
from kiosk.checkin.paper import note_paper
from kiosk.checkin.services import Services
from kiosk.checkin.start import abandon, start
from kiosk.checkin.view import draw_view
from kiosk.errors import AlreadyCheckedIn, NotFound, NotPossibleNow, StaleVersion
from kiosk.model.actor import Actor
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import AT_STATION, CheckIn, Intent, Reason
from kiosk.model.chip_card import ChipReading
from kiosk.model.chip_evidence import CardFacts, CardState
from kiosk.model.events import EventKind
from kiosk.model.face import FaceAttempt, FaceFeatures, FaceSample, FaceState, FaceTrouble
from kiosk.model.identity import PartialDate
from kiosk.model.queue import PrintState
from kiosk.ports.devices import SignalSource
from kiosk.ports.storage import Work

RECENT = timedelta(minutes=10)
CLAIM_TRIES = 3


@dataclass(frozen=True, slots=True)
class LocalCheckIns:
    """For a host that has the database; the language of a code shown unasked is Vietnamese."""

    services: Services

    def current(self, station_id: str) -> CheckInView | None:
        """See the port."""
        with self.services.storage.read() as work:
            check_in = work.check_ins.at_station(station_id)
            return draw_view(self.services, work, check_in) if check_in else None

    def newest(self, station_id: str) -> CheckInView | None:
        """See the port."""
        with self.services.storage.read() as work:
            check_in = work.check_ins.newest_at(station_id)
            if check_in is None or not timedelta(0) <= self.services.clock.now() - check_in.started_at <= RECENT:
                return None
            return draw_view(self.services, work, check_in)

    def view(self, station_id: str, check_in_id: str) -> CheckInView:
        """See the port."""
        with self.services.storage.read() as work:
            return draw_view(self.services, work, _here(work, station_id, check_in_id))

    def start(self, station_id: str, language: str, intent: Intent = Intent.CHECK_IN) -> CheckInView:
        """See the port."""
        by = Actor.patient_at(station_id)
        return self._drawn(start(self.services, station_id=station_id, language=language, by=by, intent=intent))

    def set_language(self, station_id: str, check_in_id: str, language: str) -> CheckInView:
        """See the port."""
        self.view(station_id, check_in_id)
        with self.services.write() as work:
            check_in = load(work, check_in_id)
            by = Actor.patient_at(station_id)
            return draw_view(
                self.services,
                work,
                store(self.services, work, check_in, by=by, action="language", language=language),
            )

    def claim(self, station_id: str, payload: str, source: SignalSource) -> CheckInView:
        """See the port."""
        for _ in range(CLAIM_TRIES):
            try:
                return self._drawn(
                    by_code.by_code(self.services, station_id=station_id, payload=payload, source=source, language="vi")
                )
            except StaleVersion:
                # somebody touched the screen in this moment: what was shown is looked at again, never dropped
                continue
            except NotPossibleNow:
                break
        present = self.current(station_id)
        if present is None:
            raise NotFound("the check-in ended meanwhile")
        return present

    def claim_chip(self, station_id: str, check_in_id: str, reading: ChipReading) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, by_chip_card.by_chip_card, reading=reading)

    def card_facts(self, station_id: str, check_in_id: str) -> CardFacts | None:
        """See the port."""
        with self.services.storage.read() as work:
            return by_chip_card.card_facts(_here(work, station_id, check_in_id))

    def card_state(self, station_id: str, check_in_id: str, state: CardState | None) -> None:
        """See the port."""
        with self.services.storage.read() as work:
            check_in, before = _here(work, station_id, check_in_id), work.cards.get(check_in_id)
        if state == before:
            return
        with self.services.write() as work:
            if state:
                work.cards.put(check_in_id, state)
            else:
                work.cards.drop(check_in_id)
            work.events.add(EventKind.CARD, check_in, None, self.services.clock.now())

    def give_card_expiry(self, station_id: str, check_in_id: str, version: int, expires_on: date) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, by_chip_card.give_expiry, version=version, expires_on=expires_on)

    def answer_birth_date(self, station_id: str, check_in_id: str, version: int, answer: PartialDate) -> CheckInView:
        """See the port."""
        return self._step(
            station_id, check_in_id, self._birth_date(station_id, check_in_id), version=version, answer=answer
        )

    def begin_face(self, station_id: str, check_in_id: str, version: int) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, face_steps.begin_face, version=version)

    def answer_face_consent(self, station_id: str, check_in_id: str, version: int, *, agreed: bool) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, face_steps.answer_consent, version=version, agreed=agreed)

    def cannot_turn(self, station_id: str, check_in_id: str, version: int) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, face_steps.cannot_turn, version=version)

    def face_attempt(self, station_id: str, check_in_id: str) -> FaceAttempt | None:
        """See the port."""
        try:
            return face_steps.attempt_for(self.services, station_id, check_in_id)
        except (StaleVersion, NotPossibleNow):
            return None

    def face_state(self, station_id: str, check_in_id: str, state: FaceState | None) -> None:
        """See the port."""
        self.view(station_id, check_in_id)
        face_steps.tell_state(self.services, check_in_id, state)

    def claim_face(self, station_id: str, check_in_id: str, sample: FaceSample) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, by_face.by_face, sample=sample)

    def face_failed(self, station_id: str, check_in_id: str, attempt_id: str, trouble: FaceTrouble) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, face_steps.attempt_failed, attempt_id=attempt_id, trouble=trouble)

    def face_seen(self, station_id: str, check_in_id: str) -> None:
        """See the port."""
        with self.services.storage.write() as work:
            _here(work, station_id, check_in_id)
            work.face_attempts.saw(check_in_id, self.services.clock.now())

    def face_left(self, station_id: str, check_in_id: str) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, face_steps.face_left)

    def gone(self, station_id: str, check_in_id: str) -> None:
        """See the port."""
        with self.services.write() as work:
            check_in = _here(work, station_id, check_in_id)
            if check_in.stage not in AT_STATION:
                work.events.add(EventKind.GONE, check_in, None, self.services.clock.now())

    def answer_last_four(self, station_id: str, check_in_id: str, version: int, digits: str) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, by_face.answer_last_four, version=version, digits=digits)

    def answer_enrolment(self, station_id: str, check_in_id: str, version: int, *, agreed: bool) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, enrol.answer_enrolment, version=version, agreed=agreed)

    def enrol_face(self, station_id: str, check_in_id: str, features: FaceFeatures | None) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, enrol.enrol_face, features=features)

    def accept_name(self, station_id: str, check_in_id: str, version: int) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, confirm.accept_name, version=version)

    def reject_name(self, station_id: str, check_in_id: str, version: int) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, confirm.reject_name, version=version)

    def choose_appointment(self, station_id: str, check_in_id: str, version: int, appointment_id: str) -> CheckInView:
        """See the port."""
        return self._step(
            station_id, check_in_id, confirm.choose_appointment, version=version, appointment_id=appointment_id
        )

    def choose_clinic(self, station_id: str, check_in_id: str, version: int, clinic_id: str) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, confirm.choose_clinic, version=version, clinic_id=clinic_id)

    def change_clinic(self, station_id: str, check_in_id: str, version: int, clinic_id: str) -> CheckInView:
        """See the port."""
        before = self.view(station_id, check_in_id)
        with suppress(StaleVersion, NotPossibleNow, AlreadyCheckedIn):
            by = Actor.patient_at(station_id)
            further_clinic.change_clinic(self.services, check_in_id, version=version, clinic_id=clinic_id, by=by)
        return self.view(station_id, before.id)

    def another_clinic(self, station_id: str, check_in_id: str) -> CheckInView:
        """See the port."""
        return self._step(station_id, check_in_id, further_clinic.another_clinic)

    def help(self, station_id: str, check_in_id: str | None, *, struggling: bool = False) -> CheckInView:
        """See the port."""
        if check_in_id is None:
            check_in_id = self.start(station_id, "vi").id
        reason = Reason.STRUGGLING if struggling else Reason.ASKED_FOR_HELP
        return self._step(station_id, check_in_id, help_patient.ask, reason=reason)

    def leave(self, station_id: str, check_in_id: str) -> None:
        """See the port."""
        with self.services.storage.read() as work:
            seen = _here(work, station_id, check_in_id)
        if seen.off_screen_at and seen.stage not in AT_STATION:
            return
        with self.services.write() as work:
            check_in = work.check_ins.get(check_in_id)
            work.check_ins.put_away(station_id, self.services.clock.now(), check_in_id=check_in_id)
            if check_in.stage in AT_STATION:
                abandon(self.services, work, check_in, by=Actor.patient_at(station_id))

    def printed(self, check_in_id: str, state: PrintState) -> None:
        """See the port."""
        with self.services.write() as work:
            check_in = work.check_ins.get(check_in_id)
            by = Actor.patient_at(check_in.station_id)
            action = "printed" if state is PrintState.PRINTED else "not_printed"
            note_paper(self.services, work, check_in, state, action=action, by=by)
            if state is PrintState.FAILED and check_in.help_reason is None:
                store(
                    self.services,
                    work,
                    check_in,
                    by=by,
                    action="paper_needs_help",
                    event=EventKind.HELP,
                    help_reason=Reason.TICKET_NOT_PRINTED,
                    help_since=self.services.clock.now(),
                )

    def _birth_date(self, station_id: str, check_in_id: str) -> Callable[..., CheckIn]:
        with self.services.storage.read() as work:
            check_in = _here(work, station_id, check_in_id)
        return by_face.answer_birth_date if check_in.by_face else by_code.answer_birth_date

    def _step(
        self,
        station_id: str,
        check_in_id: str,
        step: Callable[..., CheckIn],
        **words: object,
    ) -> CheckInView:
        """One step of the patient; a second tap, or one that came too late, shows what is now."""
        before = self.view(station_id, check_in_id)
        try:
            after = step(self.services, check_in_id, by=Actor.patient_at(station_id), **words)
        except (StaleVersion, NotPossibleNow):
            return self.view(station_id, before.id)
        return self._drawn(after)

    def _drawn(self, check_in: CheckIn) -> CheckInView:
        with self.services.storage.read() as work:
            return draw_view(self.services, work, check_in)


def _here(work: Work, station_id: str, check_in_id: str) -> CheckIn:
    check_in = work.check_ins.get(check_in_id)
    if check_in.station_id != station_id:
        raise NotFound("no such check-in at this station")
    return check_in
