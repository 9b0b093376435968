"""One door for what comes from outside, given any bytes for some seconds: `python -m tests.attacks.fuzzed DOOR SECONDS`.

Where atheris is installed it chooses the bytes by the code that they reach (its wheels are for few versions of Python, so
the tests do not ask for it); otherwise Hypothesis chooses them.
"""

import importlib
import importlib.util
import sys
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

DOORS = ("filter", "path", "patch", "mapping", "json")
HAS_ATHERIS = importlib.util.find_spec("atheris") is not None
_AT_ONCE = 200


def door(name: str) -> Callable[[bytes], None]:
    """Return what takes any bytes, and raises nothing but a fault."""
    from adapter.errors import MappingError, ScimError  # noqa: PLC0415 (atheris wants to see them imported)
    from adapter.mapping.load import load  # noqa: PLC0415
    from adapter.scim import bulk, operation, patch  # noqa: PLC0415
    from adapter.scim.filter import read, read_place  # noqa: PLC0415
    from adapter.scim.match import predicate  # noqa: PLC0415
    from adapter.scim.profile import ENTRA, STRICT  # noqa: PLC0415
    from tests.scim.given import USER_TYPE  # noqa: PLC0415

    user = operation.create(b'{"userName": "ada", "emails": [{"type": "work", "value": "a@b.c"}]}', USER_TYPE).resource

    def text_of(data: bytes) -> str:
        return data.decode("utf-8", errors="replace")

    def filtered(data: bytes) -> None:
        with suppress(ScimError):
            found = read(text_of(data))
            assert read(str(found)) == found
            predicate(ENTRA.filter(text_of(data), USER_TYPE, ENTRA.limits), USER_TYPE)(user | {"id": "1"})

    def placed(data: bytes) -> None:
        with suppress(ScimError):
            found = read_place(text_of(data))
            assert read_place(str(found)) == found

    def patched(data: bytes) -> None:
        for profile in (ENTRA, STRICT):
            with suppress(ScimError):
                asked = operation.patch("1", data, USER_TYPE, profile)
                patch.patched(user, asked.operations, USER_TYPE, asked.adapt)

    def mapped(data: bytes) -> None:
        with suppress(MappingError):
            load(text_of(data), "a.yaml")

    def decoded(data: bytes) -> None:
        for profile in (ENTRA, STRICT):
            with suppress(ScimError):
                operation.create(data, USER_TYPE, profile)
            with suppress(ScimError):
                operation.query(operation.search(data, profile), USER_TYPE, profile)
            with suppress(ScimError):
                bulk.ordered(bulk.read(data, profile).operations)

    return {"filter": filtered, "path": placed, "patch": patched, "mapping": mapped, "json": decoded}[name]


SEEDS = {
    "filter": (b'userName eq "ada" and not (emails[type eq "work"] or title pr)', b"meta.lastModified gt 1e3"),
    "path": (
        b'emails[type eq "work" and value pr].value',
        b"urn:ietf:params:scim:schemas:core:2.0:User:name.givenName",
    ),
    "patch": (
        b'{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"title","value":"x"}]}',
        b'{"Operations":[{"op":"add","value":{"name.givenName":"A","emails":[{"type":"work","value":"x"}]}}]}',
    ),
    "mapping": (),
    "json": (
        b'{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada","emails":[{"value":"a"}]}',
        b'{"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":{"userName":"bulkId:a"}}]}',
    ),
}
"""Inputs that are right, for the others to be made from; of mappings there are the shipped ones."""


def seeds(name: str) -> tuple[bytes, ...]:
    """Return inputs of a door that are right."""
    from adapter.cli.files import shipped_mappings  # noqa: PLC0415

    files = sorted(shipped_mappings().glob("*.yaml")) if name == "mapping" else []
    return (*SEEDS[name], *(each.read_bytes() for each in files if ".examples" not in each.name))


def by_chance(name: str, seconds: float) -> int:
    """Give a door what Hypothesis chooses, and return how often."""
    from hypothesis import HealthCheck, Phase, given, settings  # noqa: PLC0415
    from hypothesis import strategies as st  # noqa: PLC0415

    taken, right, until = door(name), seeds(name), monotonic() + seconds
    cut = st.tuples(st.sampled_from(right), st.integers(0, 400), st.integers(0, 8), st.binary(max_size=8)).map(
        lambda part: part[0][: part[1]] + part[3] + part[0][part[1] + part[2] :]
    )
    count = 0

    @settings(
        max_examples=_AT_ONCE,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.binary(max_size=200) | cut)
    def some(data: bytes) -> None:
        nonlocal count
        count += 1
        taken(data)

    while monotonic() < until:
        some()
    return count


def by_coverage(name: str, seconds: float, folder: str) -> None:
    """Give a door what atheris chooses, and end the process: with 0 where nothing was found."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["adapter"]):
        taken = door(name)
    for at, each in enumerate(seeds(name)):
        with open(f"{folder}/seed-{at}", "wb") as seed:  # noqa: PTH123 (a line)
            seed.write(each)
    atheris.Setup(
        ["fuzzed", f"-max_total_time={int(seconds)}", "-max_len=4096", "-timeout=5", "-rss_limit_mb=2048", folder],
        taken,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    if HAS_ATHERIS:
        by_coverage(sys.argv[1], float(sys.argv[2]), sys.argv[3])
    else:
        sys.stderr.write(f"Done {by_chance(sys.argv[1], float(sys.argv[2]))} runs\n")
