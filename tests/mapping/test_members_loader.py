"""What members become; the ways to keep them that are refused are under tests/broken."""

from tests.mapping.minimal import BY_CALLS, groups


def test_a_collection_knows_how_many_members_a_call_takes() -> None:
    collection = groups(members=BY_CALLS).resource.collection
    assert collection is not None
    assert (collection.add.most, collection.remove.most, collection.as_numbers) == (2, 1, False)
    numbers = groups(members=BY_CALLS + "      kept_as: number\n").resource.collection
    assert numbers is not None
    assert numbers.as_numbers


def test_the_calls_for_members_are_among_the_calls_of_the_mapping() -> None:
    routes = [str(each) for each in groups(members=BY_CALLS).resource.routes]
    assert routes[-3:] == ["GET /teams/{id}/users", "POST /teams/{id}/users", "DELETE /teams/{id}/users/{member}"]


def test_a_group_without_members_offers_none() -> None:
    made = groups()
    assert made.resource.type.schema.attribute("members") is None
    assert made.about("User").resource.type.schema.attribute("groups") is None
