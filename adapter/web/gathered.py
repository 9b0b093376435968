"""The metrics of all workers in one text: each series says by a label which worker's it is."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector


def gathered(texts: Mapping[int, bytes | None]) -> bytes:
    """Return the metrics of workers as one text; `texts` are theirs by their numbers, None of one that gave none."""
    registry = CollectorRegistry()
    registry.register(_Gathered(texts))
    return generate_latest(registry)


class _Gathered(Collector):
    def __init__(self, texts: Mapping[int, bytes | None]) -> None:
        self._texts = texts

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("scim_adapter_worker_up", "Whether a worker tells of itself here.", labels=["worker"])
        families: dict[str, Metric] = {}
        for number, text in sorted(self._texts.items()):
            up.add_metric([str(number)], text is not None)
            for family in text_string_to_metric_families((text or b"").decode()):
                made = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                made.samples += [
                    each._replace(labels={"worker": str(number), **each.labels}) for each in family.samples
                ]
        yield up
        yield from families.values()
