from collections.abc import AsyncIterator

import pytest

from tests.attacks.process import Gateway, running


@pytest.fixture(scope="module")
async def gateway(anyio_backend: str) -> AsyncIterator[Gateway]:
    assert anyio_backend == "asyncio"
    async with running() as made:
        yield made
        assert made.process.returncode is None
