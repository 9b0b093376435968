"""Who owns which connection, where several workers serve: one of them alone performs a connection's calls.

So turns, limits, tokens, the index and the guard are right without being shared. A connection stays with its worker as long
as the gateway runs: what is read anew adds owners, and changes none.
"""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256


class Shares:
    """The connections shared out among the workers 1 to `workers`; `names` are those that are there at the start."""

    def __init__(self, names: Iterable[str], workers: int) -> None:
        self.workers = workers
        self._owners: dict[str, int] = {}
        held: Counter[int] = Counter()
        for name in sorted(names):
            fewest = min(held[each] for each in self._numbers)
            self._owners[name] = _chosen(name, [each for each in self._numbers if held[each] == fewest])
            held[self._owners[name]] += 1

    def owner(self, name: str) -> int:
        """Return the number of the worker that owns a connection, also of one that was added since the start."""
        return self._owners.get(name) or _chosen(name, self._numbers)

    @property
    def _numbers(self) -> range:
        return range(1, self.workers + 1)


def _chosen(name: str, among: Iterable[int]) -> int:
    """Return the worker that is the name's by rendezvous hashing: each process finds the same, and nobody is asked."""
    return max(among, key=lambda number: sha256(f"{number} {name}".encode()).digest())
