import pytest

from tests.conversation import TOKEN, asked, gateway, mapping_of


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
    assert set(answer.headers) <= {"content-type", "content-length", "x-content-type-options", "x-request-id"}


async def test_a_service_account_whose_password_has_expired_is_named_beside_the_200() -> None:
    async with gateway(mapping_of("n-able")) as (app, upstream):
        failure = [500, {"status": 500, "message": "INTERNAL SERVER ERROR"}]
        upstream.replies = [failure, failure, failure, [200, {"data": [], "totalItems": 0}]]
        headers = [("Authorization", f"Bearer {TOKEN}")]
        failed = await asked(app, "GET", "/scim/v2/Users", headers)
        ready = await asked(app, "GET", "/health/ready")
        assert failed.status == 502
        assert "password" in failed.json["detail"]
        assert (ready.status, ready.json["status"]) == (200, "ready")
        assert "password may have expired" in ready.json["upstream"]
        assert (await asked(app, "GET", "/scim/v2/Users", headers)).status == 200
        assert (await asked(app, "GET", "/health/ready")).json == {"status": "ready"}


async def test_an_upstream_that_is_down_does_not_make_this_process_unready() -> None:
    async with gateway(mapping_of("n-able")) as (app, upstream):
        upstream.replies = [["ConnectError"]] * 6
        for _ in range(2):
            await asked(app, "GET", "/scim/v2/Users", [("Authorization", f"Bearer {TOKEN}")])
        ready = await asked(app, "GET", "/health/ready")
        assert (ready.status, ready.json) == (200, {"status": "ready", "upstream": "down: it is left alone"})
