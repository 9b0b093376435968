"""The routes that the golden files do not have."""

from adapter.mapping.draft.finder import Api, sampled
from adapter.mapping.draft.known import Known
from adapter.mapping.draft.routes import routes
from adapter.mapping.draft.sample import schema_of
from adapter.mapping.draft.spec import Operation, Spec


def test_without_a_call_every_route_has_a_sentence_and_a_todo() -> None:
    spec = Spec({"info": {"title": "Acme"}})
    lines = routes(Known(spec, sampled(spec, schema_of({"id": 7, "login": "ada"}), Api()), "it.json"))
    assert [line.split(":")[0].strip() for line in lines] == ["routes", "list", "get", "create", "update", "delete"]
    assert all("The mapping of the Acme does not say yet how" in line and "# TODO" in line for line in lines[1:])


def test_a_record_that_is_replaced_goes_without_what_the_upstream_makes() -> None:
    spec = Spec({})
    update = Operation(method="PUT", path="/users/{id}", sent=schema_of({"user": {"login": "ada"}}), send="form")
    get = Operation(method="GET", path="/users/{id}", reply=schema_of({"id": 7, "login": "ada", "made": "x"}))
    api = sampled(spec, schema_of({"id": 7, "login": "ada", "made": "x"}), Api(get=get, update=update))
    (line,) = (each for each in routes(Known(spec, api, "it.json")) if each.startswith("      update"))
    assert line == (
        '      update: {call: "PUT /users/{id}", fields: user, send: form, sends: record, leave_out: [id, made]}'
    )
