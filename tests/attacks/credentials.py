"""C6: whoever has no credential of ours, by a thousand odd ones and by many at once: none comes in, and nobody who has one waits for it."""

import asyncio
import base64
import json
from collections.abc import Iterator
from itertools import islice
from random import Random
from time import perf_counter
from urllib.parse import urlencode

from tests.attacks.asking import Said, request, said
from tests.attacks.part import Part, Say, percentile
from tests.attacks.process import TOKEN
from tests.attacks.stand import CLIENT_SECRET, STRICT, Stand
from tests.attacks.test_sec_doors import odd_credentials

RATE, CALM = 100, 10
"""Requests a second with wrong tokens, and with a right one."""
GRANT = {"grant_type": "client_credentials"}
READ = "GET /scim/v2/Users/u-1"
REFUSED = {"400", "401", "429"}
"""How a credential is refused: 400 at the token endpoint only, 429 where it was one of too many."""


async def tried(stand: Stand, seed: int, share: int, say: Say) -> Part:
    """Try every `share`-th of a thousand credentials that are none."""
    part, issued = Part("odd credentials"), await _issued(stand.port)
    if not issued:
        part.faults.append("the right credentials got no access token")
    chance = Random(seed)  # noqa: S311 (the same ones again)
    tries = [*_tokens(chance, issued), *_clients(chance)]
    for what, sent in islice(_filled(tries, chance), 0, 1000, share):
        _note(part, what, await said(stand.port, sent))
    for token in (TOKEN, STRICT, issued):
        if (await said(stand.port, request(READ, token=token))).status != 200:
            part.faults.append("a right token does not come in any more")
    part.faults += [f"outbound: {method} {target}" for method, target, _ in stand.seen if "u-1" not in target]
    stand.seen.clear()
    say(f"{part.name}: {part.count} tried, {len(part.faults)} faults")
    return part


def _note(part: Part, what: str, answer: Said) -> None:
    part.verdicts[answer.verdict] += 1
    part.seconds.append(answer.seconds)
    if answer.verdict not in REFUSED:
        part.faults.append(f"{what}: {answer.verdict} {answer.body[:200]!r}")


async def flooded(stand: Stand, seconds: float, say: Say) -> Part:
    """Send wrong tokens, a hundred a second, beside a client with a right one."""
    part = Part("flood of wrong tokens")
    before = await _calm(stand.port, seconds / 2)
    flood = asyncio.create_task(_flood(stand.port, part, seconds))
    beside = await _calm(stand.port, seconds)
    await flood
    failed = [each.verdict for each in (*before, *beside) if each.status != 200]
    part.faults += [f"the client with a right token: {each}" for each in failed]
    times = [percentile([each.seconds for each in some], 99) for some in (before, beside)]
    part.remarks.append(f"the right client's p99: {times[0]:.1f} ms before, {times[1]:.1f} ms beside the flood")
    if times[1] > 2 * max(times[0], 10):
        part.slow.append(f"{part.name}: {part.remarks[-1]}")
    stand.seen.clear()
    say(f"{part.name}: {part.count} tried, {len(part.faults)} faults")
    return part


async def _flood(port: int, part: Part, seconds: float) -> None:
    async with asyncio.TaskGroup() as group:
        began = perf_counter()
        for number in range(int(RATE * seconds)):
            await asyncio.sleep(max(0, began + number / RATE - perf_counter()))
            forged = (f"X-Forwarded-For: 192.0.2.{number % 256}",)
            group.create_task(_guess(port, part, request(READ, headers=forged, token=f"guess-{number:032}")))


async def _guess(port: int, part: Part, sent: bytes) -> None:
    _note(part, "a guess", await said(port, sent))


async def _calm(port: int, seconds: float) -> list[Said]:
    answers = []
    for _ in range(int(CALM * seconds)):
        began = perf_counter()
        answers.append(await said(port, request(READ)))
        await asyncio.sleep(max(0, began + 1 / CALM - perf_counter()))
    return answers


async def _issued(port: int) -> str:
    """Return an access token of the client's."""
    answer = await said(port, _form(GRANT | {"client_id": "entra", "client_secret": CLIENT_SECRET}))
    return str((answer.json or {}).get("access_token", ""))


def _form(fields: dict[str, str], *headers: str) -> bytes:
    return request("POST /oauth/token", urlencode(fields).encode(), headers, token=None)


def _tokens(chance: Random, issued: str) -> Iterator[tuple[str, bytes]]:
    for fields in odd_credentials(TOKEN):
        lines = b"".join(f"{name}: {value}\r\n".encode() for name, value in fields)
        yield str(fields)[:60], request(READ, token=None, others=lines)
    for good in (TOKEN, STRICT, issued):
        for at in range(0, len(good) - 1, 3):  # the last character of a signature has bits that say nothing
            other = chance.choice([each for each in "abcXYZ019" if each != good[at]])
            yield f"character {at} of a right one changed", request(READ, token=good[:at] + other + good[at + 1 :])
            yield f"a right one's first {at} characters", request(READ, token=good[:at])
        yield "a right one and more", request(READ, token=good + "x")
    for head in (
        {"alg": "none"},
        {"alg": "HS256", "typ": "at+jwt"},
        {"alg": "RS256"},
        {"alg": "HS512", "kid": "../../x"},
    ):
        body = issued.split(".")[1] if issued.count(".") == 2 else _part({"sub": "entra"})
        for signature in ("", "x", issued.rpartition(".")[2][::-1]):
            yield f"a token with {head}", request(READ, token=f"{_part(head)}.{body}.{signature}")


def _part(data: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def _clients(chance: Random) -> Iterator[tuple[str, bytes]]:
    """Return what asks for an access token without being the client."""
    for name in ("entra", "", "ENTRA", "entra ", "entra\0", "*", "admin", "' or '1'='1"):
        for secret in ("", CLIENT_SECRET[:-1], CLIENT_SECRET + "x", CLIENT_SECRET.upper(), "null", "\0", "*", TOKEN):
            yield "a client", _form(GRANT | {"client_id": name, "client_secret": secret})
            basic = base64.b64encode(f"{name}:{secret}".encode()).decode()
            yield "a client by Basic", _form(GRANT, f"Authorization: Basic {basic}")
    for kind in ("password", "refresh_token", "authorization_code", "", "urn:ietf:params:oauth:grant-type:jwt-bearer"):
        yield "another grant", _form({"grant_type": kind, "client_id": "entra", "client_secret": CLIENT_SECRET})
    for _ in range(20):
        noise = chance.randbytes(40)
        yield "noise", request("POST /oauth/token", noise, token=None)


def _filled(tries: list[tuple[str, bytes]], chance: Random) -> Iterator[tuple[str, bytes]]:
    yield from tries
    while True:
        yield "a guess", request(READ, token=chance.randbytes(32).hex())
