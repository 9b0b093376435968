"""Several faults of one file, told together: whoever mends a file wants to see all of them."""

from collections.abc import Callable
from typing import TypeVar

from adapter.errors import MappingError

T = TypeVar("T")


class Faults:
    """Gathers the faults of parts that do not depend on each other."""

    def __init__(self) -> None:
        self._found: list[MappingError] = []

    def tried(self, part: Callable[[], T]) -> T | None:
        """Return what the part makes, or None when it has a fault, which is kept."""
        try:
            return part()
        except MappingError as error:
            self.found(error)
            return None

    def found(self, error: MappingError) -> None:
        """Keep a fault."""
        self._found += error.all

    def told(self) -> None:
        """Raise the first fault of the file, which knows the others; nothing happens when there is none."""
        if self._found:
            first, *others = sorted(self._found, key=lambda each: (each.line, each.column))
            raise MappingError(first.file, first.line, first.column, first.message, tuple(others))
