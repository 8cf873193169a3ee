"""One FHIR R4 bundle a file: a transaction of PUTs, which a folder of bundles and a server both take."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from kiosk.demo.hospital.resources import BASE, Resource

HOSPITAL_FILE = "hospital.json"


def transaction(resources: Iterable[Resource]) -> Resource:
    """A transaction that puts each resource under its own id (FHIR R4 3.1.0.11)."""
    return {"resourceType": "Bundle", "type": "transaction", "entry": [_entry(resource) for resource in resources]}


def _entry(resource: Resource) -> Resource:
    url = f"{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": f"{BASE}/{url}", "resource": resource, "request": {"method": "PUT", "url": url}}


def bundle_path(folder: Path, patient_id: str) -> Path:
    """Where a patient's bundle lies: in one of 256 folders, by the first two characters of the id."""
    return folder / patient_id[:2] / f"{patient_id}.json"


def write_bundle(path: Path, resources: Iterable[Resource]) -> None:
    """Write a bundle that nobody reads yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(transaction(resources)))
