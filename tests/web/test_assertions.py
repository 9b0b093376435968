"""Tokens of other issuers, judged by the keys that a real issuer serves over HTTP, through its changes and outages."""

import asyncio
import base64
import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OctKey, RSAKey

from adapter.errors import Unavailable
from adapter.web.assertions import KEPT, LEEWAY, PAUSE, Assertions, claimed, fetched
from tests.fakes.issuer import AUDIENCE, ISSUER, SUBJECT, Issuer, issuing
from tests.upstream.server import Server, reply

RULES = {"iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT}


class Clock:
    """A clock that goes on when a test says so."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        from time import time  # noqa: PLC0415 (the issuer's own clock)

        return time() + self.ahead


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def test_a_token_of_the_issuer_holds_and_its_keys_are_read_once() -> None:
    async with issuing() as issuer:
        assertions = Assertions(fetched)
        assert [await assertions.hold(issuer.signed(), issuer.url, RULES) for _ in range(3)] == [True] * 3
        assert issuer.looks == 1


async def test_many_tokens_at_once_read_the_keys_once() -> None:
    async with issuing() as issuer:
        assertions = Assertions(fetched)
        held = await asyncio.gather(*(assertions.hold(issuer.signed(), issuer.url, RULES) for _ in range(20)))
        assert (set(held), issuer.looks) == ({True}, 1)


@pytest.mark.parametrize(
    "other",
    [
        {"iss": "https://login.microsoftonline.com/another/v2.0"},
        {"iss": None},
        {"aud": "api://another"},
        {"aud": None},
        {"sub": "another"},
        {"sub": None},
        {"exp": 1},
        {"exp": None},
        {"nbf": 9_999_999_999},
        {"algorithm": "RS512"},
    ],
)
async def test_each_claim_that_is_wrong_or_missing_is_refused(other: dict[str, Any]) -> None:
    async with issuing() as issuer:
        assert not await Assertions(fetched).hold(issuer.signed(**other), issuer.url, RULES)


async def test_the_clocks_of_two_machines_may_differ_by_a_little() -> None:
    clock = Clock()
    async with issuing() as issuer:
        assertions = Assertions(fetched, clock)
        token = issuer.signed()
        clock.ahead = 3900 + LEEWAY - 5
        assert await assertions.hold(token, issuer.url, RULES)
        clock.ahead = 3900 + LEEWAY + 5
        assert not await assertions.hold(token, issuer.url, RULES)


async def test_a_token_that_somebody_else_signed_is_refused_whatever_key_it_names() -> None:
    async with issuing() as issuer:
        kid = issuer.public["keys"][0]["kid"]
        assertions = Assertions(fetched)
        for key in (RSAKey.generate_key(2048, {"kid": kid}), RSAKey.generate_key(2048, {"kid": "another"})):
            assert not await assertions.hold(issuer.signed(key=key), issuer.url, RULES)
        # The public key is known to all: it must not be taken for a shared secret.
        public = json.dumps(issuer.public["keys"][0])
        forged: Any = OctKey.import_key(public, {"kid": kid})
        assert not await assertions.hold(issuer.signed(key=forged, algorithm="HS256"), issuer.url, RULES)
        unsigned = f"{_part({'alg': 'none', 'kid': kid})}.{_part(RULES)}."
        assert not await assertions.hold(unsigned, issuer.url, RULES)


async def test_a_new_key_is_found_and_one_that_is_withdrawn_is_forgotten() -> None:
    clock = Clock()
    async with issuing() as issuer:
        assertions = Assertions(fetched, clock)
        old = issuer.signed()
        assert await assertions.hold(old, issuer.url, RULES)
        clock.ahead += PAUSE
        issuer.rotate()
        assert await assertions.hold(issuer.signed(), issuer.url, RULES)
        assert await assertions.hold(old, issuer.url, RULES)
        assert issuer.looks == 2
        issuer.rotate(forget=True)
        clock.ahead += PAUSE
        assert await assertions.hold(issuer.signed(), issuer.url, RULES)
        assert not await assertions.hold(old, issuer.url, RULES)


async def test_keys_are_looked_up_again_after_a_day() -> None:
    clock = Clock()
    async with issuing() as issuer:
        assertions = Assertions(fetched, clock)
        assert await assertions.hold(issuer.signed(), issuer.url, RULES)
        clock.ahead += KEPT
        await assertions.hold(issuer.signed(), issuer.url, RULES)
        assert issuer.looks == 2


async def test_invented_key_ids_do_not_make_the_gateway_ask_for_more() -> None:
    async with issuing() as issuer:
        assertions = Assertions(fetched)
        for at in range(50):
            invented = f"{_part({'alg': 'RS256', 'kid': f'invented-{at}'})}.{_part(RULES)}.AAAA"
            assert not await assertions.hold(invented, issuer.url, RULES)
        assert issuer.looks == 1


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (500, None),
        (404, None),
        (302, None),
        (200, "x"),
        (200, {}),
        (200, {"keys": 7}),
        (200, [1]),
        (200, "x" * 300_000),
    ],
)
async def test_without_keys_a_token_is_neither_believed_nor_refused(status: int, content: Any) -> None:
    async with issuing() as issuer:
        issuer.status, issuer.content = status, content
        with pytest.raises(Unavailable):
            await Assertions(fetched).hold(issuer.signed(), issuer.url, RULES)


@pytest.mark.parametrize(
    "other",
    [
        {"kty": "AKP", "kid": "x", "alg": "ML-DSA-44", "pub": "AAAA"},
        {"kty": "EC", "kid": "x", "crv": "P-999", "x": "AA", "y": "AA"},
        {"kty": "RSA", "kid": "x", "e": "AQAB"},
        {"kty": "RSA", "kid": 7, "e": "AQAB", "n": 7},
        {"kid": "x"},
        7,
    ],
)
async def test_a_key_of_a_kind_that_is_not_known_takes_none_of_the_others_away(other: Any) -> None:
    async with issuing() as issuer:
        issuer.content = {"keys": [other, *issuer.public["keys"]]}
        assert await Assertions(fetched).hold(issuer.signed(), issuer.url, RULES)


async def test_an_issuer_that_cannot_be_reached_is_asked_again_after_a_pause() -> None:
    clock = Clock()
    async with issuing() as issuer:
        assertions = Assertions(fetched, clock)
        issuer.status = 503
        for _ in range(3):
            with pytest.raises(Unavailable):
                await assertions.hold(issuer.signed(), issuer.url, RULES)
        assert issuer.looks == 1
        issuer.status = 200
        clock.ahead += PAUSE
        assert await assertions.hold(issuer.signed(), issuer.url, RULES)


async def test_keys_that_are_there_outlast_an_outage_and_a_new_one_is_in_doubt_then() -> None:
    clock = Clock()
    async with issuing() as issuer:
        assertions = Assertions(fetched, clock)
        assert await assertions.hold(issuer.signed(), issuer.url, RULES)
        issuer.status = 503
        clock.ahead += PAUSE
        for _ in range(2):
            with pytest.raises(Unavailable):
                await assertions.hold(Issuer().signed(), issuer.url, RULES)
        assert await assertions.hold(issuer.signed(), issuer.url, RULES)
        assert issuer.looks == 2
        issuer.status = 200
        clock.ahead += PAUSE
        assert not await assertions.hold(Issuer().signed(), issuer.url, RULES)


async def test_a_daily_look_that_fails_is_made_again_soon() -> None:
    clock = Clock()
    async with issuing() as issuer:
        assertions = Assertions(fetched, clock)
        assert await assertions.hold(issuer.signed(), issuer.url, RULES)
        clock.ahead += KEPT
        issuer.status = 503
        for _ in range(2):
            await assertions.hold(issuer.signed(), issuer.url, RULES)
            clock.ahead += PAUSE
        assert issuer.looks == 3


@pytest.mark.parametrize("crit", [1, None, [[]]])
async def test_a_header_that_the_library_stumbles_over_is_refused(crit: Any) -> None:
    async with issuing() as issuer:
        header = {"alg": "RS256", "kid": issuer.public["keys"][0]["kid"], "crit": crit}
        assert not await Assertions(fetched).hold(f"{_part(header)}.{_part(RULES)}.AAAA", issuer.url, RULES)


@given(st.text() | st.text("abcABC019-_=.", max_size=200))
def test_whatever_a_token_is_its_claims_can_be_asked_for(text: str) -> None:
    assert isinstance(claimed(text), dict)


def test_claims_are_read_and_not_yet_believed() -> None:
    assert claimed(f"{_part({})}.{_part(RULES)}.AAAA") == RULES
    assert claimed(f"{_part({})}.{_part([1])}.AAAA") == {}


async def test_keys_come_by_the_proxy_that_is_named_and_a_wrong_one_is_no_fault_of_the_client() -> None:
    async with Server(reply(200, '{"keys": []}')) as proxy:
        assert await fetched("http://issuer.example/keys", {"HTTP_PROXY": proxy.url}) == b'{"keys": []}'
        assert proxy.seen[0].target == "http://issuer.example/keys"
    wrong = partial(fetched, proxies={"HTTP_PROXY": "socks5://proxy.example"})
    async with issuing() as issuer:
        with pytest.raises(Unavailable):
            await Assertions(wrong).hold(issuer.signed(), "http://issuer.example/keys", RULES)
