"""The template holds every key of the language; whatever stands behind its #| must be right too."""

import re
from typing import Any

import pytest

from adapter.mapping import described
from adapter.mapping.load import load
from adapter.mapping.verdict import verdict
from tests.mapping.minimal import MAPPINGS

LINES = (MAPPINGS / "template.yaml").read_text(encoding="utf-8").splitlines()
COMMENT = re.compile(r"^( *)#\| (.*)$")


def _entry(line: str) -> str | None:
    """Return what an entry is about: its key, or what a list's entry names first."""
    found = re.match(r" *(?:- \{?)?([a-z_]+): ?([^,}]*)", line)
    return None if found is None else found[1] if not line.lstrip().startswith("-") else f"{found[1]}: {found[2]}"


def _blocks() -> list[tuple[int, int]]:
    """Return the commented entries as spans of lines; one begins where its indentation is that of the comment."""
    spans: list[tuple[int, int]] = []
    for at, line in enumerate(LINES):
        found = COMMENT.match(line)
        goes_on = found and (found[2].startswith(" ") or found[2].endswith("# with the line above"))
        if goes_on and spans and spans[-1][1] == at:
            spans[-1] = (spans[-1][0], at + 1)
        elif found:
            spans.append((at, at + 1))
    return spans


def _uncommented(start: int, end: int) -> str:
    """Return the file with one entry taken out of its comment, in place of the live one that is about the same."""
    own = [COMMENT.sub(r"\1\2", line) for line in LINES[start:end]]
    indent = len(own[0]) - len(own[0].lstrip())
    live: list[str] = []
    skipping = False
    before = LINES[:start]
    about = {_entry(line) for line in own if len(line) - len(line.lstrip()) == indent}
    parent = max(
        (
            at
            for at, line in enumerate(before)
            if line.strip() and not line.lstrip().startswith("#") and len(line) - len(line.lstrip()) < indent
        ),
        default=-1,
    )
    for at, line in enumerate([*before, *own, *LINES[end:]]):
        depth = len(line) - len(line.lstrip())
        if skipping and line.strip() and depth > indent:
            continue
        skipping = (
            parent < at < start and depth == indent and not line.lstrip().startswith("#") and _entry(line) in about
        )
        if not skipping:
            live.append(line)
    return "\n".join(live) + "\n"


@pytest.mark.parametrize(("start", "end"), _blocks(), ids=[LINES[start].split("#| ")[1][:60] for start, _ in _blocks()])
def test_what_stands_behind_a_comment_loads_in_its_place(start: int, end: int) -> None:
    load(_uncommented(start, end), "template.yaml")


def test_the_template_holds_every_key_and_every_kind_of_the_language() -> None:
    text = "\n".join(LINES)
    words = set(re.findall(r"[a-z_]+(?=:)", text))
    keys: set[str] = {key for struct in described.structs().values() for key in struct.__struct_fields__}
    assert keys - words == set()
    tags: Any = [struct.__struct_config__.tag for struct in described.structs().values()]
    assert [tag for tag in tags if tag and f": {tag}" not in text] == []


def test_the_template_itself_has_no_fault() -> None:
    assert verdict("\n".join(LINES) + "\n", "template.yaml").faults == []
