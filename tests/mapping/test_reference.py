"""The guide beside the mappings is true: its tutorial runs as it is printed, its snippets load, its reference is fresh."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapter.mapping import described
from adapter.mapping.load import load
from adapter.mapping.reference import reference
from tests.mapping.minimal import DISPLAY_NAME, GROUP, IN_USERS, MAPPINGS, REPLIES, RESOURCE, TOP, USER_NAME, mapping

GUIDE = (MAPPINGS / "README.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```(\w+) ?([\w.-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TUTORIAL = GUIDE[GUIDE.index("## Tutorial") : GUIDE.index("## How do I")]
SNIPPETS = FENCED.findall(GUIDE[GUIDE.index("## How do I") : GUIDE.index("## Reference")])


def test_the_tutorial_runs_as_it_is_printed(tmp_path: Path) -> None:
    said, ran = "", 0
    for kind, name, text in FENCED.findall(TUTORIAL):
        if kind in ("yaml", "json"):
            with (tmp_path / name).open("a", encoding="utf-8") as file:
                file.write(text)
        elif kind == "sh":
            program = f'scim-adapter() {{ "{sys.executable}" -m adapter "$@" 2>&1; }}\n'
            done = subprocess.run(
                ["bash", "-c", program + text],
                cwd=tmp_path,
                env=os.environ | {"PYTHONPATH": str(MAPPINGS.parent)},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            said, ran = done.stdout + done.stderr, ran + 1
        else:
            assert said == text
    assert ran >= 5


@pytest.mark.parametrize(("place", "text"), [(place, text) for _, place, text in SNIPPETS])
def test_a_snippet_loads_where_it_belongs(place: str, text: str) -> None:
    if place == "rule":
        rules = [re.sub(r"^[{]?(.*?)[}]?$", r"{\1}", yaml.safe_dump(each, default_flow_style=True, width=9999).strip())
                 for each in yaml.safe_load(text)]  # fmt: skip
        mapping(*rules)
    elif place == "top":
        mapping(top=text)
    elif place == "group":
        load(f"{TOP}{REPLIES}\n{yaml.safe_dump({'resources': _with_group(yaml.safe_load(text))})}", "test.yaml")
    elif place == "resource":
        mapping(resource=text.replace("\n", "\n    "))
    else:
        mapping("{scim: active, field: on}", routes={place: text.replace("\n", "\n      ")})


def _with_group(given: dict[str, Any]) -> list[Any]:
    """Return the smallest resources whose Group has the keys that are given; a route replaces that of its name."""
    (user,), (group,) = yaml.safe_load(RESOURCE)["resources"], yaml.safe_load(GROUP)
    user["attributes"] = [yaml.safe_load(each) for each in (USER_NAME, IN_USERS)]
    routes = group["routes"] | given.get("routes", {})
    return [user, {"attributes": [yaml.safe_load(DISPLAY_NAME)], **group, **given, "routes": routes}]


def test_there_are_snippets_for_every_hard_case() -> None:
    assert len(SNIPPETS) >= 29


def test_the_reference_is_fresh() -> None:
    assert GUIDE.endswith(reference())


def test_the_reference_has_every_part_and_every_key() -> None:
    text = reference()
    assert text.count("\n### ") + 1 == len([each for each in described.structs().values() if each.__name__ != "Strict"])
    for struct in described.structs().values():
        assert [key for key in struct.__struct_fields__ if f"| `{key}` |" not in text] == []


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:|#)([^)#]+)", GUIDE))
def test_the_link_leads_to_a_file(link: str) -> None:
    assert (MAPPINGS / link).exists()


@pytest.mark.parametrize("anchor", sorted(set(re.findall(r"\]\(#([^)]+)\)", GUIDE))))
def test_the_link_leads_to_a_heading(anchor: str) -> None:
    headings = re.findall(r"^#+ (.*)$", GUIDE, re.MULTILINE)
    assert anchor in [re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings]
