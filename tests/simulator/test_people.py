from collections import Counter

import pytest

from adapter.simulator.people import LEAST, Fate, invented

COUNTS = [LEAST, 11, 12, 100, 1000]


def test_the_people_are_the_same_at_every_run() -> None:
    assert invented(100) == invented(100)
    assert invented(100)[0].user_name == "ada.lovelace1@example.com"


def test_a_hundred_people_have_these_fates() -> None:
    assert Counter(person.fate for person in invented(100)) == {
        Fate.RENAMED: 33,
        Fate.DISABLED: 10,
        Fate.RESTORED: 10,
        Fate.DELETED: 10,
        Fate.LOOKED_AT: 10,
        Fate.SENT_AGAIN: 10,
        Fate.UNTOUCHED: 17,
    }


@pytest.mark.parametrize("count", COUNTS)
def test_every_fate_becomes_of_somebody_and_the_last_person_is_untouched(count: int) -> None:
    people = invented(count)
    assert len(people) == count
    assert {person.fate for person in people} == set(Fate)
    assert people[-1].fate is Fate.UNTOUCHED


@pytest.mark.parametrize("count", COUNTS)
def test_user_names_are_ascii_short_and_nobody_elses_before_and_after(count: int) -> None:
    names = [name for person in invented(count) for name in {person.user_name, person.renamed().user_name}]
    assert len(names) == len(set(names))
    assert all(name.isascii() and name == name.lower() and len(name) <= 50 for name in names)


def test_some_names_have_apostrophes_hyphens_and_letters_beyond_ascii() -> None:
    written = "".join(person.family_name + person.given_name for person in invented(100))
    assert {"'", "-", " ", "ü", "ễ", "Ł"} <= set(written)
    assert any("'" in person.user_name for person in invented(100))


def test_a_renamed_person_has_another_name_and_a_third_of_them_other_addresses() -> None:
    people = [person for person in invented(100) if person.fate is Fate.RENAMED]
    assert all(person.renamed().family_name != person.family_name for person in people)
    assert sum(person.renamed().user_name != person.user_name for person in people) == 11
    assert any(person.renamed().mailbox != person.mailbox for person in people)


def test_afterwards_the_deleted_are_gone_and_only_the_disabled_are_not_active() -> None:
    for person in invented(100):
        after = person.afterwards()
        assert (after is None) == (person.fate is Fate.DELETED)
        assert after is None or after.active == (person.fate is not Fate.DISABLED)


def test_too_few_people_for_the_story_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^9 users are too few for the story: it takes 10,"):
        invented(9)
