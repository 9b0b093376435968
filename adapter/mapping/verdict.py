"""What `check` says of a mapping file: its faults, each with its line shown and a caret under it, and its remarks."""

import msgspec

from adapter.errors import MappingError
from adapter.mapping import laws
from adapter.mapping.check import examples
from adapter.mapping.load import load
from adapter.mapping.mapping import Mapping
from adapter.mapping.source import Source


class Verdict(msgspec.Struct, frozen=True):
    """The verdict on one file: `faults` refuse it, `remarks` do not; `mapping` is None when it does not load."""

    faults: list[str]
    remarks: list[str] = []
    mapping: Mapping | None = None
    examples: int = 0
    """How many examples were held against it."""


def verdict(text: str, file: str, examples_text: str | None = None, examples_file: str = "") -> Verdict:
    """Return the verdict on a mapping file, and on its examples where it has any."""
    try:
        mapping = load(text, file)
    except MappingError as error:
        return Verdict([pointed(each, text) for each in error.all])
    source = Source(file, text)
    faults = [pointed(source.error(path, message), text) for path, message in laws.broken(mapping)]
    remarks = [str(source.error(path, message)) for path, message in laws.remarks(mapping)]
    count = 0
    if examples_text is not None:
        try:
            faults += examples(examples_text, examples_file, mapping)
        except MappingError as error:
            faults += [pointed(each, examples_text) for each in error.all]
        count = examples_text.count("- about:")
    return Verdict(faults, remarks, mapping, count)


def pointed(error: MappingError, text: str) -> str:
    """Return a fault with the line in which it stands, and a caret under its place."""
    lines = text.splitlines()
    line = lines[error.line - 1] if 0 < error.line <= len(lines) else ""
    start = max(0, error.column - 60)
    shown = "".join(each if each.isprintable() else " " for each in line[start : start + 110])
    caret = " " * (error.column - 1 - start) + "^"
    return f"{error}\n    {shown}\n    {caret}"
