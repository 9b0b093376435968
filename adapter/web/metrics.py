"""Metrics for Prometheus: what is counted of requests here, and how things stand at each upstream when somebody asks.

No label is made of what was sent: each is of a closed set, the operations, the classes of statuses, the connections and
the routes of their mappings. So whatever is asked, there are never more series than these have combinations.
"""

import hmac
import platform
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Named
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from typing import Any, NamedTuple, Protocol

from litestar import HttpMethod, Request, Response, route
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, Summary, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from adapter.errors import Unauthorized
from adapter.settings.secret import digest
from adapter.upstream.guard import Guard
from adapter.upstream.meter import OUTCOMES, SECONDS, Meter, Standing, Times
from adapter.upstream.origin import Origin
from adapter.web.gathered import gathered
from adapter.web.handover import sent
from adapter.web.operations import KNOWN
from adapter.web.workers import HANDED, Workers

METRICS_PATH = "/metrics"
OTHER = "other"
"""Stands for every operation that the gateway does not have, and for those of clients that were not let in."""
_PREFIX = "scim_adapter"
_LONG = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)
_CLASSES = (2, 3, 4, 5)
"""Of statuses: `2xx` and so on."""
_SIGN_IN = "POST /oauth/token"
_OF_NOBODY = frozenset({_SIGN_IN})
_REFUSED = (401, 429)
_PATIENCE = 3.0
"""Seconds in which another worker must have told its metrics."""


class Seen(Protocol):
    """A connection as far as metrics tell of it."""

    meter: Meter
    guard: Guard | None

    @property
    def standing(self) -> Standing:
        """How things stand with its upstream."""

    @property
    def routes(self) -> list[str]:
        """The calls that its mapping has."""

    @property
    def digest(self) -> str:
        """The hash of its mapping."""


class _Series(NamedTuple):
    """What is counted of one operation of a connection."""

    requests: dict[int, Counter]
    """By the class of the status."""
    seconds: Histogram | None
    calls: Summary | None


class Metrics:
    """The metrics of the process; `connections` returns those that are served at the moment, by their names."""

    def __init__(self, connections: Callable[[], Named[str, Seen]]) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when a series began is of no use to anybody, and doubles their number
        self._registry = CollectorRegistry()
        self._requests = Counter(
            f"{_PREFIX}_requests",
            "Requests, by the connection, what was asked for, and the class of the answer's status.",
            ["connection", "operation", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            f"{_PREFIX}_request_seconds",
            "Seconds from a request to its answer.",
            ["connection", "operation"],
            buckets=_LONG,
            registry=self._registry,
        )
        self._calls = Summary(
            f"{_PREFIX}_request_calls",
            "Calls to the upstream that a request took, repetitions too.",
            ["connection", "operation"],
            registry=self._registry,
        )
        self._refused = Counter(
            f"{_PREFIX}_authentication_failures",
            "Requests whose credentials were refused, by where: scim, token or metrics.",
            ["door"],
            registry=self._registry,
        )
        for door in ("scim", "token", "metrics"):
            self._refused.labels(door)
        self._handed_over = Counter(
            f"{_PREFIX}_handed_over",
            "Requests that went to the worker that owns their connection, which counts them.",
            ["connection"],
            registry=self._registry,
        )
        self._series: dict[str, dict[str, _Series]] = {}
        """By the connection and the operation; to look a series up in the library takes longer than to count."""
        self._registry.register(_Upstreams(connections))
        ProcessCollector(registry=self._registry)

    def counted(self, of: Origin, status: int, seconds: float) -> None:
        """Count a request that is answered, or that got no answer."""
        if of.is_handed_over:
            self._handed_over.labels(of.connection).inc()
            return
        if of.connection not in self._series:
            self._series[of.connection] = dict(self._begun(of.connection))
        if status in _REFUSED:
            self._refused.labels("token" if of.operation == _SIGN_IN else "scim").inc()
        every = self._series[of.connection]
        series = every.get(of.operation) or every[OTHER]
        series.requests[status // 100].inc()
        if series.seconds is not None:
            series.seconds.observe(seconds)
        if series.calls is not None:
            series.calls.observe(of.calls)

    def _begun(self, connection: str) -> Iterator[tuple[str, _Series]]:
        """Make every series that there can be of a connection, so that no request makes another; of nobody's, too.

        Without a connection nobody was let in, and a token is all that one can get.
        """
        for operation in (*(KNOWN if connection else _OF_NOBODY), OTHER):
            is_named = operation != OTHER
            yield (
                operation,
                _Series(
                    {each: self._requests.labels(connection, operation, f"{each}xx") for each in _CLASSES},
                    self._seconds.labels(connection, operation) if is_named else None,
                    self._calls.labels(connection, operation) if is_named and connection else None,
                ),
            )

    def refused(self) -> None:
        """Count somebody who asked for the metrics and may not see them."""
        self._refused.labels("metrics").inc()

    def text(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        return generate_latest(self._registry)


class _Upstreams(Collector):
    """Reads the numbers of all connections when it is asked for them."""

    def __init__(self, connections: Callable[[], Named[str, Seen]]) -> None:
        self._connections = connections

    def collect(self) -> Iterator[Metric]:
        served = self._connections()
        build = GaugeMetricFamily(f"{_PREFIX}_build_info", "What is running.", labels=["version", "python"])
        build.add_metric([_version(), platform.python_version()], 1)
        yield build
        yield _gauge("mapping_info", "The mapping in use, by the hash of its text.", ["connection", "digest"], (
            ([name, each.digest], 1) for name, each in served.items()))  # fmt: skip
        yield from _counted(served)
        yield from _standing({name: each.standing for name, each in served.items()})
        yield _gauge("guard_holding", "Whether the guard holds disables and removals.", ["connection"], (
            ([name], each.guard.is_holding) for name, each in served.items() if each.guard))  # fmt: skip


def _counted(served: Named[str, Seen]) -> Iterator[Metric]:
    calls = CounterMetricFamily(
        f"{_PREFIX}_upstream_calls",
        "Calls to the upstream, by the route as the mapping writes it and what came of them.",
        labels=["connection", "route", "outcome"],
    )
    retries = CounterMetricFamily(f"{_PREFIX}_upstream_retries", "Calls that were sent again.", labels=["connection"])
    logins = CounterMetricFamily(
        f"{_PREFIX}_upstream_token_exchanges",
        "Exchanges of the credential for a token, by what came of them.",
        labels=["connection", "outcome"],
    )
    seconds = HistogramMetricFamily(
        f"{_PREFIX}_upstream_call_seconds",
        "Seconds that a call to the upstream took, each repetition for itself.",
        labels=["connection", "route"],
    )
    for name, each in served.items():
        meter = each.meter
        bounds = [*(str(bound) for bound in SECONDS), "+Inf"]
        for path in dict.fromkeys([*each.routes, *meter.times]):  # those of an earlier mapping, too
            for outcome in OUTCOMES:
                calls.add_metric([name, path, outcome], meter.calls[path, outcome])
            times = meter.times.get(path) or Times()
            seconds.add_metric([name, path], list(zip(bounds, accumulate(times.counts), strict=True)), times.seconds)
        retries.add_metric([name], meter.retries)
        for outcome in ("given", "failed"):
            logins.add_metric([name, outcome], meter.logins[outcome])
    yield from (calls, retries, logins, seconds)


def _standing(served: Named[str, Standing]) -> Iterator[Metric]:
    every = served.items()
    one, kinds = ["connection"], ["connection", "kind"]
    yield _gauge("upstream_in_flight", "Calls under way.", one, (([name], each.in_flight) for name, each in every))
    yield _gauge("upstream_waiting", "Calls that wait for a place among those under way.", one, (
        ([name], each.waiting) for name, each in every))  # fmt: skip
    yield _gauge("upstream_down", "Whether the upstream is down and left alone.", one, (
        ([name], each.is_down) for name, each in every))  # fmt: skip
    yield _gauge("unfinished_writes", "Writes under way whose request nobody waits for any more.", one, (
        ([name], each.unfinished) for name, each in every))  # fmt: skip
    yield _gauge("index_names", "Names that the index knows.", kinds, (
        ([name, kind], names) for name, each in every for kind, names in each.names.items()))  # fmt: skip
    yield _gauge("index_age_seconds", "Seconds since the reading began that the index is made of.", kinds, (
        ([name, kind], age) for name, each in every for kind, age in each.ages.items()))  # fmt: skip


def _gauge(name: str, about: str, labels: list[str], values: Iterable[tuple[list[str], float]]) -> Metric:
    family = GaugeMetricFamily(f"{_PREFIX}_{name}", about, labels=labels)
    for each, value in values:
        family.add_metric(each, float(value))
    return family


def metrics_endpoint(metrics: Metrics, tokens: Iterable[str], workers: Workers | None = None) -> Any:
    """Return the handler that shows the metrics to those who show one of the tokens, which open no other door.

    Where several workers serve, whoever is asked shows those of all.
    """
    known = [digest(each) for each in tokens]

    @route(METRICS_PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD], opt={"open": True}, include_in_schema=False)
    async def shown(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Show the metrics; raises Unauthorized without one of their tokens."""
        scheme, _, token = ", ".join(request.headers.getall("Authorization", [])).partition(" ")
        given = digest(token.strip())
        # Every token is compared, so that the time taken tells nothing about which one came near.
        if scheme.lower() != "bearer" or not sum(hmac.compare_digest(given, each) for each in known):
            metrics.refused()
            raise Unauthorized("The metrics are shown to who has their own bearer token.")
        headers = {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
        text = metrics.text()
        if workers is not None and HANDED not in (request.scope.get("extensions") or {}):
            others = await workers.told(sent(request.scope, b""), _PATIENCE)
            told = {number: came.body if came else None for number, came in others.items()}
            text = gathered({workers.number: text, **told})
        return Response(text, headers=headers)

    return shown


def _version() -> str:
    try:
        return version("scim-adapter")
    except PackageNotFoundError:
        return "checkout"
