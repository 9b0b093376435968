"""What a mapping must keep: two laws, and the examples that its author wrote down beside it.

The first law: what is read and written back changes nothing. The second: what is written reads back. A mapping that
breaks one makes a client send the same change for ever, or lose data.

An examples file says what a mapping does, for people to read and for tests to hold it to; its Structs here are the
reference of its format. `"…"` in what is sent stands for any text, such as a generated password.
"""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import msgspec

from adapter.errors import InvalidValue, ScimError
from adapter.mapping.convert import changes, completed, kept, new_record, resource_of
from adapter.mapping.mapping import Mapping
from adapter.mapping.resource import ResourceMapping
from adapter.mapping.rules import Rule
from adapter.mapping.shape import read_as
from adapter.mapping.source import Path, Source
from adapter.mapping.transforms import Number, Same, same
from adapter.scim.resource import received
from adapter.scim.schema import Resource

ANY = "…"
Record = dict[str, Any]


class _Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One example; `refused` in place of what should come out is the error's whole text."""

    about: str
    """What it shows, in a sentence."""
    of: Literal["User", "Group"] = "User"
    """The kind of resource that it is about."""
    refused: str | None = None


class Read(_Example, frozen=True, kw_only=True):
    """A record of the upstream, and the resource that a client sees."""

    record: Record
    resource: Resource | None = None


class Created(_Example, frozen=True, kw_only=True):
    """The resource that a client sends with a POST, and the fields that the create call sends."""

    resource: Resource
    sends: Record | None = None


class Changed(_Example, frozen=True, kw_only=True):
    """A record, the resource that a client sends with a PUT, and the fields that the update call sends."""

    record: Record
    wanted: Resource
    sends: Record | None = None


class Examples(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An examples file."""

    settings: dict[str, str | list[str]] = {}
    """The values of the mapping's settings that these examples are true for; defaults need not be given."""
    reads: list[Read] = []
    creates: list[Created] = []
    changes: list[Changed] = []


def examples(text: str, file: str, mapping: Mapping) -> list[str]:
    """Return the faults of an examples file: each with its place and what came out instead.

    Raises MappingError when the file is no examples file.
    """
    source = Source(file, text)
    held = read_as(Examples, source)
    bound = _bound(mapping, held, source)
    cases: list[tuple[Path, _Example, Any, Callable[[], Any]]] = [
        *((("reads", at), one, one.resource, partial(_read, one, bound)) for at, one in enumerate(held.reads)),
        *((("creates", at), one, one.sends, partial(_created, one, bound)) for at, one in enumerate(held.creates)),
        *((("changes", at), one, one.sends, partial(_changed, one, bound)) for at, one in enumerate(held.changes)),
    ]
    faults = [(path, _difference(one.refused, expected, made)) for path, one, expected, made in cases]
    for at, one in enumerate(held.reads):
        if one.refused is None and ("reads", at) not in [path for path, fault in faults if fault]:
            resource = _about(one, bound).resource
            faults += [(("reads", at), each) for each in unsettled(one.record, resource)]
            faults += [(("reads", at), each) for each in unreadable(_read(one, bound), resource)]
    return [str(source.error(path, fault)) for path, fault in faults if fault]


def unsettled(record: Record, mapping: ResourceMapping) -> list[str]:
    """Return what breaks the first law for a record: the fields that writing back what was read would change."""
    fields = changes(record, resource_of(record, mapping), mapping)
    return [f"written back as it was read, it would change {_shown(fields)}"] if fields else []


def unreadable(resource: Resource, mapping: ResourceMapping) -> list[str]:
    """Return what breaks the second law for a resource: the attributes that would be written and not read back."""
    return [
        f"{rule} would be written and not read back"
        for rule in mapping.rules
        if (value := rule.value(resource)) is not None and not reads_back(rule, value)
    ]


def reads_back(rule: Rule, value: Any) -> bool:
    """Tell whether a rule keeps the second law for a value.

    Where it reads another field than it writes, only the upstream can tie the two; its transforms must still be
    undone by themselves.
    """
    if rule.write is None or rule.joined:
        return True  # a rule with a part says itself that it is lossy
    written = rule.write.transform.to_upstream(value, str(rule))
    is_undone = rule.read is not None and rule.read.field == rule.write.field and not _is_cast(rule)
    undone = rule.read.transform if rule.read is not None and is_undone else rule.write.transform
    return same(undone.to_scim(written, rule.write.field), value)


def _is_cast(rule: Rule) -> bool:
    """Tell whether the upstream shows as a number what it takes as a text, or the other way about: it ties the two."""
    kinds = [type(way.inner) for way in (rule.read, rule.write) if way is not None]
    return sorted(kinds, key=str) == sorted([Number, Same], key=str)


def _bound(mapping: Mapping, held: Examples, source: Source) -> Mapping:
    given = {each.name: each.default for each in mapping.settings} | held.settings
    values = {name: value for name, value in given.items() if value is not None}
    if len(values) < len(given):
        missing = next(name for name in given if name not in values)
        raise source.error(("settings",), f"the mapping needs the setting '{missing}'; give it here")
    return mapping.bound(values, _chooser())


def _read(example: Read, mapping: Mapping) -> Resource:
    return resource_of(example.record, _about(example, mapping).resource)


def _created(example: Created, mapping: Mapping) -> Record:
    about = _about(example, mapping)
    return new_record(completed(received(example.resource, about.resource.type), about), about)


def _changed(example: Changed, mapping: Mapping) -> Record:
    resource = _about(example, mapping).resource
    wanted = kept(example.record, received(example.wanted, resource.type), resource)
    return changes(example.record, wanted, resource)


def _about(example: _Example, mapping: Mapping) -> Mapping:
    if example.of not in [each.type.name for each in mapping.resources]:
        raise InvalidValue(f"the mapping has no {example.of}")
    return mapping.about(example.of)


def _difference(refused: str | None, expected: Any, made: Callable[[], Any]) -> str | None:
    """Return how an example differs from what came out, or None."""
    if (refused is None) == (expected is None):
        return "an example says either what comes out, or refused: and the error's text"
    try:
        seen = made()
    except ScimError as error:
        return None if error.detail == refused else f"it is refused instead: {error.detail}"
    if refused is not None:
        return f"it is not refused; out came {_shown(seen)}"
    return None if _like(expected, seen) else f"out came {_shown(seen)}"


def _like(expected: Any, seen: Any) -> bool:
    if isinstance(expected, dict) and isinstance(seen, dict):
        return expected.keys() == seen.keys() and all(_like(value, seen[name]) for name, value in expected.items())
    if isinstance(expected, list) and isinstance(seen, list):
        return len(expected) == len(seen) and all(map(_like, expected, seen))
    return (isinstance(seen, str) and seen != "") if expected == ANY else same(expected, seen)


def _chooser() -> Callable[[str], str]:
    """Return a choice that is the same each time: examples need passwords, not secrets."""
    turn = itertools.count(step=29)
    return lambda text: text[next(turn) % len(text)]


def _shown(value: Any) -> str:
    return msgspec.json.encode(value).decode()
