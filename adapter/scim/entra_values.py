"""The departures of Microsoft Entra ID, and of a few others, in values and names, wherever they stand: bodies, PATCH operations and filters.

As in `entra`: one function for each, named, linked and removable. The pages meant by "Microsoft" are those named there.
"""

from collections.abc import Callable
from typing import Any

from adapter.errors import InvalidValue
from adapter.scim.filter import And, Compare, Filter, Not, Or, Present, ValuePath
from adapter.scim.path import Path
from adapter.scim.schema import Attribute, ResourceType

_ENTERPRISE_1 = "urn:scim:schemas:extension:enterprise:1.0"
_ENTERPRISE_2 = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def lowered_value(attribute: Attribute, value: Any) -> Any:
    """Return a value with Entra's departures in it removed, all the way down; types are still to be checked."""
    if attribute.is_text and isinstance(value, str):
        return value
    if attribute.multi_valued:
        listed = list_from_single(value)
        if not isinstance(listed, list):
            return listed
        return other_assumed(attribute, [_lowered_single(attribute, each) for each in listed])
    return _lowered_single(attribute, single_from_list(attribute, value) if isinstance(value, list) else value)


def single_from_list(attribute: Attribute, value: Any) -> Any:
    """`[{"$ref": null, "value": "x"}]` for a single-valued attribute: the one element of the list.

    Microsoft, use-scim-to-provision-users-and-groups, the examples of an older library.
    """
    if not isinstance(value, list):
        return value
    if len(value) > 1:
        raise InvalidValue(f"{attribute.name} has one value; a list of {len(value)} was sent.")
    one = value[0] if value else None
    return one.get("value") if isinstance(one, dict) and attribute.type != "complex" else one


def list_from_single(value: Any) -> Any:
    """`"emails": {"value": "a@b.c"}` for a multi-valued attribute: a list of one.

    OneLogin's template for an enterprise user has it so (developers.onelogin.com/scim/define-user-schema); RFC 7643
    section 2.4 has an array.
    """
    return value if value is None or isinstance(value, list) else [value]


def boolean_from_text(attribute: Attribute, value: Any) -> Any:
    """`"False"` for `false`: Entra's default mapping of `active` is an expression, and its result is a string.

    Microsoft, config-problem-scim-compatibility. Taken as it stands the string would be true.
    """
    if attribute.type == "boolean" and isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower(), value)
    return value


def lowered_literals(wanted: Filter, attribute_of: Callable[[Path], Attribute | None]) -> Filter:
    """Return a filter with the departures in its literals removed; `attribute_of` tells what a path in it means."""
    match wanted:
        case Compare():
            attribute = attribute_of(wanted.path)
            if attribute is not None and attribute.type == "complex":
                attribute = attribute.sub("value")  # RFC 7644 section 3.4.2.2: that is what is compared
            return wanted if attribute is None else text_from_number(boolean_compared(wanted, attribute), attribute)
        case ValuePath():
            whole = attribute_of(wanted.path)
            return ValuePath(wanted.path, lowered_literals(wanted.inner, lambda path: whole and whole.sub(path.name)))
        case Not():
            return Not(lowered_literals(wanted.inner, attribute_of))
        case And() | Or():
            left = lowered_literals(wanted.left, attribute_of)
            return type(wanted)(left, lowered_literals(wanted.right, attribute_of))
        case Present():
            return wanted


def boolean_compared(wanted: Compare, attribute: Attribute) -> Compare:
    """`roles[primary eq "True"]` for `roles[primary eq true]`: the same string booleans inside a filter.

    Microsoft, use-scim-to-provision-users-and-groups, the mapping of application roles.
    """
    value = boolean_from_text(attribute, wanted.value)
    return wanted if value is wanted.value else Compare(wanted.path, wanted.operator, value)


def text_from_number(wanted: Compare, attribute: Attribute) -> Compare:
    """`id eq 42` and `userName eq 12345` for `id eq "42"`: a text of digits without its quotes.

    Microsoft, use-scim-to-provision-users-and-groups, shows filters without quotes; RFC 7644 section 3.4.2.2 reads a
    number there.
    """
    if type(wanted.value) is int and attribute.type in ("string", "reference"):
        return Compare(wanted.path, wanted.operator, str(wanted.value))
    return wanted


def extension_found(path: Path, resource_type: ResourceType) -> Path:
    """`department` for `urn:…:enterprise:2.0:User:department`: an extension's attribute by its bare name.

    Seen in PATCH paths and filters of older gallery applications, as at the top of their bodies
    (`enterprise_attributes_moved`); RFC 7644 section 3.10 asks for the URN.
    """
    if path.urn is not None or resource_type.target(path) is not None:
        return path
    holder = next((each for each in resource_type.extensions if each.attribute(path.name)), None)
    return path if holder is None else Path(path.name, path.sub, holder.id)


def reference_from_text(attribute: Attribute, value: Any) -> Any:
    """`"manager": "2819"` for `{"value": "2819"}`, and an empty text for no manager.

    Microsoft, use-scim-to-provision-users-and-groups; apache/directory-scimple issue 1242.
    """
    if attribute.type != "complex" or attribute.sub("value") is None:
        return value
    if isinstance(value, str):
        value = {"value": value}
    return None if isinstance(value, dict) and value.get("value") == "" and not attribute.multi_valued else value


def type_assumed(attribute: Attribute, element: Any) -> Any:
    """`emails: [{"value": "a@b.c"}]` without a type, where the upstream keeps one type only: it is that one.

    RFC 7643 section 4.1.2 does not ask for a type, and Entra's mapping of `emails` as a whole sends none.
    """
    kept = attribute.only_type
    if kept is None or not attribute.multi_valued or not isinstance(element, dict):
        return element
    is_said = "type" in element or any(name.lower() == "type" for name in element)
    return element if is_said else element | {"type": kept}


def other_assumed(attribute: Attribute, elements: list[Any]) -> list[Any]:
    """`emails: [{"value": "a@b.c", "type": "other", "primary": true}]`, where the upstream keeps one type: it is that one.

    authentik sends its users' one address so (goauthentik/authentik, blueprints/system/providers-scim.yaml). Left out,
    the upstream would have no address, or the user name in its place. Beside a value of the type that is kept, "other"
    is another one.
    """
    kept = attribute.only_type
    if kept is None:
        return elements
    types = [_part(each, "type") for each in elements]
    if kept in types or types.count("other") != 1:
        return elements
    number = types.index("other")
    if _part(elements[number], "primary") is not True:
        return elements
    changed = {name: kept if name.lower() == "type" else part for name, part in elements[number].items()}
    return [*elements[:number], changed, *elements[number + 1 :]]


def scim_1_extension_renamed(body: dict[str, Any], resource_type: ResourceType) -> dict[str, Any]:
    """`urn:scim:schemas:extension:enterprise:1.0` for the enterprise extension of SCIM 2, `managerId` for its `value`.

    OneLogin's template for an enterprise user has both (developers.onelogin.com/scim/define-user-schema).
    """
    if _ENTERPRISE_1 not in map(str.lower, body):
        return body
    name = next(each for each in body if each.lower() == _ENTERPRISE_1)
    extension = resource_type.extension(_ENTERPRISE_2)
    if extension is None or not isinstance(body[name], dict) or extension.id in body:
        return body
    parts = {key: _manager_of_scim_2(part) if key.lower() == "manager" else part for key, part in body[name].items()}
    return {extension.id if key == name else key: parts if key == name else value for key, value in body.items()}


def enterprise_attributes_moved(body: dict[str, Any], resource_type: ResourceType) -> dict[str, Any]:
    """`department` beside `userName`: an attribute of an extension sent at the top level goes where it belongs.

    Seen in requests of older gallery applications; RFC 7643 section 3.3 puts it under the extension's URN.
    """
    kept: dict[str, Any] = {}
    moved: dict[str, dict[str, Any]] = {}
    for name, value in body.items():
        own = resource_type.schema.attribute(name)
        holder = None if own else next((each for each in resource_type.extensions if each.attribute(name)), None)
        if holder is None:
            kept[name] = value
        else:
            moved.setdefault(holder.id, {})[name] = value
    for urn, parts in moved.items():
        key = next((name for name in kept if name.lower() == urn.lower()), urn)
        under = {} if kept.get(key) is None else kept[key]
        kept[key] = parts | under if isinstance(under, dict) else under
    return kept


def _manager_of_scim_2(manager: Any) -> Any:
    if not isinstance(manager, dict):
        return manager
    return {"value" if name.lower() == "managerid" else name: part for name, part in manager.items()}


def _part(element: Any, name: str) -> Any:
    """Return a part of an element, whatever the case of its name; a text without regard to its own."""
    parts = element.items() if isinstance(element, dict) else ()
    value = next((part for key, part in parts if key.lower() == name), None)
    return value.lower() if isinstance(value, str) else value


def _lowered_single(attribute: Attribute, value: Any) -> Any:
    if attribute.type != "complex":
        return boolean_from_text(attribute, value) if attribute.type == "boolean" else value
    value = type_assumed(attribute, reference_from_text(attribute, value))
    return lowered_parts(attribute.sub, value) if isinstance(value, dict) else value


def lowered_parts(named: Callable[[str], Attribute | None], body: dict[str, Any]) -> dict[str, Any]:
    """Return an object's parts with the departures in their values removed; `named` finds what a name means."""
    return {
        name: value if (attribute := named(name)) is None else lowered_value(attribute, value)
        for name, value in body.items()
    }
