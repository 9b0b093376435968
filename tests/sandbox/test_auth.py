import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from httpx import AsyncClient

AUTHENTICATE, REFRESH = "/api/auth/authenticate", "/api/auth/refresh"
VALIDATE, LOGOUT = "/api/auth/validate", "/api/auth/logout"
TEXT = {"Content-Type": "text/plain"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_the_service_account_s_token_is_exchanged_for_a_pair(api: AsyncClient, jwt: str) -> None:
    reply = await api.post(AUTHENTICATE, headers=bearer(jwt))
    assert reply.status_code == 200
    answer = reply.json()
    access, refresh = (answer["tokens"][kind].pop("token") for kind in ("access", "refresh"))
    assert access != refresh
    assert answer == {
        "tokens": {
            "access": {"type": "Bearer", "expirySeconds": 3600},
            "refresh": {"type": "Body", "expirySeconds": 90000},
        },
        "refresh": "/api/auth/refresh",
        "validate": "/api/auth/validate",
    }


async def test_a_wrong_service_token_is_refused(api: AsyncClient) -> None:
    assert (await api.post(AUTHENTICATE, headers=bearer("wrong"))).status_code == 401


async def test_a_call_without_authorization_is_refused_in_n_central_s_words(api: AsyncClient) -> None:
    for method, path in (("POST", AUTHENTICATE), ("GET", VALIDATE), ("GET", "/api/users/me")):
        request = api.build_request(method, path)
        del request.headers["Authorization"]
        reply = await api.send(request)
        assert reply.status_code == 401
        assert re.fullmatch(
            r"\[ID=\S+\] UNAUTHORIZED: UnauthorizedException: Missing authorization header bearer\.",
            reply.json()["message"],
        )


async def test_the_service_token_opens_nothing_else(api: AsyncClient, jwt: str) -> None:
    assert (await api.get("/api/users/me", headers=bearer(jwt))).status_code == 401


async def test_lifetimes_can_be_shortened(api: AsyncClient, jwt: str) -> None:
    overrides = {"X-ACCESS-EXPIRY-OVERRIDE": "30m", "X-REFRESH-EXPIRY-OVERRIDE": "4h"}
    tokens = (await api.post(AUTHENTICATE, headers=bearer(jwt) | overrides)).json()["tokens"]
    assert [tokens[kind]["expirySeconds"] for kind in ("access", "refresh")] == [1800, 14400]


async def test_lifetimes_cannot_be_lengthened(api: AsyncClient, jwt: str) -> None:
    overrides = {"X-ACCESS-EXPIRY-OVERRIDE": "2h", "X-REFRESH-EXPIRY-OVERRIDE": "26h"}
    tokens = (await api.post(AUTHENTICATE, headers=bearer(jwt) | overrides)).json()["tokens"]
    assert [tokens[kind]["expirySeconds"] for kind in ("access", "refresh")] == [3600, 90000]


@pytest.mark.parametrize("header", ["X-ACCESS-EXPIRY-OVERRIDE", "X-REFRESH-EXPIRY-OVERRIDE"])
async def test_a_malformed_lifetime_is_refused(api: AsyncClient, jwt: str, header: str) -> None:
    assert (await api.post(AUTHENTICATE, headers=bearer(jwt) | {header: "soon"})).status_code == 400


async def test_a_refresh_token_is_the_body(api: AsyncClient, jwt: str) -> None:
    tokens = (await api.post(AUTHENTICATE, headers=bearer(jwt))).json()["tokens"]
    reply = await api.post(REFRESH, content=tokens["refresh"]["token"], headers=TEXT)
    assert reply.status_code == 200
    fresh = reply.json()["tokens"]["access"]["token"]
    assert fresh != tokens["access"]["token"]
    assert (await api.get(VALIDATE, headers=bearer(fresh))).status_code == 200


async def test_anything_else_than_a_refresh_token_as_text_is_refused(api: AsyncClient, jwt: str) -> None:
    tokens = (await api.post(AUTHENTICATE, headers=bearer(jwt))).json()["tokens"]
    refresh = tokens["refresh"]["token"]
    assert (await api.post(REFRESH, json={"refresh_token": refresh})).status_code == 400
    assert (await api.post(REFRESH, content=tokens["access"]["token"], headers=TEXT)).status_code == 401
    assert (await api.post(REFRESH, content=b"\xff", headers=TEXT)).status_code == 401


async def test_a_living_token_is_valid(api: AsyncClient) -> None:
    assert (await api.get(VALIDATE)).json() == {"message": "The token is valid."}


async def test_a_logout_kills_both_tokens(api: AsyncClient, jwt: str) -> None:
    tokens = (await api.post(AUTHENTICATE, headers=bearer(jwt))).json()["tokens"]
    mine = bearer(tokens["access"]["token"])
    assert (await api.post(LOGOUT, headers=mine)).status_code == 200
    assert (await api.get(VALIDATE, headers=mine)).status_code == 401
    assert (await api.post(REFRESH, content=tokens["refresh"]["token"], headers=TEXT)).status_code == 401


async def test_a_token_that_has_expired_is_refused(
    started: Callable[..., AbstractAsyncContextManager[tuple[AsyncClient, AsyncClient]]],
) -> None:
    now = [0.0]
    async with started(clock=lambda: now[0]) as (api, _):
        now[0] = 3599
        assert (await api.get(VALIDATE)).status_code == 200
        now[0] = 3600
        reply = await api.get(VALIDATE)
        assert reply.status_code == 401
        assert reply.json()["message"].endswith("Invalid or expired access token.")
