from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.scim.instant import instant, is_instant

# Each line is one moment in several spellings.
SAME = [
    ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2025-12-31T19:00:00-05:00", "2025-12-31T24:00:00Z"),
    ("2008-01-23T04:56:22Z", "2008-01-23T04:56:22", "2008-01-23T04:56:22+00:00", "2008-01-23T04:56:22-00:00"),
    ("2008-01-23T04:56:22Z", "2008-01-23T04:56:22.0Z", "2008-01-23T04:56:22.000000000Z"),
    ("2008-01-23T04:56:22.1234567890123Z", "2008-01-23T04:56:22.12345678901230Z"),
    ("2024-02-29T23:59:59-14:00", "2024-03-01T13:59:59Z"),
    ("2000-02-29T24:00:00Z", "2000-03-01T00:00:00Z"),
    ("1900-02-28T24:00:00Z", "1900-03-01T00:00:00Z"),
    ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
]


@pytest.mark.parametrize("spellings", SAME)
def test_spellings_of_one_moment_are_one_instant(spellings: tuple[str, ...]) -> None:
    assert None not in [instant(each) for each in spellings]
    assert len({instant(each) for each in spellings}) == 1
    assert all(map(is_instant, spellings))


ORDERED = [
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "1999-12-31T23:59:59.9Z",
    "1999-12-31T23:59:59.95Z",
    "2000-01-01T00:00:00Z",
    "2000-01-01T00:00:00.05Z",
    "2000-01-01T00:00:00.5Z",
    "2000-01-01T00:00:00.500000000000000000001Z",
    "2000-01-01T00:00:01Z",
    "2000-02-29T00:00:00Z",
    "2000-03-01T00:00:00+01:00",
    "2000-03-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
]


def test_instants_have_the_order_of_time() -> None:
    instants = [instant(each) for each in ORDERED]
    assert all(one is not None and other is not None and one < other for one, other in pairwise(instants))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-01-01",
        "2026-01-01 00:00:00Z",
        "2026-01-01t00:00:00z",
        "2026-01-01T00:00Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00z",
        "2026-01-01T00:00:00+1:00",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+14:01",
        "2026-01-01T00:00:60Z",
        "2026-01-01T24:00:01Z",
        "2026-01-01T24:00:00.1Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "-0044-03-15T00:00:00Z",
        "26-01-01T00:00:00Z",
        "2026-1-1T00:00:00Z",
        " 2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z\n",
        "٢٠٢٦-01-01T00:00:00Z",
    ],
)
def test_what_is_no_date_time_names_no_instant(text: str) -> None:
    assert instant(text) is None
    assert not is_instant(text)


ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001 (the zones are drawn)


@given(MOMENTS, MOMENTS)
def test_instants_are_as_far_apart_as_the_moments(one: datetime, other: datetime) -> None:
    first, second = instant(one.isoformat()), instant(other.astimezone(UTC).isoformat())
    assert first is not None
    assert second is not None
    assert (first < second, first == second) == (one < other, one == other)
    whole = one.replace(microsecond=0) - other.replace(microsecond=0)
    assert timedelta(seconds=first[0] - second[0]) == whole
