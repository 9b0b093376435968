"""A small GitLab: the calls for users, groups and members of its REST API v4, as its public documentation has them."""

from http import HTTPStatus
from itertools import count
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import HttpMethod, Litestar, Request, Response, route

_AnyRequest = Request[Any, Any, Any]
_SHOWN = ("id", "username", "name", "state", "email", "job_title")
_CREATED_AT = "2020-01-15T12:36:29.590Z"


class _Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.reply = Response({"message": message}, status_code=status)


class GitLab:
    """The users and groups, and what is asked of them; `spoilt` names the one thing that it does otherwise than GitLab."""

    def __init__(self, token: str, spoilt: str = "") -> None:
        self._token, self._spoilt = token, spoilt
        self._ids = count(1)
        self.users: dict[int, dict[str, Any]] = {}
        self.groups: dict[int, dict[str, Any]] = {}
        self.members: dict[int, dict[int, int]] = {}
        """The members of each group by its id, each with the access that it has."""
        self.calls: list[str] = []

    async def answered(self, request: _AnyRequest) -> Response[Any]:
        """Answer one call."""
        path = request.url.path.removeprefix("/api/v4/users")
        self.calls.append(f"{request.method} {path}")
        body = await request.body()
        given = msgspec.json.decode(body) if body else {}
        try:
            self._enter(request.headers.get("PRIVATE-TOKEN"))
            if path.startswith("/api/v4/groups"):
                return self._of_groups(request, path.split("/")[4:], given)
            return self._one(request.method, path.split("/")[1:], given, request.query_params)
        except _Refused as refused:
            return refused.reply

    def _enter(self, token: str | None) -> None:
        if token != self._token:
            raise _Refused(401, "401 Unauthorized")

    def _one(self, method: str, parts: list[str], given: dict[str, Any], query: Any) -> Response[Any]:
        match method, parts:
            case "GET", []:
                return self._listed(query)
            case "POST", []:
                return Response(self._created(given), status_code=HTTPStatus.CREATED)
            case "GET", [number]:
                return Response(_shown(self._known(number)))
            case "PUT", [number]:
                return Response(self._changed(self._known(number), given))
            case "DELETE", [number]:
                self._removed(self._known(number))
                return Response(None, status_code=HTTPStatus.NO_CONTENT)
            case "POST", [number, ("block" | "unblock") as action]:
                if self._spoilt != "block does nothing":
                    self._known(number)["state"] = "blocked" if action == "block" else "active"
                return Response(content=True, status_code=HTTPStatus.CREATED)
        raise _Refused(404, "404 Not Found")

    def _of_groups(self, request: _AnyRequest, parts: list[str], given: dict[str, Any]) -> Response[Any]:
        match request.method, parts:
            case "GET", []:
                sought = request.query_params.get("search", "").lower()
                found = [each for each in self.groups.values() if sought in f"{each['name']}\n{each['path']}".lower()]
                return _page(found, request)
            case "POST", []:
                return Response(self._new_group(given), status_code=HTTPStatus.CREATED)
            case "GET", [number]:
                return Response(self._group(number))
            case "PUT", [number]:
                group = self._group(number)
                group.update({each: value for each, value in given.items() if each in ("name", "path")})
                return Response(group)
            case _, [number, "members", *rest]:
                return self._of_members(request, self.members[self._group(number)["id"]], rest, given)
        raise _Refused(404, "404 Not Found")

    def _of_members(
        self, request: _AnyRequest, members: dict[int, int], parts: list[str], given: dict[str, Any]
    ) -> Response[Any]:
        match request.method, parts:
            case "GET", []:
                return _page([{"id": each, "access_level": level} for each, level in members.items()], request)
            case "POST", []:
                user = self._known(str(given["user_id"]))
                if user["id"] in members:
                    raise _Refused(409, "Member already exists")
                members[user["id"]] = given["access_level"]
                return Response(_shown(user) | {"access_level": given["access_level"]}, status_code=HTTPStatus.CREATED)
            case "DELETE", [member]:
                if members.pop(int(member), None) is None:
                    raise _Refused(404, "404 Not found")
                return Response(None, status_code=HTTPStatus.NO_CONTENT)
        raise _Refused(404, "404 Not Found")

    def _new_group(self, given: dict[str, Any]) -> dict[str, Any]:
        missing = [each for each in ("name", "path") if not given.get(each)]
        if missing:
            raise _Refused(400, f"{', '.join(missing)} is missing")
        if any(each["path"].lower() == given["path"].lower() for each in self.groups.values()):
            raise _Refused(400, 'Failed to save group {:path=>["has already been taken"]}')
        number = next(self._ids)
        self.members[number] = {}
        self.groups[number] = {"id": number, "name": given["name"], "path": given["path"], "created_at": _CREATED_AT}
        return self.groups[number]

    def _group(self, number: str) -> dict[str, Any]:
        if not number.isdecimal() or int(number) not in self.groups:
            raise _Refused(404, "404 Group Not Found")
        return self.groups[int(number)]

    def _listed(self, query: Any) -> Response[Any]:
        found = list(self.users.values())
        if "username" in query:
            found = [user for user in found if user["username"].lower() == query["username"].lower()]
        if "search" in query:
            sought = query["search"].lower()
            found = [
                user for user in found if any(sought in user[each].lower() for each in ("name", "username", "email"))
            ]
        page, size = int(query.get("page", 1)), min(int(query.get("per_page", 20)), 100)
        if self._spoilt == "exact names" and "username" in query:
            found = [user for user in found if user["username"] == query["username"]]
        shown = [self._row(user) for user in found[(page - 1) * size : page * size]]
        return Response(shown, headers={"X-Total": str(len(found))})

    def _row(self, user: dict[str, Any]) -> dict[str, Any]:
        return _shown(user) | ({"email": None} if self._spoilt == "short rows" else {})

    def _created(self, given: dict[str, Any]) -> dict[str, Any]:
        missing = [each for each in ("email", "name", "username") if not given.get(each)]
        if missing or not given.get("force_random_password") or self._spoilt == "no creates":
            raise _Refused(400, f"400 Bad request - {', '.join(missing) or 'password'} is missing")
        self._free(given, None)
        number = next(self._ids)
        user = {"id": number, "state": "active", "job_title": ""}
        user |= {each: given[each] for each in ("email", "name", "username")}
        self.users[number] = user
        return _shown(user)

    def _changed(self, user: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        self._free(given, user["id"])
        changes = {each: value for each, value in given.items() if each in ("email", "name", "username", "job_title")}
        if "email" in changes and not given.get("skip_reconfirmation"):
            del changes["email"]  # it waits for a click in a mail
        user.update(changes)
        return _shown(user)

    def _removed(self, user: dict[str, Any]) -> None:
        if self._spoilt == "no right to delete":
            raise _Refused(403, "403 Forbidden")
        if self._spoilt == "delete disables":
            user["state"] = "deactivated"
            return
        del self.users[user["id"]]
        for members in self.members.values():
            members.pop(user["id"], None)

    def _free(self, given: dict[str, Any], by: int | None) -> None:
        if self._spoilt == "names twice":
            return
        others = [user for user in self.users.values() if user["id"] != by]
        for each in ("email", "username"):
            if any(user[each].lower() == str(given.get(each, "")).lower() for user in others):
                raise _Refused(409, f"{each.capitalize()} has already been taken")

    def _known(self, number: str) -> dict[str, Any]:
        if not number.isdecimal() or int(number) not in self.users:
            raise _Refused(404, "Nobody" if self._spoilt == "other words" else "404 User Not Found")
        return self.users[int(number)]


def _page(found: list[dict[str, Any]], request: _AnyRequest) -> Response[Any]:
    """Return a page of a list, with the address of the next one in the header Link where there is one."""
    page, size = int(request.query_params.get("page", 1)), min(int(request.query_params.get("per_page", 20)), 100)
    headers = {}
    if len(found) > page * size:
        query = urlencode(request.query_params.dict() | {"page": [page + 1]}, doseq=True)
        following = request.url.with_replacements(query=query)
        headers["Link"] = f'<{following}>; rel="next"'
    return Response(found[(page - 1) * size : page * size], headers=headers)


def _shown(user: dict[str, Any]) -> dict[str, Any]:
    return {each: user[each] for each in _SHOWN}


def application(gitlab: GitLab) -> Litestar:
    """The calls as a web application."""

    paths = [f"/api/v4/{each}{rest}" for each in ("users", "groups") for rest in ("", "/{rest:path}")]

    @route(paths, http_method=list(HttpMethod))
    async def calls(request: _AnyRequest) -> Response[Any]:
        return await gitlab.answered(request)

    return Litestar([calls], openapi_config=None, logging_config=None)
