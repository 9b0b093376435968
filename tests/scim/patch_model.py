"""PATCH once more, from the text of RFC 7644 section 3.5.2 and as plainly as it can be said: what `patched` is held against.

It knows a few attributes of a user, and shares no code with the room it judges: no schema, no path, no filter. A `Step`
says what a JSON operation says, before anybody has read it. Each departure of Entra's is a name in `ENTRA_DEPARTS`, and
is asked for where the text of the RFC ends.
"""

import copy
from typing import Any, NamedTuple

EXTENSION = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ENTRA_DEPARTS = frozenset(
    {
        "capitals",  # Replace for replace
        "dotted keys",  # {"name.givenName": "A"} without a path
        "bare names",  # department for urn:…:department
        "unknown left out",  # an attribute that nobody has heard of
        "read-only left out",  # beside other attributes
        "texts for booleans",  # "False"
        "texts for objects",  # "manager": "9"
        "lists around a value",  # [{"value": "x"}]
        "elements made",  # replace emails[type eq "work"].value, and there is none
    }
)

TEXT, FLAG, MADE = "text", "flag", "made by the server"
ELEMENT = {"value": TEXT, "type": TEXT, "display": TEXT, "primary": FLAG}
KINDS: dict[str, Any] = {
    "title": TEXT,
    "active": FLAG,
    "name": {"givenName": TEXT, "familyName": TEXT},
    "emails": [ELEMENT],
    "roles": [ELEMENT],
    "groups": [{"value": TEXT, "display": TEXT}],
    "department": TEXT,
    "manager": {"value": TEXT, "displayName": MADE},
}
EXTENDED = {"department", "manager"}
READ_ONLY = {"groups", "manager.displayName", "id"}


class Refused(Exception):
    """The operation fails, with a scimType."""


class Step(NamedTuple):
    """An operation: `attribute[chosen eq literal].sub`, in the extension where it belongs there and is not `bare`."""

    op: str
    attribute: str | None = None
    sub: str | None = None
    chosen: str | None = None
    literal: Any = None
    bare: bool = False
    value: Any = None

    def json(self) -> dict[str, Any]:
        """The operation as a client sends it."""
        given = {} if self.value is None else {"value": self.value}
        if self.attribute is None:
            return {"op": self.op, **given}
        urn = f"{EXTENSION}:" if self.attribute in EXTENDED and not self.bare else ""
        literal = str(self.literal).lower() if isinstance(self.literal, bool) else f'"{self.literal}"'
        inner = f"[{self.chosen} eq {literal}]" if self.chosen else ""
        return {"op": self.op, "path": urn + self.attribute + inner + (f".{self.sub}" if self.sub else ""), **given}


def patched(resource: dict[str, Any], steps: list[Step], departs: frozenset[str]) -> dict[str, Any]:
    """Return the resource after the steps; raises Refused, and the resource is then what it was."""
    result = copy.deepcopy(resource)
    every = [one for each in steps for one in _taken_apart(each, departs)]
    if "read-only left out" in departs:
        writable = [each for each in every if not _read_only(each)]
        if every and not writable:
            raise Refused("mutability")
        every = writable
    for each in every:
        _apply(result, each, departs)
    return result


def _taken_apart(step: Step, departs: frozenset[str]) -> list[Step]:  # noqa: C901, PLR0912 (one key after the other)
    """3.5.2: "the "value" [...] contains a set of attributes" when the path is left out: a step for each of them."""
    if "capitals" in departs:
        step = step._replace(op=step.op.lower())
    if step.op not in ("add", "replace", "remove"):
        raise Refused("invalidSyntax")
    if step.attribute is not None:
        return _known(step, departs)
    if step.op == "remove":
        raise Refused("noTarget")
    if not isinstance(step.value, dict):
        raise Refused("invalidValue")
    steps = []
    for key, value in step.value.items():
        if key in ("schemas", "id", "meta"):
            if key != "schemas" and "dotted keys" not in departs:
                raise Refused("mutability")
            continue
        if key == EXTENSION and isinstance(value, dict):
            steps += [_keyed(step, name, one, in_extension=True) for name, one in value.items()]
        elif key == EXTENSION and value is None:
            steps += [Step("remove", each) for each in sorted(EXTENDED)]
        elif key == EXTENSION:
            raise Refused("invalidValue")
        elif key.startswith(f"{EXTENSION}:") and "dotted keys" in departs:
            steps.append(_keyed(step, key.removeprefix(f"{EXTENSION}:"), value, in_extension=True))
        else:
            steps.append(_keyed(step, key, value, in_extension=False))
    return [one for each in steps for one in (_known(each, departs) if "." not in str(each.sub) else _unknown(departs))]


def _keyed(step: Step, key: str, value: Any, *, in_extension: bool) -> Step:
    name, _, sub = key.partition(".")
    if in_extension and name not in EXTENDED:
        name = "unheardOf"
    return Step(step.op, name, sub or None, bare=not in_extension, value=value)._replace(literal="key")


def _unknown(departs: frozenset[str]) -> list[Step]:
    if "unknown left out" in departs:
        return []
    raise Refused("invalidPath")


def _known(step: Step, departs: frozenset[str]) -> list[Step]:
    """Return the step when it names what there is; in strict hands, all the way down into its value."""
    kind = KINDS.get(step.attribute or "", TEXT if step.attribute == "id" else None)
    parts = kind[0] if isinstance(kind, list) else kind if isinstance(kind, dict) else {}
    is_key, dotted = step.literal == "key" and not step.chosen, step.sub is not None
    if kind is None or (step.sub and step.sub not in parts):
        return _unknown(departs)
    if step.attribute in EXTENDED and step.bare and "bare names" not in departs:
        return _unknown(departs)
    if is_key and dotted and "dotted keys" not in departs:
        return _unknown(departs)
    if step.chosen and step.chosen not in parts and not (_read_only(step) and "unknown left out" not in departs):
        if "unknown left out" in departs:
            return []
        raise Refused("invalidFilter")
    if "unknown left out" not in departs and not step.sub:
        for one in step.value if isinstance(step.value, list) else [step.value]:
            if isinstance(one, dict) and parts and not one.keys() <= parts.keys():
                raise Refused("invalidPath")
    return [step]


def _read_only(step: Step) -> bool:
    return step.attribute in READ_ONLY or f"{step.attribute}.{step.sub}" in READ_ONLY


def _apply(resource: dict[str, Any], step: Step, departs: frozenset[str]) -> None:
    assert step.attribute is not None
    if _read_only(step):
        # 3.5.2: "A client MUST NOT modify an attribute that has mutability "readOnly" or "immutable"."
        raise Refused("mutability")
    holder = resource.setdefault(EXTENSION, {}) if step.attribute in EXTENDED else resource
    kind = KINDS[step.attribute]
    after: Any = None
    if isinstance(kind, list):
        after = _multi(holder.get(step.attribute, []), kind[0], step, departs)
    elif step.sub:
        part = None if step.op == "remove" else _value(kind[step.sub], step.value, departs)
        after = _filled({**holder.get(step.attribute, {}), step.sub: part})
    elif step.op != "remove":
        after = _single(holder.get(step.attribute), kind, step, departs)
    holder[step.attribute] = after
    if after in (None, [], {}):
        # 3.5.2.2: "the attribute SHALL be considered unassigned".
        del holder[step.attribute]
    if not resource.get(EXTENSION, True):
        del resource[EXTENSION]


def _single(before: Any, kind: Any, step: Step, departs: frozenset[str]) -> Any:
    value = _value(kind, step.value, departs, empty={})
    if not isinstance(kind, dict) or value is None:
        return value
    # 3.5.2.3: "Sub-attributes that are not specified in the "value" parameter are left unchanged."
    return _filled({**(before or {}), **value})


def _multi(before: list[Any], kind: dict[str, str], step: Step, departs: frozenset[str]) -> list[Any]:  # noqa: C901, PLR0912 (the RFC's sentences in a row)
    if not step.chosen and not step.sub:
        return _list(before, _elements(kind, step.value, departs), step)
    if step.chosen:
        literal = _lowered(kind[step.chosen], step.literal, departs)
        if isinstance(literal, bool) != (kind[step.chosen] == FLAG):
            raise Refused("invalidFilter")
        step = step._replace(literal=literal)
    matches = [_matches(each, step) for each in before]
    if step.op == "remove":
        if step.sub is None:
            return [each for each, matched in zip(before, matches, strict=True) if not matched]
        changed = [
            _filled({**each, step.sub: None}) if matched else each
            for each, matched in zip(before, matches, strict=True)
        ]
        return [each for each in changed if each]
    if not any(matches):
        part = _lowered(kind[step.sub], step.value, departs) if step.sub else step.value
        if "elements made" in departs and step.chosen and part is not None:
            one = {step.sub: step.value} if step.sub else _one(kind, step.value, departs)
            return _list(
                before, _elements(kind, [{step.chosen: step.literal, **one}], departs), step._replace(op="add")
            )
        # 3.5.2.3: "no record match was made [...] a "scimType" error code of "noTarget"".
        raise Refused("noTarget")
    if step.sub:
        given = {step.sub: _value(kind[step.sub], step.value, departs)}
    elif step.op == "replace" and step.value in (None, []):
        return [each for each, matched in zip(before, matches, strict=True) if not matched]
    else:
        given = _one(kind, step.value, departs)
    if given.get("primary") is True and matches.count(True) > 1:
        raise Refused("invalidValue")
    after = []
    for each, matched in zip(before, matches, strict=True):
        if matched:
            # 3.5.2.3: "then all matching record values SHALL be replaced"; what holds nothing replaces nothing.
            after.append(_filled(given if step.op == "replace" and not step.sub and given else {**each, **given}))
        elif given.get("primary") is True and each.get("primary") is True:
            # 3.5.2: "[...] set "primary" to "false" for any other values in the array".
            after.append({**each, "primary": False})
        else:
            after.append(each)
    return [each for each in after if each]


def _list(before: list[Any], given: list[Any], step: Step) -> list[Any]:
    if step.op == "remove":
        if step.value is None:
            # 3.5.2.2: "the attribute and all values are removed".
            return []
        return [each for each in before if not any(_means(one, each) for one in given)]
    after = [] if step.op == "replace" else list(before)
    for one in given:
        # 3.5.2.1: "If the target location already contains the value specified, no changes SHOULD be made".
        if one not in after:
            if one.get("primary") is True:
                after = [{**each, "primary": False} if each.get("primary") is True else each for each in after]
            after.append(one)
    return after


def _means(listed: dict[str, Any], element: dict[str, Any]) -> bool:
    return listed["value"] == element.get("value") if "value" in listed else listed == element


def _matches(element: dict[str, Any], step: Step) -> bool:
    if step.chosen is None:
        return True
    there = element.get(step.chosen)
    return there.lower() == step.literal.lower() if isinstance(there, str) else there is step.literal


def _one(kind: dict[str, str], value: Any, departs: frozenset[str]) -> dict[str, Any]:
    elements = _elements(kind, value, departs)
    if len(elements) > 1:
        raise Refused("invalidValue")
    return elements[0] if elements else {}


def _elements(kind: dict[str, str], value: Any, departs: frozenset[str]) -> list[Any]:
    if value is None:
        return []
    read = []
    for each in value if isinstance(value, list) else [value]:
        one = {"value": each} if isinstance(each, str) and "texts for objects" in departs else each
        if not isinstance(one, dict):
            raise Refused("invalidValue")
        parts = {name: _value(kind[name], part, departs) for name, part in one.items() if name in kind}
        if filled := _filled(parts):
            read.append(filled)
    if [each.get("primary") for each in read].count(True) > 1:
        raise Refused("invalidValue")
    return read


def _value(kind: Any, value: Any, departs: frozenset[str], empty: Any = None) -> Any:
    """Return a single value with the parts of an object; `empty` stands for an object without any."""
    value = _lowered(kind, value, departs)
    if value is None:
        return None
    if isinstance(kind, dict):
        if not isinstance(value, dict):
            raise Refused("invalidValue")
        parts = {name: _value(kind[name], part, departs) for name, part in value.items() if name in kind}
        return {name: part for name, part in parts.items() if kind[name] != MADE} or empty
    if kind != MADE and not isinstance(value, bool if kind == FLAG else str):
        raise Refused("invalidValue")
    return value


def _lowered(kind: Any, value: Any, departs: frozenset[str]) -> Any:
    if isinstance(value, list) and "lists around a value" in departs:
        if len(value) > 1:
            raise Refused("invalidValue")
        value = value[0] if value else None
        if isinstance(value, dict) and not isinstance(kind, dict):
            value = value.get("value")
    if kind == FLAG and isinstance(value, str) and "texts for booleans" in departs:
        value = {"true": True, "false": False}.get(value.lower(), value)
    if isinstance(kind, dict) and "value" in kind and "texts for objects" in departs:
        value = {"value": value} if isinstance(value, str) else value
        if isinstance(value, dict) and value.get("value") == "":
            return None
    return value


def _filled(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part is not None}
