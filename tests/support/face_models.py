"""The networks of the face: `make test` installs them, and tests that need them fail where they are not."""

from pathlib import Path

MODELS = Path(__file__).parents[2] / ".tools" / "models"
