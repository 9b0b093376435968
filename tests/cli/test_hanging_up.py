"""A client that hangs up cuts nothing off: what was begun for it at the upstream is finished."""

import asyncio
from urllib.parse import urlsplit

from tests.cli.test_draining import TOKEN, serving
from tests.upstream.server import Server, after, reply

ADA = '{"data": {"userId": 42, "userName": "ada", "firstName": "Ada", "lastName": "Byron", "isEnabled": %s}}'
DISABLE = b'{"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}'


async def test_a_change_whose_client_hangs_up_is_finished_and_looked_at() -> None:
    async with (
        Server(reply(200, ADA % "true"), after(0.3, reply(200, "{}")), reply(200, ADA % "false")) as upstream,
        serving(upstream.url) as (_, client),
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", urlsplit(str(client.base_url)).port)
        head = f"PATCH /scim/v2/Users/42 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(DISABLE)}\r\n\r\n"
        writer.write(head.encode() + DISABLE)
        await upstream.arrived(2)
        writer.close()
        async with asyncio.timeout(5):
            await upstream.arrived(3)
        assert [each.method for each in upstream.seen] == ["GET", "PATCH", "GET"]
        assert (await client.get("/Users/42")).json()["active"] is False
