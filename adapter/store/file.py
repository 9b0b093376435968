"""The store's file: made, checked and brought up to date before anything is read from it.

It has a write-ahead log (`-wal` and `-shm` stand beside it while it is open), so that nobody who reads waits for one who
writes, and several processes may use it. What was removed is overwritten: it is personal data.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from adapter.errors import SettingsError

MEMORY = ":memory:"
"""The path of a store that is gone with the process: for tests."""
WRITE_WAIT = 5.0
"""Seconds that a write waits for another process's; writers wait in their own thread."""
READ_WAIT = 0.2
"""Seconds that a read waits; it does so only while another process repairs the log after a crash."""

_OURS = 0x5343494D
"""`SCIM`, as the application id in the file's header: another program's database is left alone."""
_VERSIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE kept (
            connection TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, attribute TEXT NOT NULL,
            value TEXT NOT NULL, -- JSON
            PRIMARY KEY (connection, kind, id, attribute)
        ) WITHOUT ROWID""",
        # A column without a type compares as Python does: a number by its size, a text by its characters.
        """CREATE TABLE found (
            connection TEXT NOT NULL, kind TEXT NOT NULL, attribute TEXT NOT NULL, folded NOT NULL, id TEXT NOT NULL,
            PRIMARY KEY (connection, kind, attribute, folded, id)
        ) WITHOUT ROWID""",
        "CREATE INDEX found_of ON found (connection, kind, id, attribute)",
        f"PRAGMA application_id = {_OURS}",
    ),
    (
        # `intent` is the id of one that has no event yet.
        """CREATE TABLE audit (
            number INTEGER PRIMARY KEY, intent TEXT, hash TEXT NOT NULL, line BLOB NOT NULL
        )""",
        "CREATE INDEX audit_intent ON audit (intent) WHERE intent IS NOT NULL",
    ),
)
"""What leads from each version to the next; a step that was once released is never changed, only followed by another."""


def opened(path: str) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    """Return the way to write the file and the way to read it; the file is made when there is none.

    Raises SettingsError when it cannot be used.
    """
    made: list[sqlite3.Connection] = []
    try:
        if path != MEMORY:
            _reserve(Path(path))
        writing = _connected(path, WRITE_WAIT, made)
        _check_version(writing, path)
        _prepare(writing, path)
        if path == MEMORY:
            return writing, writing
        reading = _connected(path, READ_WAIT, made)
        reading.execute("PRAGMA query_only = ON")
    except BaseException as error:
        for each in made:
            with suppress(sqlite3.Error):
                each.close()
        if isinstance(error, OSError | sqlite3.Error):
            raise SettingsError([_fault(path, error)]) from error
        raise
    return writing, reading


def _reserve(path: Path) -> None:
    """Make the file before SQLite does, for nobody else to read; the files beside it get its mode from SQLite.

    A file that is there is never opened here: to close it again would end SQLite's own locks on it in this process.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        path.chmod(0o600)


def _connected(path: str, wait: float, made: list[sqlite3.Connection]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)
    made.append(connection)
    # What is answered is on the disk, even if the power fails in the next moment.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def _check_version(connection: sqlite3.Connection, path: str) -> None:
    """Refuse what this program must not write to, before anything is written."""
    version = _number(connection, "PRAGMA user_version")
    is_ours = _number(connection, "PRAGMA application_id") == _OURS
    if not is_ours and _number(connection, "SELECT count(*) FROM sqlite_master"):
        raise SettingsError([f"the store '{path}' is another program's database: name another file"])
    if version > len(_VERSIONS):
        fault = (
            f"the store '{path}' has layout {version}, of a newer version of this program (this one: {len(_VERSIONS)})"
        )
        raise SettingsError([f"{fault}; run that version, or restore the file as it was before the upgrade"])


def _prepare(connection: sqlite3.Connection, path: str) -> None:
    """Look for damage, turn the write-ahead log on, and bring the layout up to date."""
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise SettingsError([_damaged(path)])
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal" and path != MEMORY:
        raise SettingsError([f"the store '{path}' is on a disk that cannot hold a write-ahead log: name a local file"])
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        # Read again: another process may have brought it up to date meanwhile.
        for step in _VERSIONS[_number(connection, "PRAGMA user_version") :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(_VERSIONS)}")


def _number(connection: sqlite3.Connection, question: str) -> int:
    (number,) = connection.execute(question).fetchone()
    return int(number)


def _fault(path: str, error: OSError | sqlite3.Error) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"the store '{path}' cannot be made: there is no directory '{Path(path).parent}'; make it first"
    if isinstance(error, OSError):
        return f"the store '{path}' cannot be opened ({error.strerror}): name a file of this process's own"
    name = name_of(error)
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return _damaged(path)
    return (
        f"the store '{path}' cannot be opened ({name}): look at its disk, its directory's permissions, and who holds it"
    )


def _damaged(path: str) -> str:
    return (
        f"the store '{path}' is damaged, or no database: restore it from a backup, or move it away with the -wal and "
        "-shm beside it to begin an empty one; what was kept is lost then"
    )


def name_of(error: sqlite3.Error) -> str:
    """Return SQLite's own name for what went wrong, `SQLITE_FULL`; its text might show a value, the name never does."""
    return getattr(error, "sqlite_errorname", type(error).__name__)
