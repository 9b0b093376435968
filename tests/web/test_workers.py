import asyncio
import stat
from pathlib import Path
from typing import Any

import pytest

from adapter.errors import Internal, Unavailable
from adapter.settings.secret import Secret
from adapter.web.frames import Sent
from adapter.web.shares import Shares
from adapter.web.workers import AGAIN, Workers

SHARES = Shares(["acme", "globex"], 2)
OF = {SHARES.owner(each): each for each in ("acme", "globex")}
SENT = Sent("GET", "http", b"/acme/scim/v2/Users", b"", [], b"", "192.0.2.1")


def workers(folder: Path, number: int) -> Workers:
    return Workers(SHARES, number, folder, Secret("k" * 32))


async def echo(scope: Any, _: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["raw_path"]})


async def mute(*_: Any) -> None:
    """Answer nothing."""


def test_each_knows_its_own(tmp_path: Path) -> None:
    for number, name in OF.items():
        assert [each for each in OF.values() if workers(tmp_path, number).owns(each)] == [name]


async def test_the_owner_answers_over_a_socket_that_ends_with_it(tmp_path: Path) -> None:
    one, two = workers(tmp_path, 1), workers(tmp_path, 2)
    async with two.serving(echo, 0.1):
        assert stat.S_ISSOCK((tmp_path / "2").stat().st_mode)
        came = await one.handed_over(SENT, OF[2], 1.0)
        assert (came.status, came.body) == (200, b"/acme/scim/v2/Users")
        assert (await one.told(SENT, 1.0)) == {2: came}
    assert not (tmp_path / "2").exists()
    with pytest.raises(Unavailable) as refused:
        await one.handed_over(SENT, OF[2], 1.0)
    assert refused.value.retry_after == AGAIN
    assert (await one.told(SENT, 1.0)) == {2: None}
    async with two.serving(echo, 0.1):  # one that is started again is found
        assert (await one.handed_over(SENT, OF[2], 1.0)).status == 200
    one.close()


async def test_an_owner_that_makes_no_answer_or_hangs_is_no_silence_for_the_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.web.workers._SPARE", 0.05)
    one, two = workers(tmp_path, 1), workers(tmp_path, 2)
    goes_on = asyncio.Event()

    async def hanging(*_: Any) -> None:
        await goes_on.wait()

    async with two.serving(mute, 0.1):
        with pytest.raises(Internal):
            await one.handed_over(SENT, OF[2], 1.0)
    async with two.serving(hanging, 0.1):
        with pytest.raises(Unavailable):
            await one.handed_over(SENT, OF[2], 0.05)
        goes_on.set()
    one.close()


async def test_who_ends_first_answers_the_other_until_it_ends_too(tmp_path: Path) -> None:
    is_there = asyncio.Event()

    async def begun() -> None:
        is_there.set()

    one, two = workers(tmp_path, 1), Workers(SHARES, 2, tmp_path, Secret("k" * 32), begun)

    async def ending() -> None:
        async with two.serving(echo, 10.0):
            pass

    async with one.serving(echo, 10.0):
        first = asyncio.create_task(ending())
        await asyncio.wait_for(is_there.wait(), 5)
        await asyncio.sleep(0.1)
        assert not first.done()
        assert (await one.handed_over(SENT, OF[2], 1.0)).status == 200
    await asyncio.wait_for(first, 5)


async def test_who_has_begun_takes_the_others_requests_before_it_is_asked_whether_it_has(tmp_path: Path) -> None:
    seen: list[bool] = []

    async def begun() -> None:
        seen.append((tmp_path / "1").exists())

    async with Workers(SHARES, 1, tmp_path, Secret("k" * 32), begun).serving(echo, 0.1):
        assert seen == [True]


async def test_a_crowd_that_comes_at_once_is_handed_over_by_one_connection(tmp_path: Path) -> None:
    one, two = workers(tmp_path, 1), workers(tmp_path, 2)
    async with two.serving(echo, 0.1):
        came = await asyncio.gather(*(one.handed_over(SENT, OF[2], 5.0) for _ in range(300)))
        assert {each.status for each in came} == {200}
        assert len(two._doors) == 1  # noqa: SLF001 (how many are open)
        one.close()
