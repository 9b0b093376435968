"""`check --live`: whether a mapping says the truth about the upstream that it is connected to, found by asking it.

Nothing that exists is touched here. What a mapping says of changes is tried on a user of its own, in `trial`.
"""

import random
import string
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec

from adapter.errors import NotFound, ScimError, Unsupported
from adapter.mapping.mapping import Mapping
from adapter.mapping.published import missing
from adapter.mapping.resource import Pushed
from adapter.mapping.route import Route
from adapter.plan.conversation import Call, Outcome, Plan, Reply, write_call
from adapter.plan.plan import plan
from adapter.scim import operation
from adapter.scim.messages import Listing, Response
from adapter.scim.schema import Resource

Run = Callable[[Plan], Awaitable[Response]]

NOBODY = "2147483646"
"""A number that no user has: the last but one that fits into 32 bits."""


class Seen(msgspec.Struct, frozen=True):
    """What was seen: as the mapping says (`ok`), otherwise (`wrong`), or something that one should know (`note`)."""

    verdict: Literal["ok", "wrong", "note"]
    what: str


class Live:
    """Asks the upstream as plans do; `run` performs them, `address` is where the upstream is."""

    def __init__(self, run: Run, mapping: Mapping, address: str) -> None:
        self.run, self.mapping, self._address = run, mapping, address

    async def looked(self) -> AsyncIterator[Seen]:
        """Ask for what is there, and for what cannot be: a list, one user of it, an id and a name that nobody has."""
        async for each in self._published():
            yield each
        try:
            listing = await self.listed(count=10)
        except Unsupported as error:
            yield Seen("note", f"list: unsupported: {error.detail}")
            user = None
        except ScimError as error:
            yield Seen("wrong", f"list: {error.detail}")
            return
        else:
            user = next(iter(listing.resources), None)
            yield Seen("ok", f"list: {listing.total} found, {len(listing.resources)} of them read by the rules")
        if user is None:
            yield Seen("note", "there is no user to look at: reads and searches were tried with nobody only")
        else:
            yield await self._read(user)
            for pushed in self.mapping.resource.pushed:
                async for each in self._found(user, pushed):
                    yield each
        nobody = _like(user["id"] if user else "", number=self.mapping.resource.id_kind == "number")
        unknown = await self._unknown(nobody)
        yield unknown
        yield await self._no_name()
        if unknown.verdict == "ok":
            async for each in self._rights(nobody):
                yield each

    async def listed(self, text: str = "", count: int = 100) -> Listing:
        """Return the answer to a query."""
        asked = {"count": str(count)} | ({"filter": text} if text else {})
        response = await self.run(plan(operation.query(asked, self.mapping.resource.type), self.mapping))
        assert isinstance(response.content, Listing)  # noqa: S101 (a query answers a list)
        return response.content

    async def called(self, call: Call) -> Outcome:
        """Return what came of a single call."""
        came: list[Outcome] = []

        def alone() -> Plan:
            came.append((yield call))
            return Response(204, None)

        await self.run(alone())
        return came[0]

    async def _published(self) -> AsyncIterator[Seen]:
        """Hold the calls against the upstream's own document, where the mapping names it."""
        route = self.mapping.openapi
        if route is None:
            return
        path = route.path.path({name: str(value) for name, value in self.mapping.texts().items()})
        try:
            outcome = await self.called(Call(route=str(route), method="GET", path=path, is_read=True))
        except ScimError as error:
            yield Seen("wrong", f"{route}: {error.detail}")
            return
        body = outcome.body if isinstance(outcome, Reply) else None
        absent = missing(self.mapping, body, urlsplit(self._address).path)
        if absent is None:
            yield Seen("wrong", f"{route}: this is no OpenAPI document in JSON")
            return
        for each in absent:
            yield Seen(
                "wrong", f"{each}: the upstream's own document has no such call; if there is none, say unsupported"
            )
        if not absent:
            yield Seen("ok", f"{route}: the upstream's own document has every call of the mapping")

    async def _read(self, row: Resource) -> Seen:
        """Read one user of the list by itself, and compare."""
        if self.mapping.resource.get is None:
            return Seen("note", "one user is read by reading the whole list, as the mapping says")
        try:
            response = await self.run(plan(operation.Get(row["id"]), self.mapping))
        except ScimError as error:
            return Seen("wrong", f"a read of one user of the list: {error.detail}")
        assert isinstance(response.content, dict)  # noqa: S101 (a read answers a resource)
        lacks = self.mapping.resource.listing.lacks
        rules = [each for each in self.mapping.resource.rules if str(each) not in lacks]
        other = [str(each) for each in rules if each.value(row) != each.value(response.content)]
        if other:
            return Seen(
                "wrong",
                f"a read of one user shows another {', '.join(other)} than the list; add lacks: [{', '.join(other)}]",
            )
        return Seen("ok", "a read of one user shows what the list shows")

    async def _found(self, user: Resource, pushed: Pushed) -> AsyncIterator[Seen]:
        """Search for a user that is there, by each filter that the upstream can answer."""
        rule = next(
            (
                each
                for each in self.mapping.resource.rules
                if each.target == pushed.target and each.element == pushed.element
            ),
            None,
        )
        value = rule.value(user) if rule else None
        if not isinstance(value, str):
            return
        name = pushed.find.filter
        for sought, how in ((value, ""), (value.swapcase(), " in other letter case")):
            if sought == value and how:
                continue
            try:
                found = await self.listed(f"{name} {msgspec.json.encode(sought).decode()}")
            except ScimError as error:
                yield Seen("wrong", f"find {name}{how}: {error.detail}")
                return
            if any(each["id"] == user["id"] for each in found.resources):
                yield Seen("ok", f"find {name}{how}: it finds the user")
            elif how and not pushed.target.leaf.case_exact:
                yield Seen("wrong", f"find {name}{how}: it does not find the user; say case: exact")
            elif not how:
                yield Seen("wrong", f"find {name}: it does not find a user who is in the list")

    async def _unknown(self, nobody: str) -> Seen:
        """Read an id that nobody has: the mapping must know the reply."""
        try:
            await self.run(plan(operation.Get(nobody), self.mapping))
        except NotFound:
            return Seen("ok", "an id that nobody has: it is told from a failure")
        except Unsupported as error:
            return Seen("note", f"get: unsupported: {error.detail}")
        except ScimError as error:
            return Seen(
                "wrong",
                f"an id that nobody has: {error.detail.rstrip('.')}. Add what tells this reply to replies, with means: not found",
            )
        return Seen("wrong", "an id that nobody has: the upstream shows a user for it")

    async def _no_name(self) -> Seen:
        """Search for a name that nobody has, as Entra does before each create."""
        try:
            found = await self.listed(f'userName eq "{uuid4().hex}@example.com"')
        except Unsupported as error:
            return Seen("note", f"a userName that nobody has: unsupported: {error.detail}")
        except ScimError as error:
            return Seen("wrong", f"a userName that nobody has: {error.detail}")
        return Seen("wrong" if found.total else "ok", f"a userName that nobody has: {found.total} found")

    async def _rights(self, nobody: str) -> AsyncIterator[Seen]:
        """Ask for a change and a removal of somebody who is not there: some upstreams look at the rights first."""
        user = self.mapping.resource
        for route, what, body in ((user.update, "change", _smallest(self.mapping)), (user.delete, "remove", None)):
            if not isinstance(route, Route):
                yield Seen("note", f"{what} users: unsupported: {route.sentence}")
                continue
            try:
                outcome = await self.called(write_call(route, self.mapping, body, id=nobody))
            except ScimError as error:
                yield Seen("wrong", f"{what} users, with an id that nobody has: {error.detail}")
                continue
            meaning, detail = (
                self.mapping.meaning(outcome) if isinstance(outcome, Reply) else ("failure", "no reply came")
            )
            status = f"{outcome.status}" if isinstance(outcome, Reply) else "nothing"
            if meaning == "not permitted":
                yield Seen("wrong", f"{what} users: the service account lacks the right: {detail}")
            elif meaning == "not found":
                yield Seen("ok", f"{what} users, with an id that nobody has: {status}, as the mapping expects")
            else:
                yield Seen("note", f"{what} users, with an id that nobody has: it answered {status}. {detail}".rstrip())


def _smallest(mapping: Mapping) -> dict[str, Any]:
    """Return a change of one text, or of nothing where no rule writes one."""
    rule = next((each for each in mapping.resource.rules if str(each) == "name.familyName" and each.write), None)
    body: dict[str, Any] = {}
    if rule is not None and not rule.joined:
        rule.write_into(body, "Nobody", {})
    return body


def _like(user_id: str, *, number: bool) -> str:
    """Return an id that nobody has, of the shape of one that somebody has."""
    if number:
        return NOBODY
    if not user_id:
        return str(uuid4())
    is_hex = set(user_id.lower()) <= set(string.hexdigits + "-")
    letters = "abcdef" if is_hex else string.ascii_lowercase
    choose = random.SystemRandom().choice
    changed = [
        choose(string.digits) if each.isdigit() else choose(letters) if each.isalpha() else each for each in user_id
    ]
    return "".join(changed)
