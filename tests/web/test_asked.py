import pytest

from adapter.errors import MethodNotAllowed
from adapter.scim.profile import ENTRA
from adapter.web.asked import Asked


def _asked(method: str) -> Asked:
    return Asked(method=method, path=["Users"], parameters={}, body=b"", profile=ENTRA)


def test_a_method_that_a_path_has_passes() -> None:
    _asked("GET").allow("GET", "POST")
    _asked("POST").allow("GET", "POST")


@pytest.mark.parametrize("method", ["DELETE", "get", "OPTIONS"])
def test_another_method_is_refused_and_hears_which_there_are(method: str) -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        _asked(method).allow("GET", "POST")
    assert refused.value.detail == f"{method} is not possible here."
    assert refused.value.headers == {"Allow": "GET, POST"}


def test_a_request_asks_nothing_of_a_version_unless_it_says_so() -> None:
    assert (_asked("GET").only_if, _asked("GET").unless) == (None, None)
