import msgspec
import pytest

from tests.suites.conftest import LISTED
from tests.suites.judgement import Row, Run, Verdict, counted, faults, merged, rows
from tests.suites.targets import TARGETS

RUN = Run("scim-sanity", "n-able", "strict")
ROW = Row(suite="scim-sanity", check="PUT", says="no name", rfc="RFC 7644 section 3.5.1", reason="It has none.")
FAILED = Verdict("PUT", "fail", "there is no name: 'a1b2'")
GREEN = Verdict("PUT", "green")


@pytest.mark.parametrize(
    ("verdict", "row", "expected"),
    [
        (GREEN, None, []),
        (FAILED, ROW, []),
        (FAILED, None, ["PUT is not green (fail), and no row says why: there is no name: 'a1b2'"]),
        (Verdict("PUT", "skip"), None, ["PUT is not green (skip), and no row says why: "]),
        (GREEN, ROW, ["PUT is listed, and it is green: take the row out"]),
        (None, ROW, ["PUT is listed, and the suite has no such check: take the row out"]),
        (
            Verdict("PUT", "fail", "Expected 200, got 500"),
            ROW,
            ["PUT is listed because of 'no name', and now the suite says: Expected 200, got 500"],
        ),
    ],
)
def test_a_row_is_needed_and_true_or_a_fault(verdict: Verdict | None, row: Row | None, expected: list[str]) -> None:
    assert faults(RUN, [verdict] if verdict else [], [row] if row else []) == expected


def test_a_check_that_two_rows_list_is_a_fault() -> None:
    assert faults(RUN, [FAILED], [ROW, ROW]) == ["PUT is listed twice"]


@pytest.mark.parametrize(
    ("run", "is_about"),
    [
        (RUN, True),
        (Run("scim-sanity", "gitlab", "strict"), False),
        (Run("scim-sanity", "n-able", "compat"), False),
        (Run("scim2-tester", "n-able"), False),
    ],
)
def test_a_row_is_about_the_runs_that_it_names(run: Run, is_about: bool) -> None:  # noqa: FBT001 - a column of the table
    assert msgspec.structs.replace(ROW, mapping="n-able", profile="strict").is_about(run) is is_about
    assert ROW.is_about(run) is (run.suite == ROW.suite)


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        ([GREEN, GREEN], [GREEN]),
        ([GREEN, FAILED], [FAILED]),
        ([FAILED, GREEN], [FAILED]),
        ([FAILED, Verdict("PUT", "warn", "slow")], [Verdict("PUT", "fail", "there is no name: 'a1b2'; slow")]),
        ([GREEN, Verdict("GET", "green")], [GREEN, Verdict("GET", "green")]),
    ],
)
def test_a_check_that_comes_several_times_is_green_when_it_is_each_time(
    each: list[Verdict], expected: list[Verdict]
) -> None:
    assert merged(each) == expected


def test_the_table_counts() -> None:
    assert counted(RUN, [GREEN, FAILED]) == "scim-sanity strict with n-able     2 checks    1 green    1 excepted"


def test_the_rows_name_only_what_is_run() -> None:
    listed = rows(*LISTED)
    assert listed
    assert {row.mapping for row in listed} <= {None, *TARGETS}
    assert [row for row in listed if row.suite == "scim2-tester" and row.profile] == []
