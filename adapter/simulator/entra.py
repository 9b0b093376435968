"""Entra's provisioning service on the wire: one method for each request it sends, every one timed and judged."""

import base64
import time
import uuid
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, quote_plus, urlencode

import httpx

from adapter.simulator import dialect, judgement
from adapter.simulator.dialect import Dialect, Values
from adapter.simulator.people import Person

CONTENT_TYPE = {"Content-Type": "application/scim+json; charset=utf-8"}
PATIENCE = 60.0  # seconds; Entra's own limit is not published


@dataclass(frozen=True)
class Form:
    """The four values of the form in which an administrator tells Entra where to provision."""

    tenant_url: str
    token_endpoint: str
    client_identifier: str
    client_secret: str


@dataclass(frozen=True)
class Answer:
    """What came of one request, as Entra sees it."""

    seconds: float
    fault: str | None  # what is wrong with the answer; None when Entra would go on
    body: Any = None


class Entra:
    """The client: its connections, its access token, and nothing that outlives a cycle."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._token = ""
        self._http = httpx.AsyncClient(timeout=PATIENCE)
        del self._http.headers["User-Agent"]  # Entra sends none: what insists on one fails its connection test

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def sign_in_by_header(self) -> Answer:
        """Ask for an access token with the credentials in the header, the newer portal's default."""
        pair = f"{quote(self._form.client_identifier, safe='')}:{quote(self._form.client_secret, safe='')}"
        basic = base64.b64encode(pair.encode()).decode()
        return await self._sign_in({}, {"Authorization": f"Basic {basic}"})

    async def sign_in_by_body(self) -> Answer:
        """Ask for an access token with the credentials in the body."""
        return await self._sign_in(
            {"client_id": self._form.client_identifier, "client_secret": self._form.client_secret}, {}
        )

    async def probe_users(self) -> Answer:
        """Look for a user who cannot exist: Test Connection, and the start of every cycle."""
        return await self._get(f"/Users?{query('userName', str(uuid.uuid4()))}", judgement.nobody)

    async def probe_groups(self) -> Answer:
        """Look for a group that cannot exist, even where only users are provisioned."""
        asked = query("displayName", str(uuid.uuid4()))
        return await self._get(f"/Groups?excludedAttributes=members&{asked}", judgement.nobody)

    async def match(self, person: Person, identifier: str | None = None) -> Answer:
        """Send the match query; the person is expected under that id, or not to be there."""
        expected = judgement.found(person, identifier) if identifier else judgement.nobody
        return await self._get(f"/Users?{query('userName', person.user_name)}", expected)

    async def create(self, person: Person) -> Answer:
        """Create the person."""
        return await self._scim("POST", "/Users", judgement.created(person), dialect.creation(person))

    async def read(self, person: Person, identifier: str) -> Answer:
        """Read the resource of a person, expected as it was last written."""
        return await self._get(f"/Users/{quote(identifier, safe='')}", judgement.read(person, identifier))

    async def patch(self, person: Person, identifier: str, new: Values, resource: Any) -> Answer:
        """Write values into the resource that was read before, so that it shows the person as they are now."""
        style = Dialect.for_person(person)
        url = f"/Users/{quote(identifier, safe='')}{style.value}"
        changes = dialect.change(new, resource, style)
        return await self._scim("PATCH", url, judgement.changed(person, identifier), changes)

    async def delete(self, identifier: str) -> Answer:
        """Delete a resource that is there."""
        return await self._scim("DELETE", f"/Users/{quote(identifier, safe='')}", judgement.deleted)

    async def delete_again(self, identifier: str) -> Answer:
        """Delete a resource that is no longer there."""
        return await self._scim("DELETE", f"/Users/{quote(identifier, safe='')}", judgement.missing)

    async def read_deleted(self, identifier: str) -> Answer:
        """Read a resource that is no longer there."""
        return await self._get(f"/Users/{quote(identifier, safe='')}", judgement.missing)

    async def _sign_in(self, credentials: dict[str, str], headers: dict[str, str]) -> Answer:
        form = urlencode({"grant_type": "client_credentials"} | credentials)
        headers = headers | {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await self._send(
            self._http.build_request("POST", self._form.token_endpoint, headers=headers, content=form),
            judgement.token,
        )
        if answer.fault is None:
            self._token = answer.body["access_token"]
        return answer

    async def _get(self, path: str, judge: judgement.Judge) -> Answer:
        return await self._scim("GET", path, judge)

    async def _scim(self, method: str, path: str, judge: judgement.Judge, body: Any = None) -> Answer:
        request = self._http.build_request(
            method,
            self._form.tenant_url + path,
            headers={"Authorization": f"Bearer {self._token}"} | (CONTENT_TYPE if body else {}),
            json=body,
        )
        return await self._send(request, judge)

    async def _send(self, request: httpx.Request, judge: judgement.Judge) -> Answer:
        start = time.perf_counter()
        try:
            response = await self._http.send(request)
        except httpx.HTTPError as error:
            return Answer(time.perf_counter() - start, f"no answer: {error!r}")
        seconds = time.perf_counter() - start
        return Answer(seconds, judge(response), judgement.body(response))


def query(attribute: str, value: str) -> str:
    """The filter for one value, in Entra's encoding: a space is `+`, a quote `%22`, an at sign `%40`."""
    return "filter=" + quote_plus(f'{attribute} eq "{value}"')
