"""SECURITY.md is true: what it names as shown is there, and each case that it counts has its test."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ATTACKS = "".join(each.read_text(encoding="utf-8") for each in (ROOT / "tests" / "attacks").glob("test_sec_*.py"))


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:)([^)]+)\)", TEXT))))
def test_what_it_points_at_is_there(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(\.ci/[a-z]+)`", TEXT))))
def test_a_command_that_it_names_is_there(named: str) -> None:
    assert (ROOT / named).is_file()


def test_every_case_that_it_counts_is_tested() -> None:
    counted = set(re.findall(r"SEC-\d+", TEXT.partition("OWASP")[2]))
    absent = yaml.safe_load((ROOT / "tests" / "attacks" / "cases.yaml").read_text(encoding="utf-8"))["absent"]
    assert len(counted) > 20
    assert [each for each in sorted(counted) if each not in ATTACKS or each in absent] == []
