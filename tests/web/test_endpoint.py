from contextlib import suppress
from typing import Any

import msgspec
import pytest

from adapter.errors import (
    InvalidSyntax,
    InvalidValue,
    MethodNotAllowed,
    NotFound,
    PreconditionFailed,
    ScimError,
    Unsupported,
)
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Plan, Reply
from adapter.scim.messages import LIST, Response
from adapter.scim.profile import ENTRA, STRICT, Profile
from adapter.scim.version import condition
from adapter.web.asked import Answer, Asked
from adapter.web.cursors import Cursors
from adapter.web.endpoint import Endpoint
from tests.conversation import mapping_of

BASE = "https://scim.example.com/scim/v2"
FULL = mapping_of("full")
ALONE = msgspec.structs.replace(FULL, resources=FULL.resources[:1])
ADA = {"id": "a1", "login": "ada", "enabled": True}
CREW = {"id": "g1", "name": "crew", "memberIds": ["a1"]}
RECORDS = {"/users/a1": ADA, "/groups/g1": CREW}
PATCH = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}
SAME = PATCH | {"Operations": [{"op": "replace", "path": "displayName", "value": "crew"}]}


class _Upstream:
    """Performs plans by hand: it reads the records above, and says that every change was done."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def run(self, plan: Plan) -> Response:
        try:
            call: Any = next(plan)
            while True:
                if not isinstance(call, Call):
                    call = plan.send(None)
                    continue
                self.calls.append(f"{call.method} {call.path}")
                call = plan.send(self._reply(call.method, call.path))
        except StopIteration as done:
            response: Response = done.value
            return response

    @staticmethod
    def _reply(method: str, path: str) -> Reply:
        if method == "DELETE":
            return Reply(204, None)
        if path in ("/users", "/groups"):
            rows = [record for name, record in RECORDS.items() if name.startswith(path)]
            return Reply(200, {"items": rows, "total": 1}) if method == "GET" else Reply(201, rows[0])
        return Reply(200, RECORDS[path]) if path in RECORDS else Reply(404, {"code": "no_such_user"})


async def _answer(  # noqa: PLR0913 (what a request has)
    method: str,
    path: str,
    body: Any = None,
    *,
    mapping: Mapping = FULL,
    profile: Profile = ENTRA,
    calls: list[str] | None = None,
    seconds: float = 60,
    **others: Any,
) -> Answer:
    upstream = _Upstream()
    endpoint = Endpoint(mapping.bound({}, lambda _: "x"), upstream.run, BASE, Cursors(("key",), "acme"), seconds)
    request = {
        "path": [each for each in path.split("/") if each],
        "parameters": others.pop("parameters", {}),
        "body": b"" if body is None else msgspec.json.encode(body),
    }
    try:
        return await endpoint.answer(Asked(method=method, profile=profile, **request, **others))
    finally:
        assert calls is None or upstream.calls == calls


def _content(answer: Answer) -> dict[str, Any]:
    assert answer.content is not None
    return answer.content


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", ("GET",)),
        ("/.search", ("POST",)),
        ("/Bulk", ("POST",)),
        ("/Users", ("GET", "POST")),
        ("/Users/.search", ("POST",)),
        ("/Users/a1", ("GET", "PUT", "PATCH", "DELETE")),
        ("/Schemas", ("GET",)),
        ("/ResourceTypes/User", ("GET",)),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_each_path_has_its_methods(path: str, allowed: tuple[str, ...], method: str) -> None:
    if method not in allowed:
        with pytest.raises(MethodNotAllowed) as refused:
            await _answer(method, path, {}, calls=[])
        assert refused.value.allowed == allowed
        return
    with suppress(InvalidSyntax, InvalidValue):  # a body with nothing in it
        assert (await _answer(method, path, {})).status < 400


@pytest.mark.parametrize(
    "path", ["/users", "/Users/a1/x", "/Users/a1/.search", "/Bulk/x", "/.search/x", "/Schemas/a/b", "/Devices/.search"]
)
async def test_a_path_that_there_is_not_is_not_found_and_hears_which_there_are(path: str) -> None:
    with pytest.raises(
        NotFound, match=r"There is nothing at this path\. SCIM resources are under /Users and /Groups\."
    ):
        await _answer("POST", path, {}, calls=[])


async def test_nobody_is_me() -> None:
    with pytest.raises(Unsupported):
        await _answer("GET", "/Me/x", calls=[])


async def test_a_read_answers_with_its_place_and_its_version() -> None:
    answer = await _answer("GET", "/Users/a1", calls=["GET /users/a1"])
    content = _content(answer)
    assert (answer.status, answer.location) == (200, f"{BASE}/Users/a1")
    assert content["meta"]["version"] == answer.version
    assert content["meta"]["location"] == answer.location


async def test_a_read_that_shows_little_has_the_version_of_the_whole() -> None:
    whole = await _answer("GET", "/Users/a1")
    part = await _answer("GET", "/Users/a1", parameters={"attributes": "nickName"})
    assert _content(part).keys() == {"schemas", "id"}
    assert (part.version, part.location) == (whole.version, whole.location)


@pytest.mark.parametrize("path", ["/Users/a1", "/ServiceProviderConfig"])
async def test_what_the_client_has_already_is_not_sent_again(path: str) -> None:
    first = await _answer("GET", path)
    assert first.version is not None
    for header in (first.version, first.version.removeprefix("W/"), f'"x", {first.version}', "*"):
        again = await _answer("GET", path, unless=condition(header))
        assert again == Answer(304, None, first.location, first.version)
    assert await _answer("GET", path, unless=condition('"x"')) == first


async def test_a_list_has_no_version_of_which_a_client_could_have_it() -> None:
    for path in ("/Users", "/Schemas"):
        assert (await _answer("GET", path, unless=condition("*"))).status == 200


@pytest.mark.parametrize(
    ("method", "body"),
    [("PUT", {"displayName": "x"}), ("PATCH", SAME), ("DELETE", None)],
    ids=["PUT", "PATCH", "DELETE"],
)
async def test_a_change_of_another_version_does_nothing(method: str, body: Any) -> None:
    with pytest.raises(PreconditionFailed):
        await _answer(method, "/Groups/g1", body, only_if=condition('"x"'), calls=["GET /groups/g1"])


async def test_a_removal_of_the_version_that_is_there_looks_first() -> None:
    version = (await _answer("GET", "/Groups/g1")).version or ""
    looked = ["GET /groups/g1", "DELETE /groups/g1"]
    for header in (version, "*"):
        answer = await _answer("DELETE", "/Groups/g1", only_if=condition(header), calls=looked)
        assert answer == Answer(204)
    assert await _answer("DELETE", "/Groups/g1", calls=looked[1:]) == Answer(204)


@pytest.mark.parametrize(
    ("profile", "parameters", "status"),
    [
        (ENTRA, {}, 204),
        (ENTRA, {"excludedAttributes": "members"}, 204),
        (ENTRA, {"attributes": "displayName"}, 200),
        (STRICT, {}, 200),
    ],
)
async def test_a_patch_of_a_group_is_quiet_for_entra_that_names_no_attributes(
    profile: Profile, parameters: dict[str, str], status: int
) -> None:
    answer = await _answer("PATCH", "/Groups/g1", SAME, profile=profile, parameters=parameters)
    assert answer.status == status
    assert (answer.content is None) == (status == 204)
    assert (answer.location, bool(answer.version)) == (f"{BASE}/Groups/g1", True)


async def test_a_patch_of_what_nothing_keeps_is_idle_and_says_of_what() -> None:
    body = PATCH | {"Operations": [{"op": "add", "path": "shoeSize", "value": 42}]}
    answer = await _answer("PATCH", "/Users/a1", body)
    assert (answer.is_idle, answer.ignored) == (True, ("shoeSize",))
    beside = PATCH | {"Operations": [*body["Operations"], {"op": "add", "path": "userName", "value": "ada"}]}
    answer = await _answer("PATCH", "/Users/a1", beside)
    assert (answer.is_idle, answer.ignored) == (False, ("shoeSize",))
    assert not (await _answer("PATCH", "/Groups/g1", SAME)).is_idle


async def test_a_connection_without_groups_has_an_empty_list_of_them() -> None:
    empty = {"schemas": [LIST], "totalResults": 0, "startIndex": 3, "itemsPerPage": 0, "Resources": []}
    for answer in (
        await _answer("GET", "/Groups", mapping=ALONE, parameters={"startIndex": "3"}, calls=[]),
        await _answer("POST", "/Groups/.search", {"startIndex": 3}, mapping=ALONE, calls=[]),
    ):
        assert answer == Answer(200, empty)
    with pytest.raises(MethodNotAllowed):
        await _answer("POST", "/Groups", {}, mapping=ALONE)
    with pytest.raises(ScimError, match="The filter cannot be read"):
        await _answer("GET", "/Groups", mapping=ALONE, parameters={"filter": "displayName eq"})
    with pytest.raises(NotFound):
        await _answer("GET", "/Groups/g1", mapping=ALONE)


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/.search", "POST", "404"),
        ("/Bulk", "POST", "404"),
        ("/Me", "POST", "404"),
        ("/Schemas", "POST", "404"),
        ("/Users/.search", "DELETE", "405"),
        ("/Users/%2Esearch", "PATCH", "405"),
        ("/Devices/1", "DELETE", "404"),
    ],
)
async def test_an_operation_of_a_bulk_request_is_about_resources_alone(path: str, method: str, status: str) -> None:
    operation = {"method": method, "path": path, "bulkId": "a", "data": {"Operations": []}}
    answer = await _answer("POST", "/Bulk", {"Operations": [operation]}, calls=[])
    assert [each["status"] for each in _content(answer)["Operations"]] == [status]


async def test_a_bulk_request_has_the_time_of_one() -> None:
    body = {"Operations": [{"method": "DELETE", "path": "/Users/a1"}]}
    [begun] = _content(await _answer("POST", "/Bulk", body, calls=["DELETE /users/a1"]))["Operations"]
    [late] = _content(await _answer("POST", "/Bulk", body, seconds=-1, calls=[]))["Operations"]
    assert (begun["status"], late["status"]) == ("204", "503")


async def test_a_search_that_cannot_be_read_asks_the_upstream_nothing() -> None:
    for path in ("/.search", "/Users/.search"):
        with pytest.raises(InvalidSyntax):
            await _answer("POST", path, {"count": "2"}, calls=[])
        with pytest.raises(InvalidSyntax, match="SearchRequest"):
            await _answer("POST", path, {}, profile=STRICT, calls=[])
