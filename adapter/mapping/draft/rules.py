"""The rules of a draft: a line for each attribute that was found among the fields, and what a create needs besides."""

from typing import Any

from adapter.mapping.draft.finder import word
from adapter.mapping.draft.guesses import ATTRIBUTES, WHOLE_NAMES, Switch
from adapter.mapping.draft.known import Known, todo, without
from adapter.mapping.draft.spec import kind
from adapter.mapping.draft.written import flow

_KINDS = ("string", "integer")


def rules(known: Known) -> list[str]:
    """Return the lines of `on_create` and `attributes`."""
    writer = _Rules(known)
    lines = writer.attributes()
    return [*writer.on_create(), "    attributes:", *lines]


class _Rules:
    """Writes rules, and remembers which fields are written: none is written twice."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.written: set[str] = set()

    def attributes(self) -> list[str]:
        """Return a line for each rule."""
        known = self.known
        own = (word(known.user_name.rpartition(".")[2]),)
        made = [self._rule("userName", own, {"required": True}), self._active()]
        tables = [self._rule(name, names) for name, names in ATTRIBUTES.items() if name.startswith("name.")]
        made += tables if any(tables) else self._parts()
        made += [self._rule(name, names) for name, names in ATTRIBUTES.items() if not name.startswith("name.")]
        return [f"      - {each}" for each in made if each]

    def on_create(self) -> list[str]:
        """Return the lines for fields that a create demands and no attribute stands for."""
        if not self.known.creates:
            return []
        lines = []
        for field in self.known.created.required:
            schema = self.known.created.schemas.get(field, {})
            if field in self.written:
                continue
            if self.known.is_password(field):
                lines.append(
                    flow({"field": field, "password": {"length": 24}}) + todo("the rules that a password must meet")
                )
                continue
            kinds = {"array": "list", "integer": "number"}
            name = self.known.setting(field, str(schema.get("description") or ""), kinds.get(kind(schema), "text"))
            lines.append(flow({"field": field, "setting": name}))
        return ["    on_create:", *(f"      - {each}" for each in lines)] if lines else []

    def _rule(self, scim: str, names: tuple[str, ...], more: dict[str, Any] | None = None) -> str | None:
        """Return the rule for an attribute whose field has one of these names, or None where there is none."""
        known = self.known
        shown = known.read.named(names, _KINDS)
        created = known.created.named(names, _KINDS) if known.creates else None
        changed = known.updated.named(names, _KINDS) if known.updates else None
        needed = created is not None and created in known.created.required
        if shown is None:
            return self._unread(scim, created) if created and needed else None
        keys = {"required": True} if needed or (more or {}).get("required") else {}
        taken = created or changed or (shown if not (known.creates or known.updates) else None)
        if taken is None and more:  # a userName must be written; by which field is not known, since there is no call
            taken = shown
        if taken is None or taken in self.written:
            return flow(
                {"scim": scim, "field": shown, "mutability": "readOnly"} | self._kept(known.read.schemas[shown])
            )
        self.written.add(taken)
        only = None
        if known.creates and known.updates and created != changed:
            only = "create" if created else "update"
        if taken == shown and only is None:
            return flow({"scim": scim, "field": shown} | self._kept(known.read.schemas[shown]) | keys)
        source = known.created if created else known.updated
        read = {"field": shown} | self._kept(known.read.schemas[shown])
        write = {"field": taken} | self._kept(source.schemas[taken]) | ({"only": only} if only else {})
        return flow({"scim": scim, "read": read, "write": write} | keys)

    def _unread(self, scim: str, field: str) -> str | None:
        """Return the rule for what a create demands and nothing shows."""
        if field in self.written:
            return None
        self.written.add(field)
        default = {"default": {"attribute": "userName"}} if scim.startswith("emails") else {}
        return flow({"scim": scim, "field": field, "mutability": "writeOnly", "required": True} | default)

    def _parts(self) -> list[str | None]:
        """Return the two rules for one field that holds the whole name, if it can be written."""
        known = self.known
        field = known.read.named(WHOLE_NAMES)
        ways = [each for each, there in ((known.created, known.creates), (known.updated, known.updates)) if there]
        if field is None or field in self.written or not all(field in each for each in ways):
            return []
        self.written.add(field)
        needed = {"required": True} if known.creates and field in known.created.required else {}
        first = flow({"scim": "name.givenName", "field": field, "part": "first", "lossy": True} | needed)
        return [first, flow({"scim": "name.familyName", "field": field, "part": "last", "lossy": True})]

    def _active(self) -> str:
        """Return the rule for `active`: by the field that shows and takes it, else a sentence."""
        known = self.known
        shown = known.read.switch()
        unable = without("users are disabled", known)
        if shown is None:
            return flow({"scim": "active", "value": True, "unsupported": unable}) + todo("a field, or calls of its own")
        created = known.created.switch() if known.creates else None
        changed = known.updated.switch() if known.updates else None
        reading = {"field": shown.field} | _table(shown, reading=True)
        if changed is None and (known.updates or known.creates):
            return flow({"scim": "active", "read": reading, "default": True, "unsupported": unable}) + todo(
                "calls of its own?"
            )
        taken = changed or shown
        self.written.add(taken.field)
        only = {} if created is not None or not known.creates else {"only": "update"}
        if created is not None and created.field != taken.field:
            only = {"only": "update"}
        needed = {"required": True} if taken.field in known.created.required else {}
        writing = {"field": taken.field} | _table(taken, reading=False)
        if reading == writing and not only:
            return flow({"scim": "active"} | reading | needed | {"default": True})
        return flow({"scim": "active", "read": reading, "write": writing | only} | needed | {"default": True})

    def _kept(self, schema: dict[str, Any]) -> dict[str, str]:
        return {"kept_as": "number"} if kind(schema) == "integer" else {}


def _table(switch: Switch, *, reading: bool) -> dict[str, Any]:
    """Return the table of a switch; whatever else a reading may find means that the user is disabled."""
    if switch.is_plain:
        return {}
    if switch.others and reading:
        return {"values": [[True, switch.on]], "otherwise": False}
    return {"values": [[True, switch.on], [False, switch.off]]}
