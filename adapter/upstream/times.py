"""How long things may take."""

import msgspec


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How long things may take, in seconds."""

    request: float = 25.0
    """One SCIM request with all its calls, attempts and waits; Entra gives up at 60."""
    attempt: float = 10.0
    """One call once, from the first byte sent to the last one read."""
    queue: float = 4.0
    """What a request waits at the most before it is begun: for a place where the upstream bears no more calls at once, or for
    the reading of a list that an index is made from."""
    drain: float = 5.0
    """How long requests are still taken after SIGTERM, while readiness says no already."""
    backoff: float = 0.5
    """The first wait before a call is repeated."""
