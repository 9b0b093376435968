from adapter.web.gathered import gathered

ONE = b"""# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{connection="acme"} 3.0
# HELP seconds Seconds.
# TYPE seconds histogram
seconds_bucket{le="1.0"} 1.0
seconds_bucket{le="+Inf"} 2.0
seconds_count 2.0
seconds_sum 4.5
"""
TWO = b"""# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{connection="globex \\"x\\""} 1.0
"""


def test_each_series_says_whose_it_is_and_each_family_stands_there_once() -> None:
    assert gathered({2: TWO, 1: ONE, 3: None}).decode().splitlines() == [
        "# HELP scim_adapter_worker_up Whether a worker tells of itself here.",
        "# TYPE scim_adapter_worker_up gauge",
        'scim_adapter_worker_up{worker="1"} 1.0',
        'scim_adapter_worker_up{worker="2"} 1.0',
        'scim_adapter_worker_up{worker="3"} 0.0',
        "# HELP requests_total Requests.",
        "# TYPE requests_total counter",
        'requests_total{connection="acme",worker="1"} 3.0',
        'requests_total{connection="globex \\"x\\"",worker="2"} 1.0',
        "# HELP seconds Seconds.",
        "# TYPE seconds histogram",
        'seconds_bucket{le="1.0",worker="1"} 1.0',
        'seconds_bucket{le="+Inf",worker="1"} 2.0',
        'seconds_count{worker="1"} 2.0',
        'seconds_sum{worker="1"} 4.5',
    ]
