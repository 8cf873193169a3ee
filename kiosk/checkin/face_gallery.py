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

    def search(self, probe: FaceFeatures, among: Collection[str] | None = None, limit: int = 2) -> CandidateList:
        """See the port."""
        return self._index.search(probe, among, limit)

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
                at = work.faces.changes()
            if self._at is None or at < self._at:
                self._load()
            elif at > self._at:
                self._take_over(self._at)
            self._at = at

    def _load(self) -> None:
        with self._storage.read() as work:
            count = work.faces.count()
        self._write_down(count)
        with self._storage.read() as work:
            self._index.load(work.faces.all())

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
