import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapter.cli.files import shipped_mappings
from adapter.errors import InvalidSyntax
from adapter.scim import entra, entra_values, strict
from tests.conversation import FILES, Conversation, name_of


def _as_the_rfc_has_it(text: Any) -> Any:
    if text not in ("add", "replace", "remove"):
        raise InvalidSyntax("An operation's op must be add, replace or remove.")
    return text


# Each departure of Entra from the RFCs, and what stands in its place in a service that knows none.
WITHOUT: dict[str, Callable[..., Any]] = {
    "schemas_unchecked": strict.named,
    "group_unanswered": lambda _: False,
    "operation_name": _as_the_rfc_has_it,
    "pathless_split": lambda operation: [operation],
    "extension_split": lambda operation, _: [operation],
    "unmapped_dropped": lambda operations, _: operations,
    "read_only_dropped": lambda operations, _: operations,
    "element_made": lambda operation, _: operation,
    "list_from_single": lambda value: value,
    "other_assumed": lambda _, elements: elements,
    "scim_1_extension_renamed": lambda body, _: body,
    "single_from_list": lambda _, value: value,
    "boolean_from_text": lambda _, value: value,
    "boolean_compared": lambda wanted, _: wanted,
    "text_from_number": lambda wanted, _: wanted,
    "extension_found": lambda path, _: path,
    "type_assumed": lambda _, element: element,
    "reference_from_text": lambda _, value: value,
    "enterprise_attributes_moved": lambda body, _: body,
}


def _departures() -> set[str]:
    bodies = [ast.parse(inspect.getsource(each)).body for each in (entra, entra_values)]
    names = {node.name for body in bodies for node in body if isinstance(node, ast.FunctionDef)}
    return {each for each in names if not each.startswith(("_", "lowered_"))}


@pytest.mark.parametrize("file", FILES, ids=name_of)
async def test_the_conversation_goes_as_its_file_says(file: Path) -> None:
    await Conversation(file).play()


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_conversation_says_first_what_it_is_about(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("# ")


def test_every_departure_of_entra_is_among_those_that_can_be_taken_away() -> None:
    assert WITHOUT.keys() == _departures()


@pytest.mark.parametrize("departure", sorted(WITHOUT))
async def test_a_conversation_fails_without_the_departure_that_it_names(
    departure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = [each for each in FILES if f"entra.{departure}" in each.read_text(encoding="utf-8")]
    assert named
    monkeypatch.setattr(entra if hasattr(entra, departure) else entra_values, departure, WITHOUT[departure])
    for file in named:
        with pytest.raises(AssertionError):
            await Conversation(file).play()


@pytest.mark.parametrize(
    "mapping", sorted(each.stem for each in shipped_mappings().glob("*.yaml") if "." not in each.stem)
)
def test_every_shipped_mapping_has_a_conversation_for_each_operation(mapping: str) -> None:
    own = FILES if mapping == "n-able" else [each for each in FILES if each.parent.name == mapping]
    text = "".join(each.read_text(encoding="utf-8") for each in own)
    for method in ("GET, path: /Users/", 'GET, path: "/Users?filter=userName+eq', "POST, ", "PATCH, ", "DELETE, "):
        assert f"{{method: {method}" in text
