"""How much is measured: enough to be believed, or just enough to see that a command runs."""

import msgspec


class Sizes(msgspec.Struct, frozen=True):
    """The numbers of each command."""

    rounds: int = 7
    """Interleaved repetitions; what is told is their median."""
    requests: int = 1500
    """Of each operation in a round."""
    cycle: int = 2000
    """Users of an initial cycle."""
    users: int = 1_000_000
    """Users of the upstream that is listed and indexed."""
    members: int = 10_000
    """Members that one PATCH gives to a group."""
    latency: float = 0.02
    """Seconds that the upstream takes for a call."""
    pace: float = 25
    """Requests a second, as Entra's gallery asks for."""
    concurrencies: tuple[int, ...] = (1, 8, 32)
    places: tuple[int, ...] = (3, 10)
    """Calls that the upstream bears at once on a route, in an initial cycle."""
    seconds: float = 10
    """Of a profile."""


TINY = Sizes(
    rounds=1,
    requests=8,
    cycle=6,
    users=2000,
    members=20,
    latency=0.001,
    pace=500,
    concurrencies=(2,),
    places=(3,),
    seconds=0.5,
)
