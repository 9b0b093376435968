"""Liveness and readiness: whether this process answers. Neither asks the upstream: its outage is not ours."""

import logging

from litestar import HttpMethod, Response, route
from litestar.datastructures import State

_LOG = logging.getLogger("adapter")

_METHODS = [HttpMethod.GET, HttpMethod.HEAD]  # some monitors ask by HEAD


@route("/health/live", http_method=_METHODS, opt={"open": True}, include_in_schema=False)
async def live() -> dict[str, str]:
    """Answer while the process is alive."""
    return {"status": "live"}


@route("/health/ready", http_method=_METHODS, opt={"open": True}, include_in_schema=False)
async def ready(state: State) -> Response[dict[str, str]]:
    """Answer when requests can be served: the mapping is loaded and every secret is there, or we had not started.

    503 once the process is about to end: no new requests should be sent here. What troubles the upstream is told beside a
    200: this process can answer all the same, and says so.
    """
    if is_draining(state):
        return Response({"status": "draining"}, status_code=503)
    workers = state["gateway"].workers
    speaker = {"worker": str(workers.number)} if workers else {}
    return Response({"status": "ready", **speaker, **state["gateway"].trouble})


def is_draining(state: State) -> bool:
    """Tell whether the process is about to end."""
    return bool(state["draining"])


def drain(state: State) -> None:
    """Let readiness say no from now on; `state` is the application's."""
    state["draining"] = True
    _LOG.info("about to end: no new requests should be sent here")
