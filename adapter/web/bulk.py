"""Bulk: the operations of one request, each answered as a request of its own would be (RFC 7644 section 3.7).

They are done one after the other, so that the upstream sees no more calls at once than otherwise, and none is begun once
the time for a request is over: what was not begun says so, and may be sent again.
"""

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any
from urllib.parse import unquote

import msgspec

from adapter.errors import ScimError, Unavailable
from adapter.scim import bulk
from adapter.scim.bulk import BulkOperation, BulkResult, Refused
from adapter.scim.version import condition
from adapter.web.asked import Answer, Asked

Ask = Callable[[Asked], Awaitable[Answer]]


async def answered(asked: Asked, ask: Ask, base: str, seconds: float) -> Answer:
    """Answer a bulk request; `ask` answers each operation, and none is begun after `seconds`."""
    request = bulk.read(asked.body, asked.profile)
    doing = _Doing(asked, ask, base, monotonic() + seconds)
    results: list[BulkResult] = []
    failed = 0
    for each in bulk.ordered(request.operations):
        results.append(await doing.result(each))
        failed += results[-1].error is not None
        if failed == request.fail_on_errors:
            break
    told = [f"{len(results)} of {len(request.operations)} operations, {failed} failed", *dict.fromkeys(doing.remarks)]
    return Answer(200, bulk.bulk_body(results), ignored=tuple(dict.fromkeys(doing.ignored)), remark="; ".join(told))


class _Doing:
    """Does one operation after the other, and knows what they have made and what the operator should read of it."""

    def __init__(self, asked: Asked, ask: Ask, base: str, until: float) -> None:
        self._asked, self._ask, self._base, self._until = asked, ask, base, until
        self._ids: dict[str, str] = {}
        self.ignored: list[str] = []
        self.remarks: list[str] = []

    async def result(self, wanted: BulkOperation | Refused) -> BulkResult:
        """Return what became of one operation."""
        found = wanted if isinstance(wanted, Refused) else bulk.resolved(wanted, self._ids)
        if isinstance(found, Refused):
            return bulk.refused(found, self._place(found.operation))
        try:
            answer = await self._answer(found)
        except ScimError as error:
            return bulk.failed(found, error, self._place(found))
        self.ignored += answer.ignored
        self.remarks += [answer.remark] if answer.remark else []
        if found.bulk_id is not None and found.method == "POST":
            self._ids[found.bulk_id] = _made(answer)["id"]
        return BulkResult(found, answer.status, answer.location or self._place(found), answer.version)

    async def _answer(self, wanted: BulkOperation) -> Answer:
        if monotonic() > self._until:
            raise Unavailable("The time for one request is over, and this operation was not begun; send it again.")
        one = Asked(
            method=wanted.method,
            path=[unquote(each) for each in wanted.path.split("/") if each],
            parameters={},
            body=b"" if wanted.data is None else msgspec.json.encode(wanted.data),
            profile=self._asked.profile,
            only_if=None if wanted.version is None else condition(wanted.version),
        )
        return await self._ask(one)

    def _place(self, operation: BulkOperation) -> str | None:
        """Return where the resource of an operation is, as far as its path says it."""
        return None if operation.method == "POST" else self._base + operation.path


def _made(answer: Answer) -> dict[str, Any]:
    assert answer.content is not None  # noqa: S101 (a POST answers what it has made, whose id is always shown)
    return answer.content
