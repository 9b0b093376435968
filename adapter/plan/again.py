"""Looking again, for as long as the upstream may take to show what was written."""

from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeVar

from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Asked
from adapter.plan.moment import Wait

Seen = TypeVar("Seen")

FIRST_PAUSE = 0.5
"""Seconds before the second look; each further pause is twice as long."""


def looked(
    look: Callable[[], Generator[Asked, Any, Seen]], suffices: Callable[[Seen], bool], mapping: Mapping
) -> Generator[Asked, Any, Seen]:
    """Return what a look shows as soon as it suffices, or what the last one shows that the mapping's window allows."""
    seen = yield from look()
    for pause in pauses(mapping.resource.visible_within):
        if suffices(seen):
            break
        yield Wait(pause)
        seen = yield from look()
    return seen


def pauses(window: float) -> Iterator[float]:
    """Return the pauses between looks, in seconds, which together last as long as the window."""
    pause = FIRST_PAUSE
    while window > 0:
        yield min(pause, window)
        window -= pause
        pause *= 2
