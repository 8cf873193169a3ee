"""Every file of the test data beside the repository: 60 documents of many vendors and 50 synthetic records."""

import gzip
import shutil
from contextlib import closing
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.model.summary import Recorded
from kiosk.record.folder import FolderRecord
from kiosk.record.resources import ResourceSet, decode
from kiosk.record.summary import to_summary

pytestmark = pytest.mark.shared_data

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FHIR = Path(__file__).parents[4] / "shared/data/fhir"
FILES = sorted(FHIR.rglob("*.json.gz"))


def test_there_are_files() -> None:
    assert len(FILES) > 100


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_read(path: Path) -> None:
    known = ResourceSet.of_bundle(decode(gzip.decompress(path.read_bytes())))
    for patient in known.of_type("Patient"):
        summary = to_summary(known, patient, HANOI)
        assert (summary.allergies_recorded is Recorded.ITEMS) == bool(summary.allergies)
        assert (summary.problems_recorded is Recorded.ITEMS) == bool(summary.problems)
        assert (summary.medicines_recorded is Recorded.ITEMS) == bool(summary.medicines)
        assert all(series.values for series in summary.laboratory)


def test_all_of_them_make_a_record(tmp_path: Path) -> None:
    for path in FILES:
        with gzip.open(path) as packed, (tmp_path / path.stem).open("wb") as file:
            shutil.copyfileobj(packed, file)
    with closing(FolderRecord(tmp_path, HANOI)) as record:
        assert record.problems() == 0
        for path in FILES:
            known = ResourceSet.of_bundle(decode((tmp_path / path.stem).read_bytes()))
            for patient in known.of_type("Patient"):
                if "id" in patient:
                    record.appointments(patient["id"], date(2026, 11, 23))
