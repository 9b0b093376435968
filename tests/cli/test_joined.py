import asyncio
from typing import Any

import pytest

from adapter.cli.joined import MOST, Joined


class Wire(asyncio.Transport):
    """A transport that keeps what is done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Any] = []
        self.is_over = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.done.append(bytes(data))

    def close(self) -> None:
        self.is_over = True
        self.done.append("closed")

    def abort(self) -> None:
        self.is_over = True
        self.done.append("aborted")

    def is_closing(self) -> bool:
        return self.is_over

    def get_write_buffer_size(self) -> int:
        return 3

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return name, default


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def joined(wire: Wire) -> Joined:
    return Joined(wire, asyncio.get_running_loop())


async def test_what_is_written_in_one_turn_goes_out_once_it_is_over(wire: Wire, joined: Joined) -> None:
    joined.write(b"head ")
    joined.write(b"")
    joined.write(b"body")
    assert (wire.done, joined.get_write_buffer_size()) == ([], 12)
    await asyncio.sleep(0)
    assert (wire.done, joined.get_write_buffer_size()) == ([b"head body"], 3)
    joined.write(b"next")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert wire.done == [b"head body", b"next"]


async def test_what_is_left_goes_out_before_the_end(wire: Wire, joined: Joined) -> None:
    joined.write(b"last")
    joined.close()
    await asyncio.sleep(0)
    assert wire.done == [b"last", "closed"]


async def test_nothing_goes_out_to_who_has_gone(wire: Wire, joined: Joined) -> None:
    joined.write(b"last")
    joined.abort()
    await asyncio.sleep(0)
    assert wire.done == ["aborted"]


async def test_no_more_is_kept_than_may_be(wire: Wire, joined: Joined) -> None:
    for _ in range(2):
        joined.write(b"a" * MOST)
    assert [len(each) for each in wire.done] == [2 * MOST]
    await asyncio.sleep(0)
    assert len(wire.done) == 1


async def test_all_else_is_the_transports(joined: Joined) -> None:
    assert joined.get_extra_info("peername") == ("peername", None)
    assert not joined.is_closing()
