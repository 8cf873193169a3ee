"""The settings, and where the networks of the face lie, for commands that also run on a host without settings."""

import os
from pathlib import Path

from kiosk.settings import Settings, load_settings


def known_settings() -> Settings:
    """Those of the settings file where there is one, or the defaults.

    Raises:
        ConfigurationError: there is a settings file, and it cannot be used.
    """
    file = os.environ.get("KIOSK_SETTINGS")
    return load_settings(Path(file)) if file and Path(file).exists() else Settings()


def model_folder(chosen: Path | None) -> Path:
    """The folder that was chosen, or the one of `known_settings`.

    Raises:
        ConfigurationError: there is a settings file, and it cannot be used.
    """
    return known_settings().models_dir if chosen is None else chosen
