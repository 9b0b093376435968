"""Whether a resource matches a filter: a predicate made once, with every name and type checked first.

A filter that names what a resource type does not have, or compares what cannot be compared, is refused: an answer that
is not exact would make a client create or change the wrong user (RFC 7644 section 3.4.2.2).

A date-time is compared as the instant that it names, by parts of it (`co`, `sw`, `ew`) as its text. A stored value that
names no instant is equal to none and before or after none: only `ne` and `pr` match it.
"""

import unicodedata
from collections.abc import Callable
from typing import Any

from adapter.errors import InvalidFilter, Sensitive
from adapter.scim.filter import OPERATORS, And, Compare, Filter, Not, Or, Present, ValuePath
from adapter.scim.instant import instant
from adapter.scim.path import Path
from adapter.scim.schema import Attribute, Resource, ResourceType, Target

Predicate = Callable[[dict[str, Any]], bool]
_Scope = Callable[[Path], tuple[Attribute, Callable[[dict[str, Any]], list[Any]]]]
_SCHEMAS = Attribute(name="schemas", type="reference", multi_valued=True, returned="always")


def predicate(
    wanted: Filter, resource_type: ResourceType, beside: tuple[ResourceType, ...] = ()
) -> Callable[[Resource], bool]:
    """Return the test that tells whether a resource matches the filter.

    `beside` are the other types that the same query is about: what only they have is an attribute without a value here
    (RFC 7644 section 3.4.2.1). Raises InvalidFilter when the filter names what no type has, or compares what cannot be
    compared; Sensitive when it names what can be written but not read.
    """

    def scope(path: Path) -> tuple[Attribute, Callable[[Resource], list[Any]]]:
        if path.name.lower() == "schemas" and path.sub is None and path.urn is None:
            # Resources hold none: an answer gets them by what else it holds.
            return _SCHEMAS, lambda resource: [
                each.id for each in resource_type.schemas if each is resource_type.schema or each.id in resource
            ]
        own = resource_type.target(path)
        target = own or next((found for each in beside if (found := each.target(path))), None)
        if target is None or is_outside(target):
            raise InvalidFilter(f"'{path}' is not an attribute that this connection can filter on.")
        readable(path, target.attribute)
        leaf = readable(path, target.leaf)
        if own is None:
            return leaf, lambda _: []
        if str(target) == "meta.resourceType":
            # Resources hold none: an answer gets it from their type.
            return leaf, lambda _: [resource_type.name]

        def values(resource: Resource) -> list[Any]:
            holder = resource.get(target.extension, {}) if target.extension else resource
            found = _listed(holder.get(target.attribute.name))
            return [each[leaf.name] for each in found if leaf.name in each] if target.sub else found

        return leaf, values

    return _predicate(wanted, scope)


def is_outside(target: Target) -> bool:
    """Tell whether a target is what no resource holds: where it is found, its version, and `meta` as a whole."""
    return target.attribute.name == "meta" and (target.sub is None or target.sub.name in ("location", "version"))


def element_predicate(wanted: Filter, attribute: Attribute) -> Predicate:
    """Return the test for one element of a multi-valued complex attribute (the inside of a value path)."""

    def scope(path: Path) -> tuple[Attribute, Callable[[dict[str, Any]], list[Any]]]:
        sub = attribute.sub(path.name) if path.urn is None and path.sub is None else None
        if sub is None:
            raise InvalidFilter(f"'{path}' is not a sub-attribute of {attribute.name}.")
        return readable(path, sub), lambda element: _listed(element.get(sub.name))

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
            return lambda resource: _is_present(values(resource))
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
                whole, attribute = values, readable(wanted.path, value)
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
    if attribute.type == "dateTime" and operator not in ("co", "sw", "ew"):
        return _chronological(wanted, values)
    literal = folded(attribute, wanted.value)
    holds = _HOLDS[operator]
    if operator == "ne":
        # The opposite of eq, for a list too: no value equals the literal.
        return lambda resource: all(folded(attribute, each) != literal for each in values(resource))
    return lambda resource: any(holds(folded(attribute, each), literal) for each in values(resource))


def _chronological(wanted: Compare, values: Callable[[dict[str, Any]], list[Any]]) -> Predicate:
    """Return the comparison of instants (RFC 7644 section 3.4.2.2: "it is a chronological comparison")."""
    literal = instant(str(wanted.value))
    if literal is None:
        raise InvalidFilter(f"'{wanted.path}' is compared with a date-time, such as \"2011-05-13T04:42:34Z\".")
    holds = _HOLDS[wanted.operator]
    if wanted.operator == "ne":
        return lambda resource: all(instant(each) != literal for each in values(resource))
    return lambda resource: any(found is not None and holds(found, literal) for found in map(instant, values(resource)))


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


def readable(path: Path, attribute: Attribute) -> Attribute:
    """Return the attribute; raises Sensitive when no resource shows it.

    "No match" would be a wrong answer for a user who has the value, and any other one a way to guess it.
    """
    if attribute.mutability == "writeOnly" or attribute.returned == "never":
        raise Sensitive(f"'{path}' can be written but not read, so it can be neither filtered on nor sorted by.")
    return attribute


def folded(attribute: Attribute, value: Any) -> Any:
    """Return the form in which values of the attribute are equal: NFC, and lower case unless it is caseExact.

    Lower case and not full case folding: folding makes `straße` equal to `strasse`, two different people. In base64
    another case is another value, so a binary is always exact (RFC 7643 section 2.3.6).
    """
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value)
    return text if attribute.case_exact or attribute.type == "binary" else text.lower()


def _is_present(value: Any) -> bool:
    """Tell whether a value is not empty; a complex one has "a non-empty node" (RFC 7644 section 3.4.2.2)."""
    if isinstance(value, dict):
        return any(map(_is_present, value.values()))
    return any(map(_is_present, value)) if isinstance(value, list) else value not in ("", None)


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
