"""Liveness and readiness: whether this process answers. Neither asks the upstream: its outage is not ours."""

from litestar import HttpMethod, route

_METHODS = [HttpMethod.GET, HttpMethod.HEAD]  # some monitors ask by HEAD


@route("/health/live", http_method=_METHODS, opt={"open": True}, include_in_schema=False)
async def live() -> dict[str, str]:
    """Answer while the process is alive."""
    return {"status": "live"}


@route("/health/ready", http_method=_METHODS, opt={"open": True}, include_in_schema=False)
async def ready() -> dict[str, str]:
    """Answer when requests can be served: the mapping is loaded and every secret is there, or we had not started."""
    return {"status": "ready"}
