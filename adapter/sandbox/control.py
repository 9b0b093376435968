"""The control port: the eye and the hand of tests and of the demo, never shown to the gateway."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from litestar import Litestar, Request, delete, get, post
from litestar.exceptions import ClientException
from litestar.handlers import HTTPRouteHandler

from adapter.sandbox.faults import AnyFault
from adapter.sandbox.gate import Gate
from adapter.sandbox.page import shape
from adapter.sandbox.records import FIELDS
from adapter.sandbox.routes import Route

T = TypeVar("T")

_AnyRequest = Request[Any, Any, Any]


class ServiceAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What can befall the service account."""

    password_expired: bool


def control(gate: Gate, routes: Sequence[Route]) -> Litestar:
    """The application of the control port."""
    return Litestar([*_seen(gate), *_ordered(gate, routes), *_befallen(gate)], openapi_config=None, logging_config=None)


def _seen(gate: Gate) -> list[HTTPRouteHandler]:
    @get("/state", sync_to_thread=False)
    def state() -> dict[str, Any]:
        store = gate.world.store
        return {
            "users": [shape(user, FIELDS) | msgspec.to_builtins(user) for user in store.users.values()],
            "roles": msgspec.to_builtins(list(store.roles.values())),
            "accessGroups": msgspec.to_builtins(list(store.groups.values())),
        }

    @get("/calls", sync_to_thread=False)
    def calls() -> dict[str, Any]:
        return gate.traffic.summary()

    @delete("/calls", sync_to_thread=False)
    def forget_calls() -> None:
        gate.traffic.clear()

    return [state, calls, forget_calls]


def _ordered(gate: Gate, routes: Sequence[Route]) -> list[HTTPRouteHandler]:
    names = {route.name for route in routes}

    @post("/faults", status_code=HTTPStatus.NO_CONTENT)
    async def order_fault(request: _AnyRequest) -> None:
        fault: AnyFault = _read(await request.body(), AnyFault)
        if fault.name not in names:
            raise ClientException(f"no such route: {fault.name}")
        if not fault.fits():
            raise ClientException(f"this kind of fault cannot happen on {fault.name}")
        gate.faults.order(fault)

    @delete("/faults", sync_to_thread=False)
    def forget_faults() -> None:
        gate.faults.clear()

    return [order_fault, forget_faults]


def _befallen(gate: Gate) -> list[HTTPRouteHandler]:
    @post("/restart", status_code=HTTPStatus.NO_CONTENT, sync_to_thread=False)
    def restart() -> None:
        gate.world.sessions.restart()

    @post("/service-account", status_code=HTTPStatus.NO_CONTENT)
    async def change_service_account(request: _AnyRequest) -> None:
        account = _read(await request.body(), ServiceAccount)
        gate.world.password_expired = account.password_expired

    return [restart, change_service_account]


def _read(body: bytes, type_: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise ClientException(str(fault)) from fault
