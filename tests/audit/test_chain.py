import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.audit.chain import chained, link_of
from adapter.audit.event import body_of
from tests.audit.events import event, trail


def test_a_line_is_json_that_names_the_one_before_it() -> None:
    first, second = trail(event(), event("a", "success"))
    shown = msgspec.json.decode(first), msgspec.json.decode(second)
    assert shown[0]["prev"] is None
    assert shown[1]["prev"] == shown[0]["hash"] != shown[1]["hash"]


def test_a_line_is_taken_apart_as_it_was_put_together() -> None:
    body = body_of(event())
    line, own = chained(body, "sha256:" + "0" * 64)
    link = link_of(line)
    assert link is not None
    assert (link.body, link.prev, link.hash, link.is_right) == (body, "sha256:" + "0" * 64, own, True)


@given(st.integers(0), st.integers(1, 255))
def test_no_byte_of_a_line_can_be_another(at: int, other: int) -> None:
    [line] = trail(event("a", "success", request_id="é"))
    at %= len(line)
    changed = line[:at] + bytes([line[at] ^ other]) + line[at + 1 :]
    link = link_of(changed)
    assert link is None or not link.is_right


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"null", b'{"prev":null}', b'{"v":1,"prev":null,"hash":"sha256:0"}', b"\xff" * 200]
)
def test_what_has_no_place_in_a_chain_is_no_line(text: bytes) -> None:
    assert link_of(text) is None


def test_a_value_that_looks_like_an_end_is_none() -> None:
    end = ',"prev":null,"hash":"sha256:' + "0" * 64 + '"}'
    [line] = trail(event(request_id=end))
    link = link_of(line)
    assert link is not None
    assert link.is_right
    assert msgspec.json.decode(link.body)["request_id"] == end
