"""One connection, from one reading of the settings to the next; several of them are in test_gateway."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapter.errors import SettingsError
from adapter.settings.settings import Connection as Described
from adapter.upstream.transport.transport import Transport
from adapter.web.connection import Connection
from tests.conversation import PUBLIC, SETTINGS, mapping_of, settings_of

KEYS = ("a-signing-key-of-thirty-two-characters-or-more",)


def _described(**more: Any) -> Described:
    return msgspec.structs.replace(settings_of("full").connection(mapping_of("full")), **more)


@pytest.mark.parametrize(
    ("more", "keys", "same"),
    [
        ({}, KEYS, True),
        ({"clients": ()}, KEYS, True),
        ({"secrets": {"token": "another"}}, KEYS, False),
        ({"upstream_url": "https://another.example"}, KEYS, False),
        ({"times": {"request": 3.0}}, KEYS, False),
        ({"guard_most": 3}, KEYS, False),
        ({"values": {"x": "y"}}, KEYS, False),
        ({"mapping": msgspec.structs.replace(mapping_of("full"), digest="another")}, KEYS, False),
        ({"mapping": msgspec.structs.replace(mapping_of("full"), in_flight=1)}, KEYS, False),
        ({}, ("another", *KEYS), False),
    ],
)
async def test_a_connection_knows_what_would_change_it(more: dict[str, Any], keys: tuple[str, ...], same: bool) -> None:  # noqa: FBT001
    connection = Connection(_described(), KEYS, PUBLIC)
    assert connection.is_as(_described(**more), keys) is same
    await connection.closed()


async def test_what_comes_after_takes_over_the_wire_the_store_and_the_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Transport] = []

    async def aclose(transport: Transport) -> None:
        closed.append(transport)

    monkeypatch.setattr(Transport, "aclose", aclose)
    before = Connection(_described(), KEYS, PUBLIC, str(tmp_path / "store.db"))
    after = Connection(_described(times={"request": 3.0}), KEYS, PUBLIC, str(tmp_path / "store.db"), before=before)
    assert (after.http, after.store) == (before.http, before.store)
    assert (before.longest, after.longest) == (SETTINGS.times["request"], 3.0)
    await before.closed(after)
    assert closed == []
    await after.closed()
    assert closed == [after.http]


async def test_a_connection_that_cannot_be_served_leaves_nothing_open(tmp_path: Path) -> None:
    spoilt = msgspec.structs.replace(mapping_of("full"), client_certificate="no certificate")
    with pytest.raises(SettingsError, match="the client certificate cannot be used"):
        Connection(_described(mapping=spoilt), KEYS, PUBLIC, str(tmp_path / "store.db"))


async def test_a_mapping_that_insists_on_a_store_is_not_served_without_one() -> None:
    kept = msgspec.structs.replace(mapping_of("n-able"), storeless=None)
    described = msgspec.structs.replace(SETTINGS.connection(kept))
    with pytest.raises(SettingsError, match="ADAPTER_STORE is missing"):
        Connection(described, KEYS, PUBLIC)
