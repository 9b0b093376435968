"""The other face of the sandbox: Cove Data Protection's users, by JSON-RPC at one address.

N-able documents it by its published scripts: `POST /jsonapi`; `Login` and the visa, which lives for fifteen minutes and is
new in each reply; `EnumerateUsers`, `AddUser`, `ModifyUser`, `RemoveUser` with their parameters; `result.result`; an
error in a reply of status 200, its words escaped for HTML; `AddUser` that does not take the email.

This stand-in assumes: that a visa serves one call only, which is the strictest reading; that a name is taken without
regard to case; the words and the codes of an error; and that a refused call brings no new visa.
"""

import hmac
import html
import secrets
import time
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, get, post

from adapter.sandbox.seed import person
from adapter.sandbox.sessions import Clock

PARTNER = "Acme"
PARTNER_ID = 123
USER = "scim"
VISA_SECONDS = 900

_ADDED = ("PartnerId", "Name", "FirstName", "FullName", "Password", "PhoneNumber", "Title", "RoleId", "Flags")
_CHANGED = (*_ADDED[1:], "EmailAddress")
_REQUIRED = ("PartnerId", "Name", "Password", "RoleId")

_AnyRequest = Request[Any, Any, Any]


class Fault(Exception):
    """What a call is refused with: a code and words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.error = {"code": code, "message": html.escape(words)}


class Cove:
    """The users of one partner, and the visas that are out."""

    def __init__(self, token: str, users: int = 0, clock: Clock = time.monotonic) -> None:
        self._token, self._clock = token, clock
        self._visas: dict[str, float] = {}
        self._last_id = 0
        self.users: dict[int, dict[str, Any]] = {}
        self.calls: list[str] = []
        for number in range(users):
            first, last, email = person(number)
            added = self._add(
                {"PartnerId": PARTNER_ID, "Name": email, "FirstName": first, "FullName": last, "RoleId": 5}
            )
            self.users[added]["EmailAddress"] = email

    def answered(self, call: Any) -> dict[str, Any]:
        """Return the reply to one JSON-RPC call; it never fails in another way than Cove does."""
        reply = {"jsonrpc": "2.0", "id": call.get("id") if isinstance(call, dict) else None}
        try:
            return reply | {"result": self._done(call), "visa": self._visa()}
        except Fault as fault:
            return reply | {"error": fault.error}

    def restart(self) -> None:
        """Forget every visa."""
        self._visas.clear()

    def _done(self, call: Any) -> dict[str, Any]:
        method, given = (call.get("method"), call.get("params")) if isinstance(call, dict) else (None, None)
        if not isinstance(given, dict):
            raise Fault(-32600, "Invalid request")
        self.calls.append(str(method))
        if method == "Login":
            return self._login(given)
        if self._clock() >= self._visas.pop(str(call.get("visa")), 0):
            raise Fault(13500, "The visa is invalid or expired")
        methods: dict[Any, Any] = {
            "EnumerateUsers": self._listed,
            "AddUser": lambda params: self._add(_info(params), needed=_REQUIRED),
            "ModifyUser": self._modified,
            "RemoveUser": self._removed,
        }
        if method not in methods:
            raise Fault(-32601, f"Method '{method}' not found")
        return {"result": methods[method](given)}

    def _login(self, given: dict[str, Any]) -> dict[str, Any]:
        known = (given.get("partner"), given.get("username")) == (PARTNER, USER)
        if not known or not hmac.compare_digest(str(given.get("password")).encode(), self._token.encode()):
            raise Fault(13000, "Wrong partner, user name or password")
        return {"result": {"PartnerId": PARTNER_ID, "Name": USER}}

    def _visa(self) -> str:
        visa = secrets.token_urlsafe(32)
        self._visas = {each: until for each, until in self._visas.items() if self._clock() < until}
        self._visas[visa] = self._clock() + VISA_SECONDS
        return visa

    def _listed(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        partners = given.get("partnerIds")
        if not isinstance(partners, list) or not all(type(each) is int for each in partners):
            raise Fault(-32602, "partnerIds is a list of numbers")
        return list(self.users.values()) if PARTNER_ID in partners else []

    def _add(self, info: dict[str, Any], needed: tuple[str, ...] = ()) -> int:
        missing = [each for each in needed if not info.get(each)]
        if missing:
            raise Fault(-32602, f"userInfo has no {missing[0]}")
        if info["PartnerId"] != PARTNER_ID:
            raise Fault(13501, "You have no rights for this partner")
        self._free(info["Name"], None)
        self._last_id += 1
        empty = {"FirstName": "", "FullName": "", "EmailAddress": "", "Title": "", "PhoneNumber": "", "Flags": []}
        kept = {each: value for each, value in info.items() if each in _ADDED and each != "Password"}
        self.users[self._last_id] = empty | kept | {"Id": self._last_id, "FirstLoginTime": 0, "LastLoginTime": 0}
        return self._last_id

    def _modified(self, given: dict[str, Any]) -> None:
        info = _info(given)
        user = self._known(info.get("Id"))
        if "Name" in info:
            self._free(info["Name"], info["Id"])
        user.update({each: value for each, value in info.items() if each in _CHANGED and each != "Password"})

    def _removed(self, given: dict[str, Any]) -> None:
        del self.users[self._known(given.get("userId"))["Id"]]

    def _known(self, user_id: Any) -> dict[str, Any]:
        if type(user_id) is not int or user_id not in self.users:
            raise Fault(13100, f"User with id '{user_id}' not found")
        return self.users[user_id]

    def _free(self, name: Any, by: int | None) -> None:
        if not isinstance(name, str):
            raise Fault(-32602, "Name is a text")
        if any(user["Name"].lower() == name.lower() and user["Id"] != by for user in self.users.values()):
            raise Fault(13101, f"User '{name}' already exists")


def _info(given: dict[str, Any]) -> dict[str, Any]:
    info = given.get("userInfo")
    if not isinstance(info, dict):
        raise Fault(-32602, "userInfo is missing")
    return info


def api(cove: Cove) -> Litestar:
    """The application of the JSON-RPC address."""

    @post("/jsonapi", status_code=HTTPStatus.OK)
    async def jsonapi(request: _AnyRequest) -> Response[bytes]:
        try:
            call = msgspec.json.decode(await request.body())
        except msgspec.DecodeError:
            call = None
        return Response(msgspec.json.encode(cove.answered(call)), media_type="application/json")

    return Litestar([jsonapi], openapi_config=None, logging_config=None)


def control(cove: Cove) -> Litestar:
    """The application of the control port: what is stored, which methods were called, and a restart."""

    @get("/state", sync_to_thread=False)
    def state() -> dict[str, Any]:
        return {"users": list(cove.users.values())}

    @get("/calls", sync_to_thread=False)
    def calls() -> list[str]:
        return cove.calls

    @post("/restart", status_code=HTTPStatus.NO_CONTENT, sync_to_thread=False)
    def restart() -> None:
        cove.restart()

    return Litestar([state, calls, restart], openapi_config=None, logging_config=None)
