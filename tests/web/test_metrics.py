import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from adapter.settings.secret import Secret
from adapter.upstream.guard import Guard
from adapter.upstream.meter import Meter, Standing
from adapter.upstream.origin import Origin
from adapter.web.metrics import Metrics
from tests.conversation import SETTINGS, STRICT, TOKEN, Answer, asked, gateway, mapping_of

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
METRICS_TOKEN = "the-metrics-token-of-thirty-two-characters"
METERED = msgspec.structs.replace(SETTINGS, metrics_tokens=(Secret(METRICS_TOKEN), Secret(METRICS_TOKEN + "-2")))
BEARER = ("Authorization", f"Bearer {TOKEN}")
SHOWN = ("Authorization", f"Bearer {METRICS_TOKEN}")
ADA = {
    "userId": 7,
    "userName": "ada",
    "firstName": "Ada",
    "lastName": "Byron",
    "isEnabled": True,
    "email": "a@b.example",
}


def values(text: str) -> dict[str, float]:
    """Return the series with their values, but for buckets and for what the process says of itself."""
    lines = [each.rpartition(" ") for each in text.splitlines() if not each.startswith(("#", "process_"))]
    return {series: float(value) for series, _, value in lines if "_bucket{" not in series}


async def scraped(app: Any) -> str:
    answer = await asked(app, "GET", "/metrics", [SHOWN])
    assert answer.status == 200
    return answer.content.decode()


def _is_refused(answer: Answer) -> bool:
    return (answer.status, answer.headers.get("www-authenticate")) == (401, 'Bearer realm="scim"')


async def test_the_metrics_are_shown_to_who_has_their_token_and_it_opens_nothing_else() -> None:
    async with gateway(mapping_of("n-able"), METERED) as (app, upstream):
        for given in (METRICS_TOKEN, METRICS_TOKEN + "-2"):
            shown = ("Authorization", f"Bearer {given}")
            answer = await asked(app, "GET", "/metrics", [shown])
            assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
            assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
            for path in ("/scim/v2/Users", "/scim/v2/Schemas", "/", "/metrics/x"):
                assert _is_refused(await asked(app, "GET", path, [shown]))
        assert upstream.seen == []


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [BEARER],
        [("Authorization", f"Bearer {STRICT}")],
        [("Authorization", f"Bearer {METRICS_TOKEN[:-1]}")],
        [("Authorization", f"Basic {METRICS_TOKEN}")],
        [("Authorization", METRICS_TOKEN)],
        [SHOWN, SHOWN],
        [SHOWN, BEARER],
        [("Authorization", "Bearer ")],
        [("Authorization", "Bearer ünsäglich")],
    ],
)
async def test_without_their_token_they_are_401_as_any_path_is(headers: list[tuple[str, str]]) -> None:
    async with gateway(mapping_of("n-able"), METERED) as (app, _):
        for target in ("/metrics", "/metrics/", "//metrics", f"/metrics?access_token={METRICS_TOKEN}"):
            assert _is_refused(await asked(app, "GET", target, headers))


async def test_where_no_token_is_set_there_is_no_such_path() -> None:
    async with gateway(mapping_of("n-able")) as (app, _):
        assert _is_refused(await asked(app, "GET", "/metrics", [SHOWN]))
        assert (await asked(app, "GET", "/metrics", [BEARER])).status == 404


async def test_requests_and_calls_are_counted_by_what_they_are() -> None:
    async with gateway(mapping_of("n-able"), METERED) as (app, upstream):
        upstream.replies = [[500], [200, {"data": ADA}], [404, {"message": "User not found"}]]
        for target in ("/scim/v2/Users/7", "/scim/v2/Users/8", "/scim/v2/Users?filter=x", "/scim/v2/nothing"):
            await asked(app, "GET", target, [BEARER])
        await asked(app, "GET", "/scim/v2/Users/7")
        await asked(app, "GET", "/metrics")
        await asked(app, "GET", "/health/live")
        await asked(app, "POST", "/oauth/token", [], b"grant_type=client_credentials&client_id=x&client_secret=y")
        told = values(await scraped(app))
    own = 'connection="environment"'
    expected = {
        f'scim_adapter_requests_total{{{own},operation="GET /Users/{{id}}",status="2xx"}}': 1,
        f'scim_adapter_requests_total{{{own},operation="GET /Users/{{id}}",status="4xx"}}': 1,
        f'scim_adapter_requests_total{{{own},operation="GET /Users",status="4xx"}}': 1,
        f'scim_adapter_requests_total{{{own},operation="other",status="4xx"}}': 1,
        'scim_adapter_requests_total{connection="",operation="other",status="4xx"}': 1,
        'scim_adapter_requests_total{connection="",operation="POST /oauth/token",status="4xx"}': 1,
        f'scim_adapter_request_seconds_count{{{own},operation="GET /Users/{{id}}"}}': 2,
        f'scim_adapter_request_calls_count{{{own},operation="GET /Users/{{id}}"}}': 2,
        f'scim_adapter_request_calls_sum{{{own},operation="GET /Users/{{id}}"}}': 3,
        'scim_adapter_authentication_failures_total{door="scim"}': 1,
        'scim_adapter_authentication_failures_total{door="token"}': 1,
        'scim_adapter_authentication_failures_total{door="metrics"}': 1,
        f'scim_adapter_upstream_calls_total{{{own},outcome="2xx",route="GET /api/users/{{id}}"}}': 1,
        f'scim_adapter_upstream_calls_total{{{own},outcome="4xx",route="GET /api/users/{{id}}"}}': 1,
        f'scim_adapter_upstream_calls_total{{{own},outcome="5xx",route="GET /api/users/{{id}}"}}': 1,
        f'scim_adapter_upstream_call_seconds_count{{{own},route="GET /api/users/{{id}}"}}': 3,
        f"scim_adapter_upstream_retries_total{{{own}}}": 1,
        f'scim_adapter_upstream_token_exchanges_total{{{own},outcome="given"}}': 1,
        f'scim_adapter_mapping_info{{{own},digest="{mapping_of("n-able").digest}"}}': 1,
        f"scim_adapter_upstream_down{{{own}}}": 0,
    }
    assert {name: told.get(name) for name in expected} == expected
    assert sum(value for name, value in told.items() if name.startswith("scim_adapter_requests_total")) == 6
    # Every series of a connection is there from its first request on.
    assert told[f'scim_adapter_requests_total{{{own},operation="POST /Groups",status="5xx"}}'] == 0


class Seen:
    """A connection as a test says it is."""

    digest, routes = "0a1b2c", ["GET /users"]
    meter = Meter()

    def __init__(self) -> None:
        self.guard: Guard | None = Guard(1, 60)
        self.guard.is_holding = True

    @property
    def standing(self) -> Standing:
        return Standing(
            is_down=True, in_flight=3, waiting=7, unfinished=2, names={"User": 41, "Group": 0}, ages={"User": 12.5}
        )


def test_how_things_stand_is_read_when_somebody_asks() -> None:
    served = {"acme": Seen()}
    metrics = Metrics(lambda: served)
    told = values(metrics.text().decode())
    expected = {
        'scim_adapter_upstream_down{connection="acme"}': 1,
        'scim_adapter_upstream_in_flight{connection="acme"}': 3,
        'scim_adapter_upstream_waiting{connection="acme"}': 7,
        'scim_adapter_unfinished_writes{connection="acme"}': 2,
        'scim_adapter_index_names{connection="acme",kind="User"}': 41,
        'scim_adapter_index_names{connection="acme",kind="Group"}': 0,
        'scim_adapter_index_age_seconds{connection="acme",kind="User"}': 12.5,
        'scim_adapter_guard_holding{connection="acme"}': 1,
    }
    assert {name: told.get(name) for name in expected} == expected
    assert told['scim_adapter_upstream_calls_total{connection="acme",outcome="throttled",route="GET /users"}'] == 0
    assert 'scim_adapter_index_age_seconds{connection="acme",kind="Group"}' not in told
    served.clear()
    assert "acme" not in metrics.text().decode()


def test_a_histogram_of_calls_is_cumulative_and_ends_with_all() -> None:
    seen = Seen()
    seen.meter = Meter()
    for seconds in (0.001, 0.05, 0.05, 99.0):
        with seen.meter.sent("GET /users"):
            pass
        seen.meter.times["GET /users"].took(seconds)
    text = Metrics(lambda: {"acme": seen}).text().decode()
    counts = re.findall(
        r'upstream_call_seconds_bucket\{connection="acme",le="([^"]+)",route="GET /users"\} (\S+)', text
    )
    assert [float(count) for _, count in counts] == sorted(float(count) for _, count in counts)
    assert dict(counts)["0.025"] == "5.0"
    assert dict(counts)["0.1"] == "7.0"
    assert dict(counts)["+Inf"] == "8.0"


def test_a_request_of_nobody_and_one_for_nothing_are_one_operation() -> None:
    metrics = Metrics(dict)
    for operation in ("GET /Users", "GET elsewhere", "other /Users", "DELETE /Bulk"):
        metrics.counted(Origin(operation=operation), 401, 0.1)
        metrics.counted(Origin(operation=operation, connection="acme"), 405, 0.1)
    told = values(metrics.text().decode())
    assert {name for name, value in told.items() if value and name.startswith("scim_adapter_requests_total")} == {
        'scim_adapter_requests_total{connection="",operation="other",status="4xx"}',
        'scim_adapter_requests_total{connection="acme",operation="other",status="4xx"}',
        'scim_adapter_requests_total{connection="acme",operation="GET /Users",status="4xx"}',
    }


def _families() -> dict[str, str]:
    text = Metrics(lambda: {"acme": Seen()}).text().decode()
    return {name: kind for name, kind in re.findall(r"^# TYPE (scim_adapter_\S+) (\S+)$", text, re.MULTILINE)}  # noqa: C416 (pairs)


def test_names_follow_prometheus_conventions() -> None:
    for name, kind in _families().items():
        assert (kind == "counter") == name.endswith("_total")
        assert not name.endswith(("_ms", "_milliseconds", "_count", "_sum", "_bucket"))


def test_the_readme_has_a_row_for_each_metric_with_its_labels_and_for_no_other() -> None:
    text = Metrics(lambda: {"acme": Seen()}).text().decode()
    assert text
    rows = re.findall(r"^\| `(scim_adapter_\w+)` \| ([^|]*) \|", README, re.MULTILINE)
    assert {name for name, _ in rows} == set(_families())


def test_the_rules_that_are_shipped_are_about_metrics_that_there_are() -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "alerts.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    named = {name for each in rules for name in re.findall(r"scim_adapter_\w+", each["expr"])}
    assert len(named) == len(rules)
    assert named <= set(_families())


async def test_the_labels_in_the_readme_are_those_of_the_series() -> None:
    rows = dict(re.findall(r"^\| `(scim_adapter_\w+)` \| ([^|]*) \|", README, re.MULTILINE))
    async with gateway(mapping_of("n-able"), msgspec.structs.replace(METERED, guard_most=3)) as (app, upstream):
        upstream.replies = [[200, {"data": ADA}]]
        await asked(app, "GET", "/scim/v2/Users/7", [BEARER])
        await asked(app, "GET", "/scim/v2/Users/7")
        text = await scraped(app)
    metrics = Metrics(lambda: {"acme": Seen()})
    metrics.counted(Origin(connection="acme", is_handed_over=True), 200, 0.1)
    text += metrics.text().decode()
    for name, told in rows.items():
        found = re.search(rf"^{name}(?:_count)?\{{([^}}]*(?:\{{id\}}[^}}]*)?)\}} ", text, re.MULTILINE)
        assert found, name
        assert set(re.findall(r"(\w+)=", found[1])) == set(re.findall(r"`(\w+)`", told)), name


def test_what_was_handed_over_is_counted_as_that_and_nothing_else() -> None:
    metrics = Metrics(dict)
    before = values(metrics.text().decode())
    metrics.counted(Origin(connection="acme", operation="GET /Users", is_handed_over=True), 401, 0.1)
    after = values(metrics.text().decode())
    assert {name: after[name] for name in after if after[name] != before.get(name)} == {
        'scim_adapter_handed_over_total{connection="acme"}': 1.0
    }
