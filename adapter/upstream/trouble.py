"""What the network's failures become for an administrator."""

from math import ceil

from adapter.errors import BadReply, TooSlow, Unavailable, UpstreamError
from adapter.mapping.mapping import Mapping
from adapter.upstream.breaker import Open
from adapter.upstream.index import Building
from adapter.upstream.limits import Overfull
from adapter.upstream.wire import Failure, Throttled


def overloaded(error: Throttled, mapping: Mapping) -> UpstreamError:
    """Return the error for an upstream that refuses calls for now."""
    after = max(1, round(error.after or 10))
    return Unavailable(f"The {mapping.upstream} is overloaded and refused the call.", after)


def overfull(error: Overfull, mapping: Mapping) -> UpstreamError:
    """Return the error for a request that would wait too long for its turn."""
    return Unavailable(
        f"The {mapping.upstream} has as many calls under way as it bears, and too many wait already; nothing was done.",
        max(1, round(error.after)),
    )


def spent(mapping: Mapping) -> UpstreamError:
    """Return the error for a call that was not sent once more, so that an upstream in trouble does not get more of them."""
    return Unavailable(
        f"The {mapping.upstream} broke off, and too many calls to it are repeated already; a fresh read shows that this one "
        "was not done. Try again."
    )


def occupied(mapping: Mapping) -> UpstreamError:
    """Return the error for a request that waits too long for others about the same resource or name."""
    return Unavailable(
        f"Other requests about this resource wait for the {mapping.upstream}, and this one has waited too long for them."
    )


def being_read(error: Building, mapping: Mapping) -> UpstreamError:
    """Return the error for a search that the index cannot answer yet."""
    after = max(1, ceil(error.after))
    if error.is_hopeless:
        return BadReply(
            f"Reading the whole list of the {mapping.upstream} takes {error.after:.0f} s, longer than the mapping's freshness, "
            "so it can never tell that nobody has a name. Make freshness in the mapping longer."
        )
    return Unavailable(
        f"The {mapping.upstream} cannot search, and its whole list is still being read; until then nobody can tell who is "
        "not there.",
        after,
    )


def left_alone(error: Open, mapping: Mapping) -> UpstreamError:
    """Return the error for a call that was not sent, because those before it failed."""
    after = max(1, ceil(error.after))
    return Unavailable(
        f"The {mapping.upstream} failed {error.failures} times in a row, at last because {error.reason}. It is left alone for "
        f"now and tried again in {after} s.",
        after,
    )


def unusable(error: Failure, mapping: Mapping) -> UpstreamError:
    """Return the error for an upstream that gave no usable reply."""
    kind = TooSlow if error.slow else BadReply if error.sent or error.is_answer else Unavailable
    return kind(f"The {mapping.upstream} gave no usable reply: {error.reason}.")
