"""Mapping files and patterns as a way in: a mapping is data, and no pattern of ours can be made to think for long."""

import importlib
import pkgutil
import re
from pathlib import Path
from time import monotonic

import pytest

import adapter
from adapter.errors import MappingError
from adapter.mapping import document
from adapter.mapping.load import load
from tests.conversation import FOLDER

FULL = (FOLDER / "mappings" / "full.yaml").read_text(encoding="utf-8")
USERS = "call: GET /users"

HOSTILE: dict[str, str] = {
    "a Python object": FULL.replace("upstream: directory", "upstream: !!python/object/apply:os.system [id]"),
    "a tag of its own": FULL.replace("upstream: directory", "upstream: !x directory"),
    "an anchor": FULL.replace("upstream: directory", "upstream: &a directory"),
    "a billion laughs": "a: &a [x, x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)),
    "a merge": FULL + "\nx: {<<: {a: b}}\n",
    "an unknown key": FULL + "\nhook: rm -rf /\n",
    "a key that comes twice": FULL + "\nupstream: other\n",
    "a second document": FULL + "\n---\nversion: 1\n",
    "10 MB": FULL + "#" * 10_000_000,
    "nested lists": "a: " + "[" * 10_000,
    "nested objects": "a: " + "{a: " * 10_000,
    "blocks within blocks": "".join(" " * n + "-\n" for n in range(2_000)),
    "a NUL": FULL.replace("directory", "dir\0ectory", 1),
    "an expression": FULL.replace(USERS, "call: GET /users/{{7*7}}"),
    "an attribute of the program": FULL.replace(USERS, "call: GET /users/{id.__class__}"),
    "the environment": FULL.replace(USERS, "call: GET /users/{env:HOME}"),
    "a secret in a path": FULL.replace(USERS, "call: GET /users/{secret:token}"),
    "another server": FULL.replace(USERS, "call: GET http://evil.example/users"),
    "a server behind slashes": FULL.replace(USERS, "call: GET /../users"),
    "a step": FULL.replace(USERS, "call: GET /users/%2e%2e/admin"),
    "a query in a path": FULL.replace(USERS, "call: 'GET /users?admin=1'"),
    "another method": FULL.replace(USERS, "call: TRACE /users"),
    "a line end in a call": FULL.replace(USERS, 'call: "GET /users\\r\\nX: y"'),
    "half a character": FULL.replace("upstream: directory", 'upstream: "\\ud800"'),
    "an escape out of range": FULL.replace("upstream: directory", 'upstream: "\\U00110000"'),
    "a version without end": "%YAML " + "9" * 5_000 + ".1\n---\n" + FULL,
    "nothing": "",
    "a text": "x",
    "zeros": "\0" * 1_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_mapping_is_refused_at_its_line(text: str) -> None:
    """SEC-35 (SSTI, YAML tags, billion laughs): a mapping is data, with nothing in it that is run, followed or repeated."""
    assert text != FULL
    began = monotonic()
    with pytest.raises(MappingError) as refused:
        load(text, "hostile.yaml")
    assert monotonic() - began < 1
    assert str(refused.value).startswith("hostile.yaml:")
    assert refused.value.line >= 1


def test_the_language_of_mappings_has_no_patterns() -> None:
    """SEC-34: who writes a mapping cannot write a regular expression that never ends."""
    words = {
        name.lower()
        for each in vars(document).values()
        if hasattr(each, "__struct_fields__")
        for name in each.__struct_fields__
    }
    assert {"version", "upstream", "call"} <= words
    assert not [each for each in words if re.search("regex|pattern|expression|script|template|eval", each)]


def _patterns() -> list[re.Pattern[str]]:
    """Return every pattern that a module of the product keeps."""
    found: dict[int, re.Pattern[str]] = {}
    for each in pkgutil.walk_packages(adapter.__path__, "adapter."):
        if each.name.startswith(("adapter.sandbox", "adapter.simulator", "adapter.__main__")):
            continue
        module = importlib.import_module(each.name)
        found |= {id(value): value for value in vars(module).values() if isinstance(value, re.Pattern)}
    return list(found.values())


SEEDS = (
    "a",
    "0",
    "a.",
    "a:",
    "urn:a:",
    " ",
    "\t",
    '"',
    '\\"',
    "\\",
    "-",
    "$a",
    "(",
    "{a",
    "{}",
    "a-",
    "W/",
    '"a",',
    "1e",
    "+1",
    "٣",
    "é",
)


def test_no_pattern_of_ours_thinks_for_long() -> None:
    """SEC-34 (ReDoS): each pattern against 10 KB of what repeats in it, with an end that does not fit."""
    patterns = _patterns()
    assert len(patterns) > 10
    for each in patterns:
        for seed in SEEDS:
            for start in ("", '"', "urn:", "{", "("):
                text = start + seed * (10_000 // len(seed)) + "\n!"
                hostile = text.encode() if isinstance(each.pattern, bytes) else text
                began = monotonic()
                each.match(hostile)
                each.fullmatch(hostile)
                assert monotonic() - began < 0.1, f"{each.pattern!r} on {start}{seed}…"


def test_the_product_runs_nothing_that_comes_as_text() -> None:
    """SEC-35: no eval, exec, pickle or shell anywhere in the product."""
    for each in Path(adapter.__file__).parent.rglob("*.py"):
        code = each.read_text(encoding="utf-8")
        assert not re.search(
            r"(?<![\w.])(eval|exec|compile|__import__)\(|\bpickle\b|\bmarshal\b|os\.system|shell=True|jinja", code
        ), each
