import shutil
from pathlib import Path

from kiosk.errors import StorageError


def free_bytes(folder: Path) -> int:
    """How many bytes a user without privileges may still write there.

    Raises:
        StorageError: the folder cannot be asked.
    """
    try:
        return shutil.disk_usage(folder).free
    except OSError as error:
        raise StorageError(f"the data folder cannot be asked: {error.strerror}") from error
