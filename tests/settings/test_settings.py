import msgspec

from adapter.settings.secret import Secret
from adapter.settings.settings import Auditing
from tests.conversation import CLIENT_SECRET, SETTINGS, TOKEN, mapping_of


def test_nothing_that_proves_anybody_is_kept_in_clear() -> None:
    shown = repr(SETTINGS.settings(mapping_of("n-able")))
    assert [
        each for each in (CLIENT_SECRET, TOKEN, SETTINGS.signing_key, "service-account-token") if each in shown
    ] == []


def test_every_secret_that_is_kept_in_clear_is_known_to_the_log() -> None:
    alone = SETTINGS.settings(mapping_of("n-able"))
    [one] = alone.connections
    both = (one, msgspec.structs.replace(one, name="other", secrets={"jwt": Secret("another-token")}))
    auditing, metrics = Auditing(key=Secret("the-audit-key")), (Secret("the-metrics-token"),)
    settings = msgspec.structs.replace(alone, connections=both, audit=auditing, metrics_tokens=metrics)
    own = [SETTINGS.signing_key, "the-metrics-token", "the-audit-key"]
    assert settings.every_secret == [*own, "service-account-token", "another-token"]
