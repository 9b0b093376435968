"""What the network's failures become for an administrator."""

from adapter.errors import BadReply, TooSlow, Unavailable, UpstreamError
from adapter.mapping.mapping import Mapping
from adapter.upstream.wire import Failure, Throttled


def overloaded(error: Throttled, mapping: Mapping) -> UpstreamError:
    """Return the error for an upstream that refuses calls for now."""
    after = max(1, round(error.after or 10))
    return Unavailable(f"The {mapping.upstream} is overloaded and refused the call.", after)


def unusable(error: Failure, mapping: Mapping) -> UpstreamError:
    """Return the error for an upstream that gave no usable reply."""
    kind = TooSlow if error.slow else BadReply if error.sent else Unavailable
    return kind(f"The {mapping.upstream} gave no usable reply: {error.reason}.")
