"""The store as plans see it: performs their steps on one file, each for one connection.

Reads are made where they are asked for: one takes less time (10 µs) than the way to a thread and back (100 µs), and never
waits for a write. Writes wait for the disk, so they have a thread, one after the other.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import msgspec

from adapter.errors import Internal
from adapter.plan.keeping import Folded, Forget, Keep, Lookup, Recall, Step
from adapter.store.file import name_of, opened

_LOG = logging.getLogger("adapter.store")

_RECALL = """SELECT id, attribute, value FROM kept
    WHERE connection = ? AND kind = ? AND id IN (SELECT value FROM json_each(?))"""
_LOOKUP = "SELECT id FROM found WHERE connection = ? AND kind = ? AND attribute = ? AND folded = ? ORDER BY id"
_KEEP = "REPLACE INTO kept (connection, kind, id, attribute, value) VALUES (?, ?, ?, ?, ?)"
_FIND = "INSERT OR IGNORE INTO found (connection, kind, id, attribute, folded) VALUES (?, ?, ?, ?, ?)"
_REMOVE = (
    "DELETE FROM kept WHERE connection = ? AND kind = ? AND id = ? AND attribute = ?",
    "DELETE FROM found WHERE connection = ? AND kind = ? AND id = ? AND attribute = ?",
)
_FORGET = (
    "DELETE FROM kept WHERE connection = ? AND kind = ? AND id = ?",
    "DELETE FROM found WHERE connection = ? AND kind = ? AND id = ?",
)
_Statement = tuple[str, Iterable[tuple[Any, ...]]]


class Store:
    """What is kept for one connection, in a file that may serve several, and several processes.

    Raises SettingsError when the file cannot be used.
    """

    def __init__(self, path: str, connection: str) -> None:
        self._connection = connection
        self._writing, self._reading = opened(path)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish the writes that were begun, and let go of the file."""
        self._thread.shutdown()
        self._reading.close()
        self._writing.close()

    async def done(self, step: Step) -> Any:
        """Perform one step and return what the plan is sent for it; a write is on the disk then.

        A write whose caller goes away may still be done. Raises Internal when the disk fails, or another process does
        not let go of the file.
        """
        try:
            match step:
                case Recall():
                    return self._recalled(step)
                case Lookup():
                    return self._found(step)
                case Keep():
                    return await self._written(self._keep(step))
                case Forget():
                    return await self._written(self._forget(step))
        except sqlite3.Error as error:
            name = name_of(error)
            _LOG.error("The store failed: %s", name)
            raise Internal(
                f"The gateway's own store failed ({name}), so what it keeps was not changed; the upstream may have done "
                "its part. Look at the disk that holds it: is it full, read-only or damaged, or does another process hold "
                "it? The next provisioning cycle tries again."
            ) from None  # what SQLite says beside the name may show a value

    def _recalled(self, step: Recall) -> dict[str, dict[str, Any]]:
        ids = msgspec.json.encode(step.ids).decode()
        recalled: dict[str, dict[str, Any]] = {}
        for found, attribute, value in self._reading.execute(_RECALL, (self._connection, step.kind, ids)).fetchall():
            recalled.setdefault(found, {})[attribute] = msgspec.json.decode(value)
        return recalled

    def _found(self, step: Lookup) -> tuple[str, ...]:
        wanted = (self._connection, step.kind, step.attribute, _column(step.folded))
        return tuple(found for (found,) in self._reading.execute(_LOOKUP, wanted).fetchall())

    def _keep(self, step: Keep) -> list[_Statement]:
        of = (self._connection, step.kind, step.id)
        there = {attribute: value for attribute, value in step.values.items() if value is not None}
        kept = [(*of, attribute, msgspec.json.encode(value).decode()) for attribute, value in there.items()]
        found = [(*of, attribute, _column(each)) for attribute in there for each in step.folded.get(attribute, ())]
        named = [(*of, attribute) for attribute in step.values]
        return [*((remove, named) for remove in _REMOVE), (_KEEP, kept), (_FIND, found)]

    def _forget(self, step: Forget) -> list[_Statement]:
        return [(forget, [(self._connection, step.kind, step.id)]) for forget in _FORGET]

    async def _written(self, statements: list[_Statement]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write, statements)

    def _write(self, statements: list[_Statement]) -> None:
        with self._writing:  # commits, or takes everything back
            self._writing.execute("BEGIN IMMEDIATE")
            for statement, rows in statements:
                self._writing.executemany(statement, rows)


def _column(folded: Folded) -> Folded:
    """Return a value as SQLite can hold it: its integers have 64 bits."""
    return str(folded) if isinstance(folded, int) and folded.bit_length() >= 64 else folded  # noqa: PLR2004 (said above)
