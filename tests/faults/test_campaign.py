"""The campaign in its short form: the product breaks no invariant, and the naive gateway is found out."""

import asyncio
import subprocess
import sys

import pytest

from tests.faults import campaign, report, storm
from tests.faults.__main__ import main
from tests.faults.gateway import NAIVE
from tests.faults.lane import Setup
from tests.faults.verdict import INVARIANTS, Result, Verdict

NAMES = [each.name for each in campaign.PARTS]


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    return {each.part: each for each in asyncio.run(campaign.run(Setup()))}


@pytest.mark.parametrize("name", NAMES)
def test_no_invariant_is_broken(name: str, results: dict[str, Result]) -> None:
    assert [str(each) for each in results[name].verdict.violations] == []


def test_every_invariant_is_looked_at(results: dict[str, Result]) -> None:
    whole = Verdict()
    for each in results.values():
        whole.add(each.verdict, each.part)
    assert [name for name in INVARIANTS if not whole.looked[name]] == []


def test_the_naive_gateway_is_found_out() -> None:
    result = Result("C2", 1)

    async def lives() -> None:
        both = (
            storm.life(Setup(NAIVE), result, each, seed=1, share=0.10, users=80) for each in ("patching", "putting")
        )
        await asyncio.gather(*both)

    asyncio.run(lives())
    broken = {each.invariant for each in result.verdict.violations}
    assert "I4" in broken, "records are destroyed"
    assert broken & {"I1", "I9"}, "creates are sent twice on a guess"
    assert broken & {"I3", "I5"}, "changes are lost, and called done"


def test_a_part_that_breaks_off_is_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_: Setup) -> Result:
        raise ExceptionGroup("several", [ValueError("this"), OSError("that")])

    monkeypatch.setattr(campaign, "PARTS", [campaign.Part("C1", "breaks off", broken)])
    [result] = asyncio.run(campaign.run(Setup()))
    assert "ValueError: this; OSError: that" in result.verdict.violations[0].what


def test_the_report_names_every_invariant_and_every_violation() -> None:
    result = Result("C1", 7, figures={"cells": 3})
    result.verdict.holds("I1", "ada is there twice", holds=False)
    text = "\n".join(report.lines([result.ended()]))
    assert all(each in text for each in (*INVARIANTS, "cells 3", "seed 7", "ada is there twice"))
    assert report.as_json([result])[0]["violations"] == [{"invariant": "I1", "what": "ada is there twice"}]


def test_the_command_explains_itself() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.faults", "--help"], capture_output=True, text=True, check=True)
    assert all(
        each in done.stdout
        for each in (*NAMES, "--short", "--long", "--only", "--seed", "--gateway", "--cell", "--json")
    )


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--only", "C99"])
