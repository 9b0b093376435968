"""From the clients of gateway.yaml to those of the settings: proofs that can be read, and that name one client only."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from adapter.mapping.source import Path as Way
from adapter.mapping.source import Source
from adapter.settings import document
from adapter.settings.reader import LOOPBACK, is_url
from adapter.settings.secret import Proof
from adapter.settings.settings import Client, EntraClient, FederatedClient, SecretClient, TokenClient

_HASH = re.compile(r"sha256:([0-9a-f]{64})")
_TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DAY = len("2026-11-25")


class ClientLoader:
    """Judges the clients of one file; knows what came before, since one proof must never name two."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._seen: dict[tuple[str, ...], Way] = {}

    def client(self, one: Any, way: Way, of: document.Connection) -> Client:
        """Return the client that stands at a way; raises MappingError."""
        self._once(("name", of.name, one.name), (*way, "name"), f"the client '{one.name}' is there twice")
        about: dict[str, Any] = {
            "name": one.name,
            "profile": one.profile or of.profile,
            "may_write": one.rights == "write",
        }
        match one:
            case document.Token():
                return TokenClient(tokens=self._proofs(one.tokens, (*way, "tokens")), **about)
            case document.Credentials():
                self._identifier(one.id, way)
                return SecretClient(id=one.id, secrets=self._proofs(one.secrets, (*way, "secrets")), **about)
            case document.Federated():
                self._identifier(one.id, way)
                keys = self._address(one.keys, (*way, "keys"))
                return FederatedClient(
                    id=one.id, issuer=one.issuer, audience=one.audience, subject=one.subject, keys=keys, **about
                )
        assert isinstance(one, document.EntraToken)  # noqa: S101 (the fourth kind)
        return self._entra(one, way, about)

    def _entra(self, one: document.EntraToken, way: Way, about: dict[str, Any]) -> EntraClient:
        if not _TENANT.fullmatch(one.tenant):
            raise self._source.error((*way, "tenant"), "a tenant's id is like 72f988bf-86f1-41af-91ab-2d7cd011db47")
        tenant = one.tenant.lower()
        issuer = one.issuer or f"https://sts.windows.net/{tenant}/"
        self._once(
            ("entra", issuer, one.audience), (*way, "tenant"), "tokens of this tenant and audience let in two clients"
        )
        keys = one.keys or f"https://login.microsoftonline.com/{tenant}/discovery/keys"
        at = (*way, "keys") if one.keys else way
        return EntraClient(issuer=issuer, tenant=tenant, audience=one.audience, keys=self._address(keys, at), **about)

    def _identifier(self, client_id: str, way: Way) -> None:
        self._once(
            ("id", client_id), (*way, "id"), f"the id '{client_id}' is there twice; the token endpoint is one for all"
        )

    def _proofs(self, shown: list[document.Shown], way: Way) -> tuple[Proof, ...]:
        return tuple(self._proof(each, (*way, at)) for at, each in enumerate(shown))

    def _proof(self, shown: document.Shown, way: Way) -> Proof:
        found = _HASH.fullmatch(shown.hash)
        if not found:
            raise self._source.error(
                (*way, "hash"), "this must be sha256: and 64 hexadecimal digits, as scim-adapter client new prints it"
            )
        self._once(("hash", found[1]), (*way, "hash"), "this hash is there twice; each client has secrets of its own")
        begin = (
            self._moment(shown.not_before, (*way, "not_before"), is_end=False) if shown.not_before else float("-inf")
        )
        end = self._moment(shown.not_after, (*way, "not_after"), is_end=True) if shown.not_after else float("inf")
        if end <= begin:
            raise self._source.error((*way, "not_after"), "this ends before it begins")
        return Proof(bytes.fromhex(found[1]), begin, end)

    def _moment(self, text: str, way: Way, *, is_end: bool) -> float:
        """Return a moment in seconds since 1970; a day counts whole."""
        try:
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return (moment + timedelta(days=is_end and len(text) <= _DAY)).timestamp()
        except (ValueError, OverflowError):
            raise self._source.error(
                way, "this must be a day or a moment: 2026-11-25 or 2026-11-25T08:00:00Z"
            ) from None

    def _address(self, text: str, way: Way) -> str:
        if not is_url(text) or not (text.startswith("https://") or urlsplit(text).hostname in LOOPBACK):
            raise self._source.error(way, "keys are fetched by https only: https://host/path")
        return text

    def _once(self, what: tuple[str, ...], way: Way, message: str) -> None:
        if what in self._seen:
            raise self._source.error(way, message)
        self._seen[what] = way
