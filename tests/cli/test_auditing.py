"""The audit trail of a running gateway, seen from outside: killed, full, refused, moved away; real processes and sockets."""

import asyncio
import resource
import signal
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from adapter.audit.event import Event
from adapter.audit.reading import numbered
from adapter.audit.verify import Verified
from adapter.cli.auditing import of_worker
from adapter.store.trail import lines
from tests.cli.program import PROGRAM, environment, run
from tests.cli.test_draining import serving
from tests.upstream.server import Answer, Server, reply, silence, tokens

KEY = "a-key-of-the-audit-trail-of-32-characters"
ADA = {"userId": 42, "userName": "ada", "firstName": "Ada", "lastName": "Byron", "fullName": "Ada Byron", "email": "a@example.com"}  # fmt: skip
ON, OFF = (reply(200, msgspec.json.encode({"data": ADA | {"isEnabled": each}}).decode()) for each in (True, False))
DONE = reply(200, '{"data": {}}')
DISABLE = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "path": "active", "value": False}],
}


def audited(file: Path, **more: str) -> dict[str, str]:
    return {"ADAPTER_AUDIT": str(file), "ADAPTER_AUDIT_KEY": KEY, "ADAPTER_DRAIN_MS": "1", **more}


def events(*files: Path) -> list[Event]:
    told = [each.text for file in files for each in numbered(file, lines)]
    return [msgspec.json.decode(each, type=Event) for each in told]


def outcomes(*files: Path) -> list[tuple[str, Any, Any]]:
    return [(each.type, each.outcome, each.reason) for each in events(*files) if each.kind == "event"]


def faults(*files: Path) -> list[str]:
    return [*Verified().faults(each for file in files for each in numbered(file, lines))]


def login() -> Answer:
    """Return how a login is answered once; a second one never is."""
    left = [reply(200, tokens("token"))]

    async def answer(writer: asyncio.StreamWriter) -> None:
        if left:
            writer.write(left.pop())
        else:
            await asyncio.sleep(60)

    return answer


KILLS: dict[str, tuple[list[Answer], int, int]] = {
    "before the write is sent": ([ON, reply(401)], 2, 2),
    "while the write is under way": ([ON, silence], 2, 1),
    "after the write, before its outcome": ([ON, DONE, silence], 3, 1),
}


@pytest.mark.parametrize("sink", ["file", "store"])
@pytest.mark.parametrize(("answers", "seen", "logins"), KILLS.values(), ids=KILLS)
async def test_a_process_that_is_killed_leaves_an_intent_that_is_unknown_after_the_next_start(
    tmp_path: Path, answers: list[Answer], seen: int, logins: int, sink: str
) -> None:
    file = tmp_path / "trail"
    told = audited(file) if sink == "file" else audited(Path("store"), ADAPTER_STORE=str(file))
    async with Server(*answers, token=login()) as upstream, serving(upstream.url, **told) as (process, client):
        asked = asyncio.create_task(client.patch("/Users/42", json=DISABLE))
        await upstream.arrived(seen)
        while len(upstream.exchanges) < logins:  # noqa: ASYNC110 (the server tells of requests only)
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await asyncio.gather(asked, return_exceptions=True)
    assert [(each.kind, each.type) for each in events(file)] == [("intent", "user.update")]
    async with Server(ON) as upstream, serving(upstream.url, **told) as (process, client):
        assert outcomes(file) == [("user.update", "unknown", "ProcessEnded")]
        assert faults(file) == []
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    [intent, event] = events(file)
    assert (intent.id, intent.target, intent.changes) == (event.id, event.target, event.changes)


async def test_each_change_has_its_event_when_it_is_answered_and_no_secret_stands_in_one(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    given = reply(200, tokens("an-access-token"))
    async with Server(ON, DONE, OFF, token=given) as upstream, serving(upstream.url, **audited(file)) as (_, client):
        assert (await client.patch("/Users/42", json=DISABLE)).status_code == 200
        assert outcomes(file) == [("user.update", "success", None)]
        assert (await client.patch("/Users/42", json=DISABLE)).status_code == 200  # it changes nothing
        assert (await client.get("/Users/42")).status_code == 200
        assert len(events(file)) == 2
        text = file.read_text(encoding="utf-8")
        token = str(client.headers["Authorization"]).removeprefix("Bearer ")
        for canary in (token, KEY, "a-service-account-token", "an-access-token", "ada", "Byron", "a@example.com"):
            assert canary not in text


async def test_a_bulk_request_has_an_event_for_each_operation(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    operations = [
        {"method": "PATCH", "path": "/Users/42", "data": DISABLE},
        {"method": "DELETE", "path": "/Users/42"},
        {"method": "DELETE", "path": "/Users/42"},
    ]
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations}
    gone = reply(404, '{"status": 404, "message": "NOT FOUND: User not found"}')
    async with (
        Server(ON, DONE, OFF, reply(204), gone) as upstream,
        serving(upstream.url, **audited(file)) as (_, client),
    ):
        assert (await client.post("/Bulk", json=body)).status_code == 200
    assert outcomes(file) == [
        ("user.update", "success", None),
        ("user.delete", "success", None),
        ("user.delete", "failure", "NotFound"),
    ]
    assert faults(file) == []


async def test_a_full_disk_refuses_changes_and_no_reads(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    async with Server(ON) as upstream, serving(upstream.url, **audited(file)) as (process, client):
        size = file.stat().st_size
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size + 200, size + 200))
        answer = await client.patch("/Users/42", json=DISABLE)
        assert answer.status_code == 503
        assert "cannot write its audit trail, so the change was not begun" in answer.json()["detail"]
        assert [each.method for each in upstream.seen] == ["GET"]
        assert (await client.get("/Users/42")).status_code == 200
        assert "cannot be written" in (await client.get(httpx.URL(client.base_url).join("/health/ready"))).text
    assert file.stat().st_size == size


async def test_where_it_is_said_changes_are_made_without_a_record(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    told = audited(file, ADAPTER_AUDIT_FAILURE="drop")
    async with Server(ON, DONE, OFF) as upstream, serving(upstream.url, **told) as (process, client):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (200, 200))
        assert (await client.patch("/Users/42", json=DISABLE)).status_code == 200
    assert events(file) == []


async def test_a_file_that_is_moved_away_is_followed_by_a_new_one(tmp_path: Path) -> None:
    file, old = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.1"
    async with Server(ON, DONE, OFF, ON, DONE, OFF) as upstream, serving(upstream.url, **audited(file)) as (_, client):
        await client.patch("/Users/42", json=DISABLE)
        file.rename(old)
        await client.patch("/Users/42", json=DISABLE)
    assert len(events(old)) == len(events(file)) == 2
    assert faults(old, file) == []


async def test_a_second_process_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    async with Server(ON) as upstream, serving(upstream.url, **audited(file)):
        second = run("serve", "--port", "0", ADAPTER_SETTING_ORG_UNIT="50", **audited(file))
        assert second.returncode == 2
        assert "is written by another process" in second.stderr


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"ADAPTER_AUDIT": "/nowhere/audit.jsonl"}, "there is no directory '/nowhere'; make it first"),
        ({"ADAPTER_AUDIT": "/proc/audit.jsonl"}, "the audit trail '/proc/audit.jsonl' cannot be"),
        ({"ADAPTER_AUDIT": "store"}, "ADAPTER_AUDIT is store, and ADAPTER_STORE names no file"),
        ({"ADAPTER_AUDIT": "stdout", "ADAPTER_AUDIT_FAILURE": "log"}, "ADAPTER_AUDIT_FAILURE must be refuse or drop"),
        ({"ADAPTER_AUDIT": "stdout", "ADAPTER_AUDIT_KEY": "short"}, "ADAPTER_AUDIT_KEY: a key needs at least 32"),
    ],
)
def test_a_start_without_a_place_for_the_trail_is_refused(told: dict[str, str], said: str) -> None:
    refused = run("serve", "--port", "0", ADAPTER_SETTING_ORG_UNIT="50", **told)
    assert refused.returncode == 2
    assert said in refused.stderr


async def test_standard_output_has_the_lines_of_the_trail_and_no_others() -> None:
    told = audited(Path("stdout"), ADAPTER_SETTING_ORG_UNIT="50", ADAPTER_TOKENS="t" * 40)
    async with Server(ON, DONE, OFF) as upstream:
        process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            *("serve", "--port", "0"),
            env=environment(ADAPTER_UPSTREAM_URL=upstream.url, **told),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            heard = (
                await process.stderr.readuntil(b"listening at http://127.0.0.1:")
            ) + await process.stderr.readuntil(b"/")
            root = f"http://127.0.0.1:{heard.rpartition(b':')[2].decode()}scim/v2"
            async with httpx.AsyncClient(headers={"Authorization": f"Bearer {'t' * 40}"}) as client:
                assert (await client.patch(f"{root}/Users/42", json=DISABLE)).status_code == 200
            process.send_signal(signal.SIGTERM)
            said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                await asyncio.wait_for(process.wait(), 10)
    assert [msgspec.json.decode(each)["kind"] for each in said.splitlines()] == ["intent", "event"]


@pytest.mark.parametrize(("file", "own"), [("audit.jsonl", "audit.2.jsonl"), ("/x.y/audit", "/x.y/audit.2")])
def test_a_worker_s_own_file_has_its_number(file: str, own: str) -> None:
    assert of_worker(file, 2) == own
