"""The clients of the environment; what is wrong with their variables is in test_environment."""

from adapter.settings.clients import clients_of, secret_clients, token_clients
from adapter.settings.reader import Reader
from adapter.settings.secret import Proof, digest
from adapter.settings.settings import SecretClient


def test_each_kind_of_token_makes_its_own_clients() -> None:
    made = token_clients({"token": ["a", "b"], "strict": ["c"], "read": ["d"]})
    assert [(each.name, each.profile, each.may_write) for each in made] == [
        ("token-1", "entra", True),
        ("token-2", "entra", True),
        ("strict-1", "strict", True),
        ("read-1", "entra", False),
    ]


def test_an_id_and_its_secrets_are_one_client_and_without_an_id_there_is_none() -> None:
    proofs = (Proof(digest("a")), Proof(digest("b")))
    assert secret_clients("entra", ["a", "b"], "strict") == [
        SecretClient(name="client", profile="strict", id="entra", secrets=proofs)
    ]
    assert secret_clients("", [""], "entra") == []


def test_a_token_of_two_kinds_is_a_fault() -> None:
    reader = Reader({"ADAPTER_TOKENS": "x" * 32, "ADAPTER_READ_TOKENS": "x" * 32})
    clients_of(reader)
    assert reader.faults == ["one token stands in two variables; a client is one or the other"]
