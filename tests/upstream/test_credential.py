import asyncio
import logging

import pytest

from adapter.errors import BadReply
from adapter.upstream.credential import Credential, Token

REFUSED = BadReply("no token")


class Exchange:
    """Exchanges that a test counts, holds up and lets fail; and a clock that it sets."""

    def __init__(self, lifetime: float = 1000.0) -> None:
        self.now = 0.0
        self.lifetime = lifetime
        self.made = self.at_once = self.most_at_once = 0
        self.fails: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.credential = Credential(self.exchange, lambda: self.now)

    async def exchange(self) -> Token:
        asked_at = self.now
        self.made += 1
        number = self.made
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.open.wait()
            if self.fails:
                raise self.fails
            return Token(f"token {number}", self.lifetime, asked_at)
        finally:
            self.at_once -= 1

    async def value(self) -> str:
        return (await self.credential.token()).value


async def settled() -> None:
    """Let everything go on that can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_token_is_got_once_and_used_for_its_life() -> None:
    exchange = Exchange()
    assert [await exchange.value() for _ in range(5)] == ["token 1"] * 5
    exchange.now = 700
    assert await exchange.value() == "token 1"
    await settled()
    assert exchange.made == 1


async def test_forty_who_wait_share_one_exchange() -> None:
    exchange = Exchange()
    exchange.open.clear()
    waiting = [asyncio.create_task(exchange.value()) for _ in range(40)]
    await settled()
    exchange.open.set()
    assert await asyncio.gather(*waiting) == ["token 1"] * 40
    assert exchange.made == 1


async def test_a_token_is_renewed_ahead_of_its_end_and_meanwhile_the_old_one_serves() -> None:
    exchange = Exchange()
    await exchange.value()
    exchange.now = 801
    exchange.open.clear()
    assert [await exchange.value() for _ in range(5)] == ["token 1"] * 5
    await settled()
    assert exchange.made == 2
    assert await exchange.value() == "token 1"
    exchange.open.set()
    await settled()
    assert [await exchange.value() for _ in range(3)] == ["token 2"] * 3
    assert (exchange.made, exchange.most_at_once) == (2, 1)


async def test_the_old_token_serves_while_its_renewal_fails(caplog: pytest.LogCaptureFixture) -> None:
    exchange = Exchange()
    await exchange.value()
    exchange.now, exchange.fails = 801, REFUSED
    for _ in range(3):
        assert [await exchange.value() for _ in range(5)] == ["token 1"] * 5
        await settled()
        exchange.now += 10
    assert exchange.made == 4
    assert [each.getMessage() for each in caplog.records] == ["the token exchange failed: no token"] * 3
    exchange.fails = None
    await exchange.value()
    await settled()
    assert await exchange.value() == "token 5"


async def test_a_fault_of_ours_in_a_renewal_is_logged_without_what_it_says(caplog: pytest.LogCaptureFixture) -> None:
    exchange = Exchange()
    await exchange.value()
    exchange.now, exchange.fails = 801, KeyError("secret")
    assert await exchange.value() == "token 1"
    await settled()
    assert [(each.levelno, each.getMessage()) for each in caplog.records] == [
        (logging.WARNING, "the token exchange failed: KeyError")
    ]


@pytest.mark.parametrize(("lifetime", "last", "dead"), [(1000.0, 969.0, 971.0), (100.0, 89.0, 91.0), (10.0, 8.9, 9.1)])
async def test_a_token_near_its_end_is_not_used(lifetime: float, last: float, dead: float) -> None:
    exchange = Exchange(lifetime)
    await exchange.value()
    exchange.now, exchange.fails = last, REFUSED
    assert await exchange.value() == "token 1"
    await settled()
    exchange.now = dead
    with pytest.raises(BadReply, match="no token"):
        await exchange.value()


async def test_a_token_lives_from_the_moment_when_it_was_asked_for() -> None:
    exchange = Exchange(100)
    exchange.open.clear()
    waiting = asyncio.create_task(exchange.value())
    await settled()
    exchange.now = 60
    exchange.open.set()
    await waiting
    exchange.now = 91
    assert await exchange.value() == "token 2"


async def test_a_token_that_came_too_late_serves_those_who_waited_and_nobody_else() -> None:
    exchange = Exchange(100)
    exchange.open.clear()
    waiting = asyncio.create_task(exchange.value())
    await settled()
    exchange.now = 200
    exchange.open.set()
    assert await waiting == "token 1"
    assert await exchange.value() == "token 2"


async def test_a_refused_token_is_replaced_once_by_all_who_were_refused() -> None:
    exchange = Exchange()
    refused = await exchange.credential.token()
    replaced = await asyncio.gather(*(exchange.credential.instead_of(refused) for _ in range(40)))
    assert {each.value for each in replaced} == {"token 2"}
    assert exchange.made == 2


async def test_a_late_refusal_of_an_old_token_does_not_kill_the_new_one() -> None:
    exchange = Exchange()
    old = await exchange.credential.token()
    new = await exchange.credential.instead_of(old)
    assert await exchange.credential.instead_of(old) is new
    assert await exchange.credential.token() is new
    assert exchange.made == 2


async def test_a_refused_token_that_equals_the_new_one_is_still_the_old_one() -> None:
    exchange = Exchange()
    await exchange.credential.token()
    assert (await exchange.credential.instead_of(Token("token 1", 1000.0, 0.0))).value == "token 1"
    assert exchange.made == 1


async def test_new_tokens_that_are_refused_too_are_got_further_and_further_apart() -> None:
    exchange = Exchange(100_000)
    token = await exchange.credential.token()
    made = []
    for exchange.now in range(200):
        before = exchange.made
        for _ in range(3):  # requests, of which each is refused with whatever token there is
            try:
                token = await exchange.credential.instead_of(token)
                exchange.credential.distrust(REFUSED)
            except BadReply:
                assert await exchange.credential.token() is token  # with which other calls may succeed
        made += [exchange.now] * (exchange.made - before)
    assert made == [0, 1, 3, 7, 15, 31, 63, 123, 183]


async def test_one_who_gives_up_does_not_end_the_exchange_for_the_others() -> None:
    exchange = Exchange()
    exchange.open.clear()
    waiting = [asyncio.create_task(exchange.value()) for _ in range(3)]
    await settled()
    waiting[0].cancel()
    await settled()
    exchange.open.set()
    assert await asyncio.gather(*waiting[1:]) == ["token 1"] * 2
    assert waiting[0].cancelled()
    assert exchange.made == 1


async def test_an_exchange_that_all_gave_up_is_not_made_again() -> None:
    exchange = Exchange()
    exchange.open.clear()
    waiting = asyncio.create_task(exchange.value())
    await settled()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    exchange.open.set()
    await settled()
    assert await exchange.value() == "token 1"


async def test_a_failure_reaches_all_who_wait_and_ends() -> None:
    exchange = Exchange()
    exchange.fails = REFUSED
    exchange.open.clear()
    waiting = [asyncio.create_task(exchange.value()) for _ in range(3)]
    await settled()
    exchange.open.set()
    assert await asyncio.gather(*waiting, return_exceptions=True) == [REFUSED] * 3
    assert exchange.made == 1
    exchange.fails, exchange.now = None, 1
    assert await exchange.value() == "token 2"


async def test_exchanges_that_fail_are_further_and_further_apart() -> None:
    exchange = Exchange()
    exchange.fails = REFUSED
    made = []
    for exchange.now in range(1000):
        before = exchange.made
        for _ in range(5):
            with pytest.raises(BadReply, match="no token"):
                await exchange.value()
        made += [exchange.now] if exchange.made > before else []
    assert made[:9] == [0, 1, 3, 7, 15, 31, 63, 123, 183]
    assert exchange.made == len(made)


async def test_a_call_that_succeeds_forgets_the_failures_before_it() -> None:
    exchange = Exchange(10)
    exchange.fails = REFUSED
    for exchange.now in (0, 1, 3):
        with pytest.raises(BadReply):
            await exchange.value()
    exchange.now, exchange.fails = 7, None
    assert await exchange.value() == "token 4"
    exchange.credential.trust()
    exchange.now, exchange.fails = 17, REFUSED
    with pytest.raises(BadReply):
        await exchange.value()
    exchange.now, exchange.fails = 18, None
    assert await exchange.value() == "token 6"


async def test_a_failure_that_nobody_waits_for_disturbs_nobody() -> None:
    exchange = Exchange()
    exchange.fails = REFUSED
    exchange.open.clear()
    waiting = asyncio.create_task(exchange.value())
    await settled()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    exchange.open.set()
    await settled()
    exchange.fails, exchange.now = None, 1
    assert await exchange.value() == "token 2"
