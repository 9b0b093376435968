from typing import Any

import pytest

from adapter.simulator.people import Fate, Person
from adapter.simulator.verdict import faults, sentence

ADA = Person(3, "ada.lovelace3@example.com", "Ada", "Lovelace", None, Fate.UNTOUCHED)
BJORN = Person(6, "bjorn.muller6@example.com", "Björn", "Müller", "mail.bjorn@example.com", Fate.DISABLED)
CLARA = Person(7, "clara.hopper7@example.com", "Clara", "Hopper", None, Fate.DELETED)
RENAMED = Person(1, "ada.lovelace1@example.com", "Ada", "Lovelace", "mail.ada@example.com", Fate.RENAMED)
RIGHT: dict[str, Any] = {
    "userName": "ada.lovelace3@example.com",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "email": "ada.lovelace3@example.com",
    "isEnabled": True,
    "userId": 1,
}
RIGHT_BJORN = {
    "userName": "bjorn.muller6@example.com",
    "firstName": "Björn",
    "lastName": "Müller",
    "email": "mail.bjorn@example.com",
    "isEnabled": False,
}


@pytest.mark.parametrize(
    ("person", "users", "found"),
    [
        (ADA, [RIGHT], []),
        (BJORN, [RIGHT_BJORN], []),
        (CLARA, [], []),
        (ADA, [], ["ada.lovelace3@example.com: missing"]),
        (ADA, [RIGHT, RIGHT | {"userId": 2}], ["ada.lovelace3@example.com: there 2 times"]),
        (
            ADA,
            [RIGHT | {"lastName": "X"}],
            ["ada.lovelace3@example.com: lastName is 'X', should be 'Lovelace'"],
        ),
        (
            BJORN,
            [RIGHT_BJORN | {"isEnabled": True, "email": None}],
            [
                "bjorn.muller6@example.com: email is None, should be 'mail.bjorn@example.com'",
                "bjorn.muller6@example.com: isEnabled is True, should be False",
            ],
        ),
        (CLARA, [{"userName": "clara.hopper7@example.com"}], ["clara.hopper7@example.com: there, should not be"]),
        (ADA, [RIGHT, {"userName": "eve@example.com"}], ["eve@example.com: there, should not be"]),
        (
            ADA,
            [RIGHT | {"userName": "Ada.Lovelace3@example.com"}],
            ["ada.lovelace3@example.com: missing", "Ada.Lovelace3@example.com: there, should not be"],
        ),
    ],
)
def test_the_verdict_names_each_fault(person: Person, users: list[dict[str, Any]], found: list[str]) -> None:
    assert faults([person], users) == found


def test_who_was_renamed_must_be_there_under_the_new_name() -> None:
    after = RENAMED.renamed()
    kept = {
        "userName": after.user_name,
        "firstName": "Ada",
        "lastName": after.family_name,
        "email": after.mailbox,
        "isEnabled": True,
    }
    assert faults([RENAMED], [kept]) == []
    assert faults([RENAMED], [kept | {"lastName": "Lovelace"}]) == [
        f"{after.user_name}: lastName is 'Lovelace', should be '{after.family_name}'"
    ]


def test_the_sentence_counts_who_is_there() -> None:
    assert sentence([ADA, BJORN, CLARA], []) == (
        "Verdict from the upstream's own state: 2 users, each there once, every attribute right."
    )


def test_the_sentence_counts_what_is_wrong() -> None:
    assert sentence([ADA], ["ada: missing"]) == "Verdict from the upstream's own state: 1 wrong."
