"""What is handed over of a request, and what a client sees of its answer; the whole of it is in tests/cli/test_workers.py."""

import logging
from pathlib import Path

import pytest
from litestar import Litestar

from adapter.settings.secret import Secret
from adapter.web.app import application
from adapter.web.frames import Came, Sent
from adapter.web.shares import Shares
from adapter.web.workers import Workers
from tests.conversation import SETTINGS, TOKEN, asked, mapping_of


class Others(Workers):
    """Workers of whom this one owns nothing; the owner gives one answer to all."""

    def __init__(self, folder: Path, came: Came) -> None:
        super().__init__(Shares([], 2), 1, folder, Secret("k" * 32))
        self.came, self.seen = came, list[tuple[Sent, str]]()

    def owns(self, connection: str) -> bool:
        """Own nothing."""
        del connection
        return False

    async def handed_over(self, sent: Sent, connection: str, seconds: float) -> Came:
        """Give the answer."""
        assert seconds > 0
        self.seen.append((sent, connection))
        return self.came


def away(folder: Path, came: Came) -> tuple[Litestar, Others]:
    workers = Others(folder, came)
    return application(SETTINGS.settings(mapping_of("n-able")), "https://scim.example.com", workers=workers), workers


async def test_a_request_is_handed_over_whole_with_the_id_that_it_has_here(tmp_path: Path) -> None:
    app, others = away(tmp_path, Came(200, [], b"{}"))
    headers = [("Authorization", f"Bearer {TOKEN}"), ("If-Match", "1"), ("If-Match", "2"), ("traceparent", "x")]
    answer = await asked(
        app, "PATCH", "/scim/v2/Users/a%2Fb?x=%C3%A9", [*headers, ("X-Request-Id", "too short")], b"no JSON"
    )
    [(sent, connection)] = others.seen
    assert connection == "environment"
    assert (sent.method, sent.path, sent.query, sent.body) == (
        "PATCH",
        b"/scim/v2/Users/a%2Fb",
        b"x=%C3%A9",
        b"no JSON",
    )
    assert sent.address == "192.0.2.1"
    kept = [(name.lower().encode(), value.encode()) for name, value in headers[:3]]
    assert sent.headers == [*kept, (b"x-request-id", answer.headers["x-request-id"].encode())]


async def test_nobody_is_handed_over_who_is_not_let_in_or_names_another_path(tmp_path: Path) -> None:
    app, others = away(tmp_path, Came(200, [], b"{}"))
    assert (await asked(app, "GET", "/scim/v2/Users", [("Authorization", "Bearer x")])).status == 401
    assert (await asked(app, "GET", "/elsewhere", [("Authorization", f"Bearer {TOKEN}")])).status == 404
    too_much = [("Authorization", f"Bearer {TOKEN}"), ("Content-Length", "9999999")]
    assert (await asked(app, "POST", "/scim/v2/Users", too_much, b"{}")).status == 413
    assert others.seen == []


async def test_the_answer_goes_out_as_it_came_and_what_each_answer_has_stands_there_once(tmp_path: Path) -> None:
    headers = [
        (b"content-type", b"application/scim+json; charset=utf-8"),
        (b"etag", b'W/"1"'),
        (b"content-length", b"2"),
    ]
    of_the_owner = [
        (b"x-request-id", b"of-the-owner"),
        (b"connection", b"close"),
        (b"x-content-type-options", b"nosniff"),
    ]
    app, _ = away(tmp_path, Came(412, [*headers, *of_the_owner], b"{}"))
    answer = await asked(app, "GET", "/scim/v2/Users/1", [("Authorization", f"Bearer {TOKEN}")])
    told = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    assert (answer.status, answer.content) == (412, b"{}")
    assert told == {name.decode(): value.decode() for name, value in headers} | {"x-content-type-options": "nosniff"}
    assert answer.headers["x-request-id"] != "of-the-owner"


async def test_the_owner_alone_logs_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app, _ = away(tmp_path, Came(500, [], b"{}"))
    with caplog.at_level(logging.INFO):
        await asked(app, "GET", "/scim/v2/Users", [("Authorization", f"Bearer {TOKEN}")])
    assert [each.name for each in caplog.records if each.name == "adapter.requests"] == []
