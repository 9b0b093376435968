"""Asks an upstream by plans that do nothing else, and tells in a few words what came of it."""

from itertools import count
from typing import Any

from adapter.errors import Unavailable, UpstreamError
from adapter.plan.conversation import Asked, Outcome, Plan, Reply, Unknown
from adapter.plan.moment import Turn
from adapter.scim.messages import Response
from adapter.upstream.client import Upstream

_NUMBERS = count()


def asking(*asked: Asked, is_shared: bool = False) -> Plan:
    """Plan these one after the other; the response holds what came of them.

    Unless they are shared with others who ask the same at once, each plan has a turn of its own, as one that changes has.
    """
    if not is_shared:
        yield Turn("Test", id=str(next(_NUMBERS)))
    outcomes: list[Outcome] = []
    for each in asked:
        outcome = yield each
        outcomes.append(outcome)
    return Response(200, {"outcomes": outcomes})


async def came_of(one: Upstream, *asked: Asked) -> Any:
    """Return what a plan is sent at last, or the error that ends it."""
    try:
        response = await one.run(asking(*asked))
    except UpstreamError as error:
        return error
    assert isinstance(response.content, dict)
    return response.content["outcomes"][-1]


def shown(outcome: Any) -> str:
    """Return an outcome, or an error, in a few words."""
    match outcome:
        case Unknown():
            return "unknown"
        case Reply():
            return f"reply {outcome.status}"
        case Unavailable():
            return f"503 after {outcome.retry_after}"
        case _:
            return str(outcome.status)
