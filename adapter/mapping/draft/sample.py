"""A schema made of a sample: what one record, or one list as the upstream answers it, shows of its fields."""

from typing import Any

from adapter.mapping.draft.spec import Schema

_KINDS: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


def schema_of(sample: Any) -> Schema:
    """Return the schema of a value; of a list, that of its first element."""
    if isinstance(sample, dict):
        return {"type": "object", "properties": {str(name): schema_of(value) for name, value in sample.items()}}
    if isinstance(sample, list):
        return {"type": "array", "items": schema_of(sample[0]) if sample else {}}
    return {"type": _KINDS.get(type(sample), "string")}  # YAML has dates too
