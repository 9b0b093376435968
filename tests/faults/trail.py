"""I14: the audit trail of a gateway, held against what the client was told and what the upstream has committed.

The form is read here anew, with nothing of the product: a line is JSON that ends with the hash of the line before it and
its own. An intent stands before its event; a change that may have been made has one event of success, or of unknown outcome.
"""

import asyncio
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from tests.faults.caller import Answer
from tests.faults.store import Store
from tests.faults.verdict import Verdict

KEY = "the-audit-key-of-the-fault-campaign-is-no-secret"
SETTLES = 4.0
"""Seconds after the last answer in which every change under way comes to its end."""
_KINDS = {"POST": "create", "DELETE": "delete", "PUT": "update", "PATCH": "update"}
_EVENTS = {"create": "create", "adopt": "create", "revive": "create", "update": "update", "delete": "delete"}
_HASH = re.compile(r',"hash":"sha256:([0-9a-f]{64})"\}$')


@dataclass(slots=True)
class Heard:
    """What a client has asked for and was told: for each kind of change and id, how often it was done, or left open."""

    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    open: Counter[tuple[str, str]] = field(default_factory=Counter)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    def hear(self, method: str, target: str, answer: Answer) -> None:
        """Take one request and its answer; a read is none of a trail's business."""
        kind, path = _KINDS.get(method), target.partition("?")[0].rstrip("/").split("/")
        if kind is None or "Users" not in path or path[-1] == ".search":
            return
        body = answer.body if kind == "create" and isinstance(answer.body, dict) else {}
        about = (kind, str(body.get("id", "")) if kind == "create" else path[-1])
        self.asked[about] += 1
        if answer.is_done:
            self.done[about] += 1
        elif answer.status == 0 or answer.status >= 500:
            self.open[about] += 1


async def settled(files: Iterable[Path]) -> list[list[dict[str, Any]]]:
    """Return the lines of each trail that there is, once no intent waits for its event any more, or the time is over."""
    until = monotonic() + SETTLES
    while True:
        read = [_lines(each.read_text(encoding="utf-8")) for each in files if each.is_file()]
        if monotonic() > until or not any(_open(lines) for lines in read):
            return read
        await asyncio.sleep(0.05)


def _lines(text: str) -> list[dict[str, Any]]:
    lines, prev = [], None
    for each in text.splitlines():
        end = _HASH.search(each)
        told: dict[str, Any] = json.loads(each)
        is_right = end is not None and hashlib.sha256(each[: end.start()].encode()).hexdigest() == end[1]
        lines.append(told | {"is_chained": is_right and told["prev"] == prev})
        prev = told["hash"]
    return lines


def _open(lines: list[dict[str, Any]]) -> set[str]:
    ended = {each["id"] for each in lines if each["kind"] == "event"}
    return {each["id"] for each in lines if each["kind"] == "intent"} - ended


def recorded(
    verdict: Verdict, trails: list[list[dict[str, Any]]], heard: Heard, store: Store, secrets: Iterable[str]
) -> None:
    """I14: each change that was acknowledged, or committed, has one event, in an unbroken chain, without a secret."""
    events = [each for lines in trails for each in lines if each["kind"] == "event"]
    for lines in trails:
        broken = [at for at, each in enumerate(lines, 1) if not each["is_chained"]]
        verdict.holds("I14", f"the chain is broken at line {broken[:3]}", holds=not broken)
        verdict.holds("I14", f"{len(_open(lines))} intents have no event", holds=not _open(lines))
    twice = [one for one, times in Counter(each["id"] for each in events).items() if times > 1]
    verdict.holds("I14", f"{len(twice)} changes have two events", holds=not twice)
    text = json.dumps(trails)
    verdict.holds("I14", "a secret stands in the trail", holds=not any(each in text for each in secrets))
    _as_acknowledged(verdict, events, heard)
    _as_committed(verdict, events, store)


def _about(event: dict[str, Any]) -> tuple[str, str]:
    return _EVENTS[event["type"].partition(".")[2]], str(event["target"].get("id") or "")


def _as_acknowledged(verdict: Verdict, events: list[dict[str, Any]], heard: Heard) -> None:
    done = Counter(_about(each) for each in events if each["outcome"] == "success")
    left = Counter(kind for kind, _ in heard.open.elements())
    for about in {*done, *heard.done}:
        kind, user = about
        said = f"{kind} of {user}: acknowledged {heard.done[about]} times, {done[about]} events of success"
        if kind == "update":  # one that changes nothing is acknowledged, and is no change
            verdict.holds("I14", said, holds=done[about] <= heard.asked[about])
            continue
        verdict.holds("I14", said, holds=done[about] >= heard.done[about])
        more = left["create"] if kind == "create" else heard.open[about]
        verdict.holds("I14", said, holds=done[about] <= heard.done[about] + more)
    for each in events:
        for change in each.get("changes", []):
            if change["path"] == "active" and each["outcome"] == "success":
                verdict.holds("I14", f"active was {change}", holds=change["before"] is not change["after"])


def _as_committed(verdict: Verdict, events: list[dict[str, Any]], store: Store) -> None:
    told = Counter(_about(each) for each in events if each["outcome"] in {"success", "unknown"})
    nameless = told[("create", "")]
    for about, times in store.committed.items():
        kind, user = about
        said = f"{kind} of {user} was committed {times} times, and the trail tells of {told[about]}"
        if kind == "create":
            nameless -= not told[about]
            verdict.holds("I14", said, holds=bool(told[about]) or nameless >= 0)
        else:
            # A change or a removal that was not done goes out once more, and the first may be done late.
            verdict.holds("I14", said, holds=times <= 2 * told[about])
