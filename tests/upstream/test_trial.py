"""`check --live --write`: one user of its own lives a whole life, and nothing of it is left."""

import pytest

from adapter.upstream.trial import Trial, wanted_user
from tests.conversation import mapping_of
from tests.fakes.systems import SYSTEMS
from tests.upstream.test_live import live


@pytest.mark.parametrize("name", SYSTEMS)
async def test_the_life_of_a_user_of_our_own_leaves_nothing(name: str) -> None:
    async with live(mapping_of(name), SYSTEMS[name]) as asking:
        before = await asking.listed()
        seen = [each async for each in Trial(asking).lived()]
        wrong = [each.what for each in seen if each.verdict == "wrong"]
        assert (await asking.listed()).resources == before.resources
    if "delete" in SYSTEMS[name].cannot:
        assert wrong == ["--write makes a user and removes it, and this mapping cannot do both; nothing was written"]
    else:
        assert wrong == []
        assert len(seen) >= 9


@pytest.mark.parametrize(
    ("spoilt", "wrong"),
    [
        ("names twice", "a second create of the same userName: it makes a second user; the upstream does not keep names unique"),
        ("no right to delete", "delete: GitLab does not let the token do this; it must be an administrator's. 403 Forbidden The user with the id"),
        ("delete disables", "a read of the removed user: it is still there; if the upstream keeps it, say what it leaves"),
        ("block does nothing", "active: false: The GitLab API said that it changed the user, but a fresh read shows another active than was sent."),
        ("exact names", "match query in other letter case: 0 found, and there should be 1"),
    ],
)  # fmt: skip
async def test_what_goes_wrong_is_said_and_as_much_as_possible_is_removed(spoilt: str, wrong: str) -> None:
    async with live(mapping_of("gitlab"), SYSTEMS["gitlab"], spoilt=spoilt) as asking:
        seen = [each async for each in Trial(asking).lived()]
        left = await asking.listed()
    assert [each for each in seen if each.verdict == "wrong" and each.what.startswith(wrong)], seen
    assert len(left.resources) == (2 if spoilt in ("no right to delete", "delete disables") else 1)


async def test_a_name_that_somebody_has_is_never_touched() -> None:
    async with live(mapping_of("gitlab"), SYSTEMS["gitlab"], spoilt="") as asking:
        trial = Trial(asking)
        trial._name = "ada"  # noqa: SLF001 (somebody has this name)
        seen = [each async for each in trial.lived()]
        assert [each.what for each in seen] == ["match query for a new name: 1 found, and there should be 0"]
        assert len((await asking.listed()).resources) == 1


async def test_a_create_that_is_refused_ends_the_trial() -> None:
    async with live(mapping_of("gitlab"), SYSTEMS["gitlab"], spoilt="no creates") as asking:
        seen = [each async for each in Trial(asking).lived()]
    assert [each.what for each in seen if each.verdict == "wrong"] == [
        "create: The GitLab API refuses a value: 400 Bad request - password is missing"
    ]


@pytest.mark.parametrize(
    "name", ["n-able", "bamboohr", "redmine", "mattermost", "cove", "gitlab", "bookstack", "template"]
)
def test_the_smallest_user_of_a_mapping_has_what_entra_sends(name: str) -> None:
    mapping = mapping_of(name)
    made = wanted_user(mapping, "probe@example.com")
    assert made["userName"] == "probe@example.com"
    assert [
        str(each) for each in mapping.resource.rules if each.required and each.value(made) is None and not each.joined
    ] == []
