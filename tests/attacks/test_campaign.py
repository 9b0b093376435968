"""The campaign's short form, and that it bites: a gateway that answers wrongly is found out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from tests.attacks import campaign, fuzzed, malformed, report
from tests.attacks.__main__ import main
from tests.attacks.asking import request, said
from tests.attacks.campaign import PARTS, Wanted
from tests.attacks.inputs import CLASSES, Input
from tests.attacks.part import Part
from tests.attacks.stand import Stand
from tests.fakes.directory import Directory


def _silent(_: str) -> None:
    pass


async def test_a_sample_of_every_attack_is_refused(tmp_path: Path) -> None:
    """C5, C6, C12: what took long is left to the command, since other tests run beside this one."""
    parts = await campaign.run(Wanted(1, is_long=False, fuzz=0, only=(), folder=tmp_path), _silent)
    assert [fault for each in parts for fault in each.faults] == []
    assert {each.name for each in parts} >= set(CLASSES) | {"odd credentials", "what OpenAPI allows", "leaks"}
    assert all(each.count for each in parts)


def test_each_class_is_as_large_as_is_said_and_the_same_again() -> None:
    assert sum(size for name, (_, size) in CLASSES.items() if name != "canaries") == 2_600
    for name, (made, size) in CLASSES.items():
        once, again = (list(islice(made(Random(1)), size)) for _ in range(2))  # noqa: S311 (the same ones again)
        assert once == again
        assert len(once) == size or name == "canaries"
        chosen = [each for each in once if each.right != frozenset({"any"})]
        assert len(chosen) > size / 2 or name == "canaries"


@asynccontextmanager
async def _answering(answer: bytes, log: Path) -> AsyncIterator[Stand]:
    """Stand before something that answers everything alike."""

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 20)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0, limit=1 << 22)
    sleeping = await asyncio.create_subprocess_exec("sleep", "60")
    async with server:
        yield Stand(server.sockets[0].getsockname()[1], sleeping, Directory("x"), log, log.with_name("trail"))
    sleeping.kill()
    await sleeping.wait()


def _reply(status: int, body: bytes, kind: bytes = b"application/scim+json; charset=utf-8") -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (status, kind, len(body), body)


WRONG = {
    "a fault of its own": _reply(500, b"{}"),
    "an error that is none": _reply(400, b"{}"),
    "a page": _reply(400, b"<h1>", b"text/html"),
    "a success": _reply(200, b'{"totalResults": 1}'),
    "nothing": b"",
}


@pytest.mark.parametrize("answer", WRONG.values(), ids=list(WRONG))
async def test_an_answer_that_is_wrong_is_a_fault(answer: bytes, tmp_path: Path) -> None:
    right = frozenset({"400 invalidFilter", "400", "201"})
    async with _answering(answer, tmp_path / "log") as stand:
        part = await malformed._class(stand, Part("x"), iter([Input("x", request("GET /"), right)]))  # noqa: SLF001
    assert len(part.faults) == 1


async def test_a_call_that_goes_out_and_none_may_is_a_fault(tmp_path: Path) -> None:
    async with _answering(_reply(200, b'{"totalResults": 1}'), tmp_path / "log") as stand:
        for each in (
            Input("x", request("GET /"), frozenset({"200"}), finds_nobody=True),
            Input("x", request("GET /"), frozenset({"200"})),
        ):
            stand.seen.append(("DELETE", "/users", ["host"]))
            part = await malformed._class(stand, Part("x"), iter([each]))  # noqa: SLF001
            assert len(part.faults) == 1 + each.finds_nobody


async def test_a_line_that_holds_what_was_planted_is_found_wherever_it_is_told(tmp_path: Path) -> None:
    planted = "all is well\nhere is Kanari3nvogel\n"
    async with _answering(_reply(200, planted.encode(), b"text/plain"), tmp_path / "log") as stand:
        for each in (stand.log, stand.trail):
            each.touch()
        part = await campaign._leaks(stand)  # noqa: SLF001
        assert part.faults == [
            "the log is empty, so nothing of it was scanned",
            "the audit trail is empty, so nothing of it was scanned",
            "metrics: here is Kanari3nvogel",
        ]
        for each in (stand.log, stand.trail):
            each.write_text(planted, encoding="utf-8")
        part = await campaign._leaks(stand)  # noqa: SLF001
        assert part.faults == [f"{each}: here is Kanari3nvogel" for each in ("log", "audit trail", "metrics")]


async def test_an_answer_is_read_to_its_end_and_timed(tmp_path: Path) -> None:
    async with _answering(_reply(400, b'{"scimType": "tooMany"}'), tmp_path / "log") as stand:
        answer = await said(stand.port, request("GET /"))
    assert (answer.verdict, answer.kind) == ("400 tooMany", "application/scim+json; charset=utf-8")
    assert 0 < answer.seconds < 5


@pytest.mark.parametrize("name", fuzzed.DOORS)
def test_a_door_takes_what_chance_chooses(name: str) -> None:
    assert fuzzed.by_chance(name, 0.1) > 0


def test_a_door_that_fails_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(data: bytes) -> None:
        assert len(data) < 50

    monkeypatch.setattr(fuzzed, "door", lambda _: failing)
    with pytest.raises(AssertionError):
        fuzzed.by_chance("json", 5)


def test_the_report_says_what_was_wrong_and_what_was_slow() -> None:
    part = Part("x", seconds=[0.1, 0.2], faults=["a fault"] * 40, slow=["late"])
    part.verdicts["400 tooMany"] = 2
    told = "\n".join(report.lines([part]))
    assert "2 x 400 tooMany" in told
    assert "too slow: late" in told
    assert told.count("a fault") == report.MOST_SHOWN


def test_a_part_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "nothing"])
    assert "there is no part nothing" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert [each for each in PARTS if each not in told] == []
