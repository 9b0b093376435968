"""Whether a resource matches a filter: a predicate made once, with every name and type checked first.

A filter that names what a resource type does not have, or compares what cannot be compared, is refused: an answer that
is not exact would make a client create or change the wrong user (RFC 7644 section 3.4.2.2).
"""

import unicodedata
from collections.abc import Callable
from typing import Any

from adapter.errors import InvalidFilter
from adapter.scim.filter import OPERATORS, And, Compare, Filter, Not, Or, Present, ValuePath
from adapter.scim.path import Path
from adapter.scim.schema import Attribute, Resource, ResourceType

Predicate = Callable[[dict[str, Any]], bool]
_Scope = Callable[[Path], tuple[Attribute, Callable[[dict[str, Any]], list[Any]]]]


def predicate(wanted: Filter, resource_type: ResourceType) -> Callable[[Resource], bool]:
    """Return the test that tells whether a resource matches the filter.

    Raises InvalidFilter when the filter names what this type does not have, or compares what cannot be compared:
    an answer that is not exact would make a client create or change the wrong user.
    """

    def scope(path: Path) -> tuple[Attribute, Callable[[Resource], list[Any]]]:
        target = resource_type.target(path)
        if target is None or target.attribute.name == "meta":
            raise InvalidFilter(f"'{path}' is not an attribute that this connection can filter on.")
        _readable(path, target.attribute)
        leaf = _readable(path, target.leaf)

        def values(resource: Resource) -> list[Any]:
            holder = resource.get(target.extension, {}) if target.extension else resource
            found = _listed(holder.get(target.attribute.name))
            return [each[leaf.name] for each in found if leaf.name in each] if target.sub else found

        return leaf, values

    return _predicate(wanted, scope)


def element_predicate(wanted: Filter, attribute: Attribute) -> Predicate:
    """Return the test for one element of a multi-valued complex attribute (the inside of a value path)."""

    def scope(path: Path) -> tuple[Attribute, Callable[[dict[str, Any]], list[Any]]]:
        sub = attribute.sub(path.name) if path.urn is None and path.sub is None else None
        if sub is None:
            raise InvalidFilter(f"'{path}' is not a sub-attribute of {attribute.name}.")
        return _readable(path, sub), lambda element: _listed(element.get(sub.name))

    return _predicate(wanted, scope)


def _predicate(wanted: Filter, scope: _Scope) -> Predicate:
    match wanted:
        case And():
            left, right = _predicate(wanted.left, scope), _predicate(wanted.right, scope)
            return lambda resource: left(resource) and right(resource)
        case Or():
            left, right = _predicate(wanted.left, scope), _predicate(wanted.right, scope)
            return lambda resource: left(resource) or right(resource)
        case Not():
            inner = _predicate(wanted.inner, scope)
            return lambda resource: not inner(resource)
        case Present():
            _, values = scope(wanted.path)
            return lambda resource: any(each not in ("", None, {}) for each in values(resource))
        case ValuePath():
            attribute, values = scope(wanted.path)
            if attribute.type != "complex":
                raise InvalidFilter(f"'{wanted.path}' has no sub-attributes to filter on.")
            element = element_predicate(wanted.inner, attribute)
            return lambda resource: any(element(each) for each in values(resource))
        case Compare():
            attribute, values = scope(wanted.path)
            if attribute.type == "complex":
                # RFC 7644 section 3.4.2.2: `emails co "example.com"` means emails.value.
                value = attribute.sub("value")
                if value is None:
                    raise InvalidFilter(f"'{wanted.path}' has parts; name one of them.")
                whole, attribute = values, _readable(wanted.path, value)
                values = lambda resource: [each["value"] for each in whole(resource) if "value" in each]  # noqa: E731
            return _comparison(wanted, attribute, values)


def _comparison(wanted: Compare, attribute: Attribute, values: Callable[[dict[str, Any]], list[Any]]) -> Predicate:
    operator = wanted.operator
    if wanted.value is None:
        if operator not in ("eq", "ne"):
            raise InvalidFilter(f"'{wanted.path}' can be compared with null by eq and ne only.")
        # RFC 7643 section 2.5: null and absent are the same.
        return lambda resource: (not values(resource)) == (operator == "eq")
    _check(wanted, attribute)
    literal = folded(attribute, wanted.value)
    holds = _HOLDS[operator]
    if operator == "ne":
        # The opposite of eq, for a list too: no value equals the literal.
        return lambda resource: all(folded(attribute, each) != literal for each in values(resource))
    return lambda resource: any(holds(folded(attribute, each), literal) for each in values(resource))


_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, literal: value == literal,
    "ne": lambda value, literal: value != literal,
    "co": lambda value, literal: literal in value,
    "sw": lambda value, literal: value.startswith(literal),
    "ew": lambda value, literal: value.endswith(literal),
    "gt": lambda value, literal: value > literal,
    "ge": lambda value, literal: value >= literal,
    "lt": lambda value, literal: value < literal,
    "le": lambda value, literal: value <= literal,
}


def _check(wanted: Compare, attribute: Attribute) -> None:
    """Refuse a literal of another type than the attribute, and an operator that the type does not have."""
    kind = "boolean" if isinstance(wanted.value, bool) else "number" if not isinstance(wanted.value, str) else "text"
    has = {"boolean": "boolean", "integer": "number", "decimal": "number"}.get(attribute.type, "text")
    if kind != has:
        raise InvalidFilter(f"'{wanted.path}' is compared with a {has}, not with a {kind}.")
    allowed = {"boolean": ("eq", "ne"), "number": ("eq", "ne", "gt", "ge", "lt", "le"), "text": OPERATORS}[has]
    if attribute.type == "binary":
        # RFC 7644 section 3.4.2.2: the order of binary values SHALL be refused.
        has, allowed = "binary", ("eq", "ne", "co", "sw", "ew")
    if wanted.operator not in allowed:
        raise InvalidFilter(f"'{wanted.path}' is a {has}: it can be compared by {', '.join(allowed)}.")


def _readable(path: Path, attribute: Attribute) -> Attribute:
    """Refuse what no resource shows: the answer would be "no match" for a user who has the value."""
    if attribute.mutability == "writeOnly" or attribute.returned == "never":
        raise InvalidFilter(f"'{path}' can be written but not read, so it cannot be filtered on.")
    return attribute


def folded(attribute: Attribute, value: Any) -> Any:
    """Return the form in which values of the attribute are equal: NFC, and lower case unless it is caseExact.

    Lower case and not full case folding: folding makes `straße` equal to `strasse`, two different people.
    """
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value)
    return text if attribute.case_exact else text.lower()


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
