"""The world is everything that the sandbox knows while it runs, in one hand."""

import msgspec

from adapter.sandbox.records import FIELDS, STOCK_FIELDS, UserFields
from adapter.sandbox.sessions import Sessions
from adapter.sandbox.store import Store


class World(msgspec.Struct, kw_only=True):
    """The records, the open sessions, and the state of the service account."""

    store: Store
    sessions: Sessions
    stock: bool = False
    password_expired: bool = False

    def user_fields(self) -> UserFields:
        """What is shown of a user: a stock N-central shows no email."""
        return STOCK_FIELDS if self.stock else FIELDS

    def dreamt(self) -> "World":
        """The same world with a store of its own: what is done there has not happened here."""
        return msgspec.structs.replace(self, store=self.store.copy())
