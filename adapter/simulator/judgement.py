"""How Entra judges an answer: each judge says what is wrong with it, or None when Entra would go on."""

from collections.abc import Callable
from typing import Any

import httpx

from adapter.simulator.dialect import differences, shown
from adapter.simulator.people import Person

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIFETIMES = range(3600, 6 * 3600 + 1)  # seconds a gallery app's access token may live

Judge = Callable[[httpx.Response], str | None]


def body(response: httpx.Response) -> Any:
    """The JSON of an answer, None when it is not JSON."""
    try:
        return response.json()
    except ValueError:
        return None


def token(response: httpx.Response) -> str | None:
    """An access token is answered, with a lifetime Microsoft allows."""
    if response.status_code != httpx.codes.OK:
        return refusal(response)
    answer = body(response)
    if not isinstance(shown(answer, "access_token"), str):
        return "there is no access_token in the answer"
    if str(shown(answer, "token_type")).lower() != "bearer":
        return f"token_type is {shown(answer, 'token_type')!r}, should be 'Bearer'"
    if shown(answer, "expires_in") not in LIFETIMES:
        return f"expires_in is {shown(answer, 'expires_in')!r}, should be 3600 to 21600"
    return None


def nobody(response: httpx.Response) -> str | None:
    """A query that matches nothing is answered 200 with an empty list."""
    return scim(response, httpx.codes.OK) or listing(response, 0)


def found(person: Person, identifier: str) -> Judge:
    """A query is answered with that person only, active or not."""

    def judge(response: httpx.Response) -> str | None:
        wrong = scim(response, httpx.codes.OK) or listing(response, 1)
        return wrong or resource(body(response)["Resources"][0], person, identifier)

    return judge


def created(person: Person) -> Judge:
    """A creation is answered 201 with the resource, its id and its Location."""

    def judge(response: httpx.Response) -> str | None:
        if wrong := scim(response, httpx.codes.CREATED):
            return wrong
        identifier = shown(body(response), "id")
        if not isinstance(identifier, str) or not identifier:
            return f"id is {identifier!r}, should be a string"
        location = response.headers.get("Location", "")
        if not location.endswith(f"/Users/{identifier}"):
            return f"Location is {location!r}, should end in '/Users/{identifier}'"
        return resource(body(response), person, identifier)

    return judge


def read(person: Person, identifier: str) -> Judge:
    """A GET by id is answered with the person as they were last written."""
    return lambda response: scim(response, httpx.codes.OK) or resource(body(response), person, identifier)


def changed(person: Person, identifier: str) -> Judge:
    """A PATCH is answered 204, or 200 with the person as they are now."""

    def judge(response: httpx.Response) -> str | None:
        return None if response.status_code == httpx.codes.NO_CONTENT else read(person, identifier)(response)

    return judge


def deleted(response: httpx.Response) -> str | None:
    """A DELETE is answered 204."""
    return None if response.status_code == httpx.codes.NO_CONTENT else refusal(response)


def missing(response: httpx.Response) -> str | None:
    """Who is deleted is answered 404, by the gateway itself and not by something in front of it."""
    if wrong := scim(response, httpx.codes.NOT_FOUND):
        return wrong
    return None if ERROR in (shown(body(response), "schemas") or ()) else "the 404 is not a SCIM error"


def scim(response: httpx.Response, status: int) -> str | None:
    """An answer has the expected status and is a SCIM one."""
    if response.status_code != status:
        return refusal(response)
    kind = response.headers.get("Content-Type", "none")
    if kind.partition(";")[0].strip() != "application/scim+json":
        return f"Content-Type is {kind!r}, should be 'application/scim+json'"
    return None if isinstance(body(response), dict) else "the body is not a JSON object"


def refusal(response: httpx.Response) -> str:
    """The status of an answer Entra did not expect, and what it says about itself: the customer's log has no more."""
    answer = body(response)
    said = (shown(answer, name) for name in ("scimType", "detail", "error", "error_description"))
    return f"{response.status_code} " + (": ".join(text for text in said if text) or response.reason_phrase)


def listing(response: httpx.Response, total: int) -> str | None:
    """An answer is a list of that many resources."""
    answer = body(response)
    if LIST not in (shown(answer, "schemas") or ()):
        return "the answer is not a ListResponse"
    resources = shown(answer, "Resources")
    if not isinstance(resources, list):
        return "there is no Resources in the list"
    if len(resources) != total or shown(answer, "totalResults") != total:
        return f"{len(resources)} resources of totalResults {shown(answer, 'totalResults')!r}, should be {total}"
    return None


def resource(shown_one: Any, person: Person, identifier: str) -> str | None:
    """A resource is that person: else Entra would write the difference in every cycle, for ever."""
    if shown(shown_one, "id") != identifier:
        return f"id is {shown(shown_one, 'id')!r}, should be {identifier!r}"
    for path, value in differences(person, shown_one).items():
        return f"{path} is {shown(shown_one, path)!r}, should be {value!r}"
    return None
