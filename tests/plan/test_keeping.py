from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.plan.keeping import Folded, foldings
from adapter.scim.filter import Compare
from adapter.scim.match import folded, predicate
from adapter.scim.path import Path
from adapter.scim.schema import Attribute, ResourceType, Schema

EXACT = Attribute(name="externalId", case_exact=True)
LOOSE = Attribute(name="department")
NUMBER = Attribute(name="grade", type="decimal")
SEVERAL = Attribute(name="tags", multi_valued=True)
COMPLEX = Attribute(
    name="emails", type="complex", multi_valued=True, sub_attributes=(Attribute(name="value"), Attribute(name="type"))
)
WITHOUT_VALUE = Attribute(name="name", type="complex", sub_attributes=(Attribute(name="givenName"),))


@pytest.mark.parametrize(
    ("attribute", "value", "found"),
    [
        (EXACT, "A-1", ("A-1",)),
        (EXACT, "e\u0301", ("é",)),
        (LOOSE, "Straße", ("straße",)),
        (LOOSE, None, ()),
        (NUMBER, 2.5, (2.5,)),
        (SEVERAL, ["A", "b"], ("a", "b")),
        (COMPLEX, [{"value": "A@x.org", "type": "work"}, {"type": "home"}], ("a@x.org",)),
        (WITHOUT_VALUE, {"givenName": "Ada"}, ()),
    ],
)
def test_a_value_is_found_by_its_folded_form(attribute: Attribute, value: Any, found: tuple[Folded, ...]) -> None:
    assert foldings(attribute, value) == found


TYPE = ResourceType("User", "/Users", Schema("urn:x", "User", "", (EXACT, LOOSE, SEVERAL, COMPLEX)))
TEXTS = st.text("aAäÄeE\u0301é", max_size=3)
VALUES = st.one_of(
    st.tuples(st.sampled_from([EXACT, LOOSE]), TEXTS),
    st.tuples(st.just(SEVERAL), st.lists(TEXTS)),
    st.tuples(st.just(COMPLEX), st.lists(st.fixed_dictionaries({}, optional={"value": TEXTS, "type": TEXTS}))),
)


@given(VALUES, TEXTS)
def test_a_lookup_finds_exactly_what_an_eq_filter_matches(one: tuple[Attribute, Any], literal: str) -> None:
    attribute, value = one
    leaf = attribute.sub("value") or attribute
    matches = predicate(Compare(Path(attribute.name), "eq", literal), TYPE)
    assert (folded(leaf, literal) in foldings(attribute, value)) == matches({attribute.name: value})
