"""From the text of a mapping file to a `Mapping`, or the error at its line. Nothing about a mapping fails later.

Three steps: YAML with places (`source`), the shape (`document`, checked by msgspec), and here what the shape cannot say:
that names exist, that tables can be undone, that no field is written twice.
"""

import hashlib

import msgspec

from adapter.mapping import document, shape
from adapter.mapping.call_loader import CallLoader
from adapter.mapping.credential_loader import CredentialLoader
from adapter.mapping.faults import Faults
from adapter.mapping.mapping import Mapping
from adapter.mapping.resource import ResourceMapping
from adapter.mapping.resource_loader import ResourceLoader
from adapter.mapping.source import Source
from adapter.mapping.template import CallTemplate


def load(text: str, file: str) -> Mapping:
    """Return the mapping that a file's text describes.

    Raises MappingError with the place of the first fault and the way out.
    """
    source = Source(file, text)
    if not isinstance(source.data, dict):
        raise source.error((), "a mapping file holds keys such as version and upstream, and this one holds none")
    read, digest = shape.read(source), hashlib.sha256(text.encode()).hexdigest()[:12]
    made = msgspec.structs.replace(_Loader(source, read).mapping(), digest=digest)
    kept = [each for one in read.resources for each in one.attributes if each.keep is not None]
    if not kept or any(each.without_store == "refused" for each in kept):
        return made
    bare = msgspec.structs.replace(_Loader(source, _without_kept(read)).mapping(), digest=digest)
    return msgspec.structs.replace(made, storeless=bare)


def _without_kept(read: document.Document) -> document.Document:
    """Return the document without the rules whose values a store would keep."""
    resources = [
        msgspec.structs.replace(one, attributes=[each for each in one.attributes if each.keep is None])
        for one in read.resources
    ]
    return msgspec.structs.replace(read, resources=resources)


class _Loader:
    """Judges a document and makes it ready; every method knows the way to the part that it judges."""

    def __init__(self, source: Source, read: document.Document) -> None:
        self.source, self.read = source, read
        self.calls = CallLoader(source, read)

    def mapping(self) -> Mapping:
        read, faults = self.read, Faults()
        faults.tried(self._declarations)
        faults.tried(self._replies)
        credential = faults.tried(lambda: CredentialLoader(self.calls).credential(read.credential))
        openapi = faults.tried(lambda: self._openapi(read.openapi))
        faults.tried(self._kinds)
        faults.told()
        resources: list[ResourceMapping] = []
        for at in range(len(read.resources)):
            made = faults.tried(lambda at=at, before=tuple(resources): self._resource(at, before))  # type: ignore[misc]
            if made is None:
                break  # what the groups say is judged by what the users are
            resources.append(made)
        faults.told()
        assert credential is not None  # noqa: S101 (else there was a fault)
        return Mapping(
            upstream=read.upstream,
            settings=tuple(read.settings),
            secrets=tuple(read.secrets),
            credential=credential,
            client_certificate=read.client_certificate,
            openapi=openapi,
            in_flight=read.limits.in_flight,
            replies=tuple(read.replies),
            resources=tuple(resources),
            resource=resources[0],
        )

    def _declarations(self) -> None:
        read = self.read
        self._names_once("settings", [each.name for each in read.settings])
        self._names_once("secrets", [each.name for each in read.secrets])
        for at, setting in enumerate(read.settings):
            wanted = list if setting.kind == "list" else str
            if setting.default is not None and not isinstance(setting.default, wanted):
                raise self.source.error(
                    ("settings", at, "default"),
                    f"the default of a setting of kind {setting.kind} is a {setting.kind}",
                )
        if read.client_certificate is not None:
            self.calls.placeholders(read.client_certificate, ("client_certificate",), [], secret=True)

    def _replies(self) -> None:
        for at, reply in enumerate(self.read.replies):
            if reply.contains is not None and reply.field is None:
                raise self.source.error(("replies", at, "contains"), "contains looks into a field; add field")

    def _resource(self, at: int, before: tuple[ResourceMapping, ...]) -> ResourceMapping:
        return ResourceLoader(self.source, self.read, self.calls, at).resource(before)

    def _kinds(self) -> None:
        kinds = [each.resource for each in self.read.resources]
        if kinds not in (["User"], ["User", "Group"]):
            at = 0 if kinds[0] != "User" else 1
            raise self.source.error(("resources", at, "resource"), "the User comes first, and one Group may follow it")

    def _openapi(self, text: str | None) -> CallTemplate | None:
        return self.calls.call(text, ("openapi",), ("GET",), []) if text else None

    def _names_once(self, key: str, names: list[str]) -> None:
        for at, name in enumerate(names):
            if name in names[:at]:
                raise self.source.error((key, at, "name"), f"'{name}' is declared twice; keep one of them")
