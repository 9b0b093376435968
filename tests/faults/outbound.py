"""The invariants of what the gateway sends upstream, and of its process."""

import json
from collections.abc import Iterable
from statistics import median

from tests.faults.store import CANARIES, MAPPED, MORE
from tests.faults.upstream import Upstream
from tests.faults.verdict import Verdict
from tests.faults.wire import Seen

QUERY = {"page", "size", "login"}
HEADERS = {
    "host", "accept", "accept-encoding", "user-agent", "content-type", "content-length", "authorization", "connection",
    "x-request-id", "traceparent",
}  # fmt: skip
WRITES = {"create", "update", "replace", "enable", "disable", "delete"}
CLEAR = ("429", "503 later", "status 401", "refuse", "swallow", "idle")
"""Faults after which nobody needs to look whether a create was done: it surely was not, or the right answer came."""
SPARE_FILES = 40
AT_ONCE, HANGS = 0.1, 2.0
"""Seconds in which a process usually says that it lives, and after which it hangs."""


def known_fields(verdict: Verdict, wire: Iterable[Seen]) -> None:
    """I7: a write sends the fields that the mapping names, and one of a whole record the raw ones as well."""
    for each in wire:
        if each.route not in WRITES:
            continue
        known = {*MAPPED, *MORE, *(CANARIES if each.route == "replace" else ())}
        sent = json.loads(each.body or b"{}")
        other = sorted(set(sent) - known) if isinstance(sent, dict) else ["no object"]
        verdict.holds("I7", f"request {each.number}, a {each.route}, sends {', '.join(other)}", holds=not other)


def known_calls(verdict: Verdict, wire: Iterable[Seen]) -> None:
    """I8: every request is a call that the mapping has, with its parameters, and no other header."""
    for each in wire:
        other = [*(set(each.query) - QUERY), *(set(each.headers) - HEADERS)]
        what = f"request {each.number}: {each.method} {each.path} {', '.join(other)}"
        verdict.holds("I8", what, holds=bool(each.route) and not other)


def looked_between_creates(verdict: Verdict, wire: Iterable[Seen]) -> None:
    """I9: a create whose end nobody knows is sent again only after a successful look for its login."""
    open_creates: dict[str, Seen] = {}
    for each in wire:
        is_look = each.route in {"find", "list"} and each.status == 200 and each.fault in {"", "idle after"}
        if is_look:
            looked = list(open_creates) if each.route == "list" else [each.about]
            for login in looked:
                open_creates.pop(login, None)
        elif each.route == "create":
            first = open_creates.pop(each.about, None)
            what = f"{each.about} was sent in requests {first.number if first else 0} and {each.number}, with no look between"
            verdict.holds("I9", what, holds=first is None)
            if each.fault and not each.fault.startswith(CLEAR):
                open_creates[each.about] = each


def no_more_calls(verdict: Verdict, calls: int, without_faults: int, what: str) -> None:
    """I10: with faults there are at most three times the calls that there are without."""
    holds = calls <= 3 * without_faults
    verdict.holds("I10", f"{what}: {calls} calls in place of {without_faults}", holds=holds)


def few_logins(verdict: Verdict, upstream: Upstream, starts: int, replicas: int = 1) -> None:
    """I15: logins are one at a time for each replica, and only after a start, a reboot, or a token that a fault refused."""
    faults = sum(
        1 for each in upstream.wire if each.fault.startswith("status 401") or (each.route == "login" and each.fault)
    )
    most = starts + upstream.tokens.reboots * replicas + faults
    granted, at_once = upstream.tokens.granted, upstream.tokens.most_at_once
    verdict.holds("I15", f"{granted} logins were granted where {most} were needed", holds=granted <= most)
    verdict.holds("I15", f"{at_once} logins were under way at once", holds=at_once <= replicas)


def few_files(verdict: Verdict, before: int, after: int, at_once: int) -> None:
    """I16: what the process has open does not grow with the requests."""
    most = before + 2 * at_once + SPARE_FILES
    verdict.holds("I16", f"{after} files are open, after {before} at the start", holds=after <= most)


def alive(verdict: Verdict, latencies: list[float], failures: int, *, is_running: bool) -> None:
    """I18: the process is there, and has said so all the time: at once, or somewhat later where the cores are others' too."""
    usual, longest = (median(latencies), max(latencies)) if latencies else (0.0, 0.0)
    verdict.holds("I18", "the process has ended", holds=is_running)
    verdict.holds("I18", f"it gave no sign of life {failures} times", holds=failures == 0)
    verdict.holds("I18", f"half of its signs of life took {usual:.3f} s or more", holds=usual < AT_ONCE)
    verdict.holds("I18", f"a sign of life took {longest:.1f} s", holds=longest < HANGS)
