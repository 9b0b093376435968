"""The search for values that break a mapping's laws, and what a mapping does that its author should know.

The first law, that what is read and written back changes nothing, holds for every rule by the way in which changes are
computed: attributes are compared, and fields are written only where they differ. The second, that what is written reads
back, depends on the file, and values that break it are looked for here.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec

from adapter.errors import ScimError
from adapter.mapping.check import reads_back
from adapter.mapping.mapping import Mapping
from adapter.mapping.resource import ResourceMapping
from adapter.mapping.route import Route
from adapter.mapping.rules import Rule
from adapter.mapping.source import Path
from adapter.mapping.transforms import Items, Number, Table

_TEXTS = (
    "a",
    "0",
    "1",
    "A",
    "é",
    "ß",
    "İ",
    "-1",
    "007",
    "1.5",
    " a",
    "a ",
    "a b",
    "a;b",
    "a,b",
    "true",
    "null",
    "a" * 300,
)
_ENTRA = ("userName", "active", "name.givenName", "name.familyName")
_TYPED = ("emails", "phoneNumbers")
"""Lists of which Entra names one element by its type."""


def broken(mapping: Mapping) -> list[tuple[Path, str]]:
    """Return where a rule breaks the second law, each with the smallest value that shows it."""
    return [
        (("resources", at, *path), message)
        for at, each in enumerate(mapping.resources)
        for path, message in _broken(each)
    ]


def _broken(resource: ResourceMapping) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    for at, rule in enumerate(resource.rules):
        smallest = next((value for value in _values(rule) if not _keeps(rule, value)), None)
        if smallest is not None:
            shown = msgspec.json.encode(smallest).decode()
            message = f"{rule}: the value {shown} would be written and not read back; give both directions one table"
            found.append((("attributes", at), message))
    return found


def remarks(mapping: Mapping) -> list[tuple[Path, str]]:
    """Return what works and has a price: what cannot be read back, what is lost, what takes many calls."""
    return [
        (("resources", at, *path), message)
        for at, each in enumerate(mapping.resources)
        for path, message in _remarks(each)
    ]


def _remarks(resource: ResourceMapping) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    for at, rule in enumerate(resource.rules):
        here = ("attributes", at)
        if rule.mutability == "writeOnly":
            found.append((here, f"{rule} cannot be read back: whether the upstream has it is never known"))
        if rule.joined or (rule.write and rule.write.second):
            found.append((here, f"{rule} is lossy: where a name of three words divides is not kept"))
        if rule.every and rule.target.attribute.name in _TYPED:
            entra = f'{rule.target.attribute.name}[type eq "work"].value'
            found.append((here, f"{rule} knows no types: a change of {entra}, as Entra sends it, is ignored"))
    names = [str(each) for each in resource.rules]
    missing = [each for each in (_ENTRA if resource.type.name == "User" else ()) if each not in names]
    if missing:
        message = f"Entra sends {', '.join(missing)} by default, which no rule names; what it sends is ignored"
        found.append((("attributes",), message))
    noun = resource.type.name.lower()
    if resource.is_indexed or not any(str(each.target) == resource.naming for each in resource.pushed):
        found.append((("routes", "list"), f"without a find that settles {resource.naming} {_unfound(resource)}"))
    if resource.get is None:
        message = f"without a call for one {noun} each read and each change reads the whole list"
        found.append((("routes", "get"), message))
    if resource.by_users and resource.rule_of("members") is None:
        message = "the members of a group are looked for among all users; if the group shows them, add a rule for members.value"
        found.append((("members",), message))
    return found


def _unfound(resource: ResourceMapping) -> str:
    """Return what becomes of a match query where the upstream cannot find a name."""
    noun, seconds = resource.type.name.lower(), f"{resource.listing.freshness:g} s"
    if not isinstance(resource.list, Route):
        return f"each match query is answered with 501, and Entra can provision no {noun}"
    if not resource.is_indexed:
        return "each match query reads the whole list"
    told = f"the whole list is read every {seconds} as long as names are looked for"
    if resource.creating.duplicates == "refused":
        return told
    return f"{told}, and a {noun} whom somebody else makes within that time may be made again: it allows duplicates"


def _keeps(rule: Rule, value: Any) -> bool:
    try:
        if rule.write is not None:
            rule.write.transform.to_upstream(value, str(rule))
    except ScimError:
        return True  # refused, so it is not written
    try:
        return reads_back(rule, value)
    except ScimError:
        return False


def _values(rule: Rule) -> Iterator[Any]:
    """Return values of a rule's attribute, the smallest first."""
    each = list({(type(one), one): one for one in _single(rule)}.values())
    if not rule.every:
        return iter(each)
    return itertools.chain(([one] for one in each), (list(two) for two in itertools.combinations(each, 2)))


def _single(rule: Rule) -> list[Any]:
    tables: list[Any] = []
    for way in (rule.write, rule.read):
        transform = way.transform if way else None
        if isinstance(transform, Items):
            transform = transform.each
        if isinstance(transform, Table):
            tables += [left for left, _ in transform.rows]
        if isinstance(transform, Number):
            tables += ["0", "42", "-1"]
    kind = rule.target.leaf.type
    if kind == "boolean":
        return [False, True]
    if kind == "integer":
        return [*tables, 0, 1, -1]
    return [*tables, *_TEXTS]
