"""The verdict: whether the upstream holds exactly the people it should, each once, every attribute right.

It is reached from the upstream's own state; nothing that the gateway answered has a part in it.
"""

from collections.abc import Iterable
from typing import Any

from adapter.simulator.people import Person


def faults(people: Iterable[Person], users: Iterable[dict[str, Any]]) -> list[str]:
    """What is wrong with the upstream's users after the story, one line for each fault; nothing if all is right."""
    expected = {after.user_name: fields(person, after) for person in people if (after := person.afterwards())}
    kept: dict[str, list[dict[str, Any]]] = {}
    for user in users:
        kept.setdefault(user["userName"], []).append(user)
    wrong = [f"{name}: {fault}" for name, wanted in expected.items() for fault in about(wanted, kept.get(name, []))]
    return wrong + [f"{name}: there, should not be" for name in kept if name not in expected]


def about(wanted: dict[str, str | bool], users: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the users that have the name of a person who should be there."""
    if not users:
        return ["missing"]
    if len(users) > 1:
        return [f"there {len(users)} times"]
    return [
        f"{field} is {users[0].get(field)!r}, should be {value!r}"
        for field, value in wanted.items()
        if users[0].get(field) != value
    ]


def fields(before: Person, after: Person) -> dict[str, str | bool]:
    """A person in the upstream's words."""
    return {
        "firstName": after.given_name,
        "lastName": after.family_name,
        "email": after.mailbox or before.user_name,  # who came without a mail has kept the name they came with
        "isEnabled": after.active,
    }


def sentence(people: Iterable[Person], wrong: list[str]) -> str:
    """The verdict in one sentence."""
    there = sum(person.afterwards() is not None for person in people)
    if wrong:
        return f"Verdict from the upstream's own state: {len(wrong)} wrong."
    return f"Verdict from the upstream's own state: {there} users, each there once, every attribute right."
