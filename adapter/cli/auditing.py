"""The audit trail as `serve` opens it: where its lines go, by which key values are hashed, and what comes of a full disk."""

import logging
import secrets
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

from adapter.errors import SettingsError

if TYPE_CHECKING:
    from adapter.audit.chain import Sink
    from adapter.audit.recorder import Recorder
    from adapter.settings.settings import Auditing
    from adapter.web.workers import Workers

_LOG = logging.getLogger("adapter.audit")


def check(audit: "Auditing", workers: int) -> None:
    """Raise SettingsError where several workers cannot record changes so."""
    if audit.to == "stdout" and workers > 1:
        fault = "ADAPTER_AUDIT is stdout, where the lines of several workers would make no chain; name a file, or store"
        raise SettingsError([fault])


def lock(audit: "Auditing", store: str) -> int | None:
    """Return a lock on the store that all workers have together; None where each has a file of its own.

    Raises SettingsError where another process has it.
    """
    from adapter.store.trail import locked  # noqa: PLC0415

    return locked(store) if audit.to == "store" else None


def opened(
    audit: "Auditing", store: str, workers: "Workers | None" = None, lock: int | None = None
) -> "Recorder | None":
    """Return what records changes; None where nothing shall. `store` is the file of the gateway's own store.

    Of several `workers` each has a file of its own, with its number in the name; in the store they have one trail.

    Without a key one is made, and hashes of two starts cannot be compared. Raises SettingsError when the trail cannot be
    opened; changes that another process left open are recorded as unknown first.
    """
    from adapter.audit.recorder import Recorder, instant  # noqa: PLC0415
    from adapter.audit.redaction import Redaction  # noqa: PLC0415
    from adapter.audit.trail import Trail  # noqa: PLC0415
    from adapter.upstream.origin import origin  # noqa: PLC0415

    if not audit.to:
        return None
    if not audit.key:
        _LOG.warning("ADAPTER_AUDIT_KEY is not set: hashes in the audit trail compare with those of this process only")
    trail = Trail(_sink(audit.to, store, workers, lock), audit.on_failure)
    is_shared = workers is not None and audit.to == "store"
    try:
        left = trail.replay(instant(time()), workers.owns) if workers and is_shared else trail.replay(instant(time()))
    except OSError as error:
        trail.close()
        raise SettingsError([f"the audit trail cannot be written ({error.strerror or error})"]) from error
    if left:
        _LOG.warning("%d changes of a process that ended are of unknown outcome; the audit trail has them", left)
    made = workers.key if workers else secrets.token_urlsafe(32)
    return Recorder(trail, Redaction(audit.key or f"audit {made}"), origin)


def _sink(to: str, store: str, workers: "Workers | None", lock: int | None) -> "Sink":
    from adapter.audit.chain import chained  # noqa: PLC0415
    from adapter.audit.file import FileSink  # noqa: PLC0415
    from adapter.audit.stream import StreamSink  # noqa: PLC0415
    from adapter.store.trail import TableSink  # noqa: PLC0415

    if to == "stdout":
        return StreamSink()
    if to == "store":
        return TableSink(store, chained, lock)
    return FileSink(to if workers is None else of_worker(to, workers.number))


def of_worker(file: str, number: int) -> str:
    """Return the name of a worker's own file: `audit.2.jsonl` for `audit.jsonl`."""
    path = Path(file)
    return str(path.with_name(f"{path.stem}.{number}{path.suffix}"))
