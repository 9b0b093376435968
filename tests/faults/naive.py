"""A gateway as one writes it in an afternoon: it repeats everything, trusts every 200, merges what it knows, and locks nothing.

It is here to be found out: the campaign runs against it, and must see what it does to the records.
"""

import argparse
import asyncio
import contextlib
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.faults.entra import MORE_PATHS
from tests.faults.wire import Message, message_of, reply

ATTEMPTS = 3
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
FIELDS = {
    "userName": "login",
    "active": "enabled",
    "name.givenName": "given",
    "name.familyName": "family",
    'emails[type eq "work"].value': "mail",
} | {path: name for name, path in MORE_PATHS.items()}
Record = dict[str, Any]


class Trouble(Exception):
    """What is answered in place of a result."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Naive:
    """Speaks SCIM on one side and the legacy API on the other."""

    def __init__(self) -> None:
        seconds = int(os.environ["ADAPTER_ATTEMPT_MS"]) / 1000
        self.http = httpx.AsyncClient(base_url=os.environ["ADAPTER_UPSTREAM_URL"], timeout=seconds)
        self.replaces = Path(os.environ["ADAPTER_MAPPING"]).stem == "putting"
        self.searches = Path(os.environ["ADAPTER_MAPPING"]).stem != "searchless"
        self.token = ""

    async def call(
        self, method: str, path: str, body: Any = None, query: dict[str, Any] | None = None
    ) -> tuple[int, Any]:
        """Return status and JSON of an upstream call; whatever goes wrong, it is sent again."""
        status, content = 0, None
        for _ in range(ATTEMPTS):
            with contextlib.suppress(httpx.HTTPError, KeyError, ValueError, TypeError):
                if not self.token:
                    self.token = (
                        await self.http.post("/login", json={"key": os.environ["ADAPTER_SECRET_KEY"]})
                    ).json()["token"]
                answer = await self.http.request(
                    method, path, json=body, params=query, headers={"Authorization": f"Bearer {self.token}"}
                )
                status = answer.status_code
                self.token = "" if status == 401 else self.token
                content = json.loads(answer.text) if answer.text.startswith("{") else {}
                if status < 500 and status not in {401, 429}:
                    return status, content
        raise Trouble(503, f"The legacy API does not answer ({status}).")

    async def record(self, user_id: str) -> Record:
        """Return a record."""
        status, content = await self.call("GET", f"/users/{user_id}")
        if status != 200:
            raise Trouble(404, "There is no such user.")
        found: Record = content
        return found

    async def get(self, user_id: str) -> tuple[int, Any]:
        """Read a user."""
        return 200, resource(await self.record(user_id))

    async def find(self, login: str) -> tuple[int, Any]:
        """Return who has a login, or everybody."""
        query = {"page": 1, "size": 50} | ({"login": login} if login and self.searches else {})
        _, content = await self.call("GET", "/users", query=query)
        items = [each for each in content.get("items", []) if login in {"", each.get("login")}]
        return 200, {"schemas": [LIST], "totalResults": len(items), "Resources": [resource(each) for each in items]}

    async def create(self, sent: Any) -> tuple[int, Any]:
        """Make a user."""
        status, content = await self.call("POST", "/users", fields(sent))
        if status == 409:
            raise Trouble(409, "The login is taken.")
        return 201, resource(content)

    async def change(self, user_id: str, changes: Record) -> tuple[int, Any]:
        """Change a user: the fields that are known are merged, and where the API replaces records they are all of it."""
        record = await self.record(user_id)
        merged = {name: record[name] for name in FIELDS.values() if name in record} | changes
        method, body = ("PUT", merged) if self.replaces else ("PATCH", changes)
        await self.call(method, f"/users/{user_id}", body)
        return 200, resource(record | changes)

    async def delete(self, user_id: str) -> tuple[int, Any]:
        """Remove a user."""
        status, _ = await self.call("DELETE", f"/users/{user_id}")
        return (204, None) if status < 300 else (404, {})

    async def answer(self, method: str, target: str, sent: Any) -> tuple[int, Any]:
        """Return what a SCIM request is answered."""
        parts = urlsplit(target)
        if parts.path.startswith("/health/"):
            return 200, {}
        user_id = parts.path.removeprefix("/scim/v2/Users").strip("/")
        if method == "GET" and not user_id:
            filtered = parse_qs(parts.query).get("filter", [""])[0]
            return await self.find(filtered.partition('"')[2].strip('"'))
        if method == "POST":
            return await self.create(sent)
        if method == "PATCH":
            return await self.change(
                user_id, {FIELDS[each["path"]]: plain(each["value"]) for each in sent["Operations"]}
            )
        if method == "PUT":
            return await self.change(user_id, fields(sent))
        return await (self.delete(user_id) if method == "DELETE" else self.get(user_id))


def plain(value: Any) -> Any:
    """Return a value as the upstream has it."""
    return {"True": True, "False": False}.get(value, value) if isinstance(value, str) else value


def fields(sent: Any) -> Record:
    """Return the fields of a resource."""
    return {
        "login": sent["userName"],
        "enabled": sent["active"],
        "given": sent["name"]["givenName"],
        "family": sent["name"]["familyName"],
        "mail": sent["emails"][0]["value"],
    }


def resource(record: Record) -> Any:
    """Return the resource of a record."""
    return {
        "id": record.get("id", ""),
        "userName": record.get("login"),
        "active": record.get("enabled"),
        "name": {"givenName": record.get("given"), "familyName": record.get("family")},
        "emails": [{"type": "work", "value": record.get("mail")}],
    }


async def serve(port: int) -> None:
    """Serve until the process is killed."""
    naive = Naive()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                writer.write(await answered(naive, await message_of(reader)))
                await writer.drain()
        writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", port) as server:
        await server.serve_forever()


async def answered(naive: Naive, message: Message) -> bytes:
    """Return the reply to a request."""
    method, target, _ = message.first.split(" ")
    try:
        status, body = await naive.answer(method, target, json.loads(message.body or b"null"))
    except Trouble as error:
        status, body = error.status, {"schemas": [ERROR], "status": str(error.status), "detail": str(error)}
    return reply(status, b"" if body is None else json.dumps(body).encode(), Content_Type="application/scim+json")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Serve the naive gateway, as the ADAPTER_ variables say.")
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(serve(parser.parse_args().port))
