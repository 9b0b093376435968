from collections.abc import AsyncIterator

import httpx
import pytest

from tests.upstream.server import transport


@pytest.fixture(params=["own", "httpx"])
async def http(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncBaseTransport]:
    """Whatever goes to the upstream goes by either of the two ways there, and the same comes of it."""
    async with transport(request.param) as made:
        yield made
