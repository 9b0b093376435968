"""Who has which name, without the names: ids by the hashes of names, in as little memory as a million of them need.

Equal names have equal hashes, so whoever has a name is found by it. Two names may have one hash, so those who are found are
to be verified: among a million names it happens in one of two million processes. A hash is all that an index needs, takes
less than a name, and nobody's name lies in memory.
"""

from collections.abc import Callable

from adapter.plan.keeping import Folded


def hashed(name: Folded) -> int:
    """Return 60 bits of the hash that Python makes of a name with a key of this process; more would take 16 bytes more."""
    return hash(name) & 0xFFF_FFFF_FFFF_FFFF


class Holders:
    """The holders of names, each with one; `key` makes of a name what is kept of it."""

    def __init__(self, key: Callable[[Folded], int] = hashed) -> None:
        self._key = key
        # Both hold the same two objects of a user; other ones would be as much again.
        self._keys: dict[str, int] = {}
        self._ids: dict[int, str | tuple[str, ...]] = {}

    def __len__(self) -> int:
        """Return how many have a name."""
        return len(self._keys)

    def ids(self) -> set[str]:
        """Return the ids of all who have one: a set made of a dictionary at once leaves no memory behind, one by one does."""
        return set(self._keys)

    def of(self, name: Folded) -> tuple[str, ...]:
        """Return the ids of all who have a name, in order, and perhaps of others."""
        return tuple(sorted(self._of(self._key(name))))

    def put(self, resource_id: str, name: Folded | None) -> None:
        """Give a resource another name; None takes it away."""
        key, old = None if name is None else self._key(name), self._keys.get(resource_id)
        if key == old:
            return
        if old is not None:
            del self._keys[resource_id]
            left = tuple(each for each in self._of(old) if each != resource_id)
            if left:
                self._ids[old] = left
            else:
                del self._ids[old]
        if key is not None:
            others = self._of(key)
            self._keys[resource_id] = key
            # Almost every name is one resource's: a tuple for each would be a quarter of what they take.
            self._ids[key] = (*others, resource_id) if others else resource_id

    def _of(self, key: int) -> tuple[str, ...]:
        found = self._ids.get(key, ())
        return (found,) if isinstance(found, str) else found
