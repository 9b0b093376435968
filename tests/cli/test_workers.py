"""Several workers, run as the program that a person starts: whoever takes a request, its connection's owner answers it."""

import asyncio
import json
import os
import re
import signal
import ssl
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from adapter.settings.secret import digest
from tests.cli.program import PROGRAM, environment, run
from tests.cli.test_auditing import events, faults, outcomes
from tests.cli.test_networking import AUTHORITY, written
from tests.cli.working import METRICS, NAMES, Running, children, described, running, secret
from tests.upstream.server import Server, reply

USER = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada"}


async def handed_over(http: httpx.AsyncClient) -> dict[str, float]:
    """Return how many requests were handed over, by their connections."""
    told = await http.get("/metrics", headers={"Authorization": f"Bearer {METRICS}"})
    assert re.findall(r"^scim_adapter_worker_up.* (.*)$", told.text, re.MULTILINE) == ["1.0", "1.0"]
    found = re.findall(r'^scim_adapter_handed_over_total\{connection="(.*?)",.* (.*)$', told.text, re.MULTILINE)
    return {name: float(count) for name, count in found}


async def both_ways(gateway: Running, http: httpx.AsyncClient, name: str, *asked: Any) -> list[httpx.Response]:
    """Return the answers to a request from the owner, and by way of the other worker: the system says who takes which."""
    answers: list[httpx.Response] = []
    before = (await handed_over(http)).get(name, 0)
    async with asyncio.timeout(20):
        while not 0 < (await handed_over(http)).get(name, 0) - before < len(answers):
            answers += await asyncio.gather(*(gateway.asked(http, name, *asked) for _ in range(10)))
    return answers


def shown(answer: httpx.Response) -> tuple[Any, ...]:
    """Return what a client sees of an answer, but for what is new in each."""
    headers = sorted(each for each in answer.headers.items() if each[0] not in ("date", "x-request-id"))
    return answer.status_code, answer.content, headers


async def test_whoever_takes_a_request_its_owner_answers_it_and_no_client_sees_a_difference(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, gateway.http() as http:
        made = {name: (await gateway.asked(http, name, "POST", json=USER)).json() for name in NAMES}
        for name in NAMES:
            path = f"/Users/{made[name]['id']}"
            for asked in (
                ("GET", path),
                ("HEAD", path),
                ("GET", "/Users/nobody"),
                ("GET", "/Users?filter=x"),
                ("PUT", "/"),
            ):
                answers = await both_ways(gateway, http, name, *asked)
                assert len({str(shown(each)) for each in answers}) == 1, asked
                assert len({each.headers["x-request-id"] for each in answers}) == len(answers)
        for name in NAMES:  # each upstream has its own user, made once
            [kept] = gateway.directories[name].users.kept
            assert kept == made[name]["id"]
        headers = {"X-Request-Id": "an-id-of-the-client"}
        told = await asyncio.gather(*(gateway.asked(http, "acme", headers=headers) for _ in range(10)))
        assert {each.headers["x-request-id"] for each in told} == {"an-id-of-the-client"}
        lines = [json.loads(each) for each in gateway.lines if "an-id-of-the-client" in each]
        assert [each["status"] for each in lines] == [200] * 10  # one line each, whoever took it


async def test_an_access_token_is_good_at_all_and_only_for_its_connection(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, gateway.http() as http:
        form = {"grant_type": "client_credentials", "client_id": "acme", "client_secret": secret("acme")}
        granted = [(await http.post("/oauth/token", data=form)).json()["access_token"] for _ in range(4)]
        statuses: Counter[tuple[str, int]] = Counter()
        for name in NAMES:
            for each in granted * 5:
                headers = {"Authorization": f"Bearer {each}"}
                statuses[name, (await http.get(f"/{name}/scim/v2/Users", headers=headers)).status_code] += 1
        assert statuses == {("acme", 200): 20, ("globex", 401): 20}


async def test_all_of_them_speak_tls_and_take_a_renewed_pair(tmp_path: Path) -> None:
    trusting = ssl.create_default_context()
    AUTHORITY.configure_trust(trusting)
    async with running(tmp_path, **written(tmp_path)) as gateway, gateway.http(trusting) as http:
        answers = await both_ways(gateway, http, "acme", "GET", "/Users")
        assert {each.status_code for each in answers} == {200}
        address = ("127.0.0.1", int(gateway.root.rpartition(":")[2]))
        first = ssl.get_server_certificate(address)
        written(tmp_path)
        shown: set[str] = {first}
        async with asyncio.timeout(20):
            while first in shown:
                shown = {await asyncio.to_thread(ssl.get_server_certificate, address) for _ in range(20)}
        assert len(shown) == 1


async def test_a_worker_that_dies_is_started_again_and_its_connection_served_meanwhile_by_a_503(tmp_path: Path) -> None:
    async with running(tmp_path, ADAPTER_AUDIT=str(tmp_path / "audit.jsonl")) as gateway, gateway.http() as http:
        assert (await gateway.asked(http, "acme", "POST", json=USER)).status_code == 201
        before = gateway.workers()
        os.kill(before["acme"], signal.SIGKILL)
        seen: Counter[int] = Counter()
        async with asyncio.timeout(20):
            while not (seen[503] and seen[200]):
                answer = await gateway.asked(http, "acme")
                seen[answer.status_code] += 1
                if answer.status_code == 503:
                    assert answer.headers["retry-after"] == "5"
                    assert answer.json()["status"] == "503"
                assert (await gateway.asked(http, "globex")).status_code == 200
        assert set(seen) == {200, 503}
        await gateway.logged("has ended (SIGKILL) and is started again")
        assert (await gateway.asked(http, "acme", "POST", json=USER | {"userName": "bob"})).status_code == 201
        assert (await gateway.asked(http, "globex", "POST", json=USER)).status_code == 201
        files = [tmp_path / f"audit.{each}.jsonl" for each in (1, 2)]
        assert [faults(each) for each in files] == [[], []]
        assert sorted(outcomes(*files)) == [("user.create", "success", None)] * 3
        assert {str(each.tenant) for each in events(files[0])} | {str(each.tenant) for each in events(files[1])} == set(
            NAMES
        )
        assert not {each.tenant for each in events(files[0])} & {each.tenant for each in events(files[1])}


async def test_sigterm_says_not_ready_and_finishes_what_was_handed_over(tmp_path: Path) -> None:
    goes_on = asyncio.Event()

    async def answer(writer: asyncio.StreamWriter) -> None:
        await goes_on.wait()
        writer.write(reply(200, '{"items": [], "total": 0}', Content_Type="application/json"))

    async with (
        Server(answer) as slow,
        running(tmp_path, acme=slow.url, ADAPTER_DRAIN_MS="300") as gateway,
        gateway.http() as http,
    ):
        paths = [f'/Users?filter=userName eq "u{number}"' for number in range(3)]
        asked = [asyncio.create_task(gateway.asked(http, "acme", "GET", each)) for each in paths]
        await slow.arrived(3)
        gateway.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            while (await http.get("/health/ready")).status_code == 200:
                pass
        async with asyncio.timeout(10):
            while True:
                try:
                    assert (await http.get("/health/ready")).json()["status"] == "draining"
                except httpx.TransportError:  # nobody listens any more
                    break
        assert gateway.process.returncode is None
        goes_on.set()
        assert [(await each).status_code for each in asked] == [200] * 3
        assert await asyncio.wait_for(gateway.process.wait(), 10) == 0


async def test_sighup_gives_all_of_them_the_new_connections_and_tokens(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, gateway.http() as http:
        told = json.loads(gateway.file.read_text(encoding="utf-8"))
        new = described("initech", gateway.upstreams["globex"])
        told["connections"][0]["clients"][0]["tokens"] = [{"hash": f"sha256:{digest('n' * 32).hex()}"}]
        gateway.file.write_text(json.dumps(told | {"connections": [*told["connections"], new]}), encoding="utf-8")
        gateway.process.send_signal(signal.SIGHUP)
        await gateway.logged("initech: the mapping", times=2)
        answers = await both_ways(gateway, http, "initech")
        assert {each.status_code for each in answers} == {200}
        assert {(await gateway.asked(http, "acme")).status_code for _ in range(10)} == {401}
        headers = {"Authorization": f"Bearer {'n' * 32}"}
        assert {(await gateway.asked(http, "acme", headers=headers)).status_code for _ in range(10)} == {200}
        # One that starts now knows what the others do.
        os.kill(gateway.workers()["globex"], signal.SIGKILL)
        await gateway.logged("initech: the mapping", times=3)


async def test_workers_whose_parent_is_gone_take_no_more_requests(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as place:  # its path is short enough for a socket
        async with running(tmp_path, TMPDIR=place) as gateway, gateway.http() as http:
            assert (await gateway.asked(http, "acme")).status_code == 200
            assert len(os.listdir(place)) == 1  # noqa: PTH208 (a name is enough)
            gateway.process.kill()
            async with asyncio.timeout(10):
                while True:
                    try:
                        await http.get("/health/live")
                    except httpx.ConnectError:
                        break
            async with asyncio.timeout(10):
                while os.listdir(place):  # noqa: ASYNC110, PTH208 (other processes; a name is enough)
                    await asyncio.sleep(0.02)


async def test_the_store_holds_one_trail_of_all(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    async with running(tmp_path, ADAPTER_AUDIT="store", ADAPTER_STORE=str(store)) as gateway, gateway.http() as http:
        users = [USER | {"userName": f"user{number}"} for number in range(10)]
        made = await asyncio.gather(*(gateway.asked(http, name, "POST", json=each) for name in NAMES for each in users))
        assert {each.status_code for each in made} == {201}
        os.kill(gateway.workers()["acme"], signal.SIGKILL)
        await gateway.logged("is started again")
        async with asyncio.timeout(10):
            while (await gateway.asked(http, "acme", "POST", json=USER)).status_code != 201:
                pass
    assert faults(store) == []
    assert Counter(each.tenant for each in events(store) if each.kind == "event") == {"acme": 11, "globex": 10}


def test_what_none_of_them_could_do_is_said_once_and_ends_the_program(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("x", encoding="utf-8")
    file = tmp_path / "gateway.yaml"
    made = [described(name, "http://127.0.0.1:9") for name in NAMES]
    file.write_text(json.dumps({"version": 1, "connections": made}), encoding="utf-8")
    plain = dict.fromkeys([name for name in environment() if name.startswith("ADAPTER_")], "")
    common = plain | {"ADAPTER_CONFIG": str(file), "ADAPTER_WORKERS": "2", "ADAPTER_SIGNING_KEY": "k" * 32}
    done = run("serve", "--port", "0", **common, ADAPTER_AUDIT=str(tmp_path / "no" / "audit.jsonl"), ADAPTER_AUDIT_KEY="k" * 32)  # fmt: skip
    assert done.returncode == 2
    missing = tmp_path / "no"
    [told] = [each for each in done.stderr.splitlines() if each.startswith("scim-adapter")]
    assert f"'{missing / 'audit.1.jsonl'}' cannot be made: there is no directory '{missing}'; make it first" in told
    (tmp_path / "audit.2.jsonl").mkdir()  # the first can begin, and waits for the second
    done = run(
        "serve", "--port", "0", **common, ADAPTER_AUDIT=str(tmp_path / "audit.jsonl"), ADAPTER_AUDIT_KEY="k" * 32
    )
    assert done.returncode == 2
    assert str(tmp_path / "audit.2.jsonl") in done.stderr
    done = run("serve", "--port", "0", **common, ADAPTER_AUDIT="stdout")
    assert done.returncode == 2
    assert "ADAPTER_AUDIT is stdout" in done.stderr


async def test_one_connection_is_not_divided_and_the_program_says_so() -> None:
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        *("serve", "--port", "0", "--workers", "3"),
        env=environment(ADAPTER_SIGNING_KEY="k" * 32),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert (await process.stdout.readline()).startswith(b"Tenant URL")
    assert b"workers: 1, as many as there are connections; one is never divided" in await process.stderr.readline()
    assert not children(process.pid)
    process.kill()
    await process.wait()
