"""The Containerfile holds to what a hardened image needs; building and running it is .ci/image's."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LINES = re.sub(r"\\\n", " ", (ROOT / "Containerfile").read_text(encoding="utf-8")).splitlines()


def _of(instruction: str) -> list[str]:
    return [line.removeprefix(instruction).strip() for line in LINES if line.startswith(f"{instruction} ")]


def test_both_stages_stand_on_a_base_that_can_be_pinned() -> None:
    assert _of("ARG")[0].startswith("BASE=")
    assert [each.split()[0] for each in _of("FROM")] == ["${BASE}", "${BASE}"]


def test_the_last_stage_builds_nothing_and_runs_as_nobody() -> None:
    last = LINES[max(at for at, line in enumerate(LINES) if line.startswith("FROM ")) :]
    assert not [line for line in last if line.startswith("RUN ")]
    assert [line for line in last if line.startswith("USER ")] == ["USER 65532:65532"]


def test_no_command_needs_a_shell_nor_curl() -> None:
    assert _of("ENTRYPOINT") == ['["/opt/adapter/bin/scim-adapter"]']
    assert _of("CMD") == ['["serve"]']
    [asked] = _of("HEALTHCHECK")
    assert asked.endswith('CMD ["/opt/adapter/bin/scim-adapter", "health"]')


def test_every_package_is_installed_by_its_hash() -> None:
    installs = [part for each in _of("RUN") for part in each.split("&&") if " install " in part]
    assert len(installs) == 2
    assert all("--require-hashes" in each or "--no-deps ." in each for each in installs)


def test_no_secret_and_no_history_gets_into_the_context_of_a_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    copied = {word for each in _of("COPY") if not each.startswith("--from") for word in each.split()[:-1]}
    assert {each.removeprefix("!") for each in ignored if each.startswith("!")} == copied
