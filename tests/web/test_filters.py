"""Filters by the thousand, well-formed and spoilt, through the whole application: an exact answer or a refusal, no 5xx."""

import string
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from litestar import Litestar

from adapter.errors import ScimError
from adapter.scim.entra import lowered_filter
from adapter.scim.filter import And, Compare, Filter, Not, Or, Present, ValuePath, read
from adapter.scim.match import predicate
from adapter.scim.schema import Resource
from tests.conversation import TOKEN, Answer, Upstream, asked, gateway, mapping_of, settings_of
from tests.scim import model
from tests.scim.given import CORE, ENTERPRISE

COUNT = 10_000

MAPPING = mapping_of("wide")
TYPE = MAPPING.resource.type
PEOPLE: list[dict[str, Any]] = [
    {"id": "a1", "login": "ada@x.org", "ref": "R-1", "state": "in", "given": "Ada", "mail": "ada@x.org", "number": "7"},
    {
        "id": "b2",
        "login": "Bob",
        "state": "out",
        "family": "Zoë",
        "otherMail": "bob@y.org",
        "mobile": "7",
        "boss": "a1",
    },
    {"id": "c3", "login": "7", "ref": "r-1", "state": "in", "shown": "ada", "mail": "c@x.org", "mailFirst": True}
    | {"role": "admin", "roleName": "Boss", "office": "x", "country": "DE", "department": "Zoe\u0308"},
]
TEXTS = [
    "",
    "a",
    "ADA",
    "ada@x.org",
    "bob",
    "@",
    ".org",
    "7",
    "R-1",
    "r-1",
    "a1",
    "zoë",
    "work",
    "other",
    "User",
    "true",
]
CASES: list[Callable[[str], str]] = [str, str.upper, str.title]
TEXTS += [CORE, ENTERPRISE, '"', "\\", ") or (", "\u0000", "\N{GRINNING FACE}"]


def _kinds() -> model.Kinds:
    """Return the table of the model, by hand as far as kinds go: the names are those that the mapping has."""
    parts = {
        "name": "givenName familyName formatted",
        "emails": "type value primary",
        "phoneNumbers": "type value",
        "addresses": "type formatted country",
        "roles": "primary value display type",
        f"{ENTERPRISE}:manager": "value",
    }
    texts = "userName displayName nickName title preferredLanguage schemas"
    kinds = dict.fromkeys(texts.split(), "text") | dict.fromkeys(["id", "externalId", "meta.resourceType"], "exact")
    kinds |= {"active": "boolean", f"{ENTERPRISE}:employeeNumber": "text", f"{ENTERPRISE}:department": "text"}
    for name, subs in parts.items():
        kinds[name] = "complex"
        kinds |= {f"{name}.{sub}": "boolean" if sub == "primary" else "text" for sub in subs.split()}
    return kinds


KINDS = _kinds()


class _Made:
    """Filters made by chance, of every operator over every attribute."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)  # noqa: S311 (no secret: the same filters in each run)

    def filter(self, kinds: model.Kinds = KINDS, depth: int = 3) -> Filter:
        """Return a filter, nested up to some depth."""
        shape = self.chance.choice(["leaf", "leaf", "and", "or", "not"]) if depth else "leaf"
        if shape == "leaf":
            return self._leaf(kinds)
        if shape == "not":
            return Not(self.filter(kinds, depth - 1))
        left, right = self.filter(kinds, depth - 1), self.filter(kinds, depth - 1)
        return And(left, right) if shape == "and" else Or(left, right)

    def _leaf(self, kinds: model.Kinds) -> Filter:
        # Those that an upstream looks for itself come more often: there the ways part.
        often = [each for each in ("userName", "externalId", "id") if each in kinds]
        name = self.chance.choice(often if often and self.chance.random() < 0.3 else list(kinds))
        kind, path = kinds[name], model.path_of(self.chance.choice(CASES)(name))
        if kind == "complex" and self.chance.random() < 0.6:
            parts = {each.removeprefix(f"{name}."): of for each, of in kinds.items() if each.startswith(f"{name}.")}
            return ValuePath(path, self.filter(parts, 1))
        kind = kinds.get(f"{name}.value", kind)
        if kind == "complex" or self.chance.random() < 0.1:
            return Present(path)
        if self.chance.random() < 0.1:
            return Compare(path, self.chance.choice(["eq", "ne"]), None)
        literal = self.chance.choice(TEXTS if kind in ("text", "exact") else model.POOLS[kind])
        operators = ["eq"] if name in often and self.chance.random() < 0.5 else model.OPERATORS[kind]
        return Compare(path, self.chance.choice(operators), literal)

    def mistyped(self) -> Filter:
        """Return a comparison that may make no sense, by itself or beside a filter that does."""
        path = model.path_of(self.chance.choice([*KINDS, "password", "unheardOf", "meta.location"]))
        literal = self.chance.choice([None, True, 7, -0.5, *TEXTS])
        one = Compare(path, self.chance.choice(model.OPERATORS["text"]), literal)
        return one if self.chance.random() < 0.5 else And(self.filter(), one)

    def spoilt(self) -> str:
        """Return a filter with a few faults in it."""
        if self.chance.random() < 0.3:
            return str(self.mistyped())
        text = str(self.filter())
        for _ in range(self.chance.randint(1, 3)):
            words, place = text.split(" "), self.chance.randrange(len(text) + 1)
            word = self.chance.randrange(len(words))
            match self.chance.choice(["cut", "left out", "put in", "exchanged", "doubled", "unquoted"]):
                case "cut":
                    text = text[:place]
                case "left out":
                    text = text[:place] + text[place + 1 :]
                case "put in":
                    text = (
                        text[:place]
                        + self.chance.choice(string.printable + "éß\u0000\u2028\N{GRINNING FACE}")
                        + text[place:]
                    )
                case "exchanged":
                    words[word] = self.chance.choice(WORDS)
                    text = " ".join(words)
                case "doubled":
                    text = " ".join([*words[:word], words[word], *words[word:]])
                case _:
                    text = text.replace('"', "", self.chance.randint(1, 2))
        return text


WORDS = [
    "and",
    "or",
    "not",
    "(",
    ")",
    "[",
    "]",
    "pr",
    "eq",
    "gt",
    "co",
    "null",
    "true",
    "7",
    "-1e999",
    "1e3",
    '"',
    '"x"',
]
WORDS += ["password", "members", "unheardOf", "meta.location", "schemas", "department", "emails.value", "manager", "id"]


class _Listing(Upstream):
    """An upstream that keeps a few people: it lists, looks for and reads them."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen, self.replies = [], [self._reply(request)]
        return super().__call__(request)

    @staticmethod
    def _reply(request: httpx.Request) -> list[Any]:
        asked_for = request.url.path.removeprefix("/people").removeprefix("/")
        if asked_for:
            found = [each for each in PEOPLE if each["id"] == asked_for]
            return [200, found[0]] if found else [404, {"error": "no such user"}]
        field, _, value = request.url.params.get("q", "").partition("==")
        found = [each for each in PEOPLE if not field or each.get(field) == value]
        start = int(request.url.params["page"]) * int(request.url.params["per"])
        return [200, {"items": found[start : start + int(request.url.params["per"])], "count": len(found)}]


async def _list(app: Litestar, text: str) -> Answer:
    headers = [("Authorization", f"Bearer {TOKEN}")]
    return await asked(app, "GET", f"/scim/v2/Users?filter={quote(text, safe='')}", headers)


def _by_id(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(resources, key=lambda each: str(each["id"]))


def _matching(text: str, users: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the users that match by the model; its tree is read by the gateway, with Entra's departures removed."""
    wanted = lowered_filter(read(text), TYPE)
    return [each for each in users if model.matches(wanted, each, KINDS)]


def test_the_table_of_the_model_has_every_attribute_that_can_be_filtered_on() -> None:
    names = {"schemas", "meta.resourceType", "id"}
    for schema in TYPE.schemas:
        for attribute in schema.attributes:
            if attribute.mutability != "writeOnly":
                name = attribute.name if schema is TYPE.schema else f"{schema.id}:{attribute.name}"
                names |= {name, *(f"{name}.{sub.name}" for sub in attribute.sub_attributes)}
    assert KINDS.keys() == names


async def test_ten_thousand_filters_are_answered_exactly_or_refused() -> None:
    made = _Made(1)
    statuses: dict[Any, int] = {}
    async with gateway(MAPPING, settings_of("wide"), _Listing(MAPPING)) as (app, _):
        users = _by_id((await _list(app, "")).json["Resources"])
        assert len(users) == len(PEOPLE)
        for place in range(COUNT):
            is_spoilt = place % 2 == 1
            text = made.spoilt() if is_spoilt else str(made.filter())
            answer = await _list(app, text)
            assert 200 <= answer.status < 500, f"{text}\n{answer.content.decode()}"
            if answer.status == 200:
                expected = _matching(text, users) if text.strip() else users
                assert _by_id(answer.json["Resources"]) == expected, text
                assert answer.json["totalResults"] == len(expected)
            else:
                assert is_spoilt, f"{text}\n{answer.content.decode()}"
                assert answer.json["scimType"] in ("invalidFilter", "sensitive"), text
            key = (answer.status, answer.json.get("scimType"), answer.json.get("totalResults"))
            statuses[key] = statuses.get(key, 0) + 1
    # None of these would tell anything if all went one way.
    assert {(200, None, count) for count in range(4)} | {(400, "invalidFilter", None), (403, "sensitive", None)} == set(
        statuses
    )


USERS: list[dict[str, Any]] = [
    {"id": "1"},
    {"id": "a1", "userName": "ada@x.org", "active": True, "emails": [{"type": "work", "value": "ADA@x.org"}]},
    {
        "id": "R-1",
        "externalId": "r-1",
        "name": {"givenName": "Zoe\u0308", "formatted": ""},
        "roles": [{"primary": True}],
    },
]


def _judged(text: str) -> ScimError | tuple[Filter, Callable[[Resource], bool]]:
    try:
        wanted = lowered_filter(read(text), TYPE)
        return wanted, predicate(wanted, TYPE)
    except ScimError as error:
        return error


@pytest.mark.parametrize("is_spoilt", [False, True])
def test_as_many_are_judged_as_the_model_judges_or_refused(is_spoilt: bool) -> None:  # noqa: FBT001 (two kinds)
    made = _Made(2)
    users = [each | {"schemas": [CORE], "meta": {"resourceType": "User"}} for each in USERS]
    refused = 0
    for _ in range(COUNT // 2):
        text = made.spoilt() if is_spoilt else str(made.filter())
        answer = _judged(text)
        if isinstance(answer, ScimError):
            assert answer.scim_type in ("invalidFilter", "sensitive"), text
            refused += 1
        else:
            wanted, found = answer
            assert [found(each) for each in users] == [model.matches(wanted, each, KINDS) for each in users], text
    assert (0 < refused < COUNT // 2) is is_spoilt
