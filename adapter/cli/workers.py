"""Several processes that serve: a parent that listens and waits, and workers that take requests from its socket.

Each is a fork of the parent, made before anything is begun that does not survive one: no loop, no thread, no open store.
What the parent has made for all, a signing key for one, they have in memory, and nobody reads it on a command line.
"""

import atexit
import contextlib
import gc
import logging
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from adapter.errors import SettingsError

_LOG = logging.getLogger("adapter.workers")

_HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD)
_ENDING = (signal.SIGTERM, signal.SIGINT)
PAUSE = 2.0
"""Seconds from one start of a worker to its next at the least: one that cannot start shall not take all the time there is."""


class Place(NamedTuple):
    """What a worker has of its parent."""

    number: int
    folder: Path
    lifeline: int
    ready: int
    gate: int

    async def begun(self) -> None:
        """Tell the parent, hear signals, end when the parent does, and wait until the others are there, too."""
        import asyncio  # noqa: PLC0415

        loop, opened = asyncio.get_running_loop(), asyncio.Event()

        def orphaned() -> None:
            loop.remove_reader(self.lifeline)
            atexit.register(self._leave)
            _LOG.error("the process that started the workers is gone: no more requests are taken")
            os.kill(os.getpid(), signal.SIGINT)

        loop.add_reader(self.lifeline, orphaned)
        with contextlib.suppress(BrokenPipeError):  # of one that is started again nobody wants to know
            os.write(self.ready, b".")
        os.close(self.ready)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
        loop.add_reader(self.gate, opened.set)
        await opened.wait()
        loop.remove_reader(self.gate)
        os.close(self.gate)

    def _leave(self) -> None:
        """Remove the folder, if no other worker is in it any more."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()


class Parent:
    """Starts `count` workers, and starts them again when they die; `listening` is the socket that all take requests from."""

    def __init__(self, count: int, listening: socket.socket) -> None:
        self._count, self._listening = count, listening
        self._pid = os.getpid()
        self._pids: dict[int, int] = {}
        self._started: dict[int, float] = {}
        self._serves, self._is_ending, self._status = False, False, 0
        self._wake, self._woken = os.pipe()
        self._lifeline, self._life = os.pipe()
        self._gate, self._opener = os.pipe()
        self._folder = _folder()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._woken, False)

    def place(self, told: Callable[[], None], reread: Callable[[], None], *, is_watching: bool = False) -> Place:
        """Return in each worker, and there only; the parent ends the program when all of them have ended.

        `told` is called in the parent once all are there; `reread` on SIGHUP, before anybody else hears of it, and, where
        files are watched, before a worker is started again: it shall know what the others do.
        """
        gc.freeze()  # what there is by now stays one memory for all, which no collection of a worker's goes through
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        for each in _HEARD:
            signal.signal(each, lambda *_: None)
        try:
            place = self._begin(reread)
            if place is None and not self._is_ending:
                told()
            place = place or self._stay(reread, is_watching=is_watching)
            if place is not None:
                return place
            sys.exit(self._status)
        finally:
            if os.getpid() == self._pid:
                self._end(signal.SIGINT)
                shutil.rmtree(self._folder, ignore_errors=True)

    def _begin(self, reread: Callable[[], None]) -> Place | None:
        """Start all, one after the other: what none of them could do the first says, and the program ends as it does."""
        for number in range(1, self._count + 1):
            ready = self._forked(number)
            if isinstance(ready, Place):
                return ready
            if not self._has_begun(number, ready, reread):
                sys.exit(self._status or (0 if self._is_ending else 1))
            if self._is_ending:
                break
        self._serves = True
        os.close(self._opener)  # whoever takes a client's request finds all others there
        return None

    def _stay(self, reread: Callable[[], None], *, is_watching: bool) -> Place | None:
        """Hand on signals, and start again who dies, until the end."""
        while self._pids or not self._is_ending:
            self._listen(1.0, reread)
            for number in self._due():
                if is_watching:
                    reread()
                try:
                    ready = self._forked(number)
                except OSError as error:
                    self._started[number] = monotonic()
                    _LOG.error("worker %d cannot be started again: %s", number, error.strerror)
                    continue
                if isinstance(ready, Place):
                    return ready
                os.close(ready)
        return None

    def _forked(self, number: int) -> "Place | int":
        """Return its place in a new worker, and in the parent where it says that it serves.

        Signals wait until the worker can hear them.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        hearing, saying = os.pipe()
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        try:
            pid = os.fork()
        except OSError:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
            os.close(hearing)
            os.close(saying)
            raise
        if pid:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
            os.close(saying)
            self._pids[pid], self._started[number] = number, monotonic()
            return hearing
        signal.set_wakeup_fd(-1)
        for each in _HEARD:
            signal.signal(each, signal.SIG_DFL)
        for file in (self._wake, self._woken, self._life, hearing, *(() if self._serves else (self._opener,))):
            os.close(file)
        os.setpgid(0, 0)  # what is typed at a terminal goes to the parent, which hands it on
        return Place(number, self._folder, self._lifeline, saying, self._gate)

    def _has_begun(self, number: int, ready: int, reread: Callable[[], None]) -> bool:
        """Wait until a worker serves, and tell whether it does; if not, its end is the first that is noted."""
        while not select.select([ready], [], [], 0)[0]:
            self._listen(1.0, reread, ready)
        serves = bool(os.read(ready, 1))
        os.close(ready)
        while not serves and number in self._pids.values():
            self._bury(wait=True)
        return serves

    def _listen(self, seconds: float, reread: Callable[[], None], also: int | None = None) -> None:
        """Hear signals, and see who has ended; `seconds` are waited at the most."""
        select.select([self._wake, *([] if also is None else [also])], [], [], seconds)
        try:
            heard = os.read(self._wake, 512)
        except BlockingIOError:
            heard = b""
        for each in map(signal.Signals, heard):
            if each in _ENDING:
                self._is_ending = True
                self._listening.close()  # the workers have it too; when all have ended nobody is let in any more
            if each == signal.SIGHUP:
                reread()
            if each != signal.SIGCHLD:
                self._say(each)
        self._bury()

    def _say(self, what: signal.Signals) -> None:
        for pid in self._pids:
            os.kill(pid, what)  # it is there, or waits to be buried

    def _bury(self, *, wait: bool = False) -> None:
        """Note who has ended; with `wait` one at the least has."""
        while self._pids:
            pid, ended = os.waitpid(-1, 0 if wait else os.WNOHANG)
            wait = False
            if not pid:
                return
            number = self._pids.pop(pid, None)
            if number is None:
                continue
            code = os.waitstatus_to_exitcode(ended)
            if self._serves and not self._is_ending:
                _LOG.error("worker %d has ended (%s) and is started again", number, _said(code))
            elif code:
                self._status = self._status or (code if code > 0 else 1)

    def _due(self) -> list[int]:
        """Return the workers that are to be started again, each a while after its last start."""
        if self._is_ending:
            return []
        there = set(self._pids.values())
        now = monotonic()
        return [each for each, at in self._started.items() if each not in there and now - at >= PAUSE]

    def _end(self, what: signal.Signals) -> None:
        """End all workers, and wait for them."""
        self._is_ending = True
        if not self._serves:
            self._serves = True
            os.close(self._opener)  # who waits for the others there shall hear of the end
        self._say(what)
        while self._pids:
            self._bury(wait=True)


def _folder() -> Path:
    """Return a new folder that nobody else may enter, and in which a socket can be; raises SettingsError."""
    made = ""
    try:
        made = tempfile.mkdtemp(prefix="scim-adapter-")  # mode 0700
        with socket.socket(socket.AF_UNIX) as tried:
            tried.bind(f"{made}/00")  # as long as the longest of those that follow
        (Path(made) / "00").unlink()
    except OSError as error:
        shutil.rmtree(made, ignore_errors=True)
        fault = f"workers talk over sockets (AF_UNIX) in a folder of their own, and it cannot be made: {error}"
        raise SettingsError([f"{fault}; TMPDIR may name another place, with a short path"]) from error
    return Path(made)


def _said(code: int) -> str:
    return f"exit status {code}" if code >= 0 else signal.Signals(-code).name
