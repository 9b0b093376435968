"""From the text of gateway.yaml to its connections, or the error at its line; read as mapping files are.

What the shape cannot say is judged here: names and proofs that come once, settings and secrets that the mapping declares,
addresses, times, and that no secret stands in the file.
"""

import random
from collections.abc import Mapping as Values
from pathlib import Path
from typing import Any

import msgspec

from adapter.errors import SettingsError
from adapter.mapping import shape
from adapter.mapping.faults import Faults
from adapter.mapping.load import load
from adapter.mapping.mapping import Mapping
from adapter.mapping.source import Path as Way
from adapter.mapping.source import Source
from adapter.settings import document
from adapter.settings.client_loader import ClientLoader
from adapter.settings.reader import URL, is_url, shipped_names, text_of
from adapter.settings.secret import Secret
from adapter.settings.settings import Connection

_RESERVED = ("scim", "oauth", "health", "metrics")
"""First parts of other paths of the gateway."""
_SOURCES = ("file", "environment", "credential")


def read(
    file: Path, shipped: Path, environment: Values[str, str], times: dict[str, float]
) -> tuple[tuple[Connection, ...], tuple[Path, ...]]:
    """Return the connections of a file and every file that was read for them; `times` are those of the process.

    Raises MappingError with the place of each fault, in this file or in a mapping, and SettingsError when it cannot be read.
    """
    try:
        text = text_of(file)
    except SettingsError as error:
        raise SettingsError([f"ADAPTER_CONFIG: {each}" for each in error.faults]) from error
    source = Source(str(file), text)
    if not isinstance(source.data, dict):
        raise source.error((), "a file of connections holds the keys version and connections, and this one holds none")
    loader = _Loader(source, file.parent, shipped, environment, times)
    made = loader.connections(shape.read_as(document.Gateway, source))
    return made, (file, *dict.fromkeys(loader.files))


class _Loader:
    def __init__(
        self, source: Source, folder: Path, shipped: Path, environment: Values[str, str], times: dict[str, float]
    ) -> None:
        self._source, self._folder, self._shipped = source, folder, shipped
        self._environment, self._times = environment, times
        self._mappings: dict[Path, Mapping] = {}
        self.files: list[Path] = []

    def connections(self, read: document.Gateway) -> tuple[Connection, ...]:
        faults, clients = Faults(), ClientLoader(self._source)
        made: list[Connection | None] = []
        for at, one in enumerate(read.connections):
            way = ("connections", at)
            faults.tried(lambda way=way, one=one, at=at: self._name(way, one, read.connections[:at]))  # type: ignore[misc]
            made.append(self._connection(one, way, clients, faults))
        faults.told()
        return tuple(each for each in made if each is not None)

    def _name(self, way: Way, one: document.Connection, before: list[document.Connection]) -> None:
        if one.name in _RESERVED:
            raise self._source.error((*way, "name"), f"'{one.name}' is a path of the gateway itself; take another name")
        if one.name in [each.name for each in before]:
            raise self._source.error((*way, "name"), f"the connection '{one.name}' is there twice; name one otherwise")

    def _connection(
        self, one: document.Connection, way: Way, clients: ClientLoader, faults: Faults
    ) -> Connection | None:
        url = faults.tried(lambda: self._url(one.upstream, (*way, "upstream")))
        admitted = [
            faults.tried(lambda each=each, at=at: clients.client(each, (*way, "clients", at), one))  # type: ignore[misc]
            for at, each in enumerate(one.clients)
        ]
        mapping = faults.tried(lambda: self._mapping(one, way))
        if mapping is None:
            return None
        values = faults.tried(lambda: self._values(one, mapping, (*way, "settings")))
        secrets = self._secrets(one, mapping, (*way, "secrets"), faults)
        if url is None or values is None or None in admitted:
            return None
        limits = msgspec.structs.asdict(one.limits)
        own = {name: float(value) for name, value in limits.items() if value is not None and name != "in_flight"}
        return Connection(
            name=one.name,
            mapping=mapping,
            upstream_url=url,
            values=values,
            secrets=secrets,
            clients=tuple(each for each in admitted if each is not None),
            times=self._times | own,
            guard_most=one.guard.most if one.guard else 0,
            guard_seconds=float(one.guard.within) if one.guard else 3600.0,
        )

    def _url(self, text: str, way: Way) -> str:
        if not is_url(text.rstrip("/")):
            raise self._source.error(way, f"this {URL}")
        return text.rstrip("/")

    def _mapping(self, one: document.Connection, way: Way) -> Mapping:
        self._refuse_unprintable(one.mapping, (*way, "mapping"))
        names = shipped_names(self._shipped)
        file = self._shipped / f"{one.mapping}.yaml" if one.mapping in names else self._folder / one.mapping
        if file not in self._mappings:
            if not file.is_file():
                message = (
                    f"there is no mapping file '{one.mapping}' beside this one, nor is it one of {', '.join(names)}"
                )
                raise self._source.error((*way, "mapping"), message)
            self.files.append(file)
            self._mappings[file] = load(text_of(file), str(file))
        mapping = self._mappings[file]
        return msgspec.structs.replace(mapping, in_flight=one.limits.in_flight or mapping.in_flight)

    def _values(self, one: document.Connection, mapping: Mapping, way: Way) -> dict[str, str | list[str]]:
        declared = {each.name: each for each in mapping.settings}
        values: dict[str, str | list[str]] = {}
        for name, given in one.settings.items():
            if name not in declared:
                raise self._source.error(way, shape.unknown("setting", name, list(declared)), at_key=name)
            is_list = declared[name].kind == "list"
            entries = given if isinstance(given, list) else [given]
            texts = [str(each) for each in entries if isinstance(each, str | int) and not isinstance(each, bool)]
            if isinstance(given, list) != is_list or len(texts) != len(entries):
                wanted = "a list of texts" if is_list else "a text or a whole number"
                raise self._source.error((*way, name), f"the setting '{name}' is {wanted}")
            if not all(each.isprintable() and each for each in texts):
                raise self._source.error((*way, name), f"the setting '{name}' is empty, or cannot be printed")
            values[name] = texts if is_list else texts[0]
        for name, setting in declared.items():
            if name not in values and setting.default is None:
                raise self._source.error(way, f"the mapping needs the setting '{name}'; add it")
        try:
            mapping.bound(values, random.choice)
        except SettingsError as error:
            raise self._source.error(way, "; ".join(error.faults)) from None
        return values

    def _secrets(self, one: document.Connection, mapping: Mapping, way: Way, faults: Faults) -> dict[str, Secret]:
        declared = [each.name for each in mapping.secrets]
        found: dict[str, Secret] = {}
        for name, given in one.secrets.items():
            if name not in declared:
                error = self._source.error(way, shape.unknown("secret", name, declared), at_key=name)
                faults.found(error)
                continue
            made = faults.tried(lambda name=name, given=given: self._secret(given, (*way, name)))  # type: ignore[misc]
            found |= {} if made is None else {name: made}
        for name in declared:
            if name not in one.secrets:
                faults.found(self._source.error(way, f"the mapping needs the secret '{name}'; add it, {_WHERE}"))
        return found

    def _secret(self, given: Any, way: Way) -> Secret:
        """Return a secret from where the file says that it is."""
        if not isinstance(given, dict):
            raise self._source.error(way, f"a secret never stands in this file; write where it is, {_WHERE}")
        kinds = [each for each in given if each in _SOURCES]
        if len(given) != 1 or len(kinds) != 1 or not isinstance(given[kinds[0]], str):
            raise self._source.error(way, f"this says where a secret is, {_WHERE}")
        [(kind, name)] = given.items()
        self._refuse_unprintable(name, way)
        text = self._environment.get(name, "") if kind == "environment" else self._in_file(kind, name, way)
        text = text.strip()
        if not text:
            raise self._source.error(way, f"there is nothing in the {kind} '{name}'")
        if not (text.isascii() and text.isprintable()):
            raise self._source.error(way, f"the {kind} '{name}' holds a line end or a character outside ASCII")
        return Secret(text)

    def _refuse_unprintable(self, name: str, way: Way) -> None:
        """Raise MappingError for a name that hardly any file has, and with a NUL in it none can have."""
        if not name.isprintable():
            raise self._source.error(way, "this name holds a character that cannot be printed; remove it")

    def _in_file(self, kind: str, name: str, way: Way) -> str:
        folder = self._folder
        if kind == "credential":
            handed = self._environment.get("CREDENTIALS_DIRECTORY", "")
            if not handed or "/" in name:
                raise self._source.error(way, "systemd hands over no such credential; add LoadCredential= to the unit")
            folder = Path(handed)
        self.files.append(folder / name)
        try:
            return (folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise self._source.error(way, f"the {kind} '{name}' cannot be read ({type(error).__name__})") from None


_WHERE = "such as {file: /run/secrets/name}, {environment: NAME} or {credential: name}"
