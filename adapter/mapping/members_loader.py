"""The members of a group made ready: by which calls, or by which rule of the users, or the error at its line."""

from adapter.mapping import document
from adapter.mapping.call_loader import CallLoader
from adapter.mapping.find_loader import FindLoader
from adapter.mapping.resource import Collection, MemberCall, ResourceMapping
from adapter.mapping.rules import Rule
from adapter.mapping.source import Path, Source
from adapter.mapping.template import Method


class MembersLoader:
    """Judges how the members of a group are kept, each part at its place in the file."""

    def __init__(self, source: Source, calls: CallLoader, finds: FindLoader) -> None:
        self.source, self.calls, self.finds = source, calls, finds

    def collection(
        self, read: document.Members | None, path: Path, rules: list[Rule], users: ResourceMapping | None
    ) -> Collection | None:
        """Return the calls for members where they are a collection of their own; None for the other ways.

        Raises MappingError when the members would be kept in two ways, or in none that can be read and written.
        """
        own = next((each for each in rules if each.target.attribute.name == "members"), None)
        if read is None:
            if own is not None and own.write is None:
                message = "nothing says how members are added; add write, or members: {by: users}"
                raise self.source.error(path[:-1], message)
            return None
        if users is None:
            raise self.source.error(path, "a user has no members; this key belongs to the Group")
        if isinstance(read, document.ByCalls):
            if own is not None:
                raise self.source.error(path, "a rule for members.value reads them too; take one of the two out")
            return self._collection(read, path)
        if own is not None and own.write is not None:
            message = "a rule for members.value writes them too; say mutability: readOnly there"
            raise self.source.error(path, message)
        if users.rule_of("groups") is None:
            message = "no rule of the User is about groups.value; add one: which field of a user holds the groups' ids"
            raise self.source.error(path, message)
        return None

    def _collection(self, read: document.ByCalls, path: Path) -> Collection:
        if read.list.id is None:
            raise self.source.error((*path, "list"), "say where a row has the user's id: add id")
        self.finds.listed(read.list, (*path, "list"))
        return Collection(
            list=self.calls.route(read.list, (*path, "list"), ("GET", "POST"), "members", "id"),
            listing=read.list,
            add=self._change(read.add, (*path, "add"), ("POST", "PUT", "PATCH")),
            remove=self._change(read.remove, (*path, "remove"), ("DELETE", "POST", "PUT", "PATCH")),
            as_numbers=read.kept_as == "number",
        )

    def _change(self, read: document.MemberChange, path: Path, methods: tuple[Method, ...]) -> MemberCall:
        route = self.calls.route(read, path, methods, "members", "id", "member", "members")
        if route.holds("member") == route.holds("members"):
            raise self.source.error(path, "say which member: {member}, or {members} in the body for several at once")
        return MemberCall(route, read.most if route.holds("members") else 1)
