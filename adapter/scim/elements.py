"""The elements of one multi-valued attribute while a PATCH works on them: in order, and each found without a search.

A group may have ten thousand members, and a PATCH a thousand operations on them. So elements are found by an index, of
their `value` (RFC 7643 section 2.4) or of all that they hold, which is made when it is first asked for. Elements are
replaced and never changed in place: they are still those of the resource that the PATCH began with.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeGuard

import msgspec

from adapter.scim.filter import Compare, Filter
from adapter.scim.match import element_predicate, folded
from adapter.scim.schema import Attribute


class Elements:
    """The elements of an attribute, each under a number of its own that grows in their order."""

    def __init__(self, attribute: Attribute, elements: Iterable[Any]) -> None:
        self._attribute = attribute
        self._value = attribute.sub("value")
        self._own = {each.name for each in attribute.sub_attributes if each.mutability == "readOnly" or each.is_made}
        self._elements = dict(enumerate(elements))
        self._next = len(self._elements)
        self._by_value = _Index(self._folded_value)
        self._by_content = _Index(self._content)

    def __len__(self) -> int:
        return len(self._elements)

    def __getitem__(self, number: int) -> Any:
        return self._elements[number]

    def listed(self) -> list[Any]:
        """Return the elements, in their order."""
        return list(self._elements.values())

    def chosen(self, inner: Filter | None) -> list[int]:
        """Return the numbers of the elements that a value path chooses; without a filter these are all.

        Raises InvalidFilter when the filter means nothing for this attribute.
        """
        if inner is None:
            return list(self._elements)
        matches = element_predicate(inner, self._attribute)
        if self._value is not None and _asks_for_a_value(inner):
            return self._by_value.found(folded(self._value, inner.value), self._elements)
        return [number for number, each in self._elements.items() if matches(each)]

    def same(self, given: Any) -> list[int]:
        """Return the numbers of the elements that a listed value means: by its `value` where it has one."""
        if self._value is not None and isinstance(given, dict) and "value" in given:
            likely = self._by_value.found(folded(self._value, given["value"]), self._elements)
            return [number for number in likely if self._elements[number]["value"] == given["value"]]
        return self.alike(given)

    def alike(self, given: Any) -> list[int]:
        """Return the numbers of the elements that hold just this; what is read-only is the server's and does not count."""
        return self._by_content.found(self._content(given), self._elements)

    def add(self, element: Any) -> int:
        """Put an element at the end and return its number."""
        number = self._next
        self._next += 1
        self.put(number, element)
        return number

    def put(self, number: int, element: Any) -> None:
        """Put an element in the place of another; one without parts is none."""
        self._by_value.forget(number)
        self._by_content.forget(number)
        if element == {}:
            self._elements.pop(number, None)
            return
        self._elements[number] = element
        self._by_value.learn(number, element)
        self._by_content.learn(number, element)

    def remove(self, number: int) -> None:
        """Take an element away."""
        self.put(number, {})

    def _folded_value(self, element: Any) -> Any:
        if self._value is None or not isinstance(element, dict):
            return None
        return folded(self._value, element.get("value"))

    def _content(self, element: Any) -> Any:
        """Return what makes two elements the same, as something that a dictionary can find."""
        parts = (
            {name: value for name, value in element.items() if name not in self._own}
            if isinstance(element, dict)
            else element
        )
        return msgspec.json.encode(parts, order="deterministic")


def _asks_for_a_value(inner: Filter) -> TypeGuard[Compare]:
    """Tell whether a filter is `value eq "x"`, which the index answers."""
    if not isinstance(inner, Compare) or inner.value is None:
        return False
    return inner.operator == "eq" and inner.path.name.lower() == "value"


class _Index:
    """The numbers of elements by a key that they have, once somebody has asked for it."""

    def __init__(self, key: Callable[[Any], Any]) -> None:
        self._key = key
        self._numbers: dict[Any, dict[int, None]] | None = None
        self._keys: dict[int, Any] = {}

    def found(self, key: Any, elements: dict[int, Any]) -> list[int]:
        if self._numbers is None:
            self._numbers = {}
            for number, element in elements.items():
                self.learn(number, element)
        return list(self._numbers.get(key, ()))

    def learn(self, number: int, element: Any) -> None:
        if self._numbers is not None:
            key = self._keys[number] = self._key(element)
            self._numbers.setdefault(key, {})[number] = None

    def forget(self, number: int) -> None:
        if self._numbers is not None and number in self._keys:
            del self._numbers[self._keys.pop(number)][number]
