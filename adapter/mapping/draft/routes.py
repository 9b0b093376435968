"""The routes of a draft: each call that was found, and a sentence in place of the others."""

from typing import Any

from adapter.mapping.draft.finder import word
from adapter.mapping.draft.known import Known, todo, without
from adapter.mapping.draft.spec import Operation
from adapter.mapping.draft.written import flow, scalar


def routes(known: Known) -> list[str]:
    """Return the lines of `routes`."""
    return ["    routes:", *_list(known), *_get(known), *_create(known), *_update(known), *_delete(known)]


def _unsupported(route: str, what: str, missing: str, known: Known) -> list[str]:
    return [f"      {route}: {{unsupported: {scalar(without(what, known))}}}{todo(missing)}"]


def _list(known: Known) -> list[str]:
    call, records, page = known.api.list, known.api.records, known.api.page
    if call is None or records is None:
        return _unsupported("list", "users are listed", "call, records, total, page", known)
    turned = page.keys.values() if page else ()
    asked = [each for each in call.query if each.required and each.name not in turned]
    query = {each.name: f"{{setting:{known.setting(each.name, each.about)}}}" for each in asked}
    lines = ["      list:", f"        call: {scalar(known.call(call))}"]
    lines += [f"        query: {flow(query)}"] if query else []
    lines += [f"        records: {scalar(records)}"]
    lines += [f"        total: {scalar(known.api.total)}"] if known.api.total else []
    if page is None:
        return [
            *lines,
            f"        page: {{by: nothing}}{todo('is every user in one reply? No parameter names a page')}",
            *_find(known, call),
        ]
    return [*lines, f"        page: {flow(page.keys)}{todo(page.todo) if page.todo else ''}", *_find(known, call)]


def _find(known: Known, call: Operation) -> list[str]:
    """Return the search by userName, if the list has a parameter of that name; its misses are not believed."""
    name = word(known.user_name.rpartition(".")[2])
    found = next((each for each in call.query if word(each.name) == name and not each.required), None)
    if found is None:
        return []
    entry = flow({"filter": "userName eq", "query": {found.name: "{value}"}, "misses": "checked"})
    return ["      find:", f"        - {entry}{todo('case: ignored, misses: believed, if they are')}"]


def _get(known: Known) -> list[str]:
    if known.api.get is not None and known.api.spot is not None:
        record = {} if known.api.spot == "$" else {"record": known.api.spot}
        return [f"      get: {flow({'call': known.call(known.api.get)} | record)}"]
    if known.lists:
        return [f"      get: {{by: list}}{todo('a call that reads one user, if there is one')}"]
    return _unsupported("get", "one user is read", "call, record", known)


def _create(known: Known) -> list[str]:
    call = known.api.create
    if call is None or not known.creates:
        why = [f"what {each} must be" for each in known.unknown()] or ["call, fields, and the id or the record"]
        return _unsupported("create", "a user is made", why[0], known)
    keys: dict[str, Any] = {"call": known.call(call)} | _body(call, known.create_at) | known.made()
    return [f"      create: {flow(keys)}"]


def _update(known: Known) -> list[str]:
    call = known.api.update
    if call is None or not known.updates:
        return _unsupported("update", "a user is changed", "call, fields", known)
    keys: dict[str, Any] = {"call": known.call(call)} | _body(call, known.update_at)
    if call.method == "PUT":
        left = [each for each in known.read.schemas if each not in known.updated]
        keys |= {"sends": "record"} | ({"leave_out": left} if left else {})
    return [f"      update: {flow(keys)}"]


def _delete(known: Known) -> list[str]:
    if known.api.delete is None:
        return _unsupported("delete", "a user is removed", "call", known)
    return [
        f"      delete: {flow({'call': known.call(known.api.delete)})}{todo('does it remove the user, or only disable it?')}"
    ]


def _body(call: Operation, at: str | None) -> dict[str, Any]:
    return ({"fields": at} if at else {}) | ({"send": "form"} if call.send == "form" else {})
