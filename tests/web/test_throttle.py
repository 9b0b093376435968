from hypothesis import given
from hypothesis import strategies as st

from adapter.web.throttle import MOST, SECONDS, Throttle


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_address_may_fail_a_number_of_times_and_is_then_told_how_long_to_wait() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    assert [throttle.failed("192.0.2.1") for _ in range(MOST)] == [0] * MOST
    clock.now += 10
    assert throttle.failed("192.0.2.1") == SECONDS - 10
    assert throttle.failed("192.0.2.2") == 0
    clock.now += SECONDS
    assert throttle.failed("192.0.2.1") == 0


def test_the_addresses_of_one_ipv6_customer_count_together() -> None:
    throttle = Throttle(Clock())
    waits = [throttle.failed(f"2001:db8:1:2::{each:x}") for each in range(MOST + 1)]
    assert (waits[MOST - 1], waits[MOST]) == (0, SECONDS)
    assert throttle.failed("2001:db8:1:3::1") == 0


@given(st.text())
def test_whatever_an_address_is_it_is_counted(address: str) -> None:
    throttle = Throttle(Clock())
    assert [throttle.failed(address) for _ in range(MOST + 1)] == [0] * MOST + [SECONDS]


def test_what_is_remembered_is_bounded() -> None:
    throttle = Throttle(Clock())
    for each in range(20_000):
        throttle.failed(f"10.{each >> 16}.{each >> 8 & 255}.{each & 255}")
    assert len(throttle._failures) == 10_000  # noqa: SLF001


def test_of_several_workers_each_takes_a_part() -> None:
    throttle = Throttle(Clock(), most=MOST // 2)
    assert [throttle.failed("192.0.2.1") > 0 for _ in range(MOST // 2 + 1)] == [False] * (MOST // 2) + [True]
