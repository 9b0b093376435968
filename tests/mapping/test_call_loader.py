import pytest

from adapter.mapping.route import Route, Unsupported
from tests.mapping.minimal import mapping


@pytest.mark.parametrize("name", ["create", "update", "delete"])
def test_an_operation_may_be_unsupported_with_a_sentence(name: str) -> None:
    made = mapping(routes={name: f'{name}: {{unsupported: "The API cannot do it."}}'})
    assert getattr(made.resource, name) == Unsupported("The API cannot do it.")


def test_a_call_is_made_ready_with_all_that_the_file_says() -> None:
    line = 'update: {call: "POST /rpc", query: {v: "1"}, headers: {X-V: "2"}, body: {id: "{id}"}, fields: user, send: form}'
    update = mapping(routes={"update": line}).resource.update
    assert isinstance(update, Route)
    assert (str(update), update.query, update.headers) == ("POST /rpc", {"v": "1"}, {"X-V": "2"})
    assert (update.body, update.fields, update.send) == ({"id": "{id}"}, "user", "form")


def test_the_id_may_stand_in_the_body_or_in_the_query_of_a_call() -> None:
    for place in ('body: {id: "{id}"}', 'query: {id: "{id}"}'):
        assert isinstance(mapping(routes={"delete": f"delete: {{call: POST /rpc, {place}}}"}).resource.delete, Route)


def test_a_list_setting_may_stand_alone_in_a_body() -> None:
    made = mapping(
        top="settings: [{name: ids, about: The ids, kind: list}]",
        routes={"list": 'list: {call: POST /rpc, body: {ids: "{setting:ids}"}, records: $, page: {by: nothing}}'},
    )
    assert isinstance(made.resource.list, Route)
    assert made.resource.list.filled_body(made.bound({"ids": ["1"]}, lambda text: text[0]).texts()) == {"ids": ["1"]}
