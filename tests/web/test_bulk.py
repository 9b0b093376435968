from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from adapter.errors import InvalidSyntax, NotFound, ScimError, TooLarge
from adapter.scim.bulk import REQUEST
from adapter.scim.profile import ENTRA, STRICT, Profile
from adapter.scim.version import Condition
from adapter.web import bulk
from adapter.web.asked import Answer, Asked

BASE = "https://scim.example.com/scim/v2"


class _Service:
    """Makes whatever is asked, with ids that count up, and remembers what it was asked."""

    def __init__(self, *fails: str) -> None:
        self.asked: list[Asked] = []
        self._fails = fails

    async def __call__(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if f"{asked.method} /{'/'.join(asked.path)}" in self._fails:
            raise NotFound("There is no such user.")
        if asked.method == "DELETE":
            return Answer(204)
        made = str(len(self.asked)) if asked.method == "POST" else asked.path[1]
        place = f"{BASE}/{asked.path[0]}/{made}"
        status = 201 if asked.method == "POST" else 200
        return Answer(status, {"id": made}, place, f'W/"{made}"', ignored=("shoeSize", asked.method.lower()))


def _request(*operations: Any, profile: Profile = ENTRA, **others: Any) -> Asked:
    body = msgspec.json.encode({"schemas": [REQUEST], "Operations": list(operations)} | others)
    return Asked(method="POST", path=["Bulk"], parameters={"x": "y"}, body=body, profile=profile)


async def _results(service: _Service, *operations: Any, **others: Any) -> list[dict[str, Any]]:
    answer = await bulk.answered(_request(*operations, **others), service, BASE, 60)
    assert (answer.status, answer.location, answer.version) == (200, None, None)
    assert answer.content is not None
    results: list[dict[str, Any]] = answer.content["Operations"]
    return results


def _post(name: str, **data: Any) -> dict[str, Any]:
    return {"method": "POST", "path": "/Users", "bulkId": name, "data": {"userName": name} | data}


async def test_each_operation_is_asked_as_a_request_of_its_own() -> None:
    service = _Service()
    await _results(
        service,
        _post("ada"),
        {"method": "PUT", "path": "/Users/a%2Fb", "data": {"userName": "b"}, "version": 'W/"1", "2"'},
        {"method": "DELETE", "path": "/Groups/7", "version": "*"},
        profile=STRICT,
    )
    common: dict[str, Any] = {"parameters": {}, "profile": STRICT}
    assert service.asked == [
        Asked(method="POST", path=["Users"], body=b'{"userName":"ada"}', **common),
        Asked(
            method="PUT",
            path=["Users", "a/b"],
            body=b'{"userName":"b"}',
            only_if=Condition(frozenset({'"1"', '"2"'})),
            **common,
        ),
        Asked(method="DELETE", path=["Groups", "7"], body=b"", only_if=Condition(frozenset(), is_any=True), **common),
    ]


async def test_each_result_says_what_a_request_of_its_own_would() -> None:
    service = _Service("DELETE /Users/9")
    results = await _results(
        service,
        _post("ada"),
        {"method": "PATCH", "path": "/Users/8", "bulkId": "b", "data": {"Operations": []}},
        {"method": "DELETE", "path": "/Users/8"},
        {"method": "DELETE", "path": "/Users/9"},
    )
    error = results[3].pop("response")
    assert results == [
        {"method": "POST", "bulkId": "ada", "version": 'W/"1"', "location": f"{BASE}/Users/1", "status": "201"},
        {"method": "PATCH", "bulkId": "b", "version": 'W/"8"', "location": f"{BASE}/Users/8", "status": "200"},
        {"method": "DELETE", "location": f"{BASE}/Users/8", "status": "204"},
        {"method": "DELETE", "location": f"{BASE}/Users/9", "status": "404"},
    ]
    assert (error["status"], error["detail"]) == ("404", "There is no such user.")


async def test_what_an_operation_makes_is_named_by_those_that_come_after_it() -> None:
    service = _Service()
    results = await _results(
        service,
        {"method": "PATCH", "path": "/Users/bulkId:ada", "data": {"manager": "bulkId:bob"}},
        _post("ada", manager={"value": "bulkId:bob"}),
        _post("bob"),
    )
    assert [(each.method, each.path, each.body) for each in service.asked] == [
        ("POST", ["Users"], b'{"userName":"bob"}'),
        ("POST", ["Users"], b'{"userName":"ada","manager":{"value":"1"}}'),
        ("PATCH", ["Users", "2"], b'{"manager":"1"}'),
    ]
    assert [each["location"] for each in results] == [f"{BASE}/Users/{name}" for name in ("1", "2", "2")]


async def test_what_names_an_operation_that_failed_is_a_conflict_and_is_not_tried() -> None:
    service = _Service("POST /Users")
    results = await _results(
        service, _post("ada"), {"method": "PATCH", "path": "/Groups/7", "data": {"x": "bulkId:ada"}}
    )
    assert [(each["status"], each.get("location")) for each in results] == [
        ("404", None),
        ("409", f"{BASE}/Groups/7"),
    ]
    assert len(service.asked) == 1


@pytest.mark.parametrize(("most", "count"), [(None, 5), (1, 2), (2, 4), (9, 5)])
async def test_the_rest_is_left_once_so_many_have_failed(most: int | None, count: int) -> None:
    service = _Service("DELETE /Users/1", "DELETE /Users/3", "DELETE /Users/4")
    operations = [{"method": "DELETE", "path": f"/Users/{number}"} for number in range(5)]
    results = await _results(service, *operations, failOnErrors=most)
    assert len(results) == len(service.asked) == count


async def test_an_operation_that_is_refused_counts_as_a_failure_too() -> None:
    service = _Service()
    circle = [_post("a", x="bulkId:b"), _post("b", x="bulkId:a"), _post("c")]
    assert [each["status"] for each in await _results(service, *circle, failOnErrors=2)] == ["409", "409"]
    assert service.asked == []


async def test_a_version_that_is_none_fails_its_own_operation_only() -> None:
    service = _Service()
    results = await _results(
        service,
        {"method": "DELETE", "path": "/Users/1", "version": "1"},
        {"method": "DELETE", "path": "/Users/2", "version": '"2"'},
    )
    assert [(each["status"], each.get("response", {}).get("scimType")) for each in results] == [
        ("400", "invalidSyntax"),
        ("204", None),
    ]


def _clock(*times: float) -> Callable[[], float]:
    left = list(times)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


async def test_what_is_not_begun_in_time_says_so_and_may_be_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    service = _Service()
    # The request begins at 100 and may take 60 seconds; the second operation would begin after them.
    monkeypatch.setattr(bulk, "monotonic", _clock(100, 160, 160.5))
    results = await _results(service, _post("ada"), _post("bob"), {"method": "DELETE", "path": "/Users/bulkId:bob"})
    assert [each["status"] for each in results] == ["201", "503", "409"]
    assert results[1]["response"]["detail"] == (
        "The time for one request is over, and this operation was not begun; send it again."
    )
    assert len(service.asked) == 1


async def test_the_operator_reads_how_it_went_and_each_thing_once() -> None:
    service = _Service("DELETE /Users/1")
    deletes = [{"method": "DELETE", "path": f"/Users/{number}"} for number in (1, 2)]
    answer = await bulk.answered(_request(_post("a"), _post("b"), *deletes, failOnErrors=1), service, BASE, 60)
    assert answer.remark == "3 of 4 operations, 1 failed"
    assert answer.ignored == ("shoeSize", "post")


async def test_a_remark_on_an_operation_is_read_beside_it() -> None:
    async def adopting(_: Asked) -> Answer:
        return Answer(201, {"id": "1"}, f"{BASE}/Users/1", remark="taken over")

    answer = await bulk.answered(_request(_post("a"), _post("b")), adopting, BASE, 60)
    assert answer.remark == "2 of 2 operations, 0 failed; taken over"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"[]", InvalidSyntax),
        (b"{}", InvalidSyntax),
        (b'{"Operations": [{"method": "GET", "path": "/Users"}]}', InvalidSyntax),
        (msgspec.json.encode({"Operations": [{"method": "DELETE", "path": "/Users/1"}] * 1001}), TooLarge),
    ],
    ids=["list", "nothing", "a read", "too many"],
)
async def test_a_request_that_cannot_be_read_does_nothing(body: bytes, error: type[ScimError]) -> None:
    service = _Service()
    asked = Asked(method="POST", path=["Bulk"], parameters={}, body=body, profile=ENTRA)
    with pytest.raises(error):
        await bulk.answered(asked, service, BASE, 60)
    assert service.asked == []
