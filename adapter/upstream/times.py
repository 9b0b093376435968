"""How long things may take."""

import msgspec


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How long things may take, in seconds."""

    request: float = 25.0
    """One SCIM request with all its calls, attempts and waits; Entra gives up at 60."""
    attempt: float = 10.0
    """One call once, from the first byte sent to the last one read."""
    queue: float = 4.0
    """What the first call of a request waits for its turn at the most, where the upstream bears no more at once."""
    drain: float = 5.0
    """How long requests are still taken after SIGTERM, while readiness says no already."""
    backoff: float = 0.5
    """The first wait before a call is repeated."""
