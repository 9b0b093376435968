"""`check --live`: the command's way to the upstream."""

import asyncio
import os
import secrets
from contextlib import AsyncExitStack

import rich_click as click

from adapter.mapping.mapping import Mapping
from adapter.settings.environment import connection
from adapter.settings.network import network
from adapter.settings.settings import Connection

_SHOWN = {"ok": "ok   ", "wrong": "WRONG", "note": "note "}


def live(mapping: Mapping, *, write: bool) -> bool:
    """Hold a mapping against the upstream that the environment names; tell whether nothing is wrong.

    Raises SettingsError when the environment lacks what the mapping needs.
    """
    settings = connection(os.environ, mapping)
    return asyncio.run(_asked(mapping.bound(settings.values, secrets.choice), settings, write=write))


async def _asked(mapping: Mapping, settings: Connection, *, write: bool) -> bool:
    from adapter.store.store import Store  # noqa: PLC0415
    from adapter.upstream.client import Upstream  # noqa: PLC0415
    from adapter.upstream.live import Live  # noqa: PLC0415
    from adapter.upstream.times import Times  # noqa: PLC0415
    from adapter.upstream.trial import Trial  # noqa: PLC0415
    from adapter.web.connection import wire  # noqa: PLC0415

    right = True
    times = Times(**settings.times)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(wire(settings, network(os.environ)))
        # A user of our own may have attributes that are kept here: they are forgotten with the trial.
        kept = stack.enter_context(Store(":memory:", "trial")).done
        upstream = Upstream(http, settings.upstream_url, mapping, settings.secrets, times, kept)
        asking = Live(upstream.run, mapping, settings.upstream_url)
        async for seen in asking.looked():
            right = right and seen.verdict != "wrong"
            click.echo(f"{_SHOWN[seen.verdict]}  {seen.what}")
        if write and right:
            async for seen in Trial(asking).lived():
                right = right and seen.verdict != "wrong"
                click.echo(f"{_SHOWN[seen.verdict]}  {seen.what}")
        elif write:
            click.echo("note   nothing was written: mend first what is wrong")
    return right
