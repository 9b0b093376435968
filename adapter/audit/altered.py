"""What a change makes different, attribute by attribute, each shown as the mapping says."""

from typing import Any

from adapter.audit.event import Altered, Target
from adapter.audit.redaction import How, Redaction
from adapter.mapping.convert import is_id
from adapter.mapping.mapping import Mapping
from adapter.mapping.rules import Rule
from adapter.scim.schema import Resource

MEMBERS = "members.value"


def altered(
    before: Resource | None, now: Resource | None, mapping: Mapping, redaction: Redaction, *, is_done: bool
) -> list[Altered]:
    """Return the attributes that differ between what was there and what is there now, or is wanted.

    `mapping` speaks of the resource's kind. What its audit class drops is left out.
    """
    old, new = before or {}, now or {}
    found: list[Altered | None] = []
    for rule in mapping.resource.rules:
        there, then = rule.value(old), rule.value(new)
        if there != then and rule.audit != "drop" and rule.target.attribute.name != "meta":  # the upstream's own doing
            found.append(_by_rule(rule, there, then, redaction, is_done=is_done))
    if mapping.resource.keeps_members:
        found.append(_listed(MEMBERS, "clear", _members(old), _members(new), redaction))
    return [each for each in found if each is not None]


def stated(
    there: Resource, wanted: Resource, mapping: Mapping, redaction: Redaction, *, is_done: bool
) -> list[Altered]:
    """Return the attributes that were written without a look at what was there before.

    Each is shown as it is now `there`, where the upstream has shown it, or else as it was wanted.
    """
    found = []
    for rule in mapping.resource.rules:
        value = rule.value(wanted)
        if value is not None and rule.audit != "drop":
            seen, path = rule.value(there) if is_done else None, str(rule)
            shown = redaction.shown(value if seen is None else seen, rule.audit, path)
            found.append(Altered(path, after=shown) if is_done else Altered(path, wanted=shown))
    return found


def target(kind: str, found_id: str | None, shown: Resource | None, mapping: Mapping, redaction: Redaction) -> Target:
    """Return whom it is about, with the name and the externalId as the mapping shows them.

    An id that the upstream cannot have is a text of the client's, and is left out.
    """
    resource = shown or {}

    def told(name: str) -> Any:
        rule = mapping.resource.rule_of(name)
        return None if rule is None else redaction.shown(rule.value(resource), rule.audit, name)

    own_id = found_id or resource.get("id")
    known = own_id if own_id is not None and is_id(own_id, mapping.resource) else None
    return Target(kind, known, told(mapping.resource.naming), told("externalId"))


def _by_rule(rule: Rule, before: Any, now: Any, redaction: Redaction, *, is_done: bool) -> Altered | None:
    path = str(rule)
    if rule.every:
        return _listed(path, rule.audit, before or [], now or [], redaction)
    told, shown = redaction.shown(before, rule.audit, path), redaction.shown(now, rule.audit, path)
    return Altered(path, told, shown) if is_done else Altered(path, told, wanted=shown)


def _listed(path: str, how: How, old: list[Any], new: list[Any], redaction: Redaction) -> Altered | None:
    there, then = dict.fromkeys(old), dict.fromkeys(new)
    added = [redaction.shown(each, how, path) for each in then if each not in there]
    removed = [redaction.shown(each, how, path) for each in there if each not in then]
    return Altered(path, added=added, removed=removed) if added or removed else None


def _members(group: Resource) -> list[str]:
    return [each["value"] for each in group.get("members", []) if "value" in each]
