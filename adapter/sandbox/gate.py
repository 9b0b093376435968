"""The gate that every call goes through: the limit, the token, the ordered fault, the deed."""

import asyncio
from http import HTTPStatus

from adapter.sandbox.call import Call, Reply
from adapter.sandbox.faults import Alter, AnyFault, Double, Drop, ErrorIn200, Fail, Faults, Stall
from adapter.sandbox.refusal import Refusal, unauthorized
from adapter.sandbox.routes import Route
from adapter.sandbox.traffic import Traffic
from adapter.sandbox.world import World

_AUTHENTICATE = "/api/auth/authenticate"


class Gate:
    """Answers calls on the world, one route's share of them at a time."""

    def __init__(self, world: World, *, in_flight: int = 3, latency: float = 0) -> None:
        self.world = world
        self.traffic = Traffic(in_flight)
        self.faults = Faults()
        self._latency = latency

    async def reply(self, route: Route, call: Call) -> Reply:
        """The reply to a call; one too many on its route is turned away at once."""
        if not self.traffic.enter(route.name):
            crowded = Refusal(HTTPStatus.TOO_MANY_REQUESTS, "TooManyRequestsException", "Too many concurrent calls.")
            self.traffic.count(route.name, crowded.status)
            return Reply(crowded.status, crowded.body())
        try:
            reply = await self._answered(route, call)
        finally:
            self.traffic.leave(route.name)
        self.traffic.count(route.name, reply.status)
        return reply

    async def _answered(self, route: Route, call: Call) -> Reply:
        await asyncio.sleep(self._latency)
        fault = None
        try:
            self._let_in(route, call)
            fault = self.faults.due(route.name)
            reply = self._done(route, call, fault)
        except Refusal as refusal:
            reply = Reply(refusal.status, refusal.body())
        if isinstance(fault, Stall):
            await asyncio.sleep(fault.seconds)
        return reply

    def _let_in(self, route: Route, call: Call) -> None:
        """Refuse a call without a living token, and every call once the service account's password has expired."""
        if route.token and not self.world.sessions.lets_in(call.bearer()):
            raise unauthorized("Invalid or expired access token.")
        if self.world.password_expired and route.path != _AUTHENTICATE:
            raise Refusal(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                "UnexpectedDmsResponseException",
                "DMS responded with non-success status code : 500.",
            )

    def _done(self, route: Route, call: Call, fault: AnyFault | None) -> Reply:
        """Do what the call asks, or what the fault makes of it."""
        store = self.world.store
        match fault:
            case Fail(status=status):
                raise Refusal(status, "UnexpectedDmsResponseException", "The call was not done.")
            case ErrorIn200():
                return Reply(HTTPStatus.OK, {"error message": "The call was not done."})
            case Drop():
                return Reply(route.success, route.handle(self.world.dreamt(), call))
        body = route.handle(self.world, call)
        match fault:
            case Double():
                store.double_user(body["data"]["userId"])
            case Alter():
                store.alter_user(body["data"]["userId"])
        return Reply(route.success, body)
