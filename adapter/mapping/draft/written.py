"""How values stand in the file that is drafted: words, objects on one line, and the mark of what is not known."""

import re
from typing import Any

import msgspec

TODO = "# TODO"
_PLAIN = re.compile(r"[A-Za-z_/$][A-Za-z0-9_./$-]*( [A-Za-z0-9_./-]+)*")
_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


def scalar(value: Any) -> str:
    """Return a value as YAML has it, without quotes where it can do without; a text stays on one line."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    if isinstance(value, str) and '"' in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return msgspec.json.encode(value).decode()


def flow(value: Any) -> str:
    """Return objects and lists on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(name)}: {flow(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return scalar(value)
