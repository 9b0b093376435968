"""Every case has its test, or a sentence that says why it has none."""

import ast
import re
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
EVERY = {f"SEC-{number:02}" for number in (*range(1, 26), *range(30, 48))}
TABLE: dict[str, dict[str, str]] = yaml.safe_load((HERE / "cases.yaml").read_text(encoding="utf-8"))
_CASE = re.compile(r"SEC-\d\d")


def _tested() -> set[str]:
    """Return the cases that the docstrings of tests name."""
    found: set[str] = set()
    for each in HERE.glob("test_sec_*.py"):
        for node in ast.walk(ast.parse(each.read_text(encoding="utf-8"))):
            is_test = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
            told: Any = ast.get_docstring(node) if is_test else None  # type: ignore[arg-type]  # a function, as was checked
            found |= set(_CASE.findall(told or ""))
    return found


def test_every_case_is_tested_or_said_to_be_absent_and_none_is_both() -> None:
    tested, absent = _tested(), set(TABLE["absent"])
    assert tested | absent == EVERY
    assert tested & absent == set()


def test_what_is_tested_in_part_is_tested() -> None:
    assert set(TABLE) == {"absent", "in_part"}
    assert set(TABLE["in_part"]) <= _tested()


def test_each_reason_is_one_sentence() -> None:
    for each in (*TABLE["absent"].values(), *TABLE["in_part"].values()):
        assert each.endswith(".")
        assert len(each) > 40
