"""Names that look alike: none of them is ever taken for somebody else's, and those that hide something are refused."""

import unicodedata
from typing import Any

import pytest

from adapter.scim.messages import PATCH
from tests.attacks.world import AS_STRICT, is_refused, world

ADMIN = "admin"
LOOK_ALIKES: dict[str, str] = {
    "full width": "\uff41dmin",
    "Cyrillic a": "\u0430dmin",
    "Greek iota": "adm\u03b9n",
    "dotless i": "adm\u0131n",
    "dotted capital I": "ADM\u0130N",
    "long s": "admin\u017f",
    "a mathematical a": "\U0001d41admin",
    "a circled a": "\u24d0dmin",
    "an accent behind it": "admin\u0301",
    "an accent within": "a\u0301dmin",
    "a dot below": "\u1ea1dmin",
    "rn for m": "adrnin",
    "a wildcard": "adm*",
    "a percent": "admin%",
    "one place": "adm_n",
    "a plus": "admin+",
    "an escape": "adm%69n",
    "an entity": "adm&#105;n",
    "a domain behind it": "admin@evil.example",
    "more and more of it": "admin" * 60,
}
"""What must find nobody, and make a user of its own."""
BLANK = ("admin ", " admin", "admin\u00a0", "admin\u3000", "\u2003admin", "  ", "\u00a0")
"""Blanks around a name, or nothing else."""
HIDDEN = {
    "controls": [*range(0x20), *range(0x7F, 0xA0)],
    "line ends and directions": [*range(0x2028, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C],
    "what has no width": [0x200B, 0x200C, 0x200D, *range(0x2060, 0x2066), 0xAD, 0x034F, 0x180E, 0x3164, 0xFEFF, 0xFFA0],
    "tags": [0xE0001, 0xE0061],
}
"""What nobody sees in a name, by what it does there."""
PLAIN = (
    "Zo\u00eb",
    "\u6771\u4eac",
    "\u0645\u062d\u0645\u062f",
    "\u05d3\u05d5\u05d3",
    "\u0e2a\u0e21\u0e0a\u0e32\u0e22",
    "o'brien",
    "a.b+c#EXT#@x.onmicrosoft.com",
    "\U0001f469\u200ax",
    "\u00dfs",
    "I\u0307",
    "a b",
    "ﬁ",
)


async def _made(ask: Any, name: str) -> str:
    answer = await ask("POST", "/Users", {"userName": name})
    assert (answer.status, answer.json["userName"]) == (201, name)
    return str(answer.json["id"])


@pytest.mark.parametrize("name", LOOK_ALIKES.values(), ids=list(LOOK_ALIKES))
async def test_a_name_that_looks_like_another_is_another(name: str) -> None:
    """SEC-40 (CVE-2019-19844, GHSA-qw9g-7549-7wg5, GHSA-7rqj-j65f-68wh): no look-alike finds or touches the other user."""
    async with world() as ask:
        admin = ask.keep(ADMIN)
        before = ask.directory.users.kept[admin]
        assert (await ask.found(f'userName eq "{name}"')).json["totalResults"] == 0
        made = await _made(ask, name)
        assert made != admin
        assert ask.directory.users.kept[admin] == before
        assert [each["id"] for each in (await ask.found('userName eq "admin"')).json["Resources"]] == [admin]
        assert [each["id"] for each in (await ask.found(f'userName eq "{name}"')).json["Resources"]] == [made]


@pytest.mark.parametrize("name", BLANK)
async def test_a_name_with_blanks_around_it_finds_nobody_and_is_nobody(name: str) -> None:
    """SEC-40: an upstream that drops them would take one name for another; they are refused, and never found."""
    async with world() as ask:
        admin = ask.keep(ADMIN)
        ask.directory.groups.kept["g"] = {"id": "g", "name": "all"}
        assert (await ask.found(f'userName eq "{name}"')).json["totalResults"] == 0
        operation = _replace("userName", name)
        for answer in (
            await ask("POST", "/Users", {"userName": name}),
            await ask("PUT", f"/Users/{admin}", {"userName": name}),
            await ask("PATCH", f"/Users/{admin}", {"Operations": [operation]}),
            await ask("POST", "/Groups", {"displayName": name}),
            await ask("PATCH", "/Groups/g", {"Operations": [_replace("displayName", name)]}),
        ):
            assert is_refused(answer, "invalidValue")
            assert "at the source" in answer.json["detail"]
        assert ask.writes == []


@pytest.mark.parametrize("sign", ["\u200b", "\u202e", "\u2066", "\u00ad", "\ufeff", "\x85"])
async def test_what_people_are_found_by_beside_their_names_hides_nothing_either(sign: str) -> None:
    """SEC-40 and SEC-41: an address or an externalId with something that nobody sees looks like somebody else's."""
    async with world() as ask:
        user = ask.keep(ADMIN, mails={"work": {"value": "admin@example.com"}}, externalRef="e-1")
        for part in (
            {"externalId": f"e-1{sign}"},
            {"emails": [{"type": "work", "value": f"admin@example{sign}.com"}]},
        ):
            assert is_refused(await ask("POST", "/Users", {"userName": "ada"} | part), "invalidValue")
            assert is_refused(await ask("PUT", f"/Users/{user}", {"userName": ADMIN} | part), "invalidValue")
            patched = {"Operations": [{"op": "replace", "value": part}]}
            assert is_refused(await ask("PATCH", f"/Users/{user}", patched), "invalidValue")
        assert (await ask.found(f'externalId eq "e-1{sign}"')).json["totalResults"] == 0
        assert ask.writes == []


async def test_a_looser_upstream_matches_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-40: an upstream that compares without accents, width or case finds more, and the gateway keeps what was asked."""

    def loose(text: str) -> str:
        apart = unicodedata.normalize("NFKD", text).casefold().replace("\u0131", "i").strip()
        return "".join(each for each in apart if not unicodedata.combining(each))

    async with world() as ask:
        admin = ask.keep(ADMIN)

        def listed(query: Any) -> dict[str, Any]:
            fit = [
                each
                for each in ask.directory.users.kept.values()
                if loose(each["login"]) == loose(query.get("login", ""))
            ]
            return {"items": fit, "total": len(fit)}

        monkeypatch.setattr(ask.directory.users, "listed", listed)
        for name in LOOK_ALIKES.values():
            assert (await ask.found(f'userName eq "{name}"')).json["totalResults"] == 0, name
        assert (await ask.found('userName eq "ADMIN"')).json["Resources"][0]["id"] == admin


async def test_only_case_and_the_composition_of_letters_make_no_difference() -> None:
    """SEC-40: what is one name is said once: NFC, and lower case."""
    async with world() as ask:
        zoe = ask.keep("zoë")
        for same in ("ZOË", "Zoe\u0308", "zoE\u0308"):
            assert [
                each["id"] for each in (await ask.found(f'id eq "{zoe}" and userName eq "{same}"')).json["Resources"]
            ] == [zoe]
        for other in ("zoe", "zöe", "zoé", "zoe\u0301"):
            assert (await ask.found(f'id eq "{zoe}" and userName eq "{other}"')).json["totalResults"] == 0
        ask.keep("strasse")
        for other in ("straße", "stra\u017f\u017fe"):
            assert (await ask.found(f'userName eq "{other}"')).json["totalResults"] == 0


@pytest.mark.parametrize("codes", HIDDEN.values(), ids=list(HIDDEN))
async def test_a_name_with_something_that_nobody_sees_is_refused(codes: list[int]) -> None:
    """SEC-40 and SEC-39: wherever a name is written: POST, PUT, PATCH; a user's and a group's."""
    async with world() as ask:
        user = ask.keep(ADMIN)
        ask.directory.groups.kept["g"] = {"id": "g", "name": "all"}
        before = ask.state()
        for name in [text for sign in map(chr, codes) for text in (f"admin{sign}", f"ad{sign}min")]:
            operations: dict[str, list[dict[str, Any]]] = {
                "/Users/" + user: [_replace("userName", name), {"op": "add", "value": {"USERNAME": name}}],
                "/Groups/g": [_replace("displayName", name)],
            }
            answers = [
                await ask("POST", "/Users", {"userName": name}),
                await ask("POST", "/Groups", {"displayName": name}),
            ]
            answers += [await ask("PUT", f"/Users/{user}", {"userName": name})]
            answers += [
                await ask("PATCH", path, {"schemas": [PATCH], "Operations": [each]}, *client)
                for path, every in operations.items()
                for each in every
                for client in ((), (AS_STRICT,))
            ]
            for answer in answers:
                assert is_refused(answer, "invalidValue")
                assert "at the source" in answer.json["detail"]
                assert name not in answer.json["detail"]
            filtered = await ask("POST", "/Users/.search", {"filter": f'userName eq "{name}"'})
            assert filtered.status == 400 if min(name) < " " else filtered.json["totalResults"] == 0
        assert ask.state() == before
        assert ask.writes == []


def _replace(path: str, value: str) -> dict[str, str]:
    return {"op": "replace", "path": path, "value": value}


@pytest.mark.parametrize("name", PLAIN)
async def test_every_other_name_passes_unchanged(name: str) -> None:
    async with world() as ask:
        made = await _made(ask, name)
        assert ask.directory.users.kept[made]["login"] == name
        assert (await ask("GET", f"/Users/{made}")).json["userName"] == name
        answer = await ask(
            "POST",
            "/Users",
            {"userName": "other", "title": "a\u200db\u202e", "displayName": "\U0001f469\u200d\U0001f52c"},
        )
        assert (answer.json["title"], answer.json["displayName"]) == ("a\u200db\u202e", "\U0001f469\u200d\U0001f52c")
