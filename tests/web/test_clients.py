import base64
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from adapter.errors import Unauthorized
from adapter.settings.secret import Proof, Secret, digest
from adapter.settings.settings import FederatedClient, TokenClient
from adapter.web.assertions import Assertions, fetched
from adapter.web.clients import LIFETIME, MOST_TOKEN, Clients
from tests.conversation import CLIENT_SECRET, Given, mapping_of
from tests.fakes.issuer import AUDIENCE, SUBJECT, issuing
from tests.fakes.issuer import ISSUER as OF_ENTRA

STATIC = ("first-static-token-of-32-characters", "second-static-token-of-32-characters")
KEY = "a-signing-key-of-thirty-two-characters-or-more"
ISSUER = "https://scim.example.com"
NOW = 1_800_000_000.0


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def _clients(
    clock: Clock | None = None, *, keys: tuple[str, ...] = (KEY,), issuer: str = ISSUER, **told: Any
) -> Clients:
    about = {"tokens": STATIC, "client_id": "entra", "client_secret": CLIENT_SECRET} | told
    given = Given(upstream_url="https://upstream", values={}, secrets={}, **about)
    connections = (given.connection(mapping_of("n-able"), "acme"),)
    return Clients(connections, tuple(map(Secret, keys)), issuer, Assertions(fetched), clock or Clock())


def _access_token(clients: Clients) -> str:
    token = clients.with_secret("entra", CLIENT_SECRET)
    assert token is not None
    return token


def _own(key: str = KEY) -> OctKey:
    return OctKey.import_key(digest(key), {"kid": digest(digest(key).hex()).hex()[:8]})


def _signed(claims: dict[str, Any], header: dict[str, Any] | None = None, key: Any = None, algorithm: str = "") -> str:
    own = _own()
    return jwt.encode(header or {"alg": "HS256", "kid": own.kid}, claims, key or own, algorithms=[algorithm or "HS256"])


def _claims(**other: Any) -> dict[str, Any]:
    about = {"sub": "client", "connection": "acme", "proof": digest(CLIENT_SECRET).hex()[:8]}
    claims = {"iss": ISSUER, "aud": ISSUER, "iat": int(NOW), "exp": int(NOW) + LIFETIME} | about | other
    return {name: value for name, value in claims.items() if value is not None}


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def test_every_static_token_lets_its_bearer_in_and_has_its_own_name() -> None:
    assert [(await _clients().admit(f"Bearer {each}")).name for each in STATIC] == ["token-1", "token-2"]


@pytest.mark.parametrize("header", ["bearer {}", "BEARER {}", "Bearer  {}", "Bearer {} "])
async def test_the_scheme_has_no_case_and_spaces_do_not_matter(header: str) -> None:
    assert (await _clients().admit(header.format(STATIC[0]))).name == "token-1"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer null",
        "bearer null",
        "Bearer undefined",
        STATIC[0],
        f"Basic {STATIC[0]}",
        f"Token {STATIC[0]}",
        f"Bearer{STATIC[0]}",
        f"Bearer {STATIC[0][:-1]}",
        f"Bearer {STATIC[0]}x",
        f"Bearer {STATIC[0].upper()}",
        f"Bearer {STATIC[0]} {STATIC[1]}",
        f"Bearer {STATIC[0]}, Bearer {STATIC[0]}",
        f"Bearer {STATIC[0]},{STATIC[1]}",
        f"Bearer Bearer {STATIC[0]}",
        f'Bearer "{STATIC[0]}"',
        "Bearer entra:entra-secret-of-thirty-two-characters",
        "Bearer ä",
        "Bearer ..",
        "Bearer a.b.c",
        "Bearer a.b.c.d.e",
        "Bearer " + "x" * (MOST_TOKEN + 1),
        "Bearer " + "." * MOST_TOKEN,
        "Bearer " + base64.b64encode(b"[" * 3000).decode() + ".e30.e30",
    ],
)
async def test_everything_else_stays_outside(header: str) -> None:
    with pytest.raises(Unauthorized):
        await _clients().admit(header)


@given(strategies.text() | strategies.text("abcABC019-_=.", max_size=200))
async def test_whatever_is_presented_is_admitted_or_unauthorized(text: str) -> None:
    with pytest.raises(Unauthorized):
        await _clients().admit(f"Bearer {text}")


JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(max_size=9),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text(max_size=9), inner),
    max_leaves=8,
)


@given(JSON, JSON)
async def test_a_forged_token_of_any_shape_stays_outside(header: Any, claims: Any) -> None:
    with pytest.raises(Unauthorized):
        await _clients().admit(f"Bearer {_part(header)}.{_part(claims)}.AAAA")


async def test_an_access_token_lets_the_client_in() -> None:
    clients = _clients()
    assert (await clients.admit(f"Bearer {_access_token(clients)}")).name == "client"


async def test_an_access_token_lives_an_hour() -> None:
    clock = Clock()
    clients = _clients(clock)
    token = _access_token(clients)
    clock.now = NOW + LIFETIME - 1
    assert (await clients.admit(f"Bearer {token}")).name == "client"
    clock.now = NOW + LIFETIME + 1
    with pytest.raises(Unauthorized):
        await clients.admit(f"Bearer {token}")


async def test_a_static_token_does_not_age() -> None:
    clock = Clock()
    clients = _clients(clock)
    clock.now = NOW * 2
    assert (await clients.admit(f"Bearer {STATIC[0]}")).name == "token-1"


async def test_a_token_of_another_gateway_with_the_same_key_is_not_ours() -> None:
    token = _access_token(_clients(issuer="https://other.example.com"))
    with pytest.raises(Unauthorized):
        await _clients().admit(f"Bearer {token}")


async def test_a_token_that_was_signed_with_another_key_is_not_ours() -> None:
    token = _access_token(_clients(keys=("another-signing-key-of-thirty-two-characters",)))
    with pytest.raises(Unauthorized):
        await _clients().admit(f"Bearer {token}")


async def test_a_token_that_we_would_have_signed_is_ours() -> None:
    assert (await _clients().admit(f"Bearer {_signed(_claims())}")).name == "client"


@pytest.mark.parametrize(
    "other",
    [
        {"iss": None},
        {"iss": "https://other.example.com"},
        {"iss": [ISSUER]},
        {"aud": None},
        {"aud": "https://other.example.com"},
        {"aud": []},
        {"exp": None},
        {"exp": int(NOW) - 1},
        {"exp": "tomorrow"},
        {"exp": True},
        {"nbf": int(NOW) + 60},
    ],
)
async def test_each_claim_that_is_wrong_or_missing_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        await _clients().admit(f"Bearer {_signed(_claims(**other))}")


async def test_a_token_longer_than_any_of_ours_is_not_even_read() -> None:
    with pytest.raises(Unauthorized):
        await _clients().admit(f"Bearer {_signed(_claims(padding='x' * MOST_TOKEN))}")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", "HS512", "RS256", None, 7])
@pytest.mark.parametrize("signature", ["", "AAAA"])
async def test_a_token_that_names_another_algorithm_is_refused(algorithm: Any, signature: str) -> None:
    with pytest.raises(Unauthorized):
        await _clients().admit(f"Bearer {_part({'alg': algorithm, 'typ': 'JWT'})}.{_part(_claims())}.{signature}")


async def test_a_key_in_the_tokens_own_header_is_not_believed() -> None:
    key = OctKey.generate_key(256)
    header = {"alg": "HS256", "jwk": key.as_dict(private=True), "kid": "1"}
    with pytest.raises(Unauthorized):
        await _clients().admit(f"Bearer {_signed(_claims(), header, key)}")


async def test_a_good_signature_of_another_kind_is_refused() -> None:
    key = RSAKey.generate_key(2048)
    with pytest.raises(Unauthorized):
        await _clients().admit(f"Bearer {_signed(_claims(), {'alg': 'RS256'}, key, 'RS256')}")


async def test_a_good_signature_of_another_length_is_refused() -> None:
    token = _signed(_claims(), {"alg": "HS512", "kid": _own().kid}, _own(), "HS512")
    with pytest.raises(Unauthorized):
        await _clients().admit(f"Bearer {token}")


async def test_a_token_that_was_altered_is_refused() -> None:
    header, claims, signature = _access_token(_clients()).split(".")
    altered = _part(_claims(exp=int(NOW) * 2))
    for token in (
        f"{header}.{altered}.{signature}",
        f"{header}.{claims}.",
        f"{header}.{claims}",
        f"{claims}.{claims}.{signature}",
    ):
        with pytest.raises(Unauthorized):
            await _clients().admit(f"Bearer {token}")


async def test_the_refusal_says_nothing_about_the_token() -> None:
    expired = _signed(_claims(exp=1))
    said = []
    for header in ("", f"Bearer {expired}", f"Bearer {STATIC[0]}x"):
        with pytest.raises(Unauthorized) as raised:
            await _clients().admit(header)
        said.append(raised.value.detail)
    assert len(set(said)) == 1


@pytest.mark.parametrize(
    ("client_id", "secret", "known"),
    [
        ("entra", CLIENT_SECRET, True),
        ("entra", "wrong", False),
        ("eve", CLIENT_SECRET, False),
        ("", "", False),
        (CLIENT_SECRET, "entra", False),
    ],
)
def test_a_client_is_known_by_both_halves(client_id: str, secret: str, known: bool) -> None:  # noqa: FBT001
    assert (_clients().with_secret(client_id, secret) is not None) is known


def test_without_credentials_there_is_no_client() -> None:
    assert _clients(client_id="", client_secret="").with_secret("", "") is None


def test_what_is_kept_shows_no_secret() -> None:
    kept = repr(vars(_clients()))
    assert not [each for each in (*STATIC, CLIENT_SECRET, KEY) if each in kept]


async def test_a_signing_key_is_replaced_without_a_gap() -> None:
    old, new = KEY, "another-signing-key-of-thirty-two-characters"
    token = _access_token(_clients())
    both = _clients(keys=(new, old))
    assert (await both.admit(f"Bearer {token}")).name == "client"
    fresh = _access_token(both)
    assert (await _clients(keys=(new,)).admit(f"Bearer {fresh}")).name == "client"
    for stranger, presented in ((_clients(keys=(new,)), token), (_clients(), fresh)):
        with pytest.raises(Unauthorized):
            await stranger.admit(f"Bearer {presented}")


@pytest.mark.parametrize(
    "other",
    [
        {"sub": "somebody"},
        {"sub": "token-1"},
        {"connection": "globex"},
        {"connection": None},
        {"proof": "00000000"},
        {"proof": None},
    ],
)
async def test_a_token_for_somebody_who_is_no_client_any_more_opens_nothing(other: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        await _clients().admit(f"Bearer {_signed(_claims(**other))}")


async def test_a_token_that_was_admitted_once_ends_all_the_same() -> None:
    clock = Clock()
    clients = _clients(clock)
    token = _access_token(clients)
    assert [(await clients.admit(f"Bearer {token}")).name for _ in range(3)] == ["client"] * 3
    clock.now = NOW + LIFETIME + 1
    with pytest.raises(Unauthorized):
        await clients.admit(f"Bearer {token}")


async def test_a_proof_lets_in_between_its_beginning_and_its_end() -> None:
    clock = Clock()
    proof = Proof(digest(STATIC[0]), NOW + 10, NOW + 20)
    client = TokenClient(name="entra", tokens=(proof,), may_write=False)
    given = Given(upstream_url="https://upstream", values={}, secrets={})
    connection = msgspec.structs.replace(given.connection(mapping_of("n-able"), "acme"), clients=(client,))
    clients = Clients((connection,), (Secret(KEY),), ISSUER, Assertions(fetched), clock)
    for ahead, is_let_in in ((9, False), (10, True), (19, True), (20, False)):
        clock.now = NOW + ahead
        try:
            admitted = await clients.admit(f"Bearer {STATIC[0]}")
        except Unauthorized:
            assert not is_let_in
        else:
            assert (is_let_in, admitted.connection, admitted.may_write) == (True, "acme", False)


async def test_an_assertion_that_names_two_clients_lets_in_the_one_that_is_meant() -> None:
    async with issuing() as issuer:
        about: dict[str, Any] = {"issuer": OF_ENTRA, "audience": AUDIENCE, "subject": SUBJECT, "keys": issuer.url}
        given = Given(upstream_url="https://upstream", values={}, secrets={})
        connections = [
            msgspec.structs.replace(
                given.connection(mapping_of("n-able"), name), clients=(FederatedClient(name="entra", id=name, **about),)
            )
            for name in ("acme", "globex")
        ]
        clients = Clients(tuple(connections), (Secret(KEY),), ISSUER, Assertions(fetched))
        assert await clients.with_assertion(None, issuer.signed()) is None
        for name in ("acme", "globex"):
            token = await clients.with_assertion(name, issuer.signed())
            assert (await clients.admit(f"Bearer {token}")).connection == name


@pytest.mark.parametrize("other", [{"subject": "another"}, {"issuer": "https://another"}, {"name": "another"}])
async def test_an_access_token_ends_with_what_the_client_proved_itself_by(other: dict[str, Any]) -> None:
    async with issuing() as issuer:
        about = {"name": "entra", "id": "entra", "issuer": OF_ENTRA, "audience": AUDIENCE, "subject": SUBJECT}
        given = Given(upstream_url="https://upstream", values={}, secrets={}).connection(mapping_of("n-able"), "acme")

        def clients(**more: Any) -> Clients:
            told: dict[str, Any] = about | {"keys": issuer.url} | more
            federated = FederatedClient(**told)
            connection = msgspec.structs.replace(given, clients=(federated,))
            return Clients((connection,), (Secret(KEY),), ISSUER, Assertions(fetched))

        token = await clients().with_assertion("entra", issuer.signed())
        assert (await clients().admit(f"Bearer {token}")).name == "entra"
        with pytest.raises(Unauthorized):
            await clients(**other).admit(f"Bearer {token}")


@pytest.mark.parametrize("crit", [1, None, [[]], {}])
async def test_a_header_that_the_library_stumbles_over_is_no_fault_of_ours(crit: Any) -> None:
    with pytest.raises(Unauthorized):
        await _clients().admit(
            f"Bearer {_part({'alg': 'HS256', 'kid': _own().kid, 'crit': crit})}.{_part(_claims())}.AAAA"
        )
