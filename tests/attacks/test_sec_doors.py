"""Who comes in without a token of ours: nobody, by no path, no method and no odd credential."""

import ast
import hmac
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from litestar import HttpMethod, Litestar

from adapter.errors import SettingsError, Unauthorized
from adapter.scim.messages import MEDIA_TYPE
from adapter.settings import Declared, Secret, read
from adapter.web import clients
from adapter.web.clients import Clients, Known
from tests.attacks.world import BEARER, world
from tests.cli.program import ENVIRONMENT, run
from tests.conversation import PUBLIC, SETTINGS, TOKEN, Answer, asked

OPEN = {"/health/live", "/health/ready", "/oauth/token"}
METHODS = [*(each.value for each in HttpMethod), "PROPFIND", "get"]
NAMES = (
    "Users",
    "Users/u-1",
    "Groups",
    "Users/.search",
    ".search",
    "Bulk",
    "Me",
    "Schemas",
    "ServiceProviderConfig",
    "ResourceTypes",
)


def _refused(answer: Answer) -> bool:
    return (answer.status, answer.headers.get("www-authenticate")) == (401, 'Bearer realm="scim"')


def _spellings(app: Litestar) -> Iterator[str]:
    """Return every path of the application, but for the open ones, in every spelling that might slip past."""
    paths = {each.path.replace("{rest:path}", name) for each in app.routes for name in NAMES} - OPEN
    for path in sorted(paths):
        yield from (
            path,
            f"/{path}",
            f"{path}/",
            f"{path}//",
            f"{path}.json",
            f"{path};x",
            f"{path}%00",
            f"{path}%2f",
            f"/.{path}",
        )
        yield from (
            path.replace("/", "//"),
            path.replace("s", "%73"),
            path.replace("s", "%2573"),
            path.replace("/", "%2f"),
        )
        yield from (
            path.upper(),
            f"/health/live/..{path}",
            f"/health%2f..{path}",
            f"/oauth/token{path}",
            f"{path}?access_token={TOKEN}",
        )


async def test_every_route_but_those_that_are_open_asks_for_a_token() -> None:
    """SEC-05 (CVE-2026-46425, Fleet PR#48858) and SEC-06 (CVE-2025-4210): the door is the application's, not a path's."""
    async with world() as ask:
        ask.keep("ada")
        walked = sorted(each for each in set(_spellings(ask.app)) if re.sub("/+", "/", each).rstrip("/") not in OPEN)
        assert len(walked) > 150
        for path in walked:
            for method in METHODS if "//scim" in path or path.endswith("u-1") else ("GET", "POST", "HEAD", "OPTIONS"):
                answer = await asked(ask.app, method, path, [], b"{}")
                allowed = {401} if method in METHODS[:-2] else {405}
                assert answer.status in allowed, f"{method} {path}: {answer.status}"
                assert answer.headers["content-type"] == MEDIA_TYPE
        assert ask.seen == []


@pytest.mark.parametrize("path", ["ServiceProviderConfig", "Schemas", "ResourceTypes", "Schemas/x"])
async def test_what_the_gateway_can_do_is_told_to_nobody_with_a_wrong_token(path: str) -> None:
    """SEC-22 (Infisical PR#6885): a connection test with a wrong token must fail, so discovery asks for one, too."""
    async with world() as ask:
        assert _refused(await asked(ask.app, "GET", f"/scim/v2/{path}"))
        assert _refused(await ask("GET", f"/{path}", None, ("Authorization", "Bearer wrong")))


def _odd() -> Iterator[list[tuple[str, str]]]:
    """Return credentials that are none."""
    for value in (
        *(
            "",
            " ",
            "Bearer",
            "Bearer ",
            "bearer  ",
            "Bearer null",
            "Bearer undefined",
            "Bearer None",
            "Bearer *",
            "Bearer ''",
        ),
        *(
            TOKEN,
            f"Token {TOKEN}",
            f"Basic {TOKEN}",
            f"Bearer{TOKEN}",
            f"Bearer:{TOKEN}",
            f"Bearer\t{TOKEN}",
            f"Bearer={TOKEN}",
        ),
        *(
            f"Bearer {TOKEN.upper()}",
            f"Bearer {TOKEN[:-1]}",
            f"Bearer {TOKEN}x",
            f"Bearer {TOKEN}\0",
            f'Bearer "{TOKEN}"',
        ),
        *(
            f"Bearer {TOKEN},",
            f"Bearer {TOKEN} x",
            f"Bearer {TOKEN}, Bearer {TOKEN}",
            f"Bearer x {TOKEN}",
            f"Bearer {TOKEN};",
        ),
        *(
            f"Bearer \u00e9{TOKEN}",
            f"Bearer {'x' * 100_000}",
            "Bearer ..",
            "Bearer a.b.c",
            "Bearer eyJhbGciOiJub25lIn0.e30.",
        ),
        *(f"Digest {TOKEN}", f"Negotiate {TOKEN}", "Bearer " + "A" * 43, f"Bearer {secrets.token_urlsafe(32)}"),
    ):
        yield [("Authorization", value)]
    good = ("Authorization", f"Bearer {TOKEN}")
    yield from ([], [good, good], [good, ("Authorization", "")], [("Authorization", "Bearer x"), good])
    yield from (
        [("Cookie", f"Authorization=Bearer {TOKEN}; token={TOKEN}")],
        [("X-Api-Key", TOKEN)],
        [("Proxy-Authorization", good[1])],
    )
    yield [("X-Authorization", good[1]), ("X-Forwarded-Authorization", good[1])]


async def test_an_odd_credential_is_refused_and_asks_the_upstream_nothing() -> None:
    """SEC-07 (ToolJet#16217): two empty texts are not two equal secrets, and one header with one token is the only way in."""
    async with world() as ask:
        ask.keep("ada")
        for headers in _odd():
            for target in (
                "/scim/v2/Users",
                f"/scim/v2/Users?access_token={TOKEN}&token={TOKEN}",
                f"/scim/v2/Users/{TOKEN}",
            ):
                assert _refused(await asked(ask.app, "GET", target, headers)), headers
        assert ask.seen == []
        for blanks in (f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER   {TOKEN}", f"Bearer {TOKEN} "):
            assert (await ask("GET", "/Users/u-1", None, ("Authorization", blanks))).status == 200


async def test_a_thousand_guesses_are_refused_and_lock_nobody_out() -> None:
    """SEC-43 (CVE-2025-59152; scimgateway holds everybody): a flood of wrong tokens delays no right one, whatever it says of itself."""
    async with world() as ask:
        user = ask.keep("ada")
        for number in range(1_000):
            forged = [
                ("Authorization", f"Bearer {secrets.token_urlsafe(32)}"),
                ("X-Forwarded-For", f"192.0.2.{number % 256}"),
            ]
            assert _refused(await asked(ask.app, "GET", "/scim/v2/Users", forged))
        assert ask.seen == []
        assert (await ask("GET", f"/Users/{user}")).status == 200


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"ADAPTER_TOKENS": ""},
        {"ADAPTER_TOKENS": " , ,"},
        {"ADAPTER_TOKENS": "x" * 31},
        {"ADAPTER_TOKENS": f"{'x' * 32},short"},
        {"ADAPTER_STRICT_TOKENS": "short"},
        {"ADAPTER_CLIENT_ID": "entra"},
        {"ADAPTER_CLIENT_SECRET": "x" * 40},
        {"ADAPTER_CLIENT_ID": "entra", "ADAPTER_CLIENT_SECRET": " "},
        {"ADAPTER_TOKENS": "x" * 32, "ADAPTER_SIGNING_KEY": "short"},
    ],
)
def test_without_a_secret_that_can_be_one_nothing_starts(given: dict[str, str]) -> None:
    """SEC-07: no token, an empty one or a short one is a reason not to start, never an open door."""
    with pytest.raises(SettingsError):
        read({"ADAPTER_UPSTREAM_URL": "https://x.example"} | given, Declared({}, {}, []))


def test_a_client_without_credentials_has_none_that_fit() -> None:
    """SEC-07: where no client is configured, an empty id and an empty secret are nobody's."""
    made = Clients(Known(tokens=[], client_id="", client_secret=""), "k" * 32, PUBLIC)
    assert not made.is_client("", "")
    for each in ("", "Bearer ", "Bearer null"):
        with pytest.raises(Unauthorized):
            made.admit(each)


async def test_a_secret_is_shown_by_no_answer_and_no_command() -> None:
    """SEC-08 (CVE-2026-43640, gitlab#385050): no route, repr, help or fault prints a secret, and tokens that we give end."""
    canary = Secret(f"canary-{secrets.token_urlsafe(32)}")
    kept = msgspec.structs.replace(SETTINGS, tokens=(canary,), client_secret=canary, signing_key=canary)
    assert canary not in repr(kept)
    async with world(tokens=(canary,), client_secret=canary, signing_key=canary) as ask:
        ask.keep("ada")
        for path in (*NAMES, "Users?count=1", "Nothing"):
            answer = await ask("GET", f"/{path}", None, ("Authorization", f"Bearer {canary}"))
            assert canary.encode() not in answer.content + repr(answer.headers).encode()
    for arguments in (("serve", "--help"), ("serve", "--port", "0")):
        done = run(
            *arguments, ADAPTER_TOKENS=f"{canary},short", ADAPTER_SECRET_JWT=canary, ADAPTER_UPSTREAM_URL="ftp://x"
        )
        assert canary not in done.stdout + done.stderr
    assert clients.LIFETIME <= 6 * 3600
    assert "ADAPTER_CLIENT_SECRET" in ENVIRONMENT


def test_secrets_are_compared_in_constant_time_and_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-42 (CVE-2022-31142, CVE-2026-23996): digests are compared, by `compare_digest`, and no match ends it early."""
    compared: list[tuple[int, int]] = []
    genuine = hmac.compare_digest

    def counted(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return genuine(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    tokens = [f"{number}" * 40 for number in range(5)]
    made = Clients(Known(tokens=tokens, client_id="entra", client_secret="s"), "k" * 32, PUBLIC)
    for each in (tokens[0], tokens[4], "x", "9" * 40):
        compared.clear()
        try:
            made.admit(f"Bearer {each}")
        except Unauthorized:
            assert each not in tokens
        assert compared == [(32, 32)] * 5
    compared.clear()
    assert not made.is_client("nobody", "s")
    assert compared == [(32, 32)] * 2


def test_no_secret_is_compared_by_an_equals_sign() -> None:
    """SEC-42: a rule about the source itself, so that it stays so."""
    tree = ast.parse(Path(clients.__file__).read_text(encoding="utf-8"))
    equal = [
        each
        for each in ast.walk(tree)
        if isinstance(each, ast.Compare) and isinstance(each.ops[0], ast.Eq | ast.NotEq | ast.In)
    ]
    assert [
        text for each in equal if re.search("secret|token|digest|given|key", text := ast.unparse(each), re.IGNORECASE)
    ] == []


async def test_the_bearer_of_a_good_token_comes_in() -> None:
    async with world() as ask:
        assert (await asked(ask.app, "GET", "/scim/v2/Schemas", [BEARER])).status == 200
