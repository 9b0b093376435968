"""What the metrics tell: never more series than the gateway has of its own, and nothing of what was sent."""

import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from adapter.settings.secret import Secret
from tests.attacks.world import BEARER, world
from tests.conversation import TOKEN, asked, settings_of
from tests.web.test_metrics import METRICS_TOKEN, SHOWN

METERED: dict[str, Any] = {"metrics_tokens": (Secret(METRICS_TOKEN),)}
HOWEVER_MANY, FIRST = 10_000, 100
CANARY = "kanari3nvogel"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "get")


def _garbage(number: int) -> tuple[str, str, list[tuple[str, str]], bytes]:
    """Return a request that nobody has made before: a method, a target, headers and a body."""
    what = f"{CANARY}-{number}-{secrets.token_hex(4)}"
    targets = (
        f"/{what}",
        f"/scim/v2/{what}",
        f"/scim/v2/Users/{what}",
        f"/scim/v2/Groups/{what}/x",
        f"/scim/v2/Users?filter={what}",
        f"/scim/v2/Users?filter=userName%20eq%20%22{what}%22&sortBy={what}",
        f"/scim/v2/Schemas/{what}",
        f"/{what}/scim/v2/Users",
        f"/oauth/token?{what}",
        f"/metrics?{what}={quote(what)}",
        f"/health/{what}",
    )
    headers = [("X-Request-Id", what), (what, what), ("Host", what), ("User-Agent", what)]
    shown = ([BEARER], [], [("Authorization", f"Bearer {what}")])[number % 3]
    method = METHODS[number % len(METHODS)] if number % 5 else what.upper()
    body = msgspec.json.encode({"userName": what, what: what, "Operations": [{"op": what, "path": what}]})
    return method, targets[number % len(targets)], [*shown, *headers], body


def _series(text: str) -> Iterator[str]:
    return (line.rpartition(" ")[0] for line in text.splitlines() if not line.startswith("#"))


async def test_whatever_is_asked_there_are_no_more_series_than_after_the_first_hundred() -> None:
    """SEC-24 (Keycloak CVE-2026-16100): a label is of a closed set, and no request chooses one."""
    async with world(**METERED) as ask:
        told: dict[int, set[str]] = {}
        for number in range(HOWEVER_MANY):
            if number == FIRST:
                told[number] = set(_series((await asked(ask.app, "GET", "/metrics", [SHOWN])).content.decode()))
            await asked(ask.app, *_garbage(number))
        text = (await asked(ask.app, "GET", "/metrics", [SHOWN])).content.decode()
    assert set(_series(text)) == told[FIRST]
    assert CANARY not in text.lower()


async def test_no_metric_holds_a_name_an_id_or_a_secret() -> None:
    """SEC-11 and SEC-08: what a scraper keeps for months is nothing about anybody."""
    async with world(**METERED) as ask:
        user = ask.keep(CANARY, externalRef=CANARY)
        await ask.found(f'userName eq "{CANARY}"')
        await ask("POST", "/Users", {"userName": f"{CANARY}-2", "password": CANARY})
        await ask("PATCH", f"/Users/{user}", {"Operations": [{"op": "replace", "path": "title", "value": CANARY}]})
        await ask("GET", f"/Users/{CANARY}")
        await ask("DELETE", f"/Users/{user}")
        text = (await asked(ask.app, "GET", "/metrics", [SHOWN])).content.decode()
    assert 'operation="PATCH /Users/{id}",status="2xx"} 1.0' in text
    hidden = (CANARY, user, TOKEN, METRICS_TOKEN, settings_of("full").secrets["token"], "192.0.2.1")
    assert [each for each in hidden if each in text] == []
