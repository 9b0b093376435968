from collections.abc import AsyncIterator

import pytest

from adapter.upstream.transport.transport import Transport
from tests.upstream.server import NO_TLS


@pytest.fixture(scope="session", params=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """Python's own event loop, and the one that serves in production: their connections differ in small things."""
    return "asyncio", {"use_uvloop": request.param == "uvloop"}


@pytest.fixture
async def own() -> AsyncIterator[Transport]:
    async with Transport(NO_TLS) as made:
        yield made
