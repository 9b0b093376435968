"""`check --live --write`: the life of one user of our own, from its creation to its removal."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import msgspec

from adapter.errors import NotFound, ScimError, Uniqueness, Unsupported
from adapter.mapping.mapping import Mapping
from adapter.mapping.route import Route
from adapter.mapping.rules import Rule
from adapter.mapping.transforms import Items, Number, Table
from adapter.plan.plan import plan
from adapter.scim import operation
from adapter.scim.operation import Operation
from adapter.scim.schema import Resource
from adapter.upstream.live import Live, Seen

_NAMES = {"name.givenName": "Probe", "name.familyName": "Scim-Adapter", "displayName": "Probe Scim-Adapter"}


class Trial:
    """Tries on a user of its own what a mapping says of changes."""

    def __init__(self, live: Live, *, at: bool = True) -> None:
        self._live, self._mapping = live, live.mapping
        probe = f"scim-adapter-probe-{uuid4().hex[:8]}"
        self._name = f"{probe}@example.com" if at else probe
        self._there: list[str] = []

    async def lived(self) -> AsyncIterator[Seen]:
        """Create the user, find it, change, disable, enable and remove it; at the end nothing of it is left."""
        if not isinstance(self._mapping.resource.delete, Route) or not isinstance(self._mapping.resource.create, Route):
            yield Seen(
                "wrong", "--write makes a user and removes it, and this mapping cannot do both; nothing was written"
            )
            return
        try:
            async for each in self._life():
                yield each
        except ScimError as error:
            yield Seen("wrong", f"the trial ends here: {error.detail}")
        for left in list(self._there):
            async for each in self._removed(left):
                yield each

    async def _life(self) -> AsyncIterator[Seen]:
        nobody = await self._matched(self._name, "match query for a new name")
        yield nobody
        if nobody.verdict == "wrong":
            return  # whoever is found later must be ours, since it is removed
        body = msgspec.json.encode(wanted_user(self._mapping, self._name))
        creating = operation.create(body, self._mapping.resource.type)
        try:
            user = await self._done(creating)
        except ScimError as error:
            yield Seen("wrong", f"create: {error.detail}")
            found = await self._live.listed(f'userName eq "{self._name}"')
            self._there += [each["id"] for each in found.resources]
            return
        self._there.append(user["id"])
        yield Seen("ok", "create: the user is made, and reads as it was sent")
        yield await self._matched(self._name, "match query")
        yield await self._matched(self._name.swapcase(), "match query in other letter case")
        yield await self._again(creating)
        yield await self._changed(user["id"], "name.familyName", "Scim-Adapter-Changed")
        disabled = await self._changed(user["id"], "active", value=False)
        yield disabled
        if disabled.verdict == "ok":
            yield await self._matched(self._name, "match query for a disabled user")
            yield await self._changed(user["id"], "active", value=True)
        async for each in self._removed(user["id"]):
            yield each

    async def _matched(self, name: str, what: str) -> Seen:
        found = await self._live.listed(f'userName eq "{name}"')
        right = sorted(each["id"] for each in found.resources) == sorted(self._there)
        return Seen(
            "ok" if right else "wrong",
            f"{what}: {found.total} found" + ("" if right else f", and there should be {len(self._there)}"),
        )

    async def _again(self, creating: operation.Create) -> Seen:
        """Create the same user again: whoever takes it makes duplicates of everybody."""
        try:
            user = await self._done(creating)
        except Uniqueness as error:
            return Seen("ok", f"a second create of the same userName: refused: {error.detail}")
        except ScimError as error:
            return Seen(
                "wrong",
                f"a second create of the same userName: {error.detail.rstrip('.')}. Add what tells this reply to replies, with means: uniqueness",
            )
        self._there.append(user["id"])
        return Seen(
            "wrong",
            "a second create of the same userName: it makes a second user; the upstream does not keep names unique",
        )

    async def _changed(self, user_id: str, attribute: str, value: Any) -> Seen:
        shown = msgspec.json.encode(value).decode()
        if not any(str(each) == attribute for each in self._mapping.resource.rules):
            return Seen("note", f"{attribute}: no rule")
        body = msgspec.json.encode({"Operations": [{"op": "replace", "path": attribute, "value": value}]})
        try:
            await self._done(operation.patch(user_id, body, self._mapping.resource.type))
        except Unsupported as error:
            return Seen("note", f"{attribute}: {shown}: unsupported: {error.detail}")
        except ScimError as error:
            return Seen("wrong", f"{attribute}: {shown}: {error.detail}")
        return Seen("ok", f"{attribute}: {shown}: done, and read again")

    async def _removed(self, user_id: str) -> AsyncIterator[Seen]:
        """Remove the user, and look for what is left of it."""
        try:
            await self._done(operation.Delete(user_id))
        except ScimError as error:
            yield Seen(
                "wrong", f"delete: {error.detail} The user with the id {user_id} is still there; remove it by hand"
            )
            self._there.remove(user_id)
            return
        self._there.remove(user_id)
        yield Seen("ok", "delete: done")
        yield await self._gone(operation.Get(user_id), "a read of the removed user")
        yield await self._gone(operation.Delete(user_id), "a second delete")
        yield await self._matched(self._name, "match query for the removed user")

    async def _gone(self, asked: Operation, what: str) -> Seen:
        try:
            await self._done(asked)
        except NotFound:
            return Seen("ok", f"{what}: not found")
        except Unsupported as error:
            return Seen("note", f"{what}: unsupported: {error.detail}")
        except ScimError as error:
            return Seen("wrong", f"{what}: {error.detail}")
        return Seen("wrong", f"{what}: it is still there; if the upstream keeps it, say what it leaves")

    async def _done(self, asked: Operation) -> Resource:
        response = await self._live.run(plan(asked, self._mapping))
        return response.content if isinstance(response.content, dict) else {}


def wanted_user(mapping: Mapping, name: str) -> Resource:
    """Return the smallest user that the mapping lets be made: what Entra always sends, and what is required."""
    resource: Resource = {}
    for rule in mapping.resource.rules:
        writes = rule.mutability != "readOnly" and not rule.is_fixed
        if writes and (rule.required or str(rule) in ("active", *_NAMES)):
            rule.put(resource, _value(rule, name))
    return resource


def _value(rule: Rule, name: str) -> Any:
    if str(rule) == "userName" or str(rule).startswith("emails"):
        return name
    if str(rule) in _NAMES:
        return _NAMES[str(rule)]
    transform = rule.write.transform if rule.write else None
    single = transform.each if isinstance(transform, Items) else transform
    value: Any = {"boolean": True, "integer": 1}.get(rule.target.leaf.type, "probe")
    if isinstance(single, Table) and rule.target.leaf.type != "boolean":
        value = single.rows[0][0]
    elif isinstance(single, Number):
        value = "1"
    return [value] if rule.every else value
