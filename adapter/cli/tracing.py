"""Where traces go: to a collector by OTLP, as OpenTelemetry's own variables of the environment say."""

import os
from typing import TYPE_CHECKING

from adapter.errors import SettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


PATIENCE = 2.0
"""Seconds that a collector may take, unless OTEL_EXPORTER_OTLP_TIMEOUT says otherwise: the end of the process waits for it."""


def provider() -> "TracerProvider":
    """Return what sends spans away, some at a time; those that are left are sent when the process ends.

    Raises SettingsError when the extra is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        raise SettingsError(["ADAPTER_TRACES needs the extra: pip install 'scim-adapter[otel]'"]) from None
    name = {} if "OTEL_SERVICE_NAME" in os.environ else {"service.name": "scim-adapter"}
    timeout = (
        None if any(each.startswith("OTEL_EXPORTER_OTLP") and "TIMEOUT" in each for each in os.environ) else PATIENCE
    )
    made = TracerProvider(resource=Resource.create(name))
    made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=timeout)))
    return made
