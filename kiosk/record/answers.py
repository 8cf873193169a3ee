"""What an HTTP answer of a FHIR server means: a resource, or one of our errors (FHIR R4 3.1.0.1.8).

Messages carry the status and the codes of the OperationOutcome, never its free text, which may quote a patient.
"""

import re
from dataclasses import dataclass

from kiosk.errors import NotFound, RecordConflict, RecordError, RecordRefused, RecordUnreachable
from kiosk.record.resources import Resource, decode, items

_CODE = re.compile(r"[a-z][a-z-]{0,30}")
_OK = range(200, 300)
_ABSENT = frozenset({404, 410})
_CHANGED = frozenset({409, 412})
_NOT_NOW = frozenset({401, 407, 408, 425, 429, *range(300, 400), *range(500, 600)} - {501})
"""A failing sign-in or a redirect is mended by an operator: what waits to be sent must wait, not be given up."""
_BUSY = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an HTTP answer."""

    status: int
    body: bytes


def is_worth_repeating(answer: Answer) -> bool:
    """Whether the server says that it is only busy."""
    return answer.status in _BUSY


def resource_of(answer: Answer) -> Resource:
    """The resource that was asked for.

    Raises:
        NotFound, RecordConflict, RecordRefused, RecordUnreachable: there is none.
    """
    check(answer)
    resource = _fhir(answer)
    if resource is None:
        raise RecordUnreachable(f"the record answered {answer.status} with something that is not FHIR in JSON")
    if resource.get("resourceType") == "OperationOutcome":
        raise RecordRefused(f"the record answered {answer.status}{_issues(resource)}")
    return resource


def check(answer: Answer) -> None:
    """Return if the request was carried out.

    Raises:
        NotFound, RecordConflict, RecordRefused, RecordUnreachable: it was not.
    """
    if answer.status not in _OK:
        outcome = _fhir(answer)
        raise _error(answer, outcome)(f"the record answered {answer.status}{_issues(outcome or {})}")


def _error(answer: Answer, outcome: Resource | None) -> type[RecordError | NotFound]:
    if answer.status in _ABSENT:
        # a page of some other server says nothing about a patient
        return NotFound if outcome or not answer.body else RecordUnreachable
    if answer.status in _CHANGED:
        return RecordConflict
    return RecordUnreachable if answer.status in _NOT_NOW else RecordRefused


def _fhir(answer: Answer) -> Resource | None:
    try:
        resource = decode(answer.body)
    except RecordRefused:
        return None
    return resource if isinstance(resource.get("resourceType"), str) else None


def _issues(outcome: Resource) -> str:
    codes = [issue.get("code") for issue in items(outcome.get("issue"))]
    known = dict.fromkeys(code for code in codes if isinstance(code, str) and _CODE.fullmatch(code))
    return f" ({', '.join(known)})" if known else ""
