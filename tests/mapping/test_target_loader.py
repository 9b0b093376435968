"""What a rule's path means; the paths that are refused are under tests/broken."""

import pytest

from adapter.errors import MappingError
from adapter.mapping.document import Extension, ExtensionAttribute
from adapter.mapping.source import Source
from adapter.mapping.target_loader import TargetLoader, place_of, type_of

DESK = "urn:example:params:scim:schemas:extension:desk:2.0:User"
FLOOR = ExtensionAttribute(name="floor", about="Where they sit", type="integer")
TAGS = ExtensionAttribute(name="tags", about="What they know", multi_valued=True, case_exact=True)
TYPE = type_of("User", [Extension(urn=DESK, name="Desk", about="Where to find them", attributes=[FLOOR, TAGS])])


def test_a_path_is_judged_at_its_own_place() -> None:
    source = Source("a.yaml", "- {scim: title, field: t}\n- {scim: titel, field: t}")
    with pytest.raises(MappingError, match=r"^a.yaml:2:10: unknown attribute 'titel': did you mean 'title'\?$"):
        TargetLoader(source, TYPE).target("titel", (1, "scim"), every=False)


def test_a_path_that_cannot_be_read_is_an_error_at_its_place() -> None:
    source = Source("a.yaml", "filter: ' '")
    with pytest.raises(MappingError) as refused:
        place_of("name.", ("filter",), source)
    assert str(refused.value) == "a.yaml:1:9: 'name.' cannot be read at character 1: expected an attribute name"


def test_an_extension_of_the_mapping_has_the_characteristics_that_it_says() -> None:
    target, element = TargetLoader(Source("a.yaml", "a"), TYPE).target(f"{DESK}:floor", (), every=False)
    assert (target.extension, target.leaf.type, target.leaf.description, element) == (
        DESK,
        "integer",
        FLOOR.about,
        None,
    )
    tags, _ = TargetLoader(Source("a.yaml", "a"), TYPE).target(f"{DESK}:tags", (), every=True)
    assert (tags.attribute.multi_valued, tags.leaf.case_exact) == (True, True)
