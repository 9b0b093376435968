"""The commands for those who write mapping files."""

import re
from pathlib import Path

from adapter.cli.files import shipped_mappings
from tests.cli.program import SHIPPED, run


def test_check_finds_no_fault_in_the_shipped_mappings() -> None:
    names = SHIPPED.split(", ")
    done = run("check", *names)
    assert (done.returncode, done.stderr) == (0, "")
    assert [each for each in names if f"{each}.yaml: no fault; " not in done.stdout] == []


def test_check_tells_every_fault_and_ends_with_a_status(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    text = (shipped_mappings() / "n-able.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("scim: active", "scim: aktive").replace("scim: displayName", "scim: displayname2"))
    done = run("check", "n-able", str(file))
    assert done.returncode == 2
    assert len([line for line in done.stderr.splitlines() if line.startswith(f"{file}:")]) == 2
    assert run("check", "nowhere").stderr == (
        "scim-adapter: there is no file 'nowhere', nor a shipped mapping of that name\n"
    )


def test_examples_are_checked_with_their_mapping_and_not_by_themselves() -> None:
    done = run("check", "desk.yaml", "desk.examples.yaml")
    message = "scim-adapter: desk.examples.yaml: these are examples, which are checked with their mapping: name that\n"
    assert (done.returncode, done.stderr) == (2, message)


def test_schema_prints_the_json_schema_of_mapping_files() -> None:
    assert run("schema").stdout == (shipped_mappings() / "schema.json").read_text(encoding="utf-8")


def test_explain_shows_the_calls_of_a_request_and_sends_nothing(tmp_path: Path) -> None:
    body, record = tmp_path / "body.json", tmp_path / "record.json"
    body.write_text('{"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}')
    record.write_text('{"userId": 42, "userName": "ada", "firstName": "A", "lastName": "B", "isEnabled": false}')
    done = run("explain", "n-able", "PATCH /Users/42", "--body", str(body), "--record", str(record))
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if line[0].isdecimal()] == ["1. GET /api/users/42"]
    listed = run("explain", "n-able", "GET /Users", ADAPTER_SETTING_ORG_UNIT="77")
    assert "GET /api/org-units/77/users" in listed.stdout
    record.write_text("{")
    assert "this is not JSON" in run("explain", "n-able", "GET /Users/1", "--record", str(record)).stderr
    without = run("explain", "n-able", "PATCH /Users/42")
    assert (without.returncode, without.stderr) == (
        2,
        "scim-adapter: 'PATCH /Users/42' comes with a body: add --body and a file with its JSON\n",
    )
    assert "answer 400: 'no' is no request for Users" in run("explain", "n-able", "no").stdout


SPEC = """
openapi: 3.0.0
info: {title: Acme}
paths:
  /users:
    get:
      responses:
        "200": {content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/User"}}}}}
components: {schemas: {User: {type: object, properties: {id: {type: integer}, login: {type: string}}}}}
"""


def test_init_drafts_a_mapping_that_passes_check_and_overwrites_nothing(tmp_path: Path) -> None:
    spec, file = tmp_path / "acme.openapi.yaml", tmp_path / "acme.yaml"
    spec.write_text(SPEC)
    done = run("init", str(spec), str(file))
    assert (done.returncode, done.stderr) == (0, "")
    text = file.read_text()
    assert (
        done.stdout
        == f"{file}: {len(re.findall('# TODO (?!marks)', text))} things to decide, each marked # TODO; then: scim-adapter check {file}\n"
    )
    assert run("check", str(file)).returncode == 0
    assert run("init", str(spec)).stdout == text
    again = run("init", str(spec), str(file))
    assert (again.returncode, again.stderr) == (2, f"scim-adapter: {file} is there already; name a new file\n")
    assert file.read_text() == text


def test_init_takes_a_sample_where_the_document_shows_no_user(tmp_path: Path) -> None:
    spec, record = tmp_path / "acme.json", tmp_path / "record.json"
    spec.write_text('{"openapi": "3.0.0", "paths": {"/users/{id}": {"get": {}}}}')
    record.write_text('{"id": 7, "login": "ada"}')
    refused = run("init", str(spec))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "add --record and a sample of one" in refused.stderr
    assert 'get: {call: "GET /users/{id}"}' in run("init", str(spec), "--record", str(record)).stdout
    spec.write_text("a: [")
    assert "this is neither JSON nor YAML" in run("init", str(spec)).stderr
    assert run("init", str(record), str(tmp_path / "no" / "such")).returncode == 2
