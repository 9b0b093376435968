"""Many connections served by a process: federation with an issuer that changes its keys, rotation without a gap, reload."""

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from adapter.settings.secret import digest
from adapter.web.assertions import PAUSE
from adapter.web.token import ASSERTION
from tests.cli.program import PROGRAM, environment
from tests.fakes.directory import Directory
from tests.fakes.directory import application as directory_calls
from tests.fakes.issuer import AUDIENCE, ISSUER, SUBJECT, TENANT, Issuer, issuing
from tests.fakes.systems import served
from tests.upstream.server import Server, after, reply

CREDENTIAL = "the-token-of-the-directory"
MAPPING = Path(__file__).parent.parent / "conversations" / "mappings" / "full.yaml"
SECRET, NEXT = "scim_the-first-secret-of-acme-32-characters", "scim_the-next-secret-of-acme-32-characters"
TOKEN = "scim_a-static-token-of-slow-with-32-characters"
ENTRA = f"https://sts.windows.net/{TENANT}/"


def _proof(secret: str, **more: str) -> dict[str, str]:
    return {"hash": f"sha256:{digest(secret).hex()}", **more}


def _gateway(upstream: str, slow: str, issuer: Issuer, *secrets: dict[str, str]) -> dict[str, Any]:
    common = {"mapping": str(MAPPING), "secrets": {"token": {"file": "token"}}}
    clients = [
        {"kind": "credentials", "name": "entra", "id": "acme", "secrets": list(secrets)},
        {
            "kind": "federated",
            "name": "federated",
            "id": "acme-wif",
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "subject": SUBJECT,
            "keys": issuer.url,
        },
        {"kind": "entra token", "name": "trial", "tenant": TENANT, "keys": issuer.url},
    ]
    return {
        "version": 1,
        "connections": [
            {"name": "acme", "upstream": upstream, **common, "clients": clients},
            {
                "name": "slow",
                "upstream": slow,
                **common,
                "clients": [{"kind": "token", "name": "entra", "tokens": [_proof(TOKEN)]}],
            },
        ],
    }


class Running:
    """A gateway that runs, its file, and what it logs of its settings."""

    def __init__(self, process: asyncio.subprocess.Process, http: httpx.AsyncClient, file: Path) -> None:
        self.process, self.http, self.file = process, http, file
        self._told: asyncio.Queue[str] = asyncio.Queue()
        self.listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        """Read what is logged as it comes: a log that nobody reads holds the process up."""
        assert self.process.stderr is not None
        while line := (await self.process.stderr.readline()).decode():
            if "is in use" in line or "are not taken" in line:
                self._told.put_nowait(line)

    async def token(self, **form: str) -> tuple[int, str]:
        """Ask for an access token; return the status, and the token or the error."""
        answer = await self.http.post("/oauth/token", data={"grant_type": "client_credentials", **form})
        told = answer.json()
        return answer.status_code, told.get("access_token") or told["error"]

    async def asserted(self, assertion: str, **form: str) -> tuple[int, str]:
        """Ask for an access token by an assertion, as Entra does."""
        shown = {"client_assertion_type": ASSERTION, "client_assertion": assertion, "scope": "scim"}
        return await self.token(**(shown | {"client_id": "acme-wif"} | form))

    async def status(self, token: str, path: str = "/acme/scim/v2/Users") -> int:
        """Return the status of a query."""
        answer = await self.http.get(path, headers={"Authorization": f"Bearer {token}"})
        return answer.status_code

    async def reload(self, *secrets: dict[str, str], **about: Any) -> str:
        """Write the file anew and say so; return what is logged of it."""
        told = json.loads(self.file.read_text(encoding="utf-8"))
        told["connections"][0]["clients"][0]["secrets"] = list(secrets)
        self.file.write_text(json.dumps(told | about), encoding="utf-8")
        self.process.send_signal(signal.SIGHUP)
        return await self.said()

    async def said(self) -> str:
        """Return what is logged of settings that were read: a line for each connection, or why they are not taken."""
        taken: list[str] = []
        async with asyncio.timeout(10):
            while len(taken) < 2:
                taken.append(await self._told.get())
                if "are not taken" in taken[-1]:
                    return taken[-1]
        return "".join(taken)


@asynccontextmanager
async def _running(
    folder: Path, *secrets: dict[str, str], slow: str = "http://127.0.0.1:9"
) -> AsyncIterator[tuple[Running, Issuer]]:
    (folder / "token").write_text(CREDENTIAL, encoding="utf-8")
    file = folder / "gateway.yaml"
    async with issuing() as issuer, served(directory_calls(Directory(CREDENTIAL))) as upstream:
        file.write_text(json.dumps(_gateway(upstream, slow, issuer, *(secrets or (_proof(SECRET),)))), encoding="utf-8")
        plain = {name: value for name, value in environment().items() if not name.startswith("ADAPTER_")}
        process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            *("serve", "--port", "0"),
            env=plain | {"ADAPTER_CONFIG": str(file), "ADAPTER_SIGNING_KEY": "k" * 32},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        running = None
        try:
            assert process.stdout is not None
            lines = [(await process.stdout.readline()).decode().split() for _ in range(3)]
            assert [each[0] for each in lines] == ["Tenant", "Tenant", "Token"]
            root = lines[0][-1].removesuffix("/acme/scim/v2")
            assert lines[1][-1] == f"{root}/slow/scim/v2"
            async with httpx.AsyncClient(base_url=root) as http:
                running = Running(process, http, file)
                await running.said()
                yield running, issuer
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            if running is not None:
                await running.listening
            await process.wait()


async def test_an_assertion_that_entra_signs_lets_in_and_goes_on_when_its_keys_change(tmp_path: Path) -> None:
    async with _running(tmp_path) as (gateway, issuer):
        status, token = await gateway.asserted(issuer.signed())
        assert (status, await gateway.status(token)) == (200, 200)
        assert (await gateway.asserted(issuer.signed(), client_id=""))[0] == 401
        assert (await gateway.asserted(issuer.signed(), client_id="acme")) == (401, "invalid_client")
        assert (await gateway.asserted(issuer.signed(), client_assertion_type="x")) == (400, "invalid_request")
        wrongs: list[dict[str, Any]] = [{"aud": "x"}, {"sub": "x"}, {"iss": "x"}, {"exp": 1}]
        for wrong in wrongs:
            assert (await gateway.asserted(issuer.signed(**wrong))) == (401, "invalid_client")
        assert (await gateway.asserted(Issuer().signed()))[0] == 401
        assert issuer.looks == 1  # an unknown key id is looked for again after PAUSE seconds only
        assert PAUSE == 30


async def test_entras_own_token_lets_in_from_the_pinned_tenant_only(tmp_path: Path) -> None:
    own: dict[str, Any] = {"iss": ENTRA, "aud": "8adf8e6e-67b2-4cf2-a259-e3dc5476c621", "ver": "1.0"}
    async with _running(tmp_path) as (gateway, issuer):
        assert await gateway.status(issuer.signed(**own)) == 200
        assert await gateway.status(issuer.signed(**own), "/slow/scim/v2/Users") == 401
        assert await gateway.status(Issuer().signed(**own)) == 401
        for wrong in (
            {"tid": "another"},
            {"iss": "https://sts.windows.net/another/"},
            {"aud": "another"},
            {"exp": 1},
            {"tid": None},
        ):
            assert await gateway.status(issuer.signed(**(own | wrong))) == 401


async def test_keys_that_cannot_be_had_are_neither_a_yes_nor_a_no(tmp_path: Path) -> None:
    own: dict[str, Any] = {"iss": ENTRA, "aud": "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"}
    async with _running(tmp_path) as (gateway, issuer):
        issuer.status = 503
        assert await gateway.asserted(issuer.signed()) == (503, "temporarily_unavailable")
        assert await gateway.status(issuer.signed(**own)) == 503


async def test_a_secret_is_replaced_without_a_gap_and_the_old_one_opens_nothing_afterwards(tmp_path: Path) -> None:
    async with _running(tmp_path) as (gateway, _):

        async def granted(secret: str) -> tuple[int, str]:
            return await gateway.token(client_id="acme", client_secret=secret)

        _, old = await granted(SECRET)
        assert (await granted(NEXT)) == (401, "invalid_client")
        assert "is in use" in await gateway.reload(_proof(SECRET), _proof(NEXT))
        status, new = await granted(NEXT)
        assert status == 200
        assert [await gateway.status(each) for each in (old, new)] == [200, 200]
        assert "is in use" in await gateway.reload(_proof(NEXT))
        assert (await granted(SECRET)) == (401, "invalid_client")
        assert [await gateway.status(each) for each in (old, new)] == [401, 200]


async def test_a_secret_ends_by_the_calendar(tmp_path: Path) -> None:
    async with _running(tmp_path) as (gateway, _):
        soon = (datetime.now(tz=UTC) + timedelta(seconds=3)).isoformat()
        await gateway.reload(_proof(SECRET, not_after=soon), _proof(NEXT, not_before=soon))
        status, token = await gateway.token(client_id="acme", client_secret=SECRET)
        assert (status, await gateway.status(token)) == (200, 200)
        assert (await gateway.token(client_id="acme", client_secret=NEXT))[0] == 401
        async with asyncio.timeout(10):
            while await gateway.status(token) == 200:  # noqa: ASYNC110 (what changes is the time of day)
                await asyncio.sleep(0.05)
        assert (await gateway.token(client_id="acme", client_secret=SECRET))[0] == 401
        assert (await gateway.token(client_id="acme", client_secret=NEXT))[0] == 200


async def test_a_file_with_a_fault_changes_nothing(tmp_path: Path) -> None:
    async with _running(tmp_path) as (gateway, _):
        _, token = await gateway.token(client_id="acme", client_secret=SECRET)
        assert "gateway.yaml:" in await gateway.reload(_proof(NEXT), version=2)
        assert await gateway.status(token) == 200
        assert (await gateway.token(client_id="acme", client_secret=SECRET))[0] == 200


async def test_a_slow_upstream_of_one_connection_holds_nobody_else_up(tmp_path: Path) -> None:
    """Its requests hang on; meanwhile another connection's are answered, all of them before the first slow one."""
    async with (
        Server(after(3.0, reply(200, '{"people": [], "total": 0}'))) as slow,
        _running(tmp_path, slow=slow.url) as (gateway, issuer),
    ):
        _, token = await gateway.asserted(issuer.signed())
        hanging = [asyncio.create_task(gateway.status(TOKEN, "/slow/scim/v2/Users")) for _ in range(40)]
        await slow.arrived(1)
        assert {await gateway.status(token) for _ in range(20)} == {200}
        assert not any(each.done() for each in hanging)
        for each in hanging:
            each.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
