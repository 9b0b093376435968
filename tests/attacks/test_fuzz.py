"""The doors for anything that comes from outside, given anything at all: what they raise is what they say that they raise.

A few seconds as it is; `ATTACKS_EXAMPLES=20000` makes it as long as one likes.
"""

import os
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidFilter, InvalidPath, InvalidSyntax, MappingError, ScimError, Unauthorized
from adapter.mapping.load import load
from adapter.mapping.source import document
from adapter.scim import bulk, operation, patch
from adapter.scim.filter import Place, read, read_place
from adapter.scim.limits import USUAL
from adapter.scim.match import predicate
from adapter.scim.messages import decoded
from adapter.scim.path import parse
from adapter.scim.profile import ENTRA, STRICT
from adapter.scim.version import condition
from adapter.settings.secret import Secret
from adapter.web.assertions import Assertions, fetched
from adapter.web.clients import Clients
from tests.attacks.test_sec_mapping import FULL
from tests.conversation import SETTINGS, mapping_of
from tests.scim.given import JSON, NAMES, PATHS, USER_TYPE

EXAMPLES = int(os.environ.get("ATTACKS_EXAMPLES", "150"))
MANY = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORDS = [
    *(
        "and",
        "or",
        "not",
        "not (",
        "(",
        ")",
        "[",
        "]",
        "eq",
        "ne",
        "co",
        "sw",
        "pr",
        "gt",
        '"',
        '"a"',
        "\\",
        '"\\"',
        " ",
        ".",
        ":",
    ),
    *(
        "true",
        "null",
        "-1",
        "1e999",
        "9" * 400,
        "urn:",
        "urn:a:b",
        "$ref",
        "\0",
        "\u202e",
        "\U0001f469",
        "é",
        "٣",
        "\u017f",
        "\u212a",
        *NAMES,
    ),
]
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=30).map(" ".join) | st.text(max_size=60)
TIGHT = st.lists(st.sampled_from(WORDS), max_size=30).map("".join)
BODIES = st.binary(max_size=60) | JSON.map(msgspec.json.encode) | TEXTS.map(lambda text: text.encode(errors="replace"))
PROFILES = st.sampled_from([ENTRA, STRICT])


@MANY
@given(TEXTS | TIGHT, st.booleans())
def test_any_filter_is_read_or_invalid(text: str, lenient: bool) -> None:  # noqa: FBT001 (drawn)
    with suppress(InvalidFilter):
        found = read(text, lenient=lenient)
        assert read(str(found)) == found


@MANY
@given(TEXTS | TIGHT | st.sampled_from(PATHS), st.booleans())
def test_any_place_is_read_or_invalid(text: str, lenient: bool) -> None:  # noqa: FBT001 (drawn)
    with suppress(InvalidPath):
        found = read_place(text, lenient=lenient)
        assert isinstance(found, Place)
        assert read_place(str(found)) == found


@MANY
@given(TEXTS | TIGHT)
def test_any_path_is_read_or_none(text: str) -> None:
    found = parse(text)
    assert found is None or str(found) == text


@MANY
@given(TEXTS | TIGHT, JSON, PROFILES)
def test_any_filter_judges_any_user_or_is_refused(text: str, user: Any, profile: Any) -> None:
    with suppress(ScimError):
        body = operation.create(msgspec.json.encode(user), USER_TYPE, profile).resource
        predicate(profile.filter(text, USER_TYPE, USUAL), USER_TYPE)(body | {"id": "1"})


@MANY
@given(BODIES)
def test_any_body_is_an_object_or_invalid_syntax(body: bytes) -> None:
    with suppress(InvalidSyntax):
        assert isinstance(decoded(body), dict)


@MANY
@given(BODIES, PROFILES, st.sampled_from(["create", "replace", "patch", "search", "bulk"]))
def test_any_body_is_an_operation_or_a_scim_error(body: bytes, profile: Any, door: str) -> None:
    with suppress(ScimError):
        match door:
            case "create":
                operation.create(body, USER_TYPE, profile)
            case "replace":
                operation.replace("1", body, USER_TYPE, profile)
            case "patch":
                operation.patch("1", body, USER_TYPE, profile)
            case "search":
                operation.query(operation.search(body, profile), USER_TYPE, profile)
            case _:
                bulk.ordered(bulk.read(body, profile).operations)


OPERATIONS = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "replace", "remove", "Add", "x"])},
        optional={"path": st.sampled_from(PATHS) | TIGHT, "value": JSON},
    ),
    min_size=1,
    max_size=4,
)


@MANY
@given(JSON, OPERATIONS, PROFILES)
def test_any_patch_of_any_user_is_done_or_a_scim_error(user: Any, operations: Any, profile: Any) -> None:
    with suppress(ScimError):
        body = operation.create(msgspec.json.encode(user), USER_TYPE, ENTRA).resource
        before = msgspec.json.encode(body)
        read_operations, _ = profile.operations(operations, USER_TYPE, USUAL)
        try:
            after = patch.patched(body, read_operations, USER_TYPE, profile.adapt)
            msgspec.json.encode(after)
        finally:
            assert msgspec.json.encode(body) == before


LINES = FULL.splitlines()


@MANY
@given(
    st.lists(
        st.tuples(st.integers(0, len(LINES) - 1), st.integers(0, 60), TIGHT | st.text(max_size=5)),
        min_size=1,
        max_size=4,
    )
)
def test_any_change_of_a_mapping_loads_or_is_refused_at_a_line(changes: list[tuple[int, int, str]]) -> None:
    lines = list(LINES[:60] + LINES[-30:])
    for at, column, text in changes:
        line = lines[at % len(lines)]
        lines[at % len(lines)] = line[:column] + text + line[column + len(text) // 2 :]
    with suppress(MappingError):
        load("\n".join(lines), "a.yaml")


@MANY
@given(
    TEXTS
    | TIGHT
    | JSON.map(lambda data: msgspec.json.encode(data).decode())
    | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1"))
)
def test_any_text_is_a_mapping_or_refused(text: str) -> None:
    for door in (load, document):
        with suppress(MappingError):
            door(text, "a.yaml")


@MANY
@given(TEXTS | TIGHT)
def test_any_header_is_a_version_or_invalid_syntax(text: str) -> None:
    with suppress(InvalidSyntax):
        condition(text)


@MANY
@given(
    TEXTS.map(lambda text: f"Bearer {text}")
    | TEXTS
    | st.lists(TEXTS, max_size=4).map(lambda parts: "Bearer " + ".".join(parts))
)
async def test_any_credential_but_ours_is_unauthorized(text: str) -> None:
    connections = (SETTINGS.connection(mapping_of("n-able")),)
    made = Clients(connections, (Secret("k" * 32),), "https://x.example", Assertions(fetched))
    with pytest.raises(Unauthorized):
        await made.admit(text)


@MANY
@given(
    st.dictionaries(
        st.sampled_from(
            ["filter", "startIndex", "count", "sortBy", "sortOrder", "attributes", "excludedAttributes", "cursor"]
        ),
        TEXTS,
    )
)
def test_any_parameters_are_a_query_or_a_scim_error(parameters: dict[str, str]) -> None:
    with suppress(ScimError):
        operation.query(parameters, USER_TYPE, STRICT)
