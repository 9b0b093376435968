from adapter.upstream.times import Times


def test_a_request_ends_before_the_client_gives_up() -> None:
    assert Times().backoff < Times().queue < Times().request < 60
    assert Times().backoff < Times().attempt < Times().request
