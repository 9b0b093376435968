"""The commands for those who write mapping files."""

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
    assert "answer 400: 'no' is no request for users" in run("explain", "n-able", "no").stdout
