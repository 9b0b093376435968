"""One connection as it is served: the mapping that is in use, and what performs its calls. Two of them share nothing."""

import secrets
from collections.abc import Sequence

import httpx
import msgspec

from adapter.settings.network import Network
from adapter.settings.settings import Connection as Described
from adapter.store.store import Store
from adapter.upstream.client import Upstream
from adapter.upstream.guard import Guard
from adapter.upstream.meter import Meter, Standing
from adapter.upstream.network import way
from adapter.upstream.recording import Trail
from adapter.upstream.times import Times
from adapter.upstream.turns import Turns
from adapter.web.cursors import Cursors
from adapter.web.endpoint import Endpoint


class Connection:
    """A connection, from one reading of the settings to the next."""

    def __init__(  # noqa: PLR0913 (each is a part of it)
        self,
        described: Described,
        keys: Sequence[str],
        base: str,
        store: str = "",
        *,
        network: Network | None = None,
        before: "Connection | None" = None,
        trail: Trail | None = None,
    ) -> None:
        """`keys` are those of cursors, `base` is the SCIM root's public address, `store` a file or nothing.

        `network` says how the upstream is reached, `trail` records each change.

        What must outlive a reading is taken over from the connection as it was `before`: the turns of those who change
        something, what the guard holds, what was counted, the store, and the wire where the place and the client certificate are
        the same.
        Raises SettingsError when the store cannot be opened, or when the mapping needs one and there is none.
        """
        self.described, self._keys = described, keys
        mapping, times = described.mapping, Times(**described.times)
        self._times = times
        self.guard = Guard(described.guard_most, described.guard_seconds) if described.guard_most else None
        if before is not None and _is_guarded_alike(before.described, described):
            self.guard = before.guard
        self.meter: Meter = before.meter if before else Meter()
        self._turns: Turns = before._turns if before else Turns()  # noqa: SLF001 (its own class)
        self.store: Store | None = before.store if before else Store(store, described.name) if store else None
        try:
            served = mapping if self.store else mapping.without_store()
            bound = served.bound(described.values, secrets.choice)
            is_same_wire = before is not None and _is_wired_alike(before.described, described)
            self.http: httpx.AsyncBaseTransport = (
                before.http if before and is_same_wire else wire(described, network or Network())
            )
        except Exception:
            if self.store is not None and before is None:
                self.store.close()
            raise
        self.upstream = Upstream(
            self.http,
            described.upstream_url,
            bound,
            described.secrets,
            times,
            self.store.done if self.store else None,
            turns=self._turns,
            guard=self.guard,
            meter=self.meter,
            trail=trail,
        )
        self.endpoint = Endpoint(bound, self.upstream.run, base, Cursors(keys, described.name), times.request)

    def is_as(self, described: Described, keys: Sequence[str]) -> bool:
        """Tell whether another reading of the settings changes nothing here; who may come in is no part of it."""
        return keys == self._keys and _essence(described) == _essence(self.described)

    @property
    def longest(self) -> float:
        """The seconds that a request may take here."""
        return self._times.request

    @property
    def standing(self) -> Standing:
        """How things stand with the upstream."""
        return self.upstream.standing

    @property
    def routes(self) -> list[str]:
        """The calls that there are, as the mapping writes them."""
        return sorted({str(route) for each in self.described.mapping.resources for route in each.routes})

    @property
    def digest(self) -> str:
        """The hash of the mapping in use."""
        return self.described.mapping.digest

    @property
    def trouble(self) -> dict[str, str]:
        """What an operator should know: each in a few words, by what it is about."""
        told = {"upstream": self.upstream.trouble, "guard": self.guard.trouble if self.guard else ""}
        return {about: words for about, words in told.items() if words}

    async def closed(self, after: "Connection | None" = None) -> None:
        """Finish the writes that are under way, and let go of all that the connection `after` it has not taken over."""
        await self.upstream.closed()
        if after is None or after.http is not self.http:
            await self.http.aclose()
        if after is None and self.store is not None:
            self.store.close()


def _essence(described: Described) -> tuple[object, ...]:
    """Return what makes a connection the one that it is; a mapping is known by the hash of its text."""
    bare = msgspec.structs.astuple(msgspec.structs.replace(described, clients=(), mapping=None))
    return *bare, described.mapping.digest, described.mapping.in_flight


def _is_guarded_alike(one: Described, another: Described) -> bool:
    return (one.guard_most, one.guard_seconds) == (another.guard_most, another.guard_seconds)


def wire(described: Described, network: Network) -> httpx.AsyncBaseTransport:
    """Return the transport for the calls of a connection; raises SettingsError when it cannot be made."""
    return way(
        described.upstream_url,
        network.proxies,
        certificate=described.mapping.certificate(described.secrets),
        authorities=network.upstream_authorities,
        kind=network.transport,
    )


def _is_wired_alike(one: Described, another: Described) -> bool:
    """Tell whether one client of HTTP serves both; which proxy it goes by depends on the upstream's address."""
    wires = ((each.upstream_url, each.mapping.certificate(each.secrets)) for each in (one, another))
    return next(wires) == next(wires)
