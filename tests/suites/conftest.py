import pytest

from tests.suites.judgement import Run, Verdict, counted, faults, rows

LISTED = ("exceptions.yaml",)
_COUNTED = pytest.StashKey[list[str]]()


class Judge:
    """Holds what a suite says against the rows, and remembers how much it was."""

    def __init__(self, config: pytest.Config) -> None:
        self._lines = config.stash.setdefault(_COUNTED, [])

    def __call__(self, run: Run, verdicts: list[Verdict]) -> None:
        self._lines.append(counted(run, verdicts))
        wrong = faults(run, verdicts, rows(*LISTED))
        if wrong:
            pytest.fail(f"{run}:\n" + "\n".join(wrong), pytrace=False)


@pytest.fixture
def judge(pytestconfig: pytest.Config) -> Judge:
    return Judge(pytestconfig)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if lines := config.stash.get(_COUNTED, []):
        terminalreporter.section("SCIM suites")
        for line in lines:
            terminalreporter.line(line)
