"""Who may come in at the one connection that the environment describes."""

from collections.abc import Mapping as Values
from collections.abc import Sequence

from adapter.settings.reader import Reader
from adapter.settings.secret import Proof, digest
from adapter.settings.settings import Client, ProfileName, SecretClient, TokenClient


def clients_of(reader: Reader) -> tuple[Client, ...]:
    """Return the clients that the environment names; what is wrong with them goes to the reader's faults."""
    tokens = {
        "token": reader.strong("ADAPTER_TOKENS", "a static token"),
        "strict": reader.strong("ADAPTER_STRICT_TOKENS", "a static token"),
        "read": reader.strong("ADAPTER_READ_TOKENS", "a static token"),
    }
    client_id, secrets = reader.text("ADAPTER_CLIENT_ID"), reader.strong("ADAPTER_CLIENT_SECRET", "a client's secret")
    profile: ProfileName = reader.word("ADAPTER_CLIENT_PROFILE", ("entra", "strict"), "entra")
    if bool(client_id) != bool(secrets):
        reader.faults.append("ADAPTER_CLIENT_ID and ADAPTER_CLIENT_SECRET go together; set both or none")
    every = [each for group in tokens.values() for each in set(group)]
    if len(set(every)) < len(every):
        reader.faults.append("one token stands in two variables; a client is one or the other")
    if not every and not client_id and not secrets:
        reader.faults.append(
            "no client is configured: set ADAPTER_CLIENT_ID and ADAPTER_CLIENT_SECRET, or ADAPTER_TOKENS"
        )
    return (*token_clients(tokens), *secret_clients(client_id, secrets, profile))


def token_clients(tokens: Values[str, Sequence[str]]) -> list[Client]:
    """Return a client for each static token; they are of the kinds `token`, `strict` and `read`."""
    return [
        TokenClient(
            name=f"{kind}-{at}",
            profile="strict" if kind == "strict" else "entra",
            may_write=kind != "read",
            tokens=(Proof(digest(each)),),
        )
        for kind, group in tokens.items()
        for at, each in enumerate(group, 1)
    ]


def secret_clients(client_id: str, secrets: Sequence[str], profile: ProfileName) -> list[Client]:
    """Return the client of an id and its secrets; none without an id."""
    proofs = tuple(Proof(digest(each)) for each in secrets)
    return [SecretClient(name="client", profile=profile, id=client_id, secrets=proofs)] if client_id else []
