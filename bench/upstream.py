"""The upstream that the benchmarks stand in for: cheap, a process of its own, with as many users as one likes.

Each world has its path below the root, its users, its latency and its counts: `PUT /<world>` makes it anew, `GET /<world>`
returns what it was asked. A user is made from its number when it is asked for; only what was changed takes memory.
"""

import argparse
import asyncio
import socket
from collections import Counter
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httptools
import msgspec
import uvloop

NOBODY = b'{"error":"nobody"}'
_USER = (
    '{"id":%(n)d,"login":"user%(n)d@example.com","state":"enabled","externalRef":"8aa1c7d2-0000-4000-8000-%(n)012d",'
    '"firstName":"Given%(n)d","lastName":"Family%(n)d","fullName":"Given%(n)d Family%(n)d","title":"Engineer",'
    '"language":"en-GB","email":"user%(n)d@example.com","contact":{"phone":"+44 20 7946 0100","mobile":"+44 7700 900100"},'
    '"office":{"street":"1 Example Street","city":"London","zip":"N1 9GU","country":"GB","floor":3,"desk":"3-117"},'
    '"employeeNumber":"E%(n)d","department":"Research and Development","managerId":"1","costs":{"unit":"4711","rate":12.5},'
    '"locked":false,"mustChangePassword":false,"lastSignIn":"2026-01-01T08:00:00Z","roles":[1001,1002],"notes":"",'
    '"createdAt":"2025-01-01T00:00:00Z","changedAt":"2026-01-01T00:00:00Z"}'
)


class Settings(msgspec.Struct, frozen=True):
    """What a world is like."""

    users: int = 1000
    latency: float = 0.0
    """Seconds before each answer."""
    is_terse: bool = False
    """Whether a write is answered without the record: a create with the id alone, a change with nothing."""
    members: int = 0
    """The members of each group."""


class World:
    """Users and groups, and what was asked of them."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.counts = settings, Counter[str]()
        self._changed: dict[int, dict[str, Any]] = {}
        self._named: dict[str, int] = {}
        self._gone = set[int]()
        self._groups: dict[int, dict[str, Any]] = {}
        self._last = settings.users

    def answered(self, method: str, path: str, query: str, body: bytes) -> tuple[int, bytes]:
        """Return the status and the body that answer a call."""
        _, kind, *rest = path.split("/")
        self.counts[f"{method} /{kind}{'/{id}' if rest else ''}"] += 1
        if kind == "groups":
            return self._group(method, int(rest[0]), body)
        if rest:
            return self._one(method, int(rest[0]), body)
        return self._made(body) if method == "POST" else self._listed(parse_qs(query))

    def _user(self, number: int) -> bytes | None:
        if number in self._gone:
            return None
        if number in self._changed:
            return msgspec.json.encode(self._changed[number])
        return (_USER % {"n": number}).encode() if 1 <= number <= self.settings.users else None

    def _one(self, method: str, number: int, body: bytes) -> tuple[int, bytes]:
        found = self._user(number)
        if found is None:
            return 404, NOBODY
        if method == "GET":
            return 200, found
        if method == "DELETE":
            self._gone.add(number)
            return 204, b""
        self._changed[number] = msgspec.json.decode(found) | msgspec.json.decode(body)
        return (204, b"") if self.settings.is_terse else (200, msgspec.json.encode(self._changed[number]))

    def _made(self, body: bytes) -> tuple[int, bytes]:
        self._last += 1
        made = {"id": self._last, "createdAt": "2026-01-01T00:00:00Z"} | msgspec.json.decode(body)
        self._changed[self._last], self._named[made["login"]] = made, self._last
        return 201, msgspec.json.encode({"id": self._last} if self.settings.is_terse else made)

    def _listed(self, query: dict[str, list[str]]) -> tuple[int, bytes]:
        if "login" in query:
            number = self._number(query["login"][0])
            rows = [each for each in [self._user(number)] if each]
            total = len(rows)
        else:
            page, size = int(query["page"][0]), int(query["per_page"][0])
            first, total = (page - 1) * size + 1, self._last
            rows = [each for each in map(self._user, range(first, min(first + size, total + 1))) if each]
        return 200, b'{"total":%d,"data":[%s]}' % (total, b",".join(rows))

    def _number(self, login: str) -> int:
        number = login.removeprefix("user").removesuffix("@example.com")
        return int(number) if number.isdecimal() else self._named.get(login, 0)

    def _group(self, method: str, number: int, body: bytes) -> tuple[int, bytes]:
        new = {"id": number, "name": f"Group {number}", "memberIds": list(range(1, self.settings.members + 1))}
        group = self._groups.setdefault(number, new)
        if method == "PATCH":
            group |= msgspec.json.decode(body)
        return 200, msgspec.json.encode(group)


class _Wire(asyncio.Protocol):
    """One connection of a client."""

    def __init__(self, worlds: dict[str, World]) -> None:
        self._worlds, self._parser = worlds, httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._url, self._body = b"", b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._url, self._body = b"", b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        url = urlsplit(self._url.decode())
        method, name, path = self._parser.get_method().decode(), *url.path[1:].partition("/")[::2]
        latency = 0.0
        if not path and method == "PUT":
            self._worlds[name] = World(msgspec.json.decode(self._body, type=Settings))
            status, body = 200, b"{}"
        elif not path:
            status, body = 200, msgspec.json.encode(self._worlds[name].counts)
        else:
            world = self._worlds[name]
            status, body = world.answered(method, "/" + path, url.query, self._body)
            latency = world.settings.latency
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n" if status != 204 else "\r\n"
        if latency:
            asyncio.get_running_loop().call_later(latency, self._say, head.encode() + body)
        else:
            self._say(head.encode() + body)

    def _say(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)


async def _serve(port: int) -> None:
    worlds: dict[str, World] = {}
    listening = socket.create_server(("127.0.0.1", port), backlog=2048)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = await asyncio.get_running_loop().create_server(lambda: _Wire(worlds), sock=listening)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.upstream", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=0, help="where to listen; 0, as it is by default, takes a free port"
    )
    uvloop.run(_serve(parser.parse_args().port))
