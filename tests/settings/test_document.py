"""The example that the README shows is in `deploy/gateway.yaml`; every key of the language stands in it or is told of."""

from pathlib import Path

import msgspec
import pytest

from adapter.settings import document

EXAMPLE = (Path(__file__).parent.parent.parent / "deploy" / "gateway.yaml").read_text(encoding="utf-8")
PARTS = [
    document.Gateway,
    document.Connection,
    document.Token,
    document.Credentials,
    document.Federated,
    document.EntraToken,
    document.Shown,
    document.Limits,
    document.Guard,
]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_key_stands_in_the_example(part: type[msgspec.Struct]) -> None:
    assert [each for each in part.__struct_fields__ if f"{each}:" not in EXAMPLE] == []
    assert not part.__struct_config__.tag or f"kind: {part.__struct_config__.tag}" in EXAMPLE
