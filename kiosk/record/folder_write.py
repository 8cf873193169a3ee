"""Change one resource of a bundle on disk: under a lock, whole or not at all, its version raised."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from kiosk.errors import RecordUnreachable
from kiosk.record.contents import read_bundle
from kiosk.record.folder_files import locked, replace_file, stamp_of
from kiosk.record.resources import Resource, child, encode, items, utc_text

Change = Callable[[Resource | None], Resource]
"""From the resource as it is, or None, to the resource as it shall be."""


def change_resource(path: Path, kind: str, resource_id: str, change: Change) -> None:
    """Bring one resource of the bundle at `path` to what `change` makes of it; equal means nothing is written.

    Raises:
        RecordConflict: another program replaced the file meanwhile.
        RecordUnreachable: the file cannot be read or written, or is locked for too long.
        RecordRefused: the file is not a Bundle.
    """
    try:
        with locked(path.with_name(".lock")):
            seen = stamp_of(path)
            bundle = read_bundle(path)
            if _changed(bundle, kind, resource_id, change):
                replace_file(path, encode(bundle), seen)
    except OSError as error:
        raise RecordUnreachable(f"a file of the record cannot be changed: {error.strerror}") from error


def _changed(bundle: Resource, kind: str, resource_id: str, change: Change) -> bool:
    bundle["entry"] = items(bundle.get("entry"))
    for entry in bundle["entry"]:
        old = child(entry, "resource")
        if (old.get("resourceType"), old.get("id")) == (kind, resource_id):
            new = change(old)
            entry["resource"] = new if new == old else _next_version(new)
            return bool(new != old)
    bundle["entry"].append(_entry(bundle, _next_version(change(None))))
    return True


def _next_version(resource: Resource) -> Resource:
    """Version and time of change, as a server keeps them (FHIR R4 2.27.3)."""
    meta = child(resource, "meta")
    version = meta.get("versionId")
    number = int(version) if isinstance(version, str) and version.isascii() and version.isdigit() else 0
    told = {"versionId": str(number + 1), "lastUpdated": utc_text(datetime.now(UTC))}
    return resource | {"meta": meta | told}


def _entry(bundle: Resource, resource: Resource) -> Resource:
    """An entry as this kind of bundle wants it."""
    entry: Resource = {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
    if bundle.get("type") in ("transaction", "batch"):
        entry["request"] = {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}
    return entry
