"""What the gateway's own store keeps beside the records; the store itself is tested in tests/store."""

import itertools
from typing import Any

import pytest

from adapter.errors import Internal, Mutability, NotFound
from adapter.mapping.mapping import Mapping
from adapter.plan.conversation import Call, Outcome, Reply
from adapter.plan.found import MOST_KEPT
from adapter.plan.keeping import Keep, Lookup, Recall, Step
from adapter.plan.plan import plan
from adapter.scim import operation
from tests.mapping.minimal import BY_CALLS, REPLIES, groups, mapping
from tests.plan.by_hand import Played, Shelf, answered
from tests.plan.directory import AFTER, BEFORE, REFUSED, Directory, Failing, body_of

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
DEPARTMENT = f'"{ENTERPRISE}:department"'
FIND = 'get: {call: "GET /users/{id}"}\n      find: [{filter: userName eq, query: {q: "{value}"}, case: ignored}]'
KEEPING = mapping(
    "{scim: title, field: title}",
    "{scim: externalId, keep: here}",
    f"{{scim: {DEPARTMENT}, keep: here}}",
    "{scim: roles.value, every: list, keep: here}",
    top=REPLIES,
    routes={"get": FIND},
).bound({}, min)
SETTLED = mapping("{scim: externalId, keep: here, mutability: immutable}", top=REPLIES).bound({}, min)
GROUPS = groups("{scim: externalId, keep: here}", members=BY_CALLS)


class Company:
    """A directory with three users, the store beside it, and the steps that were asked for."""

    def __init__(self, made: Mapping = KEEPING, users: int = 3) -> None:
        self.made, self.shelf = made, Shelf()
        names = [{"id": f"u{each}", "name": f"ada{each}", "title": "T"} for each in range(1, users + 1)]
        self.directory = Directory(names, [{"id": "red", "name": "Red"}])
        self.failing = Failing(self.directory, self.shelf)

    def asked(self, method: str, target: str = "", body: Any = None, **query: str) -> Played:
        """Play one request."""
        self.failing.said.clear()
        kind = self.made.resource.type
        wanted: operation.Operation
        match method:
            case "GET" if target:
                wanted = operation.Get(target, operation.presentation(query))
            case "GET":
                wanted = operation.query(query, kind)
            case "POST":
                wanted = operation.create(body_of(body), kind)
            case "PUT":
                wanted = operation.replace(target, body_of(body), kind)
            case "PATCH":
                wanted = operation.patch(target, body_of({"Operations": [body]}), kind)
            case _:
                wanted = operation.Delete(target)
        return answered(plan(wanted, self.made), self.failing.upstream, self.failing.store)

    def keep(self, one: str, attribute: str, value: str) -> None:
        """Keep a value as a plan would."""
        target = next(each for each in self.made.resource.kept if str(each) == attribute).target
        folded = value if target.leaf.case_exact else value.lower()
        self.shelf(Keep("User", one, {attribute: value}, {attribute: (folded,)}))

    def found(self, text: str, **more: str) -> list[str]:
        """Return the ids of those who match a filter."""
        result = self.asked("GET", filter=text, **more)
        assert result.error is None, result.error
        return [each["id"] for each in result.content.resources]


ADA = {
    "userName": "eve",
    "externalId": "E-9",
    "title": "T",
    ENTERPRISE: {"department": "Sales"},
    "roles": [{"value": "r"}],
}


def test_what_is_kept_is_told_wherever_the_resource_is() -> None:
    company = Company()
    created = company.asked("POST", body=ADA)
    assert created.response is not None
    assert created.response.status == 201
    assert created.content == {"id": "new1", **ADA}
    assert company.asked("GET", "new1").content == created.content
    assert company.asked("GET", count="10").content.resources[-1] == created.content
    assert company.asked("GET", filter='title eq "T"').content.resources[-1] == created.content
    assert company.asked("GET", cursor="").content.resources[-1] == created.content
    patched = company.asked("PATCH", "new1", {"op": "replace", "path": "title", "value": "X"})
    assert patched.content == created.content | {"title": "X"}


def test_the_upstream_hears_nothing_of_what_is_kept() -> None:
    company = Company()
    company.asked("POST", body=ADA)
    assert company.directory.records["users"]["new1"] == {"id": "new1", "name": "eve", "title": "T"}
    result = company.asked("PATCH", "new1", {"op": "replace", "path": "externalId", "value": "E-10"})
    assert [each.method for each in result.calls] == ["GET"]


def test_the_upstream_is_written_first_and_the_store_after_it() -> None:
    company = Company()
    company.asked("POST", body=ADA)
    assert company.failing.said == ["POST /users", "GET /users/new1", "Forget", "Keep"]
    both = {"op": "replace", "value": {"title": "X", "externalId": "E-10"}}
    company.asked("PATCH", "new1", both)
    assert company.failing.said == ["GET /users/new1", "Recall", "PATCH /users/new1", "GET /users/new1", "Keep"]
    company.asked("DELETE", "new1")
    assert company.failing.said == ["DELETE /users/new1", "Forget"]


def test_a_change_that_changes_nothing_kept_keeps_nothing() -> None:
    company = Company()
    company.asked("POST", body=ADA)
    company.asked("PUT", "new1", ADA | {"title": "X"})
    assert "Keep" not in company.failing.said
    company.asked("PATCH", "new1", {"op": "add", "path": "externalId", "value": "E-9"})
    assert company.failing.said == ["GET /users/new1", "Recall"]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (("PATCH", {"op": "remove", "path": "externalId"}), {"roles.value": ["r"], DEPARTMENT.strip('"'): "Sales"}),
        (("PATCH", {"op": "remove", "path": ENTERPRISE}), {"externalId": "E-9", "roles.value": ["r"]}),
        (("PATCH", {"op": "replace", "path": "externalId", "value": ""}), None),
        (("PUT", {"userName": "eve", "roles": [{"value": "s"}]}), {"roles.value": ["s"]}),
        (("PUT", {"userName": "eve"}), {}),
    ],
)
def test_what_is_removed_is_kept_no_more(change: tuple[str, Any], left: dict[str, Any] | None) -> None:
    company = Company()
    company.asked("POST", body=ADA)
    result = company.asked(change[0], "new1", change[1])
    assert result.error is None
    assert company.asked("GET", "new1").content == result.content
    if left is not None:
        assert company.shelf.held["new1"] == left
    assert company.found('externalId eq "E-9"') == (["new1"] if (left or {}).get("externalId") else [])


def test_a_resource_that_is_removed_is_forgotten() -> None:
    company = Company()
    company.asked("POST", body=ADA)
    assert company.asked("DELETE", "new1").response is not None
    assert (company.shelf.held, company.shelf.folded) == ({}, {})


def test_a_resource_that_was_gone_before_its_removal_is_forgotten_too() -> None:
    company = Company()
    company.keep("u9", "externalId", "E-9")
    assert isinstance(company.asked("DELETE", "u9").error, NotFound)
    assert company.shelf.held == {}


def test_a_resource_that_is_still_there_after_a_refused_removal_is_not_forgotten() -> None:
    for way, left in ((REFUSED, 1), (BEFORE, 0), (AFTER, 0)):  # one that was not done is sent once more
        company = Company()
        company.keep("u1", "externalId", "E-1")
        company.failing = Failing(company.directory, company.shelf, 0, way)
        company.asked("DELETE", "u1")
        assert len(company.shelf.held) == left


def test_one_who_turns_out_to_be_gone_when_a_removal_fails_is_forgotten() -> None:
    company = Company()
    company.keep("u9", "externalId", "E-9")

    def elsewhere(call: Call) -> Outcome:
        """Redirect a removal, which says nothing of it; that nobody has the id, the look says."""
        return Reply(302) if call.method == "DELETE" else company.directory(call)

    removed = answered(plan(operation.Delete("u9"), company.made), elsewhere, company.shelf)
    assert isinstance(removed.error, NotFound)
    assert company.shelf.held == {}


def test_an_id_that_is_used_again_brings_nothing_of_who_had_it_before() -> None:
    company = Company()
    company.keep("new1", "externalId", "E-old")
    company.keep("new1", DEPARTMENT.strip('"'), "Sales")
    created = company.asked("POST", body={"userName": "eve", "externalId": "E-9"})
    assert created.content == {"id": "new1", "userName": "eve", "externalId": "E-9"}
    assert company.asked("GET", "new1").content == created.content
    assert company.found('externalId eq "E-old"') == []


def test_one_who_is_gone_upstream_is_not_found_by_what_is_kept() -> None:
    company = Company()
    company.keep("u1", "externalId", "E-1")
    assert company.found('externalId eq "E-1"') == ["u1"]
    del company.directory.records["users"]["u1"]
    assert company.found('externalId eq "E-1"') == []
    assert company.found('externalId sw "E"') == []
    assert isinstance(company.asked("GET", "u1").error, NotFound)


def test_a_kept_value_is_looked_up_and_any_other_comparison_reads_the_list() -> None:
    company = Company()
    for number in (1, 2):
        company.keep(f"u{number}", "externalId", f"E-{number}")
    assert company.found('externalId eq "E-2"') == ["u2"]
    assert company.failing.said == ["Lookup", "GET /users/u2", "Recall"]
    for text, there in {
        'externalId sw "E-"': ["u1", "u2"],
        'externalId ne "E-1"': ["u2", "u3"],
        "externalId pr": ["u1", "u2"],
        'not (externalId eq "E-1")': ["u2", "u3"],
        'externalId gt "E-1"': ["u2"],
        "externalId eq null": ["u3"],
    }.items():
        assert company.found(text) == there, text
        assert company.failing.said == ["GET /users", "Recall"], text


def test_a_lookup_is_of_the_case_that_scim_says() -> None:
    company = Company()
    company.asked("POST", body=ADA)
    assert company.found('externalId eq "e-9"') == []
    assert company.found(f'{ENTERPRISE}:department eq "sALES"') == ["new1"]
    assert company.found('roles.value eq "R"') == ["new1"]
    assert company.found('roles[value eq "r"]') == ["new1"]
    assert company.failing.said[0] == "Lookup"


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        # The name is the upstream's own search, which is one call whoever has the value.
        ('externalId eq "E-1" and userName eq "ada1"', ["GET /users", "Recall"]),
        ('userName eq "ada1" and externalId eq "E-1"', ["GET /users", "Recall"]),
        ('externalId eq "E-1" and title eq "T"', ["Lookup", "GET /users/u1", "Recall"]),
        ('title eq "T" and externalId eq "E-1"', ["Lookup", "GET /users/u1", "Recall"]),
        ('externalId eq "E-1" and id eq "u1"', ["GET /users/u1", "Recall"]),
        ('externalId eq "E-1" or userName eq "ada1"', ["Lookup", "GET /users/u1", "GET /users", "Recall"]),
        ('externalId eq "E-1" or externalId eq "E-9"', ["Lookup", "GET /users/u1", "Lookup", "Recall"]),
    ],
)
def test_a_kept_value_goes_with_other_demands(text: str, steps: list[str]) -> None:
    company = Company()
    company.keep("u1", "externalId", "E-1")
    assert company.found(text) == ["u1"]
    assert company.failing.said == steps


def test_either_of_two_is_found_though_only_one_is_looked_up() -> None:
    company = Company()
    company.keep("u1", "externalId", "E-1")
    assert company.found('externalId eq "E-1" or title eq "X"') == ["u1"]
    assert company.found('externalId eq "E-1" or userName eq "ada2"') == ["u1", "u2"]


@pytest.mark.parametrize(("count", "steps"), [(MOST_KEPT, "GET /users/u1"), (MOST_KEPT + 1, "GET /users")])
def test_a_value_that_many_have_is_found_in_the_whole_list(count: int, steps: str) -> None:
    company = Company(users=MOST_KEPT + 5)
    for number in range(1, count + 1):
        company.keep(f"u{number}", DEPARTMENT.strip('"'), "Sales")
    assert len(company.found(f'{ENTERPRISE}:department eq "Sales"', count="100")) == count
    assert company.failing.said[:2] == ["Lookup", steps]


def test_what_the_upstream_holds_is_never_taken_from_the_store() -> None:
    company = Company()
    company.shelf.held["u1"] = {
        "title": "forged",
        "userName": "forged",
        "active": False,
        "id": "u2",
        "externalId": "E-1",
    }
    shown = {"id": "u1", "userName": "ada1", "title": "T", "externalId": "E-1"}
    assert company.asked("GET", "u1").content == shown
    assert company.asked("GET").content.resources[0] == shown
    patched = company.asked("PATCH", "u1", {"op": "replace", "path": "title", "value": "X"})
    assert patched.content == shown | {"title": "X"}


def test_what_can_be_set_once_only_is_refused_before_anything_is_written() -> None:
    company = Company(SETTLED)
    first = {"op": "add", "path": "externalId", "value": "E-1"}
    assert company.asked("PATCH", "u1", first).error is None
    for method, body in (
        ("PATCH", first | {"value": "E-2"}),
        ("PATCH", {"op": "remove", "path": "externalId"}),
        ("PUT", {"userName": "other", "externalId": "E-2"}),
        ("PUT", {"userName": "other"}),
    ):
        result = company.asked(method, "u1", body)
        assert isinstance(result.error, Mutability)
        assert company.failing.said == ["GET /users/u1", "Recall"]
    assert company.asked("PUT", "u1", {"userName": "other", "externalId": "E-1"}).error is None


def test_a_store_that_fails_leaves_the_upstream_as_it_was_written_and_the_same_again_does_the_rest() -> None:
    change = {"op": "replace", "value": {"title": "X", "externalId": "E-1"}}
    company = Company()
    company.failing = Failing(company.directory, company.shelf, 4)  # the Keep
    result = company.asked("PATCH", "u1", change)
    assert isinstance(result.error, Internal)
    assert company.directory.records["users"]["u1"]["title"] == "X"
    assert company.shelf.held == {}
    company.failing = Failing(company.directory, company.shelf)
    assert company.asked("PATCH", "u1", change).error is None
    assert company.failing.said == ["GET /users/u1", "Recall", "Keep"]
    assert company.found('externalId eq "E-1"') == ["u1"]


def test_a_page_of_a_list_is_recalled_at_once() -> None:
    company, asked = Company(users=250), list[Step]()

    def store(step: Step) -> Any:
        asked.append(step)
        return company.shelf(step)

    wanted = operation.query({"filter": "externalId pr"}, KEEPING.resource.type)
    answered(plan(wanted, KEEPING), company.directory, store)
    assert [len(each.ids) for each in asked if isinstance(each, Recall)] == [100, 100, 50]


def test_a_group_has_an_external_id_of_its_own() -> None:
    company = Company(GROUPS)
    created = company.asked("POST", body={"displayName": "Green", "externalId": "g-9", "members": [{"value": "u1"}]})
    assert created.content == {"id": "new1", "displayName": "Green", "externalId": "g-9", "members": [{"value": "u1"}]}
    assert company.found('externalId eq "g-9"', excludedAttributes="members") == ["new1"]
    assert company.failing.said == ["Lookup", "GET /teams/new1", "Recall"]
    company.asked("DELETE", "new1")
    assert company.shelf.held == {}


def test_users_and_groups_of_one_id_are_kept_apart() -> None:
    asked: list[Step] = []

    def store(step: Step) -> Any:
        asked.append(step)
        return () if isinstance(step, Lookup) else {}

    made = groups("{scim: externalId, keep: here}", user=("{scim: externalId, keep: here}",))
    directory = Directory([{"id": "a", "name": "a"}], [{"id": "a", "name": "a"}])
    for kind, wanted in itertools.product(("User", "Group"), ("get", "find", "put", "delete")):
        about = made.about(kind)
        name = about.resource.naming
        requests: dict[str, operation.Operation] = {
            "get": operation.Get("a"),
            "find": operation.query({"filter": 'externalId eq "x"'}, about.resource.type),
            "put": operation.replace("a", body_of({name: "a", "externalId": "x"}), about.resource.type),
            "delete": operation.Delete("a"),
        }
        asked.clear()
        answered(plan(requests[wanted], about), directory, store)
        assert {each.kind for each in asked} == {kind}
