"""Changed settings are taken while the gateway runs; wrong ones change nothing."""

import asyncio
import logging
import os
import signal
import threading
from pathlib import Path

import msgspec
import pytest

from adapter.errors import MappingError
from adapter.mapping.load import load
from adapter.settings.settings import Settings
from adapter.web import reload as reloading
from adapter.web.reload import Reload
from tests.conversation import SETTINGS

N_ABLE = (Path(__file__).parent.parent.parent / "mappings" / "n-able.yaml").read_text(encoding="utf-8")


class _Serving:
    def __init__(self) -> None:
        self.digests: list[str] = []
        self.arrived = asyncio.Event()

    def use(self, settings: Settings) -> None:
        self.digests.append(settings.connections[0].mapping.digest)
        self.arrived.set()

    async def next(self) -> None:
        await asyncio.wait_for(self.arrived.wait(), 10)
        self.arrived.clear()


def _from(file: Path) -> Settings:
    made = SETTINGS.settings(load(file.read_text(encoding="utf-8"), str(file)))
    return msgspec.structs.replace(made, files=(file,))


def _reload(file: Path, *, is_watching: bool = False) -> Reload:
    """Return a reload of a file that was right once."""
    before = msgspec.structs.replace(SETTINGS.settings(load(N_ABLE, "before")), files=(file,))
    return Reload(lambda: _from(file), before, is_watching=is_watching)


def test_a_digest_is_that_of_the_text() -> None:
    assert load(N_ABLE, "a.yaml").digest == load(N_ABLE, "b.yaml").digest
    assert load(N_ABLE + "# changed\n", "a.yaml").digest != load(N_ABLE, "a.yaml").digest


async def test_the_signal_takes_the_file_as_it_is_now(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(N_ABLE, encoding="utf-8")
    serving = _Serving()
    task = asyncio.create_task(_reload(file).until_cancelled(serving.use))
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGHUP)
    await serving.next()
    task.cancel()


async def test_a_signal_that_comes_before_it_can_be_heard_waits(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(N_ABLE, encoding="utf-8")
    serving = _Serving()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
    signal.pthread_kill(threading.get_ident(), signal.SIGHUP)
    task = asyncio.create_task(_reload(file).until_cancelled(serving.use))
    await serving.next()
    task.cancel()
    assert serving.digests == [load(N_ABLE, "").digest]


async def test_a_watched_file_is_taken_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reloading, "LOOKS_EVERY", 0.01)
    file = tmp_path / "acme.yaml"
    file.write_text(N_ABLE, encoding="utf-8")
    serving = _Serving()
    task = asyncio.create_task(_reload(file, is_watching=True).until_cancelled(serving.use))
    await asyncio.sleep(0.1)
    assert serving.digests == []  # nothing has changed
    saved = tmp_path / "saved.yaml"  # as editors save: beside it, then moved over it
    saved.write_text(N_ABLE + "# changed\n", encoding="utf-8")
    saved.replace(file)
    await serving.next()
    task.cancel()
    assert serving.digests == [load(N_ABLE + "# changed\n", "").digest]


async def test_a_wrong_file_changes_nothing_and_every_fault_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(N_ABLE.replace("scim: active", "scim: aktive"), encoding="utf-8")
    serving = _Serving()
    with caplog.at_level(logging.ERROR):
        _reload(file).now(serving.use)
    with pytest.raises(MappingError) as error:
        _from(file)
    assert serving.digests == []
    assert [record.getMessage() for record in caplog.records] == [
        f"the settings are not taken, the old ones stay in use: {fault}" for fault in error.value.all
    ]


async def test_a_file_that_is_saved_while_it_is_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reloading, "LOOKS_EVERY", 0.01)
    file = tmp_path / "acme.yaml"
    file.write_text(N_ABLE, encoding="utf-8")
    last = N_ABLE + "# changed once more\n"

    def read() -> Settings:
        made = _from(file)
        if file.read_text(encoding="utf-8") != last:
            file.write_text(last, encoding="utf-8")
        return made

    serving = _Serving()
    before = msgspec.structs.replace(SETTINGS.settings(load(N_ABLE, "before")), files=(file,))
    task = asyncio.create_task(Reload(read, before, is_watching=True).until_cancelled(serving.use))
    await asyncio.sleep(0.05)
    file.write_text(N_ABLE + "# changed\n", encoding="utf-8")
    await serving.next()
    await serving.next()
    task.cancel()
    assert serving.digests == [load(N_ABLE + "# changed\n", "").digest, load(last, "").digest]
