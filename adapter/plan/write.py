"""Writing one record: only what differs, and a read that shows it.

The record that a write starts from is a fresh one, so what the mapping does not name stays as it is; the read afterwards
makes sure that the upstream did what it said. A write that broke off and was not done is computed anew from that read and
sent once more.
"""

from collections.abc import Generator
from typing import Any

from adapter.errors import BadReply, ScimError, Unavailable
from adapter.mapping.convert import differing, fields_of, is_protected, resource_of, unwritten, whole
from adapter.mapping.mapping import Mapping
from adapter.mapping.rules import Rule
from adapter.plan.again import looked
from adapter.plan.conversation import Asked, Call, Outcome, write_call
from adapter.plan.moment import Loss
from adapter.plan.outcome import is_doubtful, is_success, is_uncertain, protected, refusal, supported
from adapter.plan.read import existing, the_record
from adapter.plan.scan import Record
from adapter.scim.schema import Resource

_DOING = "a {} was changed"

Due = list[tuple[Rule, Any]]
"""The rules whose attribute must change, each with the wanted value."""


def written(  # noqa: PLR0913 (each is a part of one write)
    resource_id: str, record: Record, wanted: Resource, mapping: Mapping, *, due: Due | None = None, again: bool = False
) -> Generator[Asked, Any, Resource]:
    """Make a record stand for the wanted resource, and return the resource that it then stands for.

    An attribute with a call of its own goes first when it switches something off and last when it switches it on: where
    the conversation breaks off, nobody has more rights than was meant. `due` is what differs, where that is known already.
    `again` says that it was sent before: then it is sent once more, and not twice.
    """
    due = differing(record, wanted, mapping.resource) if due is None else due
    if not due:
        return resource_of(record, mapping.resource)
    if is_protected(record, mapping.resource):
        raise protected(mapping)
    yield from _guarded(resource_id, record, wanted, mapping)
    after, missing, doubt = yield from _sent(resource_id, record, due, wanted, mapping, again=again)
    if missing and not again and doubt is not None and is_uncertain(doubt, mapping):
        due = differing(after, wanted, mapping.resource)
        after, missing, doubt = yield from _sent(resource_id, after, due, wanted, mapping, again=True)
    if missing:
        raise _not_done(mapping, missing, doubt)
    return resource_of(after, mapping.resource)


def _guarded(resource_id: str, record: Record, wanted: Resource, mapping: Mapping) -> Generator[Asked, Any, None]:
    """Tell the guard against mass loss when somebody is about to be disabled."""
    if wanted.get("active") is False and resource_of(record, mapping.resource).get("active") is not False:
        yield Loss(mapping.resource.type.name, resource_id)


def _sent(  # noqa: PLR0913 (each is a part of one write)
    resource_id: str, record: Record, due: Due, wanted: Resource, mapping: Mapping, *, again: bool = False
) -> Generator[Asked, Any, tuple[Record, list[str], Outcome | None]]:
    """Send what is due; return the record after it, the attributes that are not as wanted, and what says that they may be.

    That is the first outcome that leaves in doubt whether its call was done, None where each was said to be done.
    """
    body = fields_of(due, wanted)
    own = [(rule, value) for rule, value in due if rule.calls is not None]
    route = supported(mapping.resource.update) if body else None
    changing = mapping.resource.changing
    outcomes: list[Outcome] = []

    def update() -> Generator[Asked, Any, None]:
        assert route is not None  # noqa: S101 (asked before)
        sent = body
        if changing.sends == "record":
            # A call of its own may have changed the record meanwhile: what goes back is as it is now.
            now = (yield from existing(resource_id, mapping)) if outcomes else record
            sent = whole(now, wanted, mapping.resource)
        outcomes.append((yield from _done(write_call(route, mapping, sent, again=again, id=resource_id), mapping)))

    is_left = route is not None
    for rule, value in sorted(own, key=lambda each: (each[1] is not False) + (each[1] is True)):
        if value is not False and is_left:
            yield from update()
            is_left = False
        outcomes.append((yield from _done(_own_call(rule, value, resource_id, mapping, again=again), mapping)))
    if is_left:
        yield from update()
    doubt = next((each for each in outcomes if not is_success(each, mapping)), None)
    spot = changing.record if not own and doubt is None else None
    names = [str(rule) for rule, _ in own]

    def missing(shown: Record) -> list[str]:
        return unwritten(shown, body, wanted, mapping.resource, names)

    after = the_record(outcomes[-1], spot, mapping, resource_id) if spot and outcomes else None
    if after is None:
        after = yield from looked(lambda: existing(resource_id, mapping), lambda shown: not missing(shown), mapping)
    return after, missing(after), doubt


def _own_call(rule: Rule, value: Any, resource_id: str, mapping: Mapping, *, again: bool) -> Call:
    assert rule.calls is not None  # noqa: S101 (the caller has no others)
    return write_call(rule.calls.route(value, str(rule)), mapping, again=again, id=resource_id, value=value)


def _done(one: Call, mapping: Mapping) -> Generator[Call, Outcome, Outcome]:
    """Make a call that changes it; raises what a refusal means, and returns an outcome that may leave it in doubt."""
    outcome = yield one
    is_open = is_uncertain(outcome, mapping) or is_doubtful(outcome, mapping)
    if not is_open and not is_success(outcome, mapping):
        raise refusal(outcome, mapping, _DOING.format(mapping.noun))
    return outcome


def _not_done(mapping: Mapping, differing: list[str], doubt: Outcome | None) -> ScimError:
    shown = f"a fresh read shows another {', '.join(differing)} than was sent"
    if doubt is None:
        return BadReply(f"The {mapping.upstream} said that it changed the {mapping.noun}, but {shown}.")
    if is_doubtful(doubt, mapping):
        return refusal(doubt, mapping, _DOING.format(mapping.noun))
    return Unavailable(
        f"The {mapping.upstream} broke off while the {mapping.noun} was changed, and {shown}. Try again."
    )
