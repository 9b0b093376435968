"""`check --live` sees what a mapping says wrongly of the upstream, and says so in words that help."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapter.mapping.load import load
from adapter.mapping.mapping import Mapping
from adapter.store.store import Store
from adapter.upstream.client import Upstream
from adapter.upstream.live import Live, Seen
from adapter.upstream.times import Times
from tests.conversation import mapping_of
from tests.fakes import gitlab
from tests.fakes.systems import CREDENTIAL, SYSTEMS, System, sandbox, served
from tests.mapping.minimal import MAPPINGS
from tests.upstream.server import transport

ADA: dict[str, Any] = {
    "email": "ada@example.com",
    "name": "Ada King",
    "username": "ada",
    "state": "active",
    "job_title": "",
}


@asynccontextmanager
async def live(mapping: Mapping, system: System, *, spoilt: str | None = None, url: str = "") -> AsyncIterator[Live]:
    """Return what asks a system of its own, or a GitLab that is spoilt and has one user."""
    git = gitlab.GitLab(CREDENTIAL, spoilt or "")
    git.users[1000] = {"id": 1000} | ADA
    server = system.server() if spoilt is None else served(gitlab.application(git))
    async with server as address, transport("own") as http:
        settings = system.settings(url or address)
        bound = mapping.bound(settings.values, secrets.choice)
        with Store(":memory:", "trial") as store:
            upstream = Upstream(
                http, settings.upstream_url, bound, settings.secrets, Times(**settings.times), store.done
            )
            yield Live(upstream.run, bound, settings.upstream_url)


async def _looked(asking: Live) -> list[Seen]:
    return [each async for each in asking.looked()]


@pytest.mark.parametrize("name", SYSTEMS)
async def test_nothing_is_wrong_between_a_shipped_mapping_and_its_system(name: str) -> None:
    async with live(mapping_of(name), SYSTEMS[name]) as asking:
        seen = await _looked(asking)
    assert [each for each in seen if each.verdict == "wrong"] == []
    assert [each for each in seen if each.what.startswith("list: ") and each.verdict == "ok"]


SPOILT = [
    ("", "", []),
    ("other words", "", ["an id that nobody has: The GitLab API answered 404 while a user was read. Add what tells this reply to replies, with means: not found"]),
    ("", "contains: 404 Nobody, means: not found}\n  - {status: 404, means: failure, says: message}", ["an id that nobody has: The GitLab API answered 404 while a user was read. 404 User Not Found. Add what tells this reply to replies, with means: not found"]),
    ("short rows", "", ['a read of one user shows another emails[type eq "work"].value than the list; add lacks: [emails[type eq "work"].value]']),
    ("exact names", "", ["find userName eq in other letter case: it does not find the user; say case: exact"]),
    ("", "total: {header: X-Count}", ["list: The GitLab API answered a list of users without a usable 'X-Count'."]),
    ("", "field: nick, required: true", ["list: The upstream sent a record without the field 'nick'."]),
]  # fmt: skip
REPLACED = {
    "contains": "contains: 404 User Not Found, means: not found}",
    "total": "total: {header: X-Total}",
    "field": "field: username, required: true",
}


@pytest.mark.parametrize(("spoilt", "line", "wrong"), SPOILT)
async def test_what_is_wrong_is_said_with_the_way_out(spoilt: str, line: str, wrong: list[str]) -> None:
    text = (MAPPINGS / "gitlab.yaml").read_text(encoding="utf-8")
    mapping = load(text.replace(REPLACED.get(line.partition(":")[0], "\n"), line or "\n"), "gitlab.yaml")
    async with live(mapping, SYSTEMS["gitlab"], spoilt=spoilt) as asking:
        assert [each.what for each in await _looked(asking) if each.verdict == "wrong"] == wrong


async def test_a_right_that_is_missing_is_seen_without_touching_anybody() -> None:
    async with live(mapping_of("gitlab"), SYSTEMS["gitlab"], spoilt="no right to delete") as asking:
        seen = await _looked(asking)
    assert [each.verdict for each in seen[-2:]] == [
        "ok",
        "ok",
    ]  # this GitLab looks for the user first: nothing is known
    mapping = mapping_of("gitlab")
    rules = load((MAPPINGS / "gitlab.yaml").read_text(encoding="utf-8").replace("{status: 404, field: message", "{status: 404, of: delete, means: not permitted, says: message}\n  - {status: 404, field: message", 1), "it")  # fmt: skip
    assert mapping.replies != rules.replies
    async with live(rules, SYSTEMS["gitlab"], spoilt="") as asking:
        seen = await _looked(asking)
    assert seen[-1] == Seen("wrong", "remove users: the service account lacks the right: 404 User Not Found")


async def test_an_upstream_that_lacks_calls_is_known_by_its_own_document() -> None:
    system = System(server=lambda: sandbox(users=1, stock=True), values=SYSTEMS["n-able"].values, secret="jwt")
    async with live(mapping_of("n-able"), system) as asking:
        wrong = [each.what for each in await _looked(asking) if each.verdict == "wrong"]
    ending = ": the upstream's own document has no such call; if there is none, say unsupported"
    assert wrong[:3] == [f"{each} /api/users/{{id}}{ending}" for each in ("GET", "PATCH", "DELETE")]


async def test_without_users_and_without_a_server_the_answers_are_as_true() -> None:
    system = System(server=lambda: sandbox(face="cove"), values=SYSTEMS["cove"].values)
    async with live(mapping_of("cove"), system) as asking:
        seen = await _looked(asking)
    assert Seen("note", "there is no user to look at: reads and searches were tried with nobody only") in seen
    async with live(mapping_of("gitlab"), SYSTEMS["gitlab"], url="http://127.0.0.1:9") as asking:
        (only,) = await _looked(asking)
    assert (only.verdict, only.what[:6]) == ("wrong", "list: ")
