from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from adapter.mapping import described
from tests.mapping.minimal import MAPPINGS

SHIPPED = [each for each in sorted(MAPPINGS.glob("*.yaml")) if not each.stem.endswith(".examples")]


def test_the_schema_beside_the_mappings_is_fresh() -> None:
    assert (MAPPINGS / "schema.json").read_text(encoding="utf-8") == described.text()


@pytest.mark.parametrize("struct", described.structs().values(), ids=lambda struct: struct.__name__)
def test_every_key_says_what_it_means(struct: type[msgspec.Struct]) -> None:
    assert set(described.keys(struct)) == set(struct.__struct_fields__)


def test_every_key_has_its_description_in_the_schema() -> None:
    for name, part in described.schema()["$defs"].items():
        for key, about in part["properties"].items():
            assert about.get("description"), f"{name}.{key}"


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_mapping_fits_the_schema_and_names_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    data: Any = yaml.safe_load(text)
    assert list(Draft202012Validator(described.schema()).iter_errors(data)) == []


def test_what_the_schema_refuses() -> None:
    validator = Draft202012Validator(described.schema())
    assert not validator.is_valid({"version": 2, "upstream": "API"})
    assert not validator.is_valid({"version": 1, "upstream": "API", "surprise": 1})
