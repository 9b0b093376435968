"""What a file becomes. The files that are refused are under tests/broken; here chance looks for more of them."""

import contextlib
import itertools
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.errors import MappingError, ScimError, SettingsError
from adapter.mapping.convert import changes, completed, kept, new_record, resource_of
from adapter.mapping.load import load
from adapter.mapping.reply import Reply
from adapter.scim.resource import received
from tests.mapping import minimal
from tests.mapping.minimal import MAPPINGS, N_ABLE, mapping

SHIPPED = [each for each in sorted(MAPPINGS.glob("*.yaml")) if ".examples" not in each.name]
LINES = N_ABLE.read_text(encoding="utf-8").splitlines()
TOKENS = [
    "", " ", "  ", "\t", ":", ": ", "- ", "{", "}", "[", "]", ",", "#", '"', "'", "&a ", "*a", "!!str ", "|", ">", "? ", "---",
    "%", "@", "null", "true", "no", "0", "-1", "99999999999999999999999999999999", "1e9", "é", "\u2028", "\x00", "\ufeff",
    "\\ud800", '"\\ud800"', '"\\U00110000"', "{id}", "{value}", "{setting:org_unit}", "{secret:jwt}", "..", "/", "?",
    "userName", "emails", 'emails[type eq "work"]', "meta", "id", "default", "values", "[true, x]", "[[1, 2], [1, 3]]",
    "version: 1", "kind: exchange", "on_create: []", "attributes: []", "find: []", "{}", "[[]]", "<<: {}",
]  # fmt: skip


RECORD = {"userId": 7, "userName": "ada", "firstName": "Ada", "lastName": "Byron", "fullName": "", "isEnabled": True,
          "email": None, "id": "7", "name": "ada"}  # fmt: skip
RESOURCE: dict[str, Any] = {"userName": "ada", "active": False, "name": {"givenName": "A", "familyName": "B"}}


def loads_or_is_refused(text: str) -> None:
    """Load a text, and use what loads: nothing about a mapping may first fail with a user."""
    try:
        loaded = load(text, "fuzz.yaml")
    except MappingError:
        return
    values = {each.name: each.default or (["1"] if each.kind == "list" else "1") for each in loaded.settings}
    turn = itertools.count(step=29)
    bound = loaded.bound(values, lambda text: text[next(turn) % len(text)])
    user = bound.resource
    for route in user.routes:
        assert route.path(bound.texts(id="7", value="x")).startswith("/")
    for status in (200, 400, 404, 409, 500):
        bound.meaning(Reply(status, {"message": "User not found", "errors": [{"message": "no"}]}))
    with contextlib.suppress(ScimError):
        resource_of(RECORD, user)
    with contextlib.suppress(ScimError):
        new_record(completed(received(RESOURCE, user.type), bound), bound)
    with contextlib.suppress(ScimError):
        changes(RECORD, kept(RECORD, received(RESOURCE, user.type), user), user)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_mapping_loads(file: Path) -> None:
    loaded = load(file.read_text(encoding="utf-8"), file.name)
    assert loaded.resource.type.schema.attribute("userName")


def test_a_loaded_mapping_is_ready_for_use() -> None:
    loaded = load(N_ABLE.read_text(encoding="utf-8"), "n-able.yaml")
    login = loaded.credential.login
    assert login is not None
    assert str(login.route) == "POST /api/auth/authenticate"
    assert login.route.headers == {"Authorization": "Bearer {secret:jwt}"}
    assert (login.token, login.lifetime) == ("tokens.access.token", "tokens.access.expirySeconds")
    assert str(loaded.resource.list) == "GET /api/org-units/{setting:org_unit}/users"
    assert str(loaded.resource.update) == "PATCH /api/users/{id}"
    assert [str(each.target) for each in loaded.resource.pushed] == ["userName"]
    assert [str(rule) for rule in loaded.resource.rules] == [
        "userName", "active", "name.givenName", "name.familyName", "displayName", 'emails[type eq "work"].value',
        "externalId", "meta.created", "meta.lastModified", "groups.value",
    ]  # fmt: skip


def test_names_of_scim_are_known_in_any_case_and_shown_as_the_rfc_spells_them() -> None:
    loaded = mapping("{scim: NAME.givenname, field: first}", user_name="{scim: USERNAME, field: n, required: true}")
    assert [str(rule) for rule in loaded.resource.rules] == ["userName", "name.givenName"]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_a_file_with_altered_lines_loads_or_is_refused(chance: random.Random, times: int) -> None:
    lines = list(LINES)
    for _ in range(times):
        at = chance.randrange(len(lines))
        match chance.randrange(5):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, chance.choice(lines))
            case 2:
                lines[at] = lines[at].replace(chance.choice(lines[at].split() or [" "]), chance.choice(TOKENS), 1)
            case 3:
                cut = chance.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:cut] + chance.choice(TOKENS) + lines[at][cut:]
            case _:
                cut = chance.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][cut:] if chance.random() < 0.5 else lines[at][:cut]
    loads_or_is_refused("\n".join(lines))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*TOKENS, "\n", "\n  ", *(word for line in LINES for word in line.split())])))
def test_words_in_any_order_load_or_are_refused(words: list[str]) -> None:
    loads_or_is_refused(" ".join(words))


@settings(max_examples=150, deadline=None)
@given(st.text())
def test_any_text_loads_or_is_refused(text: str) -> None:
    loads_or_is_refused(text)


@settings(max_examples=150, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20),
    st.sampled_from(
        ["upstream: API", "GET /users", "kind: text", "scim: userName", "field: name", "total: total", "id: id"]
    ),
)
def test_any_text_in_place_of_a_value_loads_or_is_refused(text: str, place: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    whole = minimal.TOP + minimal.RESOURCE + f"    attributes:\n      - {minimal.USER_NAME}\n"
    loads_or_is_refused(whole.replace(place, place.partition(" ")[0] + " " + quoted))


KEPT = "{scim: externalId, keep: here, without_store: left out}"


def test_a_mapping_may_be_served_without_a_store() -> None:
    made = load(minimal.group_text(KEPT, user=(KEPT,)), "test.yaml")
    bare = made.without_store()
    for kind in ("User", "Group"):
        assert [str(each) for each in made.about(kind).resource.kept] == ["externalId"]
        assert bare.about(kind).resource.kept == ()
        assert made.about(kind).resource.type.schema.attribute("externalId") is not None
        assert bare.about(kind).resource.type.schema.attribute("externalId") is None
    assert bare.digest == made.digest
    assert bare.without_store() is bare


def test_a_mapping_that_keeps_nothing_is_the_same_without_a_store() -> None:
    made = mapping("{scim: title, field: t}")
    assert made.without_store() is made


def test_one_rule_that_insists_on_a_store_is_enough() -> None:
    made = load(minimal.group_text(KEPT, user=("{scim: nickName, keep: here}",)), "test.yaml")
    with pytest.raises(SettingsError) as refused:
        made.without_store()
    message = (
        "ADAPTER_STORE is missing: the mapping keeps nickName, externalId in the gateway's own store; name a file for it, "
        "or say without_store: left out in the mapping"
    )
    assert refused.value.faults == [message]


def test_a_default_cannot_come_from_what_is_left_out_without_a_store() -> None:
    rules = (KEPT, "{scim: title, field: t, default: {attribute: externalId}}")
    with pytest.raises(MappingError, match="externalId"):
        mapping(*rules)


def test_a_mapping_speaks_of_users_until_it_is_asked_about_groups() -> None:
    made = load(minimal.group_text(), "test.yaml")
    assert (made.noun, made.about("Group").noun, made.about("Group").about("User").noun) == ("user", "group", "user")
    assert made.about("User") is made
    assert [each.type.name for each in made.resources] == ["User", "Group"]
    with pytest.raises(KeyError):
        mapping().about("Group")


def test_what_is_told_of_a_group_has_the_line_of_the_group() -> None:
    text = minimal.group_text("{scim: nickName, field: n}", "{scim: externalId}")
    with pytest.raises(MappingError) as refused:
        load(text, "test.yaml")
    lines = text.splitlines()
    assert [lines[each.line - 1].strip() for each in refused.value.all] == [
        "- {scim: nickName, field: n}",
        "- {scim: externalId}",
    ]
