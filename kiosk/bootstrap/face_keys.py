import structlog

from kiosk.errors import StorageError
from kiosk.settings import Settings
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.sealing import Seal

MASTER_KEYS = ("face-master-key", "face-master-key.new")
"""Credentials: the second one is there while the master key is being changed."""

log = structlog.get_logger()


def has_face_keys(settings: Settings) -> bool:
    """Whether keys of faces lie on this host, or will with the first face: the store is there, or a master key.

    A host without either, such as reception's, forgets faces all the same; the host with the keys follows.
    """
    return settings.face_keys_path.exists() or any(settings.credential(name) for name in MASTER_KEYS)


def open_face_keys(settings: Settings) -> FaceKeys | None:
    """The key store of face references; None on a host that knows no faces.

    A store that cannot be used, or a master key that does not fit, closes the face path and nothing else.

    Raises:
        ConfigurationError: a master key is none.
    """
    if not has_face_keys(settings):
        return None
    texts = ((name, settings.credential(name)) for name in MASTER_KEYS)
    masters = [Seal.from_text(text, name) for name, text in texts if text]
    try:
        keys = FaceKeys(settings.face_keys_path, masters)
        if masters and keys.master() is None:
            log.error("the face master key does not open the face keys: no face is known")
    except StorageError:
        log.exception("the face keys cannot be used: no face is known")
        return None
    return keys
