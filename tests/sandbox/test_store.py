from typing import Any

import pytest

from adapter.sandbox.refusal import Refusal
from adapter.sandbox.seed import GROUPS, ROLES
from adapter.sandbox.store import Store


def person(name: str, **more: Any) -> dict[str, Any]:
    names = {"email": f"{name}@example.com", "firstName": name, "lastName": "Doe"}
    return names | {"roleIds": [1001], "accessGroupIds": [2001]} | more


@pytest.fixture
def store() -> Store:
    return Store(ROLES, GROUPS)


def test_the_email_serves_where_there_is_no_user_name(store: Store) -> None:
    assert store.user(store.add_user(50, person("ada"))).username == "ada@example.com"


def test_a_new_user_is_enabled(store: Store) -> None:
    assert store.user(store.add_user(50, person("ada"))).status == "enabled"


@pytest.mark.parametrize(
    "second",
    [person("ADA"), person("eve", email="Ada@EXAMPLE.com"), person("eve", username="ADALOVE")],
)
def test_a_taken_name_is_refused_whatever_its_case(store: Store, second: dict[str, Any]) -> None:
    store.add_user(50, person("ada", username="adalove"))
    with pytest.raises(Refusal, match="already exists") as refused:
        store.add_user(101, second)
    assert refused.value.status == 409
    assert len(store.users) == 1


def test_a_deleted_user_s_email_stays_taken_and_the_user_name_does_not(store: Store) -> None:
    store.remove_user(store.add_user(50, person("ada", username="adalove")))
    with pytest.raises(Refusal, match="Email already exists"):
        store.add_user(50, person("ada"))
    store.add_user(50, person("eve", username="adalove"))


def test_a_change_may_repeat_the_user_s_own_names(store: Store) -> None:
    user_id = store.add_user(50, person("ada"))
    store.change_user(user_id, {"email": "ADA@example.com", "username": "ada@example.com"})
    assert store.user(user_id).email == "ADA@example.com"


def test_a_change_may_not_take_another_user_s_names(store: Store) -> None:
    store.add_user(50, person("ada", username="adalove"))
    eve = store.add_user(50, person("eve"))
    for change in ({"email": "ada@example.com"}, {"username": "AdaLove"}):
        with pytest.raises(Refusal, match="already exists"):
            store.change_user(eve, change)
    assert store.user(eve).email == "eve@example.com"


def test_a_changed_email_is_free_again_and_leaves_the_user_name_as_it_is(store: Store) -> None:
    user_id = store.add_user(50, person("ada"))
    store.change_user(user_id, {"email": "lovelace@example.com"})
    assert store.user(user_id).username == "ada@example.com"
    store.add_user(50, person("ada", username="other"))


def test_what_is_done_to_a_copy_is_not_done_here(store: Store) -> None:
    user_id = store.add_user(50, person("ada"))
    copy = store.copy()
    copied = copy.add_user(50, person("eve"))
    copy.change_user(user_id, {"lastName": "Lovelace"})
    copy.remove_user(user_id)
    assert store.user(user_id).last_name == "Doe"
    assert copied not in store.users
    assert store.add_user(50, person("eve")) > copied  # an id is never given out twice


def test_a_doubled_user_has_two_ids(store: Store) -> None:
    user_id = store.add_user(50, person("ada"))
    store.double_user(user_id)
    one, other = store.users.values()
    assert one.user_id != other.user_id
    assert one.email == other.email
    store.remove_user(other.user_id)
    with pytest.raises(Refusal):
        store.add_user(50, person("eve", username="ada@example.com"))  # the first one still has it


def test_an_altered_user_is_not_what_was_written(store: Store) -> None:
    user_id = store.add_user(50, person("ada"))
    store.alter_user(user_id)
    assert store.user(user_id).last_name == "Altered"


def test_a_new_role_and_a_new_group_are_given_to_the_users_they_name(store: Store) -> None:
    user_id = store.add_user(50, person("ada"))
    role = store.add_role(50, {"roleName": "r", "description": "", "permissionIds": [1], "userIds": [user_id]})
    group = store.add_group(50, {"groupName": "g", "groupDescription": "", "userIds": [user_id]})
    assert store.user(user_id).role_ids == (1001, role)
    assert store.user(user_id).access_group_ids == (2001, group)


@pytest.mark.parametrize(("text", "meaning"), [("true", True), ("TRUE", True), ("false", False), ("yes", False)])
def test_whatever_is_not_true_is_false(store: Store, text: str, meaning: bool) -> None:  # noqa: FBT001 - a table
    group = store.add_group(50, {"groupName": "g", "groupDescription": "d", "autoIncludeNewOrgUnits": text})
    assert store.groups[group].auto_include_new_org_units is meaning


def test_an_unknown_user_is_refused(store: Store) -> None:
    for deed in (store.user, store.remove_user, lambda user_id: store.change_user(user_id, {})):
        with pytest.raises(Refusal, match="User not found: '555'"):
            deed(555)


def test_a_role_and_a_group_that_are_gone_from_a_copy_are_still_here(store: Store) -> None:
    user_id = store.add_user(50, person("ada", roleIds=[1003], accessGroupIds=[2003]))
    copy = store.copy()
    copy.remove_role(1003)
    copy.remove_group(2003)
    assert (copy.user(user_id).role_ids, copy.user(user_id).access_group_ids) == ((), ())
    assert (store.user(user_id).role_ids, store.user(user_id).access_group_ids) == ((1003,), (2003,))
    assert store.members(2003) == [store.user(user_id)]
    assert 1003 in store.roles
