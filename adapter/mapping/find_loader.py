"""The lists and the searches of a resource made ready: what its list call reads, and which filters it answers itself."""

from adapter.mapping import document
from adapter.mapping.call_loader import CallLoader
from adapter.mapping.document.call import Listed
from adapter.mapping.resource import Pushed
from adapter.mapping.rules import Element, Rule
from adapter.mapping.shape import unknown
from adapter.mapping.source import Path, Source
from adapter.mapping.target_loader import TargetLoader, place_of
from adapter.mapping.template import Template
from adapter.scim.patch import target_of
from adapter.scim.schema import ResourceType, Target


class FindLoader:
    """Judges the list call and the searches of one resource, each part at its place in the file."""

    def __init__(self, source: Source, calls: CallLoader, routes: document.Routes) -> None:
        self.source, self.calls, self.routes = source, calls, routes

    def listing(self, read: document.Listing, path: Path, rules: list[Rule]) -> None:
        """Refuse a list call that could not be read, or that names what no rule is about."""
        self.listed(read, path)
        known = [str(each) for each in rules]
        for at, name in enumerate(read.lacks):
            if name not in known:
                raise self.source.error((*path, "lacks", at), unknown("attribute", name, known, "name one with a rule"))
        if read.lacks and self.routes.get.by == "list":
            raise self.source.error((*path, "lacks"), "a get by list cannot show what the list lacks; give get a call")
        for at, also in enumerate(read.also):
            self._not_paged(also, (*path, "also", at), read.page)
            for name, text in also.items():
                self.calls.placeholders(text, (*path, "also", at, name), [])

    def listed(self, read: Listed, path: Path) -> None:
        """Refuse a call that lists something and does not say where the list is, or how it comes in pages."""
        missing = next((name for name in ("records", "page") if getattr(read, name) is None), None)
        if read.call is not None and missing is not None:
            raise self.source.error(path, f"the key '{missing}' is missing here; add it")
        self._not_paged(read.query, (*path, "query"), read.page)

    def pushed(self, read: document.Find, path: Path, resource_type: ResourceType, rules: list[Rule]) -> Pushed:
        """Return a search made ready."""
        attribute, _, operator = read.filter.rpartition(" ")
        if operator != "eq":
            raise self.source.error(
                (*path, "filter"), f"'{read.filter}' must be an attribute and the operator eq: userName eq"
            )
        place = place_of(attribute, (*path, "filter"), self.source)
        target = target_of(place, resource_type)
        element = None
        if target is not None and place.inner is not None:
            _, element = TargetLoader(self.source, resource_type).target(attribute, (*path, "filter"), every=False)
        if target is None or not _is_mapped(target, element, rules):
            raise self.source.error((*path, "filter"), f"no rule maps '{attribute}'; add one, or take this filter out")
        if read.call is not None:
            if read.record is None:
                raise self.source.error(path, "say where the reply of this call has the record: add record")
            return Pushed(target, read, self.calls.route(read, path, ("GET", "POST"), "find", "value"), element)
        if self.routes.list.call is None:
            raise self.source.error(path, "this query goes by the list call, and there is none; add a call of its own")
        self._not_paged(read.query, (*path, "query"), self.routes.list.page)
        for name, text in read.query.items():
            self.calls.placeholders(text, (*path, "query", name), ["value"])
        if not any("value" in Template(text).names for text in read.query.values()):
            raise self.source.error((*path, "query"), "no part of the query holds {value}, so every user would match")
        return Pushed(target, read, element=element)

    def _not_paged(self, query: dict[str, str], path: Path, page: document.Page | None) -> None:
        """Refuse a query parameter that the paging sets."""
        for name in query:
            if name in [getattr(page, each, None) for each in ("number", "size", "offset", "cursor")]:
                raise self.source.error(path, f"'{name}' is set by page; take it out here", at_key=name)


def _is_mapped(target: Target, element: Element | None, rules: list[Rule]) -> bool:
    """Tell whether a rule is about this attribute; for one element of a list, about this element."""
    if target.attribute.name in ("members", "groups"):
        return True  # a type that has them has a way to read them
    own = [each for each in rules if str(each.target) == str(target)]
    return bool(own) if element is None else any(each.element == element for each in own)
