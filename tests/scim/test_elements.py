from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidFilter
from adapter.scim import elements as elements_module
from adapter.scim.elements import Elements
from adapter.scim.filter import read
from adapter.scim.match import element_predicate
from adapter.scim.schema import Attribute
from tests.scim.given import GROUP_TYPE, USER_TYPE

FOUND = (USER_TYPE.schema.attribute("emails"), GROUP_TYPE.schema.attribute("members"))
EMAILS, MEMBERS = (each for each in FOUND if each is not None)


def test_elements_keep_their_order() -> None:
    elements = Elements(EMAILS, [{"value": "a"}, {"value": "b"}, {"value": "c"}])
    elements.put(1, {"value": "x"})
    elements.remove(0)
    assert elements.add({"value": "d"}) == 3
    assert elements.listed() == [{"value": "x"}, {"value": "c"}, {"value": "d"}]
    assert (len(elements), elements[2]) == (3, {"value": "c"})


def test_an_element_without_parts_is_none() -> None:
    elements = Elements(EMAILS, [{"value": "a"}])
    elements.put(0, {})
    assert elements.listed() == []


def test_what_is_given_is_left_as_it_is() -> None:
    listed = [{"value": "a"}, {"value": "b"}]
    elements = Elements(EMAILS, listed)
    elements.remove(0)
    elements.put(1, {"value": "x"})
    assert listed == [{"value": "a"}, {"value": "b"}]


def test_a_filter_that_means_nothing_is_refused_although_an_index_could_answer_it() -> None:
    with pytest.raises(InvalidFilter, match=r"^'value' is compared with a text, not with a number\.$"):
        Elements(EMAILS, []).chosen(read("value eq 5"))


def test_an_element_is_like_another_whatever_the_server_says_of_it() -> None:
    elements = Elements(MEMBERS, [{"value": "a", "display": "Ada"}])
    assert elements.alike({"value": "a"}) == elements.alike({"display": "x", "value": "a"}) == [0]
    assert elements.alike({"value": "A"}) == []


def test_elements_are_found_without_a_look_at_each_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    def looked(_: Attribute, value: Any) -> Any:
        looks.append(value)
        return value

    monkeypatch.setattr(elements_module, "folded", looked)
    elements = Elements(MEMBERS, [{"value": str(number)} for number in range(1000)])
    for number in range(500):
        for found in elements.chosen(read(f'value eq "{number}"')):
            elements.remove(found)
        for found in elements.same({"value": str(500 + number)}):
            elements.remove(found)
    assert (len(elements), len(looks)) == (0, 2000)


# An index gives what a look at every element would give, however the elements have changed before.

VALUES = st.sampled_from(["a", "A", "b", "\u00e9", "e\u0301", "\u00c9"])
ELEMENTS = st.fixed_dictionaries({}, optional={"value": VALUES, "display": VALUES, "type": VALUES}).filter(bool)
CHANGES = st.lists(
    st.tuples(st.sampled_from(["add", "put", "remove", "look"]), st.integers(0, 6), ELEMENTS), max_size=12
)
FILTERS = st.builds('{} eq "{}"'.format, st.sampled_from(["value", "VALUE", "type"]), VALUES) | st.just("value eq null")


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([EMAILS, MEMBERS]), st.lists(ELEMENTS, max_size=5), CHANGES, FILTERS.map(read), ELEMENTS)
def test_an_index_gives_what_a_look_at_every_element_would(
    attribute: Attribute, listed: list[Any], changes: list[tuple[str, int, Any]], inner: Any, one: Any
) -> None:
    elements = Elements(attribute, listed)
    for what, number, element in changes:
        if what == "add":
            elements.add(element)
        elif what == "look":
            elements.chosen(inner), elements.alike(one), elements.same(one)
        elif number in elements.chosen(None):
            elements.put(number, element if what == "put" else {})
    numbers = elements.chosen(None)
    matches = element_predicate(inner, attribute)
    assert sorted(elements.chosen(inner)) == [each for each in numbers if matches(elements[each])]
    own = {each.name for each in attribute.sub_attributes if each.mutability == "readOnly" or each.is_made}

    def plain(element: Any) -> Any:
        return {name: value for name, value in element.items() if name not in own}

    alike = [each for each in numbers if plain(elements[each]) == plain(one)]
    assert sorted(elements.alike(one)) == alike
    same = [each for each in numbers if "value" in one and elements[each].get("value") == one["value"]]
    assert sorted(elements.same(one)) == (same if "value" in one else alike)
