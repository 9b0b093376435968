"""The floors that the gateway is held against, served as `serve` serves: bare ASGI, and Litestar with one call through `thin`.

`echo` answers with a record that it has, and shows what uvicorn and the machine cost. `litestar` is the floor: a handler
that passes one call to the upstream and its reply back, without authentication, log, metrics, limits or SCIM.
"""

import argparse
import logging
import socket
from typing import Any

import uvicorn
from litestar import Litestar, Request, Response, get

from bench.thin import Lines, message
from bench.upstream import _USER


def echo() -> Any:
    """Return a bare ASGI application that answers the same record to everything."""
    record = (_USER % {"n": 1}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(record)).encode())]

    async def answer(scope: Any, _: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": record})

    return answer


def litestar(upstream: int, world: str) -> Litestar:
    """Return a Litestar application that passes a GET to the upstream on this port, and its reply back."""
    lines = Lines(upstream)

    @get("/{rest:path}")
    async def passed(request: Request[Any, Any, Any]) -> Response[bytes]:
        path = request.scope["path"].removeprefix("/scim/v2/Users")
        status, body = await lines.ask(message("GET", f"/{world}/users{path}", Authorization="Bearer of-the-floor"))
        return Response(body, status_code=status, media_type="application/json")

    return Litestar([passed], openapi_config=None, logging_config=None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.floor", description=__doc__)
    parser.add_argument("kind", choices=["echo", "litestar"], help="which of the two")
    parser.add_argument("--upstream", type=int, default=0, help="the upstream's port")
    parser.add_argument("--world", default="whole", help="the world of the upstream")
    told = parser.parse_args()
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
    logging.basicConfig(level=logging.WARNING)
    app = echo() if told.kind == "echo" else litestar(told.upstream, told.world)
    config = uvicorn.Config(app, ws="none", log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listening])
