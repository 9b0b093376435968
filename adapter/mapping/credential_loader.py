"""The credential of a file made ready: every kind of it becomes fixed templates, or a login that makes a token."""

import msgspec

from adapter.mapping import document
from adapter.mapping.call_loader import CallLoader
from adapter.mapping.mapping import Credential, Login, Refresh
from adapter.mapping.route import Route
from adapter.mapping.source import Path
from adapter.mapping.template import CallTemplate

_PATH = ("credential",)


class CredentialLoader:
    """Judges the credential, part by part, at its place in the file."""

    def __init__(self, calls: CallLoader) -> None:
        self.calls, self.source = calls, calls.source

    def credential(self, read: document.Credential) -> Credential:
        """Return the credential made ready; raises MappingError at the first part that cannot be."""
        if "kind" not in self.source.data["credential"]:
            raise self.source.error(_PATH, "the key 'kind' is missing here; add it")
        if isinstance(read, document.NoCredential):
            return Credential()
        if isinstance(read, document.StaticToken):
            self._secret(read.token, "token")
            return Credential(sent=self._sent(read.sent), token=read.token)
        if isinstance(read, document.Basic):
            self._secret(read.user, "user")
            self._secret(read.password, "password")
            return Credential(basic=(read.user, read.password))
        return Credential(sent=self._sent(read.sent), login=self._login(read))

    def _login(self, read: document.ClientCredentials | document.Exchange | document.Rolling) -> Login:
        call = self.calls.call(read.call, (*_PATH, "call"), ("GET", "POST", "PUT"), [])
        if isinstance(read, document.ClientCredentials):
            self._secret(read.client_id, "client_id")
            self._secret(read.client_secret, "client_secret")
            self.calls.body(read.form, (*_PATH, "form"), [], secret=True)
            form = {"grant_type": "client_credentials", **read.form}
            own = {"client_id": read.client_id, "client_secret": read.client_secret}
            basic = (read.client_id, read.client_secret) if read.authentication == "basic" else None
            route = Route(call=call, body=form if basic else form | own, send="form")
            return Login(route=route, token="access_token", lifetime="expires_in", basic=basic)  # noqa: S106 (a field's name)
        route = self._route(read, call, _PATH)
        if isinstance(read, document.Rolling):
            return Login(route=route, token=read.token, lifetime=float(read.lives), rolling=True)
        if (read.lifetime is None) == (read.lives is None):
            raise self.source.error(_PATH, "give exactly one of lifetime and lives: how long the token lives")
        lifetime = float(read.lives) if read.lives else read.lifetime or "$"
        refresh = self._refresh(read.refresh, (*_PATH, "refresh")) if read.refresh else None
        return Login(route=route, token=read.token, lifetime=lifetime, refresh=refresh)

    def _refresh(self, read: document.Refresh, path: Path) -> Refresh:
        call = self.calls.call(read.call, (*path, "call"), ("GET", "POST", "PUT"), [])
        return Refresh(self._route(read, call, path, "refresh"), read.token)

    def _route(
        self,
        read: document.Exchange | document.Rolling | document.Refresh,
        call: CallTemplate,
        path: Path,
        *known: str,
    ) -> Route:
        headers = self.calls.headers(read.headers, (*path, "headers"), list(known), secret=True)
        if read.form is not None and read.body is not msgspec.UNSET:
            raise self.source.error(path, "a call has a body or a form; take one of them out")
        if read.form is not None:
            self.calls.body(read.form, (*path, "form"), list(known), secret=True)
            return Route(call=call, headers=headers, body=read.form, send="form")
        send = "json" if isinstance(read, document.Rolling) else read.send
        if send == "text" and not isinstance(read.body, str):
            raise self.source.error((*path, "send"), "a call that sends text has a body that is one text")
        self.calls.body(read.body, (*path, "body"), list(known), secret=True)
        return Route(call=call, headers=headers, body=read.body, send=send)

    def _sent(self, read: document.Sent) -> document.Sent:
        path = (*_PATH, "sent")
        if sum(each is not None for each in (read.header, read.query, read.body)) != 1:
            raise self.source.error(path, "give exactly one of header, query and body: where the token goes")
        if read.header is not None:
            self.calls.headers({read.header: read.prefix or "x"}, (*path, "header"), [])
        return read

    def _secret(self, text: str, key: str) -> None:
        self.calls.placeholders(text, (*_PATH, key), [], secret=True)
