import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter import errors
from adapter.errors import (
    AdapterError,
    Conflict,
    MappingError,
    MethodNotAllowed,
    ScimError,
    SettingsError,
    Unauthorized,
    Unavailable,
    places,
)

README = Path(__file__).parent.parent / "README.md"

NONE = "\N{EN DASH}"

# RFC 7644 section 3.12, table 9.
SCIM_TYPES = {
    *(
        "invalidFilter",
        "tooMany",
        "uniqueness",
        "mutability",
        "invalidSyntax",
        "invalidPath",
        "noTarget",
        "invalidValue",
    ),
    *("invalidVers", "sensitive"),
    *("invalidCount", "invalidCursor", "expiredCursor"),  # RFC 9865 section 2.1
}


def _leaves(root: type[AdapterError]) -> Iterator[type[AdapterError]]:
    below = [each for each in root.__subclasses__() if each.__module__ == errors.__name__]
    if not below:
        yield root
    for each in below:
        yield from _leaves(each)


def _drawn() -> dict[str, list[str]]:
    """The tree in the module's docstring: what stands behind each name, up to the sentence."""
    lines = re.findall(r"^[ │├└─]*── (\w+) +(.*)$", errors.__doc__ or "", re.MULTILINE)
    return {name: re.split(r" {2,}", rest)[0].split() for name, rest in lines}


def _depths(root: type[AdapterError], depth: int = 0) -> Iterator[tuple[str, int]]:
    yield root.__name__, depth
    for each in root.__subclasses__():
        if each.__module__ == errors.__name__:
            yield from _depths(each, depth + 1)


LEAVES: list[Any] = list(_leaves(ScimError))
DRAWN = _drawn()


def test_the_drawing_is_the_tree() -> None:
    lines = re.findall(r"^ {4}((?:[│ ] {3})*)([├└]── )?([A-Z]\w+)", errors.__doc__ or "", re.MULTILINE)
    drawn = [(name, len(above) // 4 + bool(branch)) for above, branch, name in lines]
    assert drawn == list(_depths(AdapterError))


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_a_leaf_has_the_status_and_the_scim_type_of_the_drawing(leaf: type[ScimError]) -> None:
    status, *more = DRAWN[leaf.__name__]
    assert int(status) == leaf.status
    assert [each for each in more if each != "Retry-After"] == ([leaf.scim_type] if leaf.scim_type else [])


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_a_leaf_has_an_error_status_and_a_scim_type_that_the_rfc_knows(leaf: type[ScimError]) -> None:
    assert 400 <= leaf.status < 600
    assert leaf.scim_type is None or leaf.scim_type in SCIM_TYPES


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_a_scim_type_goes_with_its_own_status_only(leaf: type[ScimError]) -> None:
    # RFC 7644 section 3.12: the keywords belong to 400, uniqueness to 409; section 7.5.2: sensitive to 403.
    own = {"uniqueness": 409, "sensitive": 403}
    assert leaf.scim_type is None or leaf.status == own.get(leaf.scim_type, 400)
    assert leaf.scim_type is not None or leaf.status not in (400, 409) or leaf is Conflict


def test_no_two_leaves_answer_the_same() -> None:
    answers = [(leaf.status, leaf.scim_type) for leaf in LEAVES]
    assert len(set(answers)) == len(answers)


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_a_leaf_has_its_line_in_the_table_of_the_readme(leaf: type[ScimError]) -> None:
    cells = rf"^\| {leaf.status} \| {leaf.scim_type or NONE} \| \S.* \|$"
    assert re.search(cells, README.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_table_of_the_readme_has_no_other_lines() -> None:
    lines = re.findall(rf"^\| ([45]\d\d) \| (\w+|{NONE}) \| \S", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(lines) == sorted((str(leaf.status), leaf.scim_type or NONE) for leaf in LEAVES)


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_an_error_carries_its_detail(leaf: type[ScimError]) -> None:
    error = (
        leaf("what failed, and what to do", ("GET",))
        if leaf is MethodNotAllowed
        else leaf("what failed, and what to do")
    )
    assert (error.detail, str(error)) == ("what failed, and what to do", "what failed, and what to do")


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (errors.NotFound("x"), {}),
        (errors.TooSlow("x"), {}),
        (Unauthorized("x"), {"WWW-Authenticate": 'Bearer realm="scim"'}),
        (MethodNotAllowed("x", ("GET", "POST")), {"Allow": "GET, POST"}),
        (Unavailable("x"), {"Retry-After": "30"}),
        (Unavailable("x", 7), {"Retry-After": "7"}),
    ],
)
def test_an_error_brings_the_header_fields_that_belong_to_its_status(error: ScimError, headers: dict[str, str]) -> None:
    assert error.headers == headers


def test_a_failure_of_the_upstream_is_never_the_clients() -> None:
    assert all(leaf.status >= 500 for leaf in _leaves(errors.UpstreamError) if issubclass(leaf, ScimError))


def test_what_is_refused_at_start_up_answers_no_request() -> None:
    assert not issubclass(MappingError, ScimError)
    assert not issubclass(SettingsError, ScimError)


def test_a_mapping_error_stands_at_its_place() -> None:
    error = MappingError("acme.yaml", 9, 5, "upstream value 'ENABLED' is in the table twice: it cannot be undone")
    assert str(error) == "acme.yaml:9:5: upstream value 'ENABLED' is in the table twice: it cannot be undone"
    assert (error.file, error.line, error.column) == ("acme.yaml", 9, 5)


def test_a_settings_error_has_a_line_for_each_fault() -> None:
    error = SettingsError(["ADAPTER_A is not set", "ADAPTER_B is no number"])
    assert str(error).splitlines() == error.faults


def _fails() -> None:
    raise ValueError("a message that quotes somebody")


def test_the_places_of_an_error_are_told_innermost_first_and_without_its_message() -> None:
    with pytest.raises(ValueError, match="somebody") as failed:
        _fails()
    inner, outer = places(failed.value).split(" < ")
    assert inner.startswith(f"{__file__}:")
    assert int(inner.rpartition(":")[2]) < int(outer.rpartition(":")[2])
    assert places(ValueError("never raised")) == ""
