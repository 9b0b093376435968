"""The audit trail as `serve` opens it: where its lines go, by which key values are hashed, and what comes of a full disk."""

import logging
import secrets
from time import time
from typing import TYPE_CHECKING

from adapter.errors import SettingsError

if TYPE_CHECKING:
    from adapter.audit.chain import Sink
    from adapter.audit.recorder import Recorder
    from adapter.settings.settings import Auditing

_LOG = logging.getLogger("adapter.audit")


def opened(audit: "Auditing", store: str) -> "Recorder | None":
    """Return what records changes; None where nothing shall. `store` is the file of the gateway's own store.

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
    trail = Trail(_sink(audit.to, store), audit.on_failure)
    try:
        left = trail.replay(instant(time()))
    except OSError as error:
        trail.close()
        raise SettingsError([f"the audit trail cannot be written ({error.strerror or error})"]) from error
    if left:
        _LOG.warning("%d changes of a process that ended are of unknown outcome; the audit trail has them", left)
    return Recorder(trail, Redaction(audit.key or secrets.token_urlsafe(32)), origin)


def _sink(to: str, store: str) -> "Sink":
    from adapter.audit.chain import chained  # noqa: PLC0415
    from adapter.audit.file import FileSink  # noqa: PLC0415
    from adapter.audit.stream import StreamSink  # noqa: PLC0415
    from adapter.store.trail import TableSink  # noqa: PLC0415

    if to == "stdout":
        return StreamSink()
    return TableSink(store, chained) if to == "store" else FileSink(to)
