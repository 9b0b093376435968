import pytest

from adapter.sandbox.refusal import Refusal
from adapter.sandbox.sessions import Sessions, lifetime


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_access_token_lives_an_hour_and_its_refresh_token_twenty_five() -> None:
    clock = Clock()
    sessions = Sessions("jwt", clock)
    session = sessions.opened()
    clock.now = 3599
    assert sessions.lets_in(session.access)
    clock.now = 3600
    assert not sessions.lets_in(session.access)
    clock.now = 89_999
    assert sessions.can_refresh(session.refresh)
    clock.now = 90_000
    assert not sessions.can_refresh(session.refresh)


def test_a_session_that_is_over_is_forgotten() -> None:
    clock = Clock()
    sessions = Sessions("jwt", clock)
    sessions.opened()
    clock.now = 90_000
    sessions.opened()
    assert len(sessions._by_access) == len(sessions._by_refresh) == 1  # noqa: SLF001 - nothing else shows it


def test_closing_a_session_kills_both_its_tokens_and_no_others() -> None:
    sessions = Sessions("jwt")
    closed, kept = sessions.opened(), sessions.opened()
    sessions.close(closed.access)
    assert not sessions.lets_in(closed.access)
    assert not sessions.can_refresh(closed.refresh)
    assert sessions.lets_in(kept.access)


def test_a_restart_kills_every_token() -> None:
    sessions = Sessions("jwt")
    session = sessions.opened()
    sessions.restart()
    assert not sessions.lets_in(session.access)
    assert not sessions.can_refresh(session.refresh)


def test_only_the_service_account_s_token_is_its_own() -> None:
    sessions = Sessions("jwt")
    assert sessions.is_service_account("jwt")
    assert not sessions.is_service_account("jwt ")
    assert not sessions.is_service_account("ö")


@pytest.mark.parametrize(
    ("override", "seconds"), [(None, 3600), ("5s", 5), ("30m", 1800), ("1h", 3600), ("2h", 3600), ("999999999h", 3600)]
)
def test_an_override_shortens_a_lifetime_and_never_lengthens_it(override: str | None, seconds: int) -> None:
    assert lifetime(override, 3600) == seconds


@pytest.mark.parametrize("override", ["", "5", "m", "5d", "-5m", "1.5h", "5 m", "0s", "5M", "1h30m"])
def test_a_malformed_override_is_refused(override: str) -> None:
    with pytest.raises(Refusal, match="Invalid expiry override") as refused:
        lifetime(override, 3600)
    assert refused.value.status == 400
