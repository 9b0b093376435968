from typing import Any

import pytest

from adapter.mapping.document.credential import Credential
from tests.mapping.document.accepts import accepts


@pytest.mark.parametrize(
    ("kind", "data", "fits"),
    [
        (Credential, {"kind": "none"}, True),
        (Credential, {"kind": "token", "token": "x", "sent": {"query": "key"}}, True),
        (
            Credential,
            {"kind": "exchange", "call": "POST /a", "token": "t", "refresh": {"call": "POST /b", "token": "r"}},
            True,
        ),
        (Credential, {"kind": "exchange", "call": "POST /a", "token": "t", "refresh": {"call": "POST /b"}}, False),
        (Credential, {"kind": "guess"}, False),
    ],
)
def test_the_bounds_of_a_part(kind: Any, data: Any, fits: bool) -> None:  # noqa: FBT001
    assert accepts(kind, data) is fits
