import pytest

from tests.conversation import asked, gateway, mapping_of


@pytest.mark.parametrize(("path", "status"), [("/health/live", "live"), ("/health/ready", "ready")])
async def test_health_answers_without_a_token_and_without_asking_the_upstream(path: str, status: str) -> None:
    async with gateway(mapping_of("n-able")) as (app, upstream):
        answer = await asked(app, "GET", path)
        assert (answer.status, answer.json) == (200, {"status": status})
        assert (upstream.exchanges, upstream.seen) == (0, [])


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
async def test_a_monitor_may_ask_by_head(path: str) -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        assert (await asked(app, "HEAD", path)).status == 200


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
async def test_health_says_nothing_else(path: str) -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        answer = await asked(app, "GET", path)
    assert set(answer.headers) <= {"content-type", "content-length"}
