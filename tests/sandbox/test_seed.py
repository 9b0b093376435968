from adapter.sandbox.seed import seeded


def test_there_is_a_role_1001_and_an_access_group_2001() -> None:
    store = seeded()
    assert 1001 in store.roles
    assert 2001 in store.groups
    assert store.users == {}


def test_the_same_users_are_invented_every_time() -> None:
    assert seeded(300).users == seeded(300).users


def test_every_invented_user_has_an_email_of_its_own() -> None:
    users = seeded(1000).users.values()
    assert len({user.email for user in users}) == 1000
    assert all(user.email.isascii() for user in users)
