import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapter.errors import SettingsError, TooLarge
from adapter.scim.limits import GREATEST, USUAL, Limits

SOURCE = Path(__file__).parents[2] / "adapter"


@pytest.mark.parametrize(
    "values",
    [
        [[1, 2]],
        [{"members": [1, 2], "displayName": "x"}],
        [[1], [2]],
        [{"members": [1]}, [2], None, "xxxx", 7, {"a": {"b": [3, 4, 5]}}],
    ],
)
def test_the_lists_of_a_request_hold_as_much_as_is_allowed_and_no_more(values: list[Any]) -> None:
    Limits(members=2).check_members(*values)
    with pytest.raises(TooLarge, match=r"may hold 1 members.* holds 2 \(ADAPTER_MOST_MEMBERS\)"):
        Limits(members=1).check_members(*values)


@pytest.mark.parametrize(("name", "most"), GREATEST.items())
def test_what_no_reader_could_follow_cannot_be_set(name: str, most: int) -> None:
    assert getattr(Limits(**{name: most}), name) == most
    with pytest.raises(SettingsError, match=f"^ADAPTER_MOST_{name.upper()} may be {most} at the most$"):
        Limits(**{name: most + 1})


def test_every_limit_that_is_named_is_one() -> None:
    named = {
        found.lower()
        for module in (SOURCE / "scim").glob("*.py")
        for found in re.findall(r"ADAPTER_MOST_([A-Z]+)", module.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= set(msgspec.structs.asdict(USUAL))
