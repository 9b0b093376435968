"""What lists and searches become; those that are refused are under tests/broken."""

from adapter.mapping.rules import Element
from tests.mapping.minimal import BY_CALLS, groups, mapping

MAIL = "{scim: 'emails[type eq \"work\"].value', field: mail}"
FIND = """get: {call: "GET /users/{id}"}
      find: [{filter: 'emails[type eq "work"].value eq', query: {mail: "{value}"}}]"""


def test_a_search_may_be_for_one_element_of_a_list() -> None:
    [pushed] = mapping(MAIL, routes={"get": FIND}).resource.pushed
    assert (str(pushed.target), pushed.element) == ("emails.value", Element("type", "work"))


def test_the_groups_of_a_member_may_be_searched_for() -> None:
    line = 'list: {call: GET /teams, records: data, page: {by: nothing}}\n      find: [{filter: members.value eq, query: {user: "{value}"}}]'
    [pushed] = groups(members=BY_CALLS, routes={"list": line}).resource.pushed
    assert str(pushed.target) == "members.value"
