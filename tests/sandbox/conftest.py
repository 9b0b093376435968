import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from typing import Any

import pytest
from httpx import AsyncClient

from adapter.sandbox.server import Options, running

JWT = "the-service-account-s-user-api-token"

_numbers = count(1)


@asynccontextmanager
async def _sandbox(**options: Any) -> AsyncGenerator[tuple[AsyncClient, AsyncClient]]:
    """A client of the user API with an access token, and one of the control port."""
    clock = {"clock": options.pop("clock")} if "clock" in options else {}
    ports = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    api_url, control_url = (f"http://127.0.0.1:{port.getsockname()[1]}" for port in ports)
    async with (
        running(Options(jwt=JWT, **options), *ports, **clock),
        AsyncClient(base_url=api_url) as api,
        AsyncClient(base_url=control_url) as control,
    ):
        reply = await api.post("/api/auth/authenticate", headers={"Authorization": f"Bearer {JWT}"})
        api.headers["Authorization"] = f"Bearer {reply.json()['tokens']['access']['token']}"
        await control.delete("/calls")
        yield api, control


@pytest.fixture(scope="session")
def started() -> Callable[..., AbstractAsyncContextManager[tuple[AsyncClient, AsyncClient]]]:
    """Starts a sandbox of one's own, with options."""
    return _sandbox


@pytest.fixture(scope="module")
async def shared() -> AsyncGenerator[tuple[AsyncClient, AsyncClient]]:
    async with _sandbox() as clients:
        yield clients


@pytest.fixture
def api(shared: tuple[AsyncClient, AsyncClient]) -> AsyncClient:
    """A client of the user API of a sandbox that the tests of a module share."""
    return shared[0]


@pytest.fixture
def control(shared: tuple[AsyncClient, AsyncClient]) -> AsyncClient:
    return shared[1]


@pytest.fixture(scope="session")
def jwt() -> str:
    return JWT


@pytest.fixture
def body() -> dict[str, Any]:
    """N-able's example of a create request, for a person that nobody has made yet."""
    number = next(_numbers)
    return {
        "email": f"user{number}@example.com",
        "password": "SecurePassword123!",
        "firstName": "John",
        "lastName": "Doe",
        "username": f"johndoe{number}",
        "country": "US",
        "postalCode": "12345",
        "street1": "123 Main St",
        "street2": "Apt 4B",
        "city": "Anytown",
        "state": "CA",
        "telephone": "+1234567890",
        "ext": "123",
        "department": "IT",
        "notificationEmail": "notify@example.com",
        "status": "enabled",
        "roleIds": ["1001", "1002"],
        "accessGroupIds": ["2001", "2002"],
        "apiOnlyUser": False,
    }
