"""A date-time as the instant that it names, so that two spellings of one moment are equal and moments have an order.

RFC 7643 section 2.3.5 writes date-times as xsd:dateTime (XML Schema part 2, section 3.2.7). Counted here rather than by
`datetime`: a pure room has no clock, and that type knows six digits of a fraction and no 24:00.
"""

import re

Instant = tuple[int, str]
"""Seconds since 1 January of the year 0 in UTC, and the digits of the fraction without the zeros at its end."""

_FORM = re.compile(
    r"(?P<year>(?!0000)[0-9]{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"
    r"T(?!24(?!:00:00(?!\.0*[1-9])))(?P<hour>[01][0-9]|2[0-4]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9])(?:\.(?P<fraction>[0-9]+))?"
    r"(?:Z|(?P<sign>[+-])(?P<ahead>(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
)
"""What has this form is a date-time, but for the length of the month: 24 o'clock is midnight, and there was no year 0."""
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def instant(text: str) -> Instant | None:
    """Return the instant that `text` names, or None when it is no xsd:dateTime of a four-digit year.

    A time without a zone is taken for UTC: RFC 7643 shows none, and any other zone would be a guess.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.group("year", "month", "day", "hour", "minute", "second"))
    fraction = (found["fraction"] or "").rstrip("0")
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if day > _DAYS[month - 1] + (leap and month == 2):  # noqa: PLR2004 (February)
        return None
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400 + sum(_DAYS[: month - 1]) + day
    days += leap and month > 2  # noqa: PLR2004 (February)
    return (days * 24 + hour) * 3600 + minute * 60 + second - _ahead(found["sign"], found["ahead"]), fraction


def is_instant(text: str) -> bool:
    """Tell whether `text` names an instant; every month has 28 days, so for most days its form says enough."""
    found = _FORM.fullmatch(text)
    return found is not None and (found["day"] <= "28" or instant(text) is not None)


def _ahead(sign: str | None, ahead: str | None) -> int:
    """Return the seconds by which a zone's clocks are ahead of UTC."""
    if ahead is None:
        return 0
    hours, _, minutes = ahead.partition(":")
    seconds = int(hours) * 3600 + int(minutes) * 60
    return -seconds if sign == "-" else seconds
