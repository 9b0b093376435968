"""Resources held against a filter, and completed by what the filter is about, or the answer shows."""

from collections.abc import Generator, Iterable
from typing import Any

from adapter.mapping.convert import record_id
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Asked
from adapter.plan.found import made
from adapter.plan.kept import resources_of
from adapter.plan.members import gathered, shows_gathered
from adapter.plan.moment import Noted
from adapter.plan.page import Take
from adapter.plan.read import records_of
from adapter.plan.scan import Everyone, Record
from adapter.plan.search import Search, searches
from adapter.scim.filter import Compare, Filter, paths
from adapter.scim.match import folded, predicate
from adapter.scim.path import Path, parse
from adapter.scim.projection import Projection, shows
from adapter.scim.schema import Resource, ResourceType


def matching(wanted: Filter, mapping: Mapping) -> Generator[Asked, Any, list[Resource]]:
    """Return every resource that matches the filter, as far as it was read."""
    found: list[Resource] = []
    yield from Judged(wanted, mapping).every(found.append)
    return found


def named(resource: Resource, mapping: Mapping) -> Generator[Asked, Any, list[Resource]]:
    """Return who has the userName of a user, or the displayName of a group."""
    name = mapping.resource.naming
    return (yield from matching(Compare(Path(name), "eq", resource[name]), mapping))


class Judged:
    """Candidates held against a filter, and completed before that by whatever the filter is about."""

    def __init__(
        self, wanted: Filter | None, mapping: Mapping, beside: tuple[ResourceType, ...] = (), sort_by: str = ""
    ) -> None:
        """Raises InvalidFilter for a filter that cannot be answered exactly; without a filter everything matches.

        `beside` are the other types of the same query, `sort_by` is what its matches are put in order by.
        """
        self.mapping, kind = mapping, mapping.resource.type
        self._matches = predicate(wanted, kind, beside) if wanted is not None else None
        self._ways = searches(wanted, mapping) if wanted is not None else None
        about = [*(paths(wanted) if wanted is not None else ()), parse(sort_by.strip())]
        names = {path.name.lower() for path in about if path is not None}
        self.is_about_lacking = not names.isdisjoint(mapping.resource.lacking_names)
        self.has_gathered = mapping.resource.gathered in names
        """Whether the resources come with the attribute that no record holds."""

    def missed(self, wanted: Filter | None) -> Generator[Asked, Any, None]:
        """Tell, after nothing was found, that nobody has the name that the filter asks for: a create may come next."""
        resource = self.mapping.resource
        if not isinstance(wanted, Compare) or wanted.operator != "eq" or resource.is_indexed:
            return
        target = resource.type.target(wanted.path)
        if target is not None and str(target) == resource.naming and isinstance(wanted.value, str):
            yield Noted(resource.type.name, None, folded(target.leaf, wanted.value))

    @property
    def is_searched(self) -> bool:
        """Whether the upstream's own searches find every match."""
        return self._ways is not None

    def every(self, take: Take) -> Generator[Asked, Any, bool]:
        """Hand over every match, and tell whether they are still as the rows of the list show them."""
        found = (yield from self._searched(self._ways)) if self._ways is not None else None
        if found is not None:
            rows, alone = found
            for each in (yield from self.of(alone, are_rows=False)) + (yield from self.of(rows, are_rows=True)):
                take(each)
            return bool(rows) and not self.is_about_lacking
        scan = Everyone({}, self.mapping)
        while (page := (yield from scan.page())) is not None:
            for each in (yield from self.of(list(page.values()), are_rows=True)):
                take(each)
        return not self.is_about_lacking

    def of(self, records: list[Record], *, are_rows: bool) -> Generator[Asked, Any, list[Resource]]:
        """Return the matches among records. Rows that lack what the filter is about are each read by themselves."""
        if are_rows and self.is_about_lacking:
            resources = yield from _whole([record_id(each, self.mapping.resource) for each in records], self.mapping)
        else:
            without = self.mapping.resource.listing.lacks if are_rows else ()
            resources = yield from resources_of(records, self.mapping, without)
        if self.has_gathered:
            resources = yield from gathered(resources, self.mapping)
        matches = self._matches
        return resources if matches is None else [each for each in resources if matches(each)]

    def _searched(self, ways: list[Search]) -> Generator[Asked, Any, tuple[list[Record], list[Record]] | None]:
        """Return the rows and the single records that the searches find, each once; None where one is not believed."""
        rows: dict[str, Record] = {}
        alone: dict[str, Record] = {}
        for each in ways:
            found = yield from made(each, self.mapping)
            if found is None:
                return None
            (rows if found[1] else alone).update({record_id(one, self.mapping.resource): one for one in found[0]})
        return [one for name, one in rows.items() if name not in alone], list(alone.values())


def _whole(ids: Iterable[str], mapping: Mapping) -> Generator[Asked, Any, list[Resource]]:
    """Return the resources with these ids, each read by itself; one that has gone meanwhile is left out."""
    records = yield from records_of(ids, mapping)
    return (yield from resources_of(records, mapping))


def _shows_lacking(shown: Projection, mapping: Mapping) -> bool:
    """Tell whether the answer will show an attribute that the rows of the list lack."""
    return any(shows(shown, rule.target, mapping.resource.type) for rule in mapping.resource.lacking)


def completed(
    page: list[Resource], shown: Projection, judged: Judged, *, are_rows: bool
) -> Generator[Asked, Any, tuple[list[Resource], bool]]:
    """Return the resources with what the answer shows and the list does not, and whether they are rows still."""
    mapping, has_gathered = judged.mapping, judged.has_gathered
    if are_rows and _shows_lacking(shown, mapping):
        page, are_rows = (yield from _whole([each["id"] for each in page], mapping)), False
        has_gathered = False
    if not has_gathered and shows_gathered(shown, mapping):
        page = yield from gathered(page, mapping)
    return page, are_rows and bool(mapping.resource.listing.lacks)
