"""FHIR R4 REST (FHIR R4 3.1) over httpx: the only place that speaks HTTP to the hospital's record.

Every call has a deadline, whatever trickles in; only searches and reads are repeated; answers and pages have a largest
size; and nothing is sent to another host, wherever a link points.
"""

import re
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from kiosk.errors import ConfigurationError, NotFound, RecordRefused, RecordUnreachable
from kiosk.record.answers import Answer, check, is_worth_repeating, resource_of
from kiosk.record.resources import Resource, child, encode, entries, items, text

Parameters = Mapping[str, str | list[str]]
"""Of a search; a list asks for the same parameter several times, all of which must hold."""

MAX_BYTES = 32 * 1024 * 1024
"""Of one answer."""
_TRIES = 3
_PAUSE_SECONDS = 0.2
_PAGES = 50
_JSON = "application/fhir+json"
_FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_NO_POST_SEARCH = frozenset({404, 405, 415, 501})


@dataclass(frozen=True, slots=True)
class Found:
    """The matches of a search, and what they include: full URL and resource.

    Attributes:
        complete: False when there was more than was asked for.
    """

    entries: list[tuple[str | None, Resource]]
    complete: bool


class FhirClient:
    """One FHIR server.

    Args:
        base_url: such as ``https://fhir.hospital.example/r4``.
        token: sent as bearer token.
        ca: certificates to trust instead of the system's.
        timeout_seconds: for one request with its repeats; all pages of a search together get three times as long.

    Raises:
        ConfigurationError: when made: address, token or certificates cannot be used.
        RecordUnreachable, RecordRefused: from any method.
    """

    def __init__(self, base_url: str, *, token: str | None, ca: Path | None, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        self._search_by_get = False
        headers = {"Accept": _JSON, "Accept-Encoding": "identity"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            self._base = httpx.URL(base_url.rstrip("/") + "/")
            trusted = ssl.create_default_context(cafile=ca)
            self._http = httpx.Client(headers=headers, verify=trusted, trust_env=False)
        except (httpx.InvalidURL, UnicodeError, OSError) as error:
            # the error's own words may quote the token
            raise ConfigurationError("record.url, its token or its certificates cannot be used") from error
        if self._base.scheme not in ("http", "https") or not self._base.host:
            raise ConfigurationError("record.url is no http address")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def url_of(self, kind: str, resource_id: str) -> str:
        """Where a resource lives.

        Raises:
            NotFound: no id of FHIR R4 looks like this.
        """
        if not _FHIR_ID.fullmatch(resource_id):
            raise NotFound("not an id of this record")
        return str(self._base.join(f"{kind}/{resource_id}"))

    def relative(self, reference: str) -> str:
        """A reference without the address of this server and without a version."""
        return reference.removeprefix(str(self._base)).split("/_history/")[0]

    def read(self, kind: str, resource_id: str) -> Resource:
        """One resource.

        Raises:
            NotFound: no such id.
        """
        request = self._http.build_request("GET", self.url_of(kind, resource_id))
        resource = resource_of(self._safely(request, time.monotonic() + self._timeout))
        if (resource.get("resourceType"), resource.get("id")) != (kind, resource_id):
            raise RecordUnreachable("the record answered with something else than was asked for")
        return resource

    def search(self, kind: str, parameters: Parameters, limit: int) -> Found:
        """The matches, page by page, until there are `limit`.

        Identifiers go into the body of a POST, as addresses end up in the logs of servers; only a server that does not
        know that form gets them in the address.

        Raises:
            NotFound: the record has no resources of this kind.
        """
        last_page = time.monotonic() + 3 * self._timeout
        bundle = resource_of(self._first_page(kind, parameters, time.monotonic() + self._timeout))
        found, seen = list(_matches(bundle)), set[str]()
        link = self._next(bundle)
        while link and len(found) < limit:
            if link in seen or len(seen) == _PAGES:
                raise RecordRefused("the pages of a search do not end")
            seen.add(link)
            deadline = min(time.monotonic() + self._timeout, last_page)
            bundle = resource_of(self._safely(self._http.build_request("GET", link), deadline))
            found += _matches(bundle)
            link = self._next(bundle)
        return Found(found, complete=link is None)

    def create(self, kind: str, resource: Resource, if_none_exist: str) -> Resource:
        """Create the resource unless a search finds one (FHIR R4 3.1.0.8.1).

        Returns:
            The resource as it is now in the record, new or not.
        """
        headers = {"If-None-Exist": if_none_exist, "Prefer": "return=representation"}
        return resource_of(self._write("POST", str(self._base.join(kind)), resource, headers))

    def update(self, kind: str, resource_id: str, resource: Resource) -> None:
        """Replace the resource if it is still at the version in its `meta` (FHIR R4 3.1.0.5).

        Raises:
            RecordConflict: it is not.
            RecordRefused: the record keeps no versions, so that a blind write could undo another's.
        """
        version = text(child(resource, "meta").get("versionId"))
        if version is None or not _FHIR_ID.fullmatch(version):
            raise RecordRefused("the record gives no version that can be named")
        check(self._write("PUT", self.url_of(kind, resource_id), resource, {"If-Match": f'W/"{version}"'}))

    def _first_page(self, kind: str, parameters: Parameters, deadline: float) -> Answer:
        if not self._search_by_get:
            url = str(self._base.join(f"{kind}/_search"))
            answer = self._safely(self._http.build_request("POST", url, data=dict(parameters)), deadline)
            if answer.status not in _NO_POST_SEARCH:
                return answer
        request = self._http.build_request("GET", str(self._base.join(kind)), params=dict(parameters))
        answer = self._safely(request, deadline)
        self._search_by_get = self._search_by_get or answer.status == httpx.codes.OK
        return answer

    def _next(self, bundle: Resource) -> str | None:
        """The link to the next page; our token and a patient's data must not go to another host."""
        links = [text(link.get("url")) for link in items(bundle.get("link")) if link.get("relation") == "next"]
        if not links or not links[0]:
            return None
        try:
            target = self._base.join(links[0])
        except (httpx.InvalidURL, UnicodeError) as error:
            raise RecordRefused("the record gives a next link that is no address") from error
        if (target.scheme, target.host, target.port) != (self._base.scheme, self._base.host, self._base.port):
            raise RecordRefused("the record gives a next link to another host than that of record.url")
        return str(target)

    def _safely(self, request: httpx.Request, deadline: float) -> Answer:
        """Send a request that changes nothing, again while that may help and time is left."""
        for _ in range(_TRIES - 1):
            with suppress(RecordUnreachable):
                answer = self._send(request, deadline)
                if not is_worth_repeating(answer):
                    return answer
            time.sleep(max(0.0, min(_PAUSE_SECONDS, deadline - time.monotonic())))
        return self._send(request, deadline)

    def _write(self, method: str, url: str, resource: Resource, headers: dict[str, str]) -> Answer:
        headers = {"Content-Type": _JSON, **headers}
        request = self._http.build_request(method, url, content=encode(resource), headers=headers)
        return self._send(request, time.monotonic() + self._timeout)

    def _send(self, request: httpx.Request, deadline: float) -> Answer:
        left = deadline - time.monotonic()
        if left <= 0:
            raise RecordUnreachable("the record does not answer in time")
        request.extensions["timeout"] = httpx.Timeout(left).as_dict()
        try:
            response = self._http.send(request, stream=True)
            try:
                return Answer(response.status_code, _body(response, deadline))
            finally:
                response.close()
        except httpx.TimeoutException as error:
            raise RecordUnreachable("the record does not answer in time") from error
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            # their words may quote an address with an identifier in it
            raise RecordUnreachable(f"the record cannot be reached: {type(error).__name__}") from error


def _body(response: httpx.Response, deadline: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_BYTES:
            raise RecordRefused("the record's answer is too large")
        if time.monotonic() > deadline:
            raise RecordUnreachable("the record does not answer in time")
    return bytes(body)


def _matches(bundle: Resource) -> Iterator[tuple[str | None, Resource]]:
    """What a page holds, without the server's remarks on the search."""
    if bundle.get("resourceType") != "Bundle":
        raise RecordUnreachable("the record answered a search with something else than a Bundle")
    return ((url, found) for url, found in entries(bundle) if found.get("resourceType") != "OperationOutcome")
