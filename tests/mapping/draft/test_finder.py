"""Which calls are about users, and where replies have what one must know."""

from typing import Any

import pytest

from adapter.mapping.draft.finder import Api, found, sampled, settings_in, word
from adapter.mapping.draft.sample import schema_of
from adapter.mapping.draft.spec import Spec

ROW = {"id": 7, "login": "ada"}


def _answers(sample: Any) -> dict[str, Any]:
    return {"responses": {"200": {"content": {"application/json": {"schema": schema_of(sample)}}}}}


def _found(**paths: Any) -> Api:
    return found(Spec({"openapi": "3.0.0", "paths": {name.replace("_", "/"): each for name, each in paths.items()}}))


def test_the_list_is_the_one_that_shows_users_and_not_the_one_that_shows_links() -> None:
    api = _found(
        _users={"get": _answers({"links": {"a": "/b"}})},
        _orgs_groups_members={"get": _answers([ROW])},
        _orgs_users={"get": _answers([ROW]), "post": {}},
        _teams={"get": _answers([ROW])},
    )
    assert [str(each) for each in (api.list, api.create)] == ["GET /orgs/users", "POST /orgs/users"]


@pytest.mark.parametrize(
    ("reply", "records", "total"),
    [
        ([ROW], "$", None),
        ({"data": [ROW], "totalItems": 3}, "data", "totalItems"),
        ({"errors": [{"text": "x"}], "users": [ROW], "meta": {"total": 3}}, "users", "meta.total"),
        ({"result": {"result": [ROW]}, "count": 3}, "result.result", None),
        ({"total": "3", "items": [ROW]}, "items", None),
    ],
)
def test_where_the_records_and_their_total_are(reply: Any, records: str, total: str | None) -> None:
    api = _found(_users={"get": _answers(reply)})
    assert (api.records, api.total) == (records, total)
    own = sampled(Spec({}), schema_of(reply), Api())
    assert (own.records, own.total) == (records, total)


@pytest.mark.parametrize(
    ("parameters", "keys"),
    [
        ({"pageNumber": {}, "pageSize": {"maximum": 50}}, {"by": "number", "number": "pageNumber", "size": "pageSize", "most": 50}),
        ({"page": {"default": 0}, "limit": {}}, {"by": "number", "number": "page", "first": 0, "size": "limit", "most": 100}),
        ({"skip": {}, "take": {"maximum": 10}}, {"by": "offset", "offset": "skip", "size": "take", "most": 10}),
        ({"cursor": {}, "limit": {"maximum": True}}, {"by": "cursor", "cursor": "cursor", "next": "next", "size": "limit", "most": 100}),
        ({"page": {}}, None),
        ({"limit": {}}, None),
    ],
)  # fmt: skip
def test_how_the_list_is_cut_into_pages(parameters: dict[str, Any], keys: dict[str, Any] | None) -> None:
    query = [{"in": "query", "name": name, "schema": each} for name, each in parameters.items()]
    api = _found(_users={"get": {"parameters": query} | _answers({"data": [ROW], "next": "x"})})
    assert (api.page.keys if api.page else None) == keys


def test_the_calls_for_one_user_belong_to_the_list() -> None:
    api = found(
        Spec({"openapi": "3.0.0", "paths": {
            "/admin/users/{id}": {"delete": {}},
            "/users": {"get": _answers([ROW])},
            "/users/{id}": {"get": _answers({"user": ROW}), "put": {}, "patch": {}, "delete": {}},
            "/users/{id}/avatar": {"get": _answers({"id": 1}), "put": {}},
        }})
    )  # fmt: skip
    assert [str(each) for each in (api.get, api.update, api.delete)] == [
        "GET /users/{id}", "PATCH /users/{id}", "DELETE /users/{id}",
    ]  # fmt: skip
    assert api.spot == "user"


def test_what_else_stands_in_a_path_is_a_setting() -> None:
    spec = Spec(
        {
            "paths": {
                "/orgs/{orgId}/users/{id}": {
                    "get": {"parameters": [{"in": "path", "name": "orgId", "description": "O"}]}
                }
            }
        }
    )
    assert settings_in(spec.operations()) == {"orgId": "O"}


def test_names_are_compared_without_their_spelling() -> None:
    assert {word(each) for each in ("first_name", "firstName", "First-Name")} == {"firstname"}
