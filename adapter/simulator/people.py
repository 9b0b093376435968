"""The invented people of the demo: the same ones at every run, and what becomes of each."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import repeat

LEAST = 10  # with fewer, something that can become of a person would become of nobody

GIVEN = (
    "Ada", "Björn", "Chloé", "D'Arcy", "Edsger", "Françoise", "Grace", "Hélène", "Ingrid", "Jean-Luc",
    "Katherine", "Łukasz", "Mary-Jane", "Noël", "Ólafur", "Priya", "Quentin", "René", "Siobhán", "Tómas",
    "Ursula", "Vaughan", "Wisława", "Ximena", "Yusuf", "Zoë", "Alan", "Barbara", "Clara",
)  # fmt: skip
FAMILY = (
    "Lovelace", "O'Brien", "Müller", "García-Márquez", "Hopper", "Nguyễn", "Van der Berg", "Dvořák",
    "D'Angelo", "Smith-Jones", "Åkesson", "Okafor", "Strauß", "Ibáñez", "Kowalczyk", "Turing", "Öztürk",
    "Çelik", "Sørensen", "McCarthy", "Hamilton", "Ó Súilleabháin", "Perlman",
)  # fmt: skip
WITHOUT_ACCENT = str.maketrans({"ł": "l", "ß": "ss", "ø": "o"})  # letters that do not decompose


class Fate(Enum):
    """What becomes of a person after the initial cycle."""

    RENAMED = auto()
    DISABLED = auto()
    RESTORED = auto()  # disabled first
    DELETED = auto()
    LOOKED_AT = auto()  # changed in a way that is not mapped: Entra reads the resource and finds nothing to write
    SENT_AGAIN = auto()  # a PATCH of what is already so
    UNTOUCHED = auto()  # no request about them follows their creation


@dataclass(frozen=True)
class Person:
    """A person as the source directory has them."""

    number: int
    user_name: str
    given_name: str
    family_name: str
    mailbox: str | None
    fate: Fate
    active: bool = True

    def renamed(self) -> "Person":
        """The person under another family name; every third gets the addresses that go with it, too."""
        family = FAMILY[(self.number + len(FAMILY) // 2) % len(FAMILY)]
        again = replace(self, family_name=family)
        if self.number % 3:
            return again
        name = user_name(self.given_name, family, self.number)
        return replace(again, user_name=name, mailbox=f"mail.{name}" if self.mailbox else None)

    def disabled(self) -> "Person":
        """The person, no longer assigned to the application."""
        return replace(self, active=False)

    def afterwards(self) -> "Person | None":
        """The person as the upstream must have them when the story is over."""
        match self.fate:
            case Fate.RENAMED:
                return self.renamed()
            case Fate.DISABLED:
                return self.disabled()
            case Fate.DELETED:
                return None
            case _:
                return self


def invented(count: int) -> list[Person]:
    """That many people: a third to be renamed, a fifth disabled, a tenth deleted, the untouched ones last."""
    if count < LEAST:
        raise ValueError(f"{count} users are too few for the story: it takes {LEAST}, so that each fate has its share")
    return [invented_one(number, fate) for number, fate in enumerate(fates(count), start=1)]


def invented_one(number: int, fate: Fate) -> Person:
    """The person of that number; two of five have a mailbox, whose address is not their userName."""
    given, family = GIVEN[(number - 1) % len(GIVEN)], FAMILY[(number - 1) % len(FAMILY)]
    name = user_name(given, family, number)
    return Person(number, name, given, family, f"mail.{name}" if number % 5 in {1, 3} else None, fate)


def fates(count: int) -> Iterator[Fate]:
    """A fate for each; whoever is left when all have their share is untouched."""
    disabled = count // 5
    shares = {
        Fate.RENAMED: count // 3,
        Fate.DISABLED: disabled - disabled // 2,
        Fate.RESTORED: disabled // 2,
        Fate.DELETED: count // 10,
        Fate.LOOKED_AT: count // 10,
        Fate.SENT_AGAIN: count // 10,
    }
    for fate, share in shares.items():
        yield from repeat(fate, share)
    yield from repeat(Fate.UNTOUCHED, count - sum(shares.values()))


def user_name(given: str, family: str, number: int) -> str:
    """The user principal name made from a name: ASCII, with the apostrophes and hyphens that Entra allows."""
    letters = unicodedata.normalize("NFD", f"{given}.{family}".lower().translate(WITHOUT_ACCENT))
    return re.sub(r"[^a-z.'-]", "", letters) + f"{number}@example.com"
