"""The audit trail as `serve` opens it: where its lines go, by which key values are hashed, and what comes of a full disk."""

import logging
import secrets
from time import time
from typing import TYPE_CHECKING

from adapter.errors import SettingsError

if TYPE_CHECKING:
    from adapter.audit.chain import Sink
    from adapter.audit.recorder import Recorder
    from adapter.audit.trail import OnFailure

_LOG = logging.getLogger("adapter.audit")


def opened(to: str, key: str, on_failure: "OnFailure", store: str) -> "Recorder | None":
    """Return what records changes; None where nothing shall.

    `to` is `stdout`, `store`, or a file, and empty for no trail. Without a `key` one is made, and hashes of two starts
    cannot be compared. Raises SettingsError when the trail cannot be opened; changes that another process left open are
    recorded as unknown first.
    """
    from adapter.audit.recorder import Recorder, instant  # noqa: PLC0415
    from adapter.audit.redaction import Redaction  # noqa: PLC0415
    from adapter.audit.trail import Trail  # noqa: PLC0415
    from adapter.upstream.origin import origin  # noqa: PLC0415

    if not to:
        return None
    if not key:
        _LOG.warning("ADAPTER_AUDIT_KEY is not set: hashes in the audit trail compare with those of this process only")
    trail = Trail(_sink(to, store), on_failure)
    try:
        left = trail.replay(instant(time()))
    except OSError as error:
        trail.close()
        raise SettingsError([f"the audit trail cannot be written ({error.strerror or error})"]) from error
    if left:
        _LOG.warning("%d changes of a process that ended are of unknown outcome; the audit trail has them", left)
    return Recorder(trail, Redaction(key or secrets.token_urlsafe(32)), origin)


def _sink(to: str, store: str) -> "Sink":
    from adapter.audit.chain import chained  # noqa: PLC0415
    from adapter.audit.file import FileSink  # noqa: PLC0415
    from adapter.audit.stream import StreamSink  # noqa: PLC0415
    from adapter.store.trail import TableSink  # noqa: PLC0415

    if to == "stdout":
        return StreamSink()
    if to != "store":
        return FileSink(to)
    if not store:
        raise SettingsError(["ADAPTER_AUDIT is 'store', and ADAPTER_STORE names no file: name one, or another place"])
    return TableSink(store, chained)
