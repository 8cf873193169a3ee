"""Enrolled faces, and the search among them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from kiosk.model.face import CandidateList, FaceAttempt, FaceFeatures, FacePath, FaceReference, FaceState


class FaceAttemptStore(Protocol):
    """Attempts to take a face, how far one is, and when the face was in view; all are deleted with the check-in."""

    def add(self, attempt: FaceAttempt) -> None:
        """Store a new one."""

    def use(self, attempt_id: str, at: datetime) -> FaceAttempt | None:
        """Take it: marked as used in the same step.

        Returns:
            The attempt as it was before; None when there is none, or it was used already.
        """

    def newest(self, check_in_id: str) -> FaceAttempt | None:
        """The one drawn last for this check-in, used or not."""

    def put_state(self, check_in_id: str, state: FaceState) -> None:
        """Say what is now."""

    def state(self, check_in_id: str) -> FaceState | None:
        """What was said last."""

    def drop_state(self, check_in_id: str) -> None:
        """Forget it."""

    def saw(self, check_in_id: str, at: datetime) -> None:
        """The face that this check-in rests on was in view then."""

    def seen_at(self, check_in_id: str) -> datetime | None:
        """When it was in view last."""

    def count_score(self, path: FacePath, score: float) -> None:
        """Count a comparison score in its bar of a histogram, without whose it is: for the hospital's pilot."""

    def score_counts(self, path: FacePath) -> Mapping[float, int]:
        """How many scores each bar of 0.05 holds, by its lower edge."""

    def add_miss(self, subject: str, at: datetime) -> None:
        """Count a failure of ``Patient/…`` or ``station/…`` by face."""

    def misses_since(self, subject: str, since: datetime) -> int:
        """How many since then."""


class FaceReferenceStore(Protocol):
    """References, sealed, each with a key of its own that lies elsewhere."""

    def add(self, reference: FaceReference, features: FaceFeatures) -> None:
        """Seal and store.

        Raises:
            AlreadyEnrolled: the patient has one.
            ConfigurationError: there is no master key to seal with.
            InputError: kind ``gallery_full``: as many are enrolled as one search allows.
        """

    def of_patient(self, patient_id: str) -> FaceReference | None:
        """The patient's reference."""

    def get(self, reference_id: str) -> FaceReference | None:
        """One reference; None when it was withdrawn."""

    def count(self) -> int:
        """How many there are."""

    def features(self, reference_id: str) -> FaceFeatures | None:
        """Opened; the caller writes the audit row. None when its key is gone or another one."""

    def seen(self, patient_id: str, at: datetime) -> None:
        """The patient arrived."""

    def flag(self, reference_id: str, *, noted: bool = False) -> None:
        """Somebody who looks alike was found by a search, or was noted by reception."""

    def take_note_back(self, reference_id: str) -> None:
        """Nobody looks alike after all."""

    def forget(self, patient_id: str, at: datetime) -> bool:
        """Delete reference and key, and leave a tombstone that every restore follows.

        The unit of work fails with StorageError where keys lie on this host and cannot be deleted now.

        Returns:
            Whether there was one.
        """

    def all(self) -> Iterator[tuple[FaceReference, FaceFeatures]]:
        """Every one that opens, for the index."""

    def changes(self) -> int:
        """A number that rises with each enrolment, flag, withdrawal and arrival."""

    def changed_since(self, number: int) -> Sequence[str]:
        """Ids of the references that changed after `changes` was that number, withdrawn ones too."""

    def moment(self) -> str:
        """Where the database stands in its own past, for `follows`."""

    def follows(self, moment: str) -> bool:
        """Whether that moment is of this database's past; not once another one, such as a backup, took its place."""

    def bury_gone(self, since: int, at: datetime) -> None:
        """Delete the keys that this host has of references withdrawn after `changes` was that number: elsewhere.

        Raises:
            StorageError: the key store cannot be used.
        """

    def burials(self) -> int:
        """A number that rises with each key deleted on this host, also where the withdrawal then failed."""

    def buried_since(self, number: int) -> Sequence[str]:
        """Ids of the references whose keys were deleted after `burials` was that number."""


class FaceGallery(Protocol):
    """The index in memory."""

    def search(self, probe: FaceFeatures, among: Collection[str] | None = None, limit: int = 2) -> CandidateList:
        """The likest, best first; one entry for each patient.

        Args:
            probe: features of one capture.
            among: ids of the patients to search; None for all who came in the last twelve months.
            limit: of the candidate list.
        """

    def alike(self, probe: FaceFeatures, threshold: float) -> CandidateList:
        """All whose score reaches the threshold, however long ago they came."""

    def refresh(self) -> None:
        """Take over what was enrolled or withdrawn since: cheap when nothing was."""

    def holds(self) -> Sequence[str]:
        """The ids of the references in it."""
