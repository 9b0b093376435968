from tests.conversation import CLIENT_SECRET, SETTINGS, TOKEN, mapping_of


def test_nothing_that_proves_anybody_is_kept_in_clear() -> None:
    shown = repr(SETTINGS.settings(mapping_of("n-able")))
    assert [
        each for each in (CLIENT_SECRET, TOKEN, SETTINGS.signing_key, "service-account-token") if each in shown
    ] == []
