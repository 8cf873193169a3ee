"""The two records of the contract, each with a way to fill it and to look into it from outside."""

import json
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import httpx

from kiosk.ports.record import PatientRecord
from kiosk.record.folder import FolderRecord
from kiosk.record.gateway import FhirRecord
from tests.contract.record.people import Resource

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


class World(Protocol):
    @property
    def record(self) -> PatientRecord: ...

    def hold(self, patient: Resource, *resources: Resource) -> Resource:
        """Put a patient and what belongs to them into the record."""

    def all_of(self, patient: Resource, kind: str) -> list[Resource]:
        """What the record holds of this patient, as any other program sees it."""

    def rewrite(self, patient: Resource, resource: Resource) -> None:
        """Another program changes a resource."""


class FolderWorld:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.record = FolderRecord(folder, HANOI)

    def path(self, patient: Resource) -> Path:
        return self._folder / str(patient["id"])[-2:] / f"{patient['id']}.json"

    def hold(self, patient: Resource, *resources: Resource) -> Resource:
        entries = [{"resource": one, "fullUrl": f"urn:uuid:{one['id']}"} for one in (patient, *resources)]
        self._write(patient, {"resourceType": "Bundle", "type": "collection", "entry": entries})
        return patient

    def all_of(self, patient: Resource, kind: str) -> list[Resource]:
        entries = json.loads(self.path(patient).read_text())["entry"]
        return [entry["resource"] for entry in entries if entry["resource"]["resourceType"] == kind]

    def rewrite(self, patient: Resource, resource: Resource) -> None:
        bundle = json.loads(self.path(patient).read_text())
        for entry in bundle["entry"]:
            if entry["resource"]["id"] == resource["id"]:
                entry["resource"] = resource
        self._write(patient, bundle)

    def _write(self, patient: Resource, bundle: Resource) -> None:
        path = self.path(patient)
        path.parent.mkdir(exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(bundle, ensure_ascii=False))
        new.replace(path)


class ServerWorld:
    def __init__(self, url: str, http: httpx.Client) -> None:
        self._url = url
        self._http = http
        self.record = FhirRecord(url, zone=HANOI)

    def hold(self, patient: Resource, *resources: Resource) -> Resource:
        entries = [
            {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
            for one in (patient, *resources)
        ]
        transaction = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        self._http.post(self._url, json=transaction).raise_for_status()
        return patient

    def all_of(self, patient: Resource, kind: str) -> list[Resource]:
        answer = self._http.get(f"{self._url}/{kind}", params={"patient": f"Patient/{patient['id']}", "_count": 100})
        return [entry["resource"] for entry in answer.raise_for_status().json().get("entry", ())]

    def rewrite(self, patient: Resource, resource: Resource) -> None:  # noqa: ARG002 # a server needs no patient
        self._http.put(f"{self._url}/{resource['resourceType']}/{resource['id']}", json=resource).raise_for_status()
