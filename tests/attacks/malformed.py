"""C5: every class of malformed input, one request after the other, each held against the answer that is right for it."""

from collections.abc import Iterator
from itertools import islice
from random import Random

from adapter.scim.messages import ERROR, MEDIA_TYPE
from tests.attacks.asking import Said, request, said
from tests.attacks.inputs import CLASSES, Input
from tests.attacks.part import Part, Say, percentile
from tests.attacks.stand import Stand

P99, MOST, GROWTH = 100.0, 1000.0, 30.0
"""Milliseconds in which 99 of 100 are answered, and all; MiB that the process may grow by."""


async def sent(stand: Stand, seed: int, share: int, say: Say) -> list[Part]:
    """Send every `share`-th input of each class, and return what came of each class."""
    parts = []
    for number in range(100):
        await said(stand.port, request(f"GET /scim/v2/Users/warm-{number}"))
    began = stand.memory
    for name, (made, size) in CLASSES.items():
        inputs = islice(made(Random(seed)), 0, size, share)  # noqa: S311 (the same ones again)
        parts.append(await _class(stand, Part(name), inputs))
        say(f"{name}: {parts[-1].count} inputs, {len(parts[-1].faults)} faults")
    grown = stand.memory - began
    parts[-1].remarks.append(f"the process has grown by {grown:.1f} MiB, from {began:.0f}")
    if grown > GROWTH:
        parts[-1].faults.append(f"the process has grown by {grown:.1f} MiB")
    return parts


async def _class(stand: Stand, part: Part, inputs: Iterator[Input]) -> Part:
    for each in inputs:
        before = len(stand.seen)
        answer = await said(stand.port, each.sent)
        part.verdicts[answer.verdict] += 1
        part.seconds.append(answer.seconds)
        wrong = _wrong(each, answer)
        if each.stays and len(stand.seen) > before:
            wrong = f"{stand.seen[before][:2]} went out"
        if wrong:
            part.faults.append(f"{each.what}: {wrong} for {each.sent[:200]!r}")
        if stand.process.returncode is not None:
            part.faults.append(f"{each.what}: the process has ended, {each.sent[:200]!r}")
            break
    part.faults += [f"outbound: {each}" for each in stand.strays]
    stand.seen.clear()
    if percentile(part.seconds, 99) > P99:
        part.slow.append(f"{part.name}: 99 of 100 within {percentile(part.seconds, 99):.0f} ms")
    if 1000 * max(part.seconds, default=0) > MOST:
        part.slow.append(f"{part.name}: one took {1000 * max(part.seconds):.0f} ms")
    return part


def _wrong(each: Input, answer: Said) -> str:
    """Return what is wrong with an answer, in a few words."""
    if answer.status == 0 and "any" not in each.right:
        return "no answer"
    if answer.status >= 500 and answer.status != 501:
        return answer.verdict
    if answer.verdict not in each.right and "any" not in each.right:
        return f"{answer.verdict}, and right is {sorted(each.right)}"
    if each.finds_nobody and answer.json["totalResults"] != 0:
        return "somebody was found"
    return _ill_formed(answer)


def _ill_formed(answer: Said) -> str:
    """Hold an answer against RFC 7644; the server's own, for a request that could not be read, is plain."""
    if answer.status < 400 or answer.kind.startswith("text/plain"):
        is_plain = answer.status in (0, 400) or answer.kind == MEDIA_TYPE or not answer.body
        return "" if is_plain else f"{answer.status} as {answer.kind}"
    message = answer.json
    if answer.kind != MEDIA_TYPE or not isinstance(message, dict):
        return f"no SCIM error but {answer.kind}"
    is_one = (message.get("schemas"), message.get("status")) == ([ERROR], str(answer.status)) and message.get("detail")
    return "" if is_one else f"no SCIM error but {message}"
