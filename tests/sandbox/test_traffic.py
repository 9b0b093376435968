from adapter.sandbox.traffic import Traffic


def test_a_route_has_room_for_a_few_calls_and_no_more() -> None:
    traffic = Traffic(2)
    assert [traffic.enter("GET /a") for _ in range(3)] == [True, True, False]
    assert traffic.enter("GET /b")
    traffic.leave("GET /a")
    assert traffic.enter("GET /a")


def test_what_was_answered_is_counted() -> None:
    traffic = Traffic(1)
    traffic.enter("GET /a")
    traffic.enter("GET /a")
    traffic.count("GET /a", 429)
    traffic.leave("GET /a")
    traffic.count("GET /a", 200)
    assert traffic.summary() == {
        "total": 2,
        "routes": {"GET /a": {"calls": 2, "statuses": {"200": 1, "429": 1}, "mostInFlight": 1}},
    }


def test_a_call_in_flight_outlives_the_forgetting() -> None:
    traffic = Traffic(1)
    traffic.enter("GET /a")
    traffic.clear()
    assert traffic.summary() == {"total": 0, "routes": {"GET /a": {"calls": 0, "statuses": {}, "mostInFlight": 1}}}
    assert not traffic.enter("GET /a")
    traffic.leave("GET /a")
    traffic.clear()
    assert traffic.summary() == {"total": 0, "routes": {}}
