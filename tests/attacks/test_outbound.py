"""The witness itself: it must see what it is there to see."""

import pytest

from tests.attacks.outbound import stray
from tests.conversation import mapping_of

OWN = ["Host", "Accept", "Authorization"]


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/users/u-1"),
        ("DELETE", "/users/a.b"),
        ("GET", "/users?login=ada&limit=50&offset=0"),
        ("POST", "/users"),
    ],
)
def test_a_call_of_the_mapping_is_let_pass(method: str, target: str) -> None:
    assert stray(method, target, OWN, mapping_of("full")) is None


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("DELETE", "/users", OWN),
        ("DELETE", "/", OWN),
        ("GET", "/users/a/b", OWN),
        ("GET", "/users/..", OWN),
        ("GET", "/users/%2e%2e", OWN),
        ("GET", "/users/%252e%252e", OWN),
        ("GET", "/users/a;b", OWN),
        ("GET", "/users/a?admin=1", OWN),
        ("GET", "/admin", OWN),
        ("PUT", "/users/a", OWN),
        ("GET", "/users/a", [*OWN, "X-Forwarded-For"]),
        ("GET", "/users/a", [*OWN, "Cookie"]),
    ],
)
def test_any_other_call_is_noticed(method: str, target: str, headers: list[str]) -> None:
    assert stray(method, target, headers, mapping_of("full")) is not None
