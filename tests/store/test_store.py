import asyncio
import logging
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import Internal
from adapter.plan.keeping import Folded, Forget, Keep, Lookup, Recall, Step
from adapter.store.store import Store

DEPARTMENT = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "kept.db"), "acme") as made:
        yield made


def keep(user: str, value: str, attribute: str = "externalId") -> Keep:
    return Keep("User", user, {attribute: value}, {attribute: (value.lower(),)})


async def kept(store: Store, *ids: str) -> Any:
    return await store.done(Recall("User", ids))


async def found(store: Store, value: Folded, attribute: str = "externalId") -> Any:
    return await store.done(Lookup("User", attribute, value))


async def test_what_is_kept_is_recalled_by_id_and_attribute(store: Store) -> None:
    assert await store.done(keep("1", "A")) is None
    await store.done(keep("1", "R&D", DEPARTMENT))
    await store.done(keep("2", "B"))
    assert await kept(store, "1", "2", "3") == {"1": {"externalId": "A", DEPARTMENT: "R&D"}, "2": {"externalId": "B"}}
    assert await kept(store) == {}


@pytest.mark.parametrize(
    "value", ["", "Zoë 🙂 \x00 '\"", True, 0, 10**30, 2.5, ["a", "b"], [{"value": "x", "primary": False}], {"a": None}]
)
async def test_a_value_comes_back_as_it_was_of_the_same_type(store: Store, value: Any) -> None:
    await store.done(Keep("User", "1", {"externalId": value}, {}))
    back = (await kept(store, "1"))["1"]["externalId"]
    assert (back, type(back)) == (value, type(value))


async def test_a_new_value_takes_the_place_of_the_old_one(store: Store) -> None:
    await store.done(keep("1", "A"))
    await store.done(keep("1", "B"))
    assert await kept(store, "1") == {"1": {"externalId": "B"}}
    assert (await found(store, "a"), await found(store, "b")) == ((), ("1",))


async def test_none_removes_a_value_and_leaves_the_others(store: Store) -> None:
    await store.done(keep("1", "A"))
    await store.done(keep("1", "R&D", DEPARTMENT))
    await store.done(Keep("User", "1", {"externalId": None, "nickName": None}, {"externalId": ("a",)}))
    assert await kept(store, "1") == {"1": {DEPARTMENT: "R&D"}}
    assert (await found(store, "a"), await found(store, "r&d", DEPARTMENT)) == ((), ("1",))


async def test_a_lookup_finds_all_who_have_the_folded_value_in_this_attribute(store: Store) -> None:
    await store.done(keep("2", "ADA"))
    await store.done(keep("1", "Ada"))
    await store.done(keep("3", "Ada", "nickName"))
    assert await found(store, "ada") == ("1", "2")
    assert await found(store, "Ada") == ()


async def test_each_value_of_several_is_found_and_the_same_one_twice_is_one(store: Store) -> None:
    await store.done(Keep("User", "1", {"tags": ["A", "a", "b"]}, {"tags": ("a", "a", "b")}))
    assert [await found(store, each, "tags") for each in ("a", "b", "c")] == [("1",), ("1",), ()]


@pytest.mark.parametrize(
    ("value", "same", "other"),
    [
        (1, 1.0, "1"),
        (True, True, False),
        (2**62, 2.0**62, 2**62 + 1),
        (2**63, 2**63, 2**63 + 1),
        (-(2**63), -(2**63), 0),
        (10**400, 10**400, 10**399),
        ("straße", "straße", "strasse"),
        ("a\x00b", "a\x00b", "a"),
        ("é", "é", "e\u0301"),
        ("🙂", "🙂", "🙁"),
    ],
)
async def test_a_value_is_found_by_its_equal_only(store: Store, value: Folded, same: Folded, other: Folded) -> None:
    await store.done(Keep("User", "1", {"x": value}, {"x": (value,)}))
    assert (await found(store, same, "x"), await found(store, other, "x")) == (("1",), ())


async def test_what_is_kept_without_a_folded_form_is_found_by_no_lookup(store: Store) -> None:
    await store.done(Keep("User", "1", {"name": {"givenName": "Ada"}}, {"other": ("ada",)}))
    assert (await found(store, "ada", "name"), await found(store, "ada", "other")) == ((), ())


async def test_a_forgotten_resource_is_gone_and_the_others_stay(store: Store) -> None:
    for each in ("1", "2"):
        await store.done(keep(each, "A"))
    assert await store.done(Forget("User", "1")) is None
    await store.done(Forget("User", "3"))
    assert await kept(store, "1", "2") == {"2": {"externalId": "A"}}
    assert await found(store, "a") == ("2",)


async def test_kinds_and_connections_are_apart(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.db")
    with Store(path, "acme") as one, Store(path, "other") as other:
        await one.done(keep("1", "A"))
        await other.done(keep("1", "B"))
        await one.done(Keep("Group", "1", {"externalId": "C"}, {"externalId": ("c",)}))
        await other.done(Forget("User", "1"))
        await one.done(Forget("Group", "1"))
        assert await kept(one, "1") == {"1": {"externalId": "A"}}
        assert (await kept(other, "1"), await found(other, "a"), await found(other, "b")) == ({}, (), ())


async def test_ten_thousand_resources_are_recalled_at_once(store: Store) -> None:
    ids = tuple(str(each) for each in range(10_000))
    for each in ids[::500]:
        await store.done(keep(each, each))
    assert await kept(store, *ids) == {each: {"externalId": each} for each in ids[::500]}


async def test_what_was_kept_outlives_the_store(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.db")
    with Store(path, "acme") as store:
        await store.done(keep("1", "Zoë"))
    with Store(path, "acme") as store:
        assert await kept(store, "1") == {"1": {"externalId": "Zoë"}}
        assert await found(store, "zoë") == ("1",)


async def test_a_store_in_memory_is_a_store_and_nobody_elses() -> None:
    with Store(":memory:", "acme") as store, Store(":memory:", "acme") as other:
        await asyncio.gather(*(store.done(keep(str(each), "A")) for each in range(20)))
        assert len(await found(store, "a")) == 20
        assert await found(other, "a") == ()


async def test_a_hundred_at_once_are_all_kept(store: Store) -> None:
    async def one(user: str) -> None:
        await store.done(keep(user, f"X{user}"))
        assert await found(store, f"x{user}") == (user,)

    await asyncio.gather(*(one(str(each)) for each in range(100)))
    assert len(await kept(store, *map(str, range(100)))) == 100


async def test_a_reader_sees_all_of_a_keep_or_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.db")
    names = [str(each) for each in range(20)]
    with Store(path, "acme") as store:
        writing = [
            asyncio.ensure_future(store.done(Keep("User", "1", dict.fromkeys(names, turn), {}))) for turn in range(30)
        ]
        while not all(each.done() for each in writing):
            values = (await kept(store, "1")).get("1", {}).values()
            assert len(set(values)) <= 1
            assert len(values) in (0, 20)
            await asyncio.sleep(0)


# Keeps one user after the other, and says of each that it is done.
CHILD = """
import asyncio, sys
from adapter.plan.keeping import Keep
from adapter.store.store import Store

async def main(path, name, most):
    with Store(path, "acme") as store:
        for each in range(most):
            user = f"{name}{each}"
            await store.done(Keep("User", user, {"externalId": user, "x": 1}, {"externalId": (user,)}))
            print(user, flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


@contextmanager
def child(path: str, name: str, most: int) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, path, name, str(most)], stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


async def test_what_was_answered_is_there_after_a_kill(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.db")
    with child(path, "a", 1_000_000) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(50)]
        process.send_signal(signal.SIGKILL)
        said += process.stdout.read().split()
    assert process.returncode == -signal.SIGKILL
    with Store(path, "acme") as store:
        assert await kept(store, *said) == {each: {"externalId": each, "x": 1} for each in said}
        assert [await found(store, each) for each in said] == [(each,) for each in said]


async def test_two_processes_keep_in_one_file(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.db")
    with Store(path, "acme") as store, child(path, "a", 100) as one, child(path, "b", 100) as two:
        for each in range(100):
            await store.done(keep(f"c{each}", "C"))
        for process in (one, two):
            assert process.stdout is not None
            assert len(process.stdout.read().split()) == 100
        every = [f"{name}{each}" for name in "abc" for each in range(100)]
        assert len(await kept(store, *every)) == 300


async def failed(store: Store, step: Step, caplog: pytest.LogCaptureFixture) -> str:
    """Return how a step fails, when neither the answer nor the log shows a value."""
    with caplog.at_level(logging.DEBUG), pytest.raises(Internal) as error:
        await store.done(step)
    logging.getLogger("test").error("as a server would log it", exc_info=error.value)
    assert "Lovelace" not in caplog.text + error.value.detail
    assert "sqlite3." not in caplog.text
    return error.value.detail


async def test_a_file_that_another_process_holds_is_an_error_and_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("adapter.store.file.WRITE_WAIT", 0)
    path = str(tmp_path / "kept.db")
    with Store(path, "acme") as store, closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert await failed(store, keep("1", "Lovelace"), caplog) == (
            "The gateway's own store failed (SQLITE_BUSY), so what it keeps was not changed; the upstream may have done "
            "its part. Look at the disk that holds it: is it full, read-only or damaged, or does another process hold "
            "it? The next provisioning cycle tries again."
        )
        assert await kept(store, "1") == {}  # a read does not wait for a write
        holder.execute("COMMIT")
        await store.done(keep("1", "B"))
        assert await kept(store, "1") == {"1": {"externalId": "B"}}


async def test_a_disk_that_takes_no_more_is_an_error_and_nothing_is_kept(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    await store.done(keep("1", "A"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        assert "(SQLITE_IOERR" in await failed(store, keep("1", "Lovelace"), caplog)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert await kept(store, "1") == {"1": {"externalId": "A"}}
    await store.done(keep("1", "B"))
    assert await kept(store, "1") == {"1": {"externalId": "B"}}


async def test_a_file_that_is_damaged_while_it_is_open_is_an_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "kept.db"
    with Store(str(path), "acme") as store:
        await store.done(keep("1", "Lovelace"))
    with Store(str(path), "acme") as store:
        path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 20_000)
        assert "(SQLITE_CORRUPT" in await failed(store, Recall("User", ("Lovelace",)), caplog)
        assert "(SQLITE_CORRUPT" in await failed(store, Lookup("User", "externalId", "Lovelace"), caplog)


IDS = st.sampled_from(["1", "2", "é", "e\u0301", "A", "a"])
KINDS = st.sampled_from(["User", "Group"])
ATTRIBUTES = st.sampled_from(["externalId", "externalid", DEPARTMENT])
FOLDED: st.SearchStrategy[Folded] = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
    st.sampled_from([True, 0, 1, 1.0, -0.0, 2**53, 2.0**53, 2**53 + 1, "1", "true", ""]),
    st.integers(1 - 2**63, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
)
STEPS = st.one_of(
    st.builds(Recall, KINDS, st.lists(IDS).map(tuple)),
    st.builds(Lookup, KINDS, ATTRIBUTES, FOLDED),
    st.dictionaries(ATTRIBUTES, st.none() | st.lists(FOLDED, max_size=3).map(tuple)).flatmap(
        lambda values: st.builds(
            Keep, KINDS, IDS, st.just(values), st.just({name: each for name, each in values.items() if each})
        )
    ),
    st.builds(Forget, KINDS, IDS),
)


class Model:
    """What the store should do, with one dict."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str, str], tuple[Folded, ...]] = {}

    def done(self, step: Step) -> Any:
        match step:
            case Recall(kind, ids):
                recalled: dict[str, dict[str, Any]] = {}
                for (of, user, attribute), values in self.values.items():
                    if of == kind and user in ids:
                        recalled.setdefault(user, {})[attribute] = list(values)
                return recalled
            case Lookup(kind, attribute, wanted):
                having = {
                    user
                    for (of, user, name), all_ in self.values.items()
                    if of == kind and name == attribute and wanted in all_
                }
                return tuple(sorted(having, key=lambda user: user.encode()))
            case Keep(kind, user, values):
                for attribute, value in values.items():
                    self.values.pop((kind, user, attribute), None)
                    if value is not None:
                        self.values[kind, user, attribute] = value
            case Forget(kind, user):
                self.values = {key: value for key, value in self.values.items() if key[:2] != (kind, user)}
        return None


@settings(deadline=None)
@given(st.lists(STEPS, max_size=30))
async def test_the_store_does_what_a_dict_would(steps: list[Step]) -> None:
    model = Model()
    with Store(":memory:", "acme") as store:
        for step in [*steps, Recall("User", ("1", "2", "é", "e\u0301", "A", "a"))]:
            assert await store.done(step) == model.done(step)
