"""The use cases as a kiosk reaches them: here, or at a hub."""

from datetime import date
from typing import Protocol

from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Intent
from kiosk.model.chip_card import ChipReading
from kiosk.model.chip_evidence import CardFacts, CardState
from kiosk.model.face import FaceAttempt, FaceFeatures, FaceSample, FaceState, FaceTrouble
from kiosk.model.identity import PartialDate
from kiosk.model.queue import PrintState
from kiosk.ports.devices import SignalSource


class CheckIns(Protocol):
    """All that a station and its patient screen may do: in process, or over HTTPS to the hub.

    Every change names the version that was seen. A step that does not fit the present stage changes nothing and returns
    the present view, so a double tap is harmless.

    Raises:
        NotFound: from any method with an id that is not this station's.
        StorageError: the check-in cannot be kept.
    """

    def current(self, station_id: str) -> CheckInView | None:
        """What the patient at this station is doing, if anybody stands there."""

    def newest(self, station_id: str) -> CheckInView | None:
        """The check-in begun last here that is still on the screen, whatever became of it; at most ten minutes old.

        A code that is shown unasked may lead to a number at once; the screen finds it by this.
        """

    def view(self, station_id: str, check_in_id: str) -> CheckInView:
        """One check-in of this station, also after its end."""

    def start(self, station_id: str, language: str, intent: Intent = Intent.CHECK_IN) -> CheckInView:
        """Begin; one that was left open at this station is abandoned."""

    def set_language(self, station_id: str, check_in_id: str, language: str) -> CheckInView:
        """Change the screen's language."""

    def claim(self, station_id: str, payload: str, source: "SignalSource") -> CheckInView:
        """Take a code or number; begins a check-in when none is open, or when another card led to the open one.

        The card that led there already changes nothing.
        A code that cannot be used leaves the check-in where it was; the view's `problem` says why.

        Raises:
            InputError: the code cannot be used and no check-in is open.
        """

    def claim_chip(self, station_id: str, check_in_id: str, reading: ChipReading) -> CheckInView:
        """Take what a chip card said, for the check-in before which it was laid on the reader.

        One that is over, or that has gone to another step meanwhile, is left as it is.
        """

    def card_facts(self, station_id: str, check_in_id: str) -> CardFacts | None:
        """What the patient presented that may open the chip; None before a citizen's number."""

    def card_state(self, station_id: str, check_in_id: str, state: CardState | None) -> None:
        """How far the station is with the card; None when there is nothing to tell any more."""

    def give_card_expiry(self, station_id: str, check_in_id: str, version: int, expires_on: date) -> CheckInView:
        """The expiry date as printed on the card, typed because the chip did not open without."""

    def begin_face(self, station_id: str, check_in_id: str, version: int) -> CheckInView:
        """The patient would be known by face: ask for consent. Also back from there."""

    def answer_face_consent(self, station_id: str, check_in_id: str, version: int, *, agreed: bool) -> CheckInView:
        """Whether the face may be compared; without, a person looks."""

    def cannot_turn(self, station_id: str, check_in_id: str, version: int) -> CheckInView:
        """The patient cannot turn the head: another way follows."""

    def face_attempt(self, station_id: str, check_in_id: str) -> FaceAttempt | None:
        """The permission to take a face now: unused, in time, at the step that asks for it. For the station."""

    def face_state(self, station_id: str, check_in_id: str, state: FaceState | None) -> None:
        """How far the station is with the face; None when there is nothing to tell any more."""

    def claim_face(self, station_id: str, check_in_id: str, sample: FaceSample) -> CheckInView:
        """Take a sample, for its attempt, once; one for a used, late or other station's attempt changes nothing."""

    def face_failed(self, station_id: str, check_in_id: str, attempt_id: str, trouble: FaceTrouble) -> CheckInView:
        """An attempt ended without a sample."""

    def face_seen(self, station_id: str, check_in_id: str) -> None:
        """The face that was taken is in view: said again and again, for what is not said for a while has ended."""

    def face_left(self, station_id: str, check_in_id: str) -> CheckInView:
        """The face that was taken is out of view, or another one came: what it showed is worth no level any more."""

    def gone(self, station_id: str, check_in_id: str) -> None:
        """All was done, and nobody stands at the station any more: what its screen still shows can be wiped."""

    def answer_last_four(self, station_id: str, check_in_id: str, version: int, digits: str) -> CheckInView:
        """The last four digits of the number, where many share a birth date."""

    def answer_enrolment(self, station_id: str, check_in_id: str, version: int, *, agreed: bool) -> CheckInView:
        """Whether the face may be kept for the next visit."""

    def enrol_face(self, station_id: str, check_in_id: str, features: FaceFeatures | None) -> CheckInView:
        """The features of the very pictures that were compared, after consent; None when the face left meanwhile."""

    def answer_birth_date(self, station_id: str, check_in_id: str, version: int, answer: PartialDate) -> CheckInView:
        """The birth date after a bare number."""

    def accept_name(self, station_id: str, check_in_id: str, version: int) -> CheckInView:
        """The patient says that it is them."""

    def reject_name(self, station_id: str, check_in_id: str, version: int) -> CheckInView:
        """The patient says that it is not them: drops the claim."""

    def choose_appointment(self, station_id: str, check_in_id: str, version: int, appointment_id: str) -> CheckInView:
        """Confirm for one of today's appointments: gives the number."""

    def choose_clinic(self, station_id: str, check_in_id: str, version: int, clinic_id: str) -> CheckInView:
        """Confirm as a walk-in: gives the number."""

    def change_clinic(self, station_id: str, check_in_id: str, version: int, clinic_id: str) -> CheckInView:
        """Give up the number on the screen for one of another clinic; the old one stays until the new one is there."""

    def another_clinic(self, station_id: str, check_in_id: str) -> CheckInView:
        """Begin for a further clinic, for whoever has the number on the screen."""

    def help(self, station_id: str, check_in_id: str | None, *, struggling: bool = False) -> CheckInView:
        """Ask for a person; keeps the place."""

    def leave(self, station_id: str, check_in_id: str) -> None:
        """The patient is gone or started over: off the screen for good, and abandoned unless a number was given."""

    def printed(self, check_in_id: str, state: PrintState) -> None:
        """What became of the paper ticket; a failure tells reception."""
