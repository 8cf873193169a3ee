"""The index of faces, kept as the store is."""

import threading
from collections.abc import Collection, Sequence

from kiosk.identify.face.identification import MemoryGallery
from kiosk.model.actor import SYSTEM
from kiosk.model.face import CandidateList, FaceFeatures
from kiosk.ports.storage import Storage
from kiosk.ports.time import Clock


class KeptGallery:
    """`FaceGallery` from the references of the store: filled by the first `refresh`, up to date after each.

    Args:
        storage: with the key store and its master key.
        clock: for the audit chain and the rule of twelve months.
    """

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._index = MemoryGallery(clock)
        self._turn = threading.Lock()
        self._at: int | None = None
        self._moment = ""
        self._burials = 0

    def search(self, probe: FaceFeatures, among: Collection[str] | None = None, limit: int = 2) -> CandidateList:
        """See the port."""
        return self._index.search(probe, among, limit)

    def alike(self, probe: FaceFeatures, threshold: float) -> CandidateList:
        """See the port."""
        return self._index.alike(probe, threshold)

    def holds(self) -> Sequence[str]:
        """See the port."""
        return self._index.holds()

    def refresh(self) -> None:
        """See the port; whoever comes while another thread refreshes waits for it.

        Raises:
            StorageError: the store does not answer; what was held stays, but for what is known to be withdrawn.
        """
        with self._turn:
            with self._storage.read() as work:
                at, moment = work.faces.changes(), work.faces.moment()
                is_known = self._at is not None and at >= self._at and work.faces.follows(self._moment)
            if self._at is None or not is_known:
                self._load()
            elif at > self._at:
                self._take_over(self._at)
            self._at, self._moment = at, moment
            self._follow_burials()
            self._storage.finish_erasure()

    def _load(self) -> None:
        with self._storage.read() as work:
            count = work.faces.count()
        self._write_down(count)
        with self._storage.read() as work:
            work.faces.bury_gone(0, self._clock.now())
            self._index.load(work.faces.all())

    def _follow_burials(self) -> None:
        """A withdrawal that failed after its key was deleted changed no number of the database."""
        with self._storage.read() as work:
            burials = work.faces.burials()
            if burials != self._burials:
                for reference_id in work.faces.buried_since(self._burials):
                    self._index.remove(reference_id)
        self._burials = burials

    def _take_over(self, since: int) -> None:
        held, new = set(self._index.holds()), []
        with self._storage.read() as work:
            for reference_id in work.faces.changed_since(since):
                reference = work.faces.get(reference_id)
                if reference is None:
                    self._index.remove(reference_id)
                elif reference_id in held:
                    self._index.update(reference)
                else:
                    new.append(reference)
            # who is forgotten where these keys are not is forgotten here
            work.faces.bury_gone(since, self._clock.now())
        self._write_down(len(new))
        with self._storage.read() as work:
            for reference in new:
                features = work.faces.features(reference.id)
                if features is not None:
                    self._index.put(reference, features)

    def _write_down(self, count: int) -> None:
        """Before the references are opened."""
        if not count:
            return
        with self._storage.write() as work:
            work.audit.add(self._clock.now(), SYSTEM, "index_faces", "face-references", {"count": str(count)})
