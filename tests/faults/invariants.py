"""The invariants of the answers, and of the records: small functions that hold what was seen against what must be."""

import json
from collections.abc import Iterable
from typing import Any

from tests.faults.entra import Asked, Fields, fields_of
from tests.faults.store import MAPPED, MORE, Change, Record, Store
from tests.faults.verdict import Verdict

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
SCIM_TYPES = {
    "invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget", "invalidValue",
    "invalidVers", "sensitive",
}  # fmt: skip
INTERNAL = ("Traceback", "db-7.internal", "We are back soon", "220 mail", 'File "')
"""Parts of the upstream's faults and of stacks, which no client may read."""
LATEST = 55.0
"""Seconds after which no answer is of use to Entra."""
SLACK = 0.5


def no_duplicate(verdict: Verdict, store: Store) -> None:
    """I1: at most one live record has a login, however its case is."""
    for login in {each.login for each in store.live}:
        there = store.named(login)
        verdict.holds("I1", f"{login or '(no login)'} is there {len(there)} times", holds=len(there) == 1)


def no_loss(verdict: Verdict, store: Store, asked: Iterable[Asked]) -> None:
    """I2: whoever was acknowledged by a 2xx, and whose deletion nobody asked for since, is there."""
    sure: set[str] = set()
    for each in sorted(asked, key=lambda one: one.answer.ended):
        if each.kind == "delete":
            sure.discard(each.login.casefold())
        elif each.answer.is_done and each.kind in {"create", "patch", "put"}:
            sure.add(each.login.casefold())
    for login in sure:
        verdict.holds("I2", f"{login} was acknowledged and is not there", holds=bool(store.named(login)))


def no_phantom(verdict: Verdict, store: Store, asked: Asked) -> None:
    """I3, at the moment of the answer: what a 2xx to a write says is so upstream."""
    if not asked.answer.is_done or asked.kind not in {"create", "patch", "put", "delete"}:
        return
    there = store.named(asked.login)
    said = f"{asked.kind} of {asked.login} was answered {asked.answer.status}"
    if asked.kind == "delete":
        verdict.holds("I3", f"{said}, and the user is still there", holds=not there)
        return
    other = [name for name, value in asked.fields.items() if not any(one.fields.get(name) == value for one in there)]
    shown = fields_of(asked.answer.body)
    wrong = [name for name, value in asked.fields.items() if asked.answer.text and shown.get(name, value) != value]
    verdict.holds("I3", f"{said}, and upstream {', '.join(other)} is not so", holds=bool(there) and not other)
    verdict.holds("I3", f"{said}, and the answer shows another {', '.join(wrong)}", holds=not wrong)


def unmapped_untouched(verdict: Verdict, records: Iterable[Record]) -> None:
    """I4: no request has changed a field that no mapping names."""
    for record in records:
        for each in record.history:
            if each.request is not None and each.before is not None and each.after is not None:
                lost = [
                    name
                    for name in {**each.before, **each.after}
                    if name not in {*MAPPED, *MORE} and not _same(each.before, each.after, name)
                ]
                what = f"{each.what} by request {each.request} changed {', '.join(lost)} of {record.id} {record.login}"
                verdict.holds("I4", what, holds=not lost)


def _same(before: Fields, after: Fields, name: str) -> bool:
    return name in before and name in after and json.dumps(before[name]) == json.dumps(after[name])


def as_wanted(verdict: Verdict, store: Store, people: Iterable[Fields]) -> None:
    """I5: after the last cycle each user is once there, and every mapped field is as the client has it."""
    for wanted in people:
        there = [{name: each.fields.get(name) for name in MAPPED} for each in store.named(wanted["login"])]
        verdict.holds("I5", f"{wanted} is {there}", holds=there == [wanted])


def nobody_else(verdict: Verdict, records: Iterable[Record], asked: Iterable[Asked], late: float) -> None:
    """I6 and I17: each change made by a request was asked for: for this user, with this value, at that time.

    `late` is how many seconds a change may come after its answer.
    """
    wishes: dict[str, list[Asked]] = {}
    for each in asked:
        wishes.setdefault(each.login.casefold(), []).append(each)
    for record in records:
        for change in record.history:
            if change.request is None:
                continue
            login = str((change.before or change.after or {}).get("login") or "").casefold()
            fitting = [each for each in wishes.get(login, []) if _in_time(change, each, late)]
            ends = change.what == "delete" or _disables(change)
            known = any(_is_meant(change, each) for each in fitting)
            what = f"{change.what} of {record.id} {login} by request {change.request}: nobody asked for it then"
            verdict.holds("I17" if ends else "I6", what, holds=known)


def _in_time(change: Change, asked: Asked, late: float) -> bool:
    return asked.answer.began <= change.at <= asked.answer.ended + late


def _disables(change: Change) -> bool:
    before, after = change.before or {"enabled": True}, change.after or {}
    return before.get("enabled") is True and after.get("enabled") is not True


def _is_meant(change: Change, asked: Asked) -> bool:
    if change.what == "delete":
        return asked.kind == "delete"
    if asked.kind not in {"create", "patch", "put"}:
        return False
    before, after = change.before or {}, change.after or {}
    differing = [name for name in MAPPED if before.get(name) != after.get(name)]
    return not _disables(change) or "enabled" not in differing or asked.fields.get("enabled") is False


def in_time(verdict: Verdict, asked: Asked, deadline: float) -> None:
    """I11: the answer came, and soon enough."""
    seconds, status = asked.answer.seconds, asked.answer.status
    what = f"{asked.kind} of {asked.login} was answered {status} after {seconds:.2f} s"
    verdict.holds("I11", what, holds=status > 0 and seconds <= min(deadline + SLACK, LATEST))


def in_form(verdict: Verdict, asked: Asked) -> None:
    """I12: an error is one of RFC 7644, has a reason that it may have, and shows nothing internal."""
    answer = asked.answer
    if answer.status == 0 or answer.is_done:
        return
    body: Any = answer.body if isinstance(answer.body, dict) else {}
    faults = [
        ("its type", not answer.headers.get("content-type", "").startswith("application/scim+json")),
        ("its schemas", body.get("schemas") != [ERROR]),
        ("its status", body.get("status") != str(answer.status)),
        ("its scimType", body.get("scimType") not in {None, *SCIM_TYPES}),
        ("its detail", not body.get("detail")),
        ("being a 500", answer.status == 500),
        ("showing what is internal", any(each in answer.text for each in INTERNAL)),
    ]
    wrong = [name for name, is_wrong in faults if is_wrong]
    verdict.holds("I12", f"{asked.kind} {answer.status}: {', '.join(wrong)}: {answer.text[:200]}", holds=not wrong)


def not_called_missing(verdict: Verdict, asked: Asked, there: Iterable[Fields]) -> None:
    """N1: who is there is not called missing, in a read, a search, a list or a write.

    `there` are those who were there before the request, and are after it.
    """
    answer, logins = asked.answer, {str(each["login"]).casefold() for each in there}
    said = f"{asked.kind} of {asked.login or 'all'} was answered {answer.status}"
    if asked.kind in {"find", "list"} and answer.is_done:
        body = answer.body if isinstance(answer.body, dict) else {}
        shown = {str(each.get("userName", "")).casefold() for each in body.get("Resources", [])}
        meant = logins if asked.kind == "list" else logins & {asked.login.casefold()}
        verdict.holds("N1", f"{said} without {', '.join(sorted(meant - shown))}", holds=meant <= shown)
    elif asked.login.casefold() in logins and asked.kind != "create":
        verdict.holds("N1", f"{said}, and the user is there", holds=answer.status != 404)
    if asked.kind == "get" and answer.is_done:
        [right] = [each for each in there if each["login"] == asked.login]
        shown_now = fields_of(answer.body)
        other = [name for name in MAPPED if shown_now[name] != right.get(name)]
        verdict.holds("N1", f"{said} with another {', '.join(other)}", holds=not other)
