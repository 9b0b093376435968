import os

import pytest

from adapter.audit.reading import Numbered
from adapter.audit.stream import StreamSink
from adapter.audit.verify import Verified
from tests.audit.events import changes, written


def test_lines_come_out_in_a_chain() -> None:
    reading, writing = os.pipe()
    sink = StreamSink(writing)
    sink.append([written(each) for each in changes(1)])
    sink.append([written(each) for each in changes(1)])
    sink.sync()
    sink.close()
    os.close(writing)  # the sink has left it open
    with os.fdopen(reading, "rb") as lines:
        told = [Numbered(__file__, at, line.rstrip(b"\n")) for at, line in enumerate(lines, 1)]  # type: ignore[arg-type]
    assert len(told) == 4
    assert [*Verified().faults(told)] == []


def test_nobody_listening_is_told() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(BrokenPipeError):
        StreamSink(writing).append([written(each) for each in changes(1)])
    os.close(writing)
