"""Queries: about one resource type or all of them, paged by number or by cursor (RFC 7644 section 3.4.2, RFC 9865)."""

from collections.abc import Awaitable, Callable, Iterable

import msgspec

from adapter.errors import Unsupported
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Plan
from adapter.plan.find import search
from adapter.plan.plan import plan
from adapter.plan.update import version_of
from adapter.scim import messages, operation
from adapter.scim.messages import Listing
from adapter.scim.operation import Query
from adapter.scim.profile import Profile
from adapter.scim.projection import Projection, projector
from adapter.scim.schema import Resource
from adapter.web.asked import Answer
from adapter.web.cursors import Cursors

Run = Callable[[Plan], Awaitable[messages.Response]]


class Queries:
    """Answers the queries of one connection: the way to its upstream, its public address, and its cursors."""

    def __init__(self, run: Run, base: str, cursors: Cursors) -> None:
        self._run, self._base, self._cursors = run, base, cursors

    async def answered(self, parameters: dict[str, str], profile: Profile, mappings: list[Mapping]) -> Answer:
        """Answer the query that the parameters ask for, about the types that the mappings speak of; raises ScimError."""
        queries = [operation.query(parameters, each.resource.type, profile) for each in mappings]
        if queries[0].cursor is not None:
            return await self._by_cursor(queries, mappings)
        page = await self._page(queries, mappings)
        bodies = list(self._bodies(page, mappings, queries[0].shown))
        return Answer(200, messages.list_body(bodies, page.start_index or 1, page.total))

    async def _by_cursor(self, queries: list[Query], mappings: list[Mapping]) -> Answer:
        if len(mappings) > 1:
            raise Unsupported("A query about several types has pages by their number only; leave the cursor out.")
        [query], [mapping] = queries, mappings
        identity = self._identity(query, mapping)
        place = self._cursors.read(query.cursor or b"", identity)
        page = await self._page([msgspec.structs.replace(query, cursor=place)], mappings)
        following = None if page.next_cursor is None else self._cursors.made(page.next_cursor, identity)
        return Answer(200, messages.cursor_body(list(self._bodies(page, mappings, query.shown)), page.total, following))

    async def _page(self, queries: list[Query], mappings: list[Mapping]) -> Listing:
        parts = list(zip(queries, mappings, strict=True))
        response = await self._run(plan(*parts[0]) if len(parts) == 1 else search(parts))
        assert isinstance(response.content, Listing)  # noqa: S101 (a query answers a listing)
        return response.content

    def _identity(self, query: Query, mapping: Mapping) -> str:
        """Return what makes a query the same one on each of its pages: a position means nothing in another."""
        order = (query.sort_by.lower(), str(query.descending))
        return "\n".join([self._base, mapping.digest, mapping.resource.type.name, str(query.filter), *order])

    def _bodies(self, page: Listing, mappings: list[Mapping], shown: Projection) -> Iterable[Resource]:
        """Return the resources of a page as a client sees them; a row that shows less than there is tells no version."""
        kinds = {each.resource.type.name: each for each in mappings}
        projectors = {name: projector(shown, each.resource.type) for name, each in kinds.items()}
        names = page.kinds or [mappings[0].resource.type.name] * len(page.resources)
        for name, each in zip(names, page.resources, strict=True):
            mapping = kinds[name]
            version = None if page.are_rows and mapping.resource.listing.lacks else version_of(each, mapping)
            yield projectors[name](messages.resource_body(each, mapping.resource.type, self._base, version))
