"""Plays plans by hand, with next and send: what a plan calls for is answered by a function or from a list."""

import random
from collections.abc import Callable
from typing import Any

import msgspec

from adapter.errors import ScimError
from adapter.mapping.document import Numbered
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Outcome, Plan, Reply, Unknown
from adapter.plan.keeping import Forget, Keep, Lookup, Recall, Step
from adapter.plan.moment import Moment
from adapter.scim.messages import Response
from tests.conversation import mapping_of

VALUES: dict[str, str | list[str]] = {"org_unit": "50", "role_ids": ["1001"], "access_group_ids": ["2001"]}
MAPPING = mapping_of("n-able").without_store().bound(VALUES, random.Random(7).choice)  # noqa: S311 (no secret is made here)
WIDE = mapping_of("wide").bound({}, random.Random(7).choice)  # noqa: S311 (likewise)

LIST, GET = "GET /api/org-units/{setting:org_unit}/users", "GET /api/users/{id}"
CREATE, PATCH = "POST /api/org-units/{setting:org_unit}/users", "PATCH /api/users/{id}"
DELETE = "DELETE /api/users/{id}"

NOBODY = Reply(404, {"status": 404, "message": "NOT FOUND: User not found: '42'."})
BARE_404 = Reply(404, "<html>Not Found</html>")
FAILED = Reply(500, {"message": "INTERNAL SERVER ERROR"})
BROKEN = Unknown("the connection broke: ReadError")
TAKEN = Reply(409, {"message": "CONFLICT: User already exists."})
REFUSED = Reply(400, {"errors": [{"field": "email", "message": "The email is not valid."}]})
FORBIDDEN = Reply(403, {"message": "FORBIDDEN"})
DONE = Reply(200, {"status": 200, "message": "User updated successfully.", "data": {"userId": 42}})


class Played(msgspec.Struct, frozen=True):
    """What came of a plan: its calls in order, and its response or the error that it raised."""

    calls: list[Call]
    response: Response | None = None
    error: ScimError | None = None
    moments: list[Moment] = []

    @property
    def routes(self) -> list[str]:
        """The routes that were called, in order."""
        return [each.route for each in self.calls]

    @property
    def content(self) -> Any:
        """What the response holds."""
        assert self.response is not None, self.error
        return self.response.content


class Shelf:
    """A store in memory, as far as plans see it."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Any]] = {}
        self.folded: dict[str, dict[str, tuple[Any, ...]]] = {}

    def __call__(self, step: Step) -> Any:
        """Do one step."""
        match step:
            case Recall():
                return {each: self.held[each] for each in step.ids if each in self.held}
            case Lookup():
                return tuple(each for each, kept in self.folded.items() if step.folded in kept.get(step.attribute, ()))
            case Keep():
                kept = self.held.get(step.id, {}) | step.values
                self.held[step.id] = {name: value for name, value in kept.items() if value is not None}
                self.folded[step.id] = self.folded.get(step.id, {}) | step.folded
            case Forget():
                self.held.pop(step.id, None)
                self.folded.pop(step.id, None)
        return None


def answered(
    plan: Plan,
    upstream: Callable[[Call], Outcome],
    shelf: Callable[[Step], Any] | None = None,
    known: Callable[[Moment], Any] | None = None,
) -> Played:
    """Play a plan against a function that stands for the upstream, and a store where the mapping keeps something.

    `known` answers what is asked of the moment; without it nothing is known.
    """
    calls: list[Call] = []
    moments: list[Moment] = []
    try:
        asked = next(plan)
        while True:
            if isinstance(asked, Call):
                calls.append(asked)
                asked = plan.send(upstream(asked))
            elif isinstance(asked, Step):
                assert shelf is not None, asked
                asked = plan.send(shelf(asked))
            else:
                moments.append(asked)
                asked = plan.send(known(asked) if known else None)
    except StopIteration as done:
        return Played(calls, response=done.value, moments=moments)
    except ScimError as error:
        return Played(calls, error=error, moments=moments)


def played(plan: Plan, *outcomes: Outcome) -> Played:
    """Play a plan against a list of outcomes, of which it must use every one and no more."""
    left = list(outcomes)

    def upstream(call: Call) -> Outcome:
        assert left, f"a call too many: {call}"
        return left.pop(0)

    result = answered(plan, upstream)
    assert not left, f"outcomes that nobody asked for: {left}"
    return result


def record(number: int = 42, **other: Any) -> dict[str, Any]:
    """Return a record as the upstream of the n-able mapping has it."""
    ada = {"userName": "ada", "firstName": "Ada", "lastName": "Byron", "fullName": "Ada Byron", "isEnabled": True}
    return {"userId": number, **ada, "email": "ada@example.com"} | other


def found(number: int = 42, **other: Any) -> Reply:
    """Return the reply to a read of one user."""
    return Reply(200, {"data": record(number, **other)})


def listed(*records: dict[str, Any], total: int | None = None) -> Reply:
    """Return one page of a list."""
    return Reply(200, {"data": list(records), "totalItems": len(records) if total is None else total})


def pages_of(records: list[dict[str, Any]], mapping: Mapping) -> Callable[[Call], Outcome]:
    """Return an upstream that keeps these records and answers the list call of a mapping page by page."""
    listing = mapping.resource.listing
    page = listing.page
    assert isinstance(page, Numbered)
    assert isinstance(listing.records, str)
    assert isinstance(listing.total, str)
    records_at, total_at = listing.records, listing.total

    def upstream(call: Call) -> Outcome:
        assert call.route == str(mapping.resource.list)
        size = int(call.query[page.size])
        start = (int(call.query[page.number]) - page.first) * size
        assert 1 <= size <= page.most
        assert start >= 0
        return Reply(200, {records_at: records[start : start + size], total_at: len(records)})

    return upstream
