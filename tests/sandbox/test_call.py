import pytest

from adapter.sandbox.call import Call
from adapter.sandbox.refusal import Refusal


@pytest.mark.parametrize("text", ["someString", "", "1.5", " 1", "1\n", "٣", "9" * 5000])
def test_a_path_parameter_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="Invalid userId format") as refused:
        Call(parameters={"userId": text}).number("userId")
    assert refused.value.status == 400


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("-5", -5), ("007", 7)])
def test_a_path_parameter_is_a_number(text: str, number: int) -> None:
    assert Call(parameters={"userId": text}).number("userId") == number


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "BEARER  abc"])
def test_the_bearer_token_is_read(header: str) -> None:
    assert Call(headers={"authorization": header}).bearer() == "abc"


@pytest.mark.parametrize("headers", [{}, {"authorization": "Basic abc"}, {"authorization": "Bearer "}])
def test_a_call_without_a_bearer_token_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Refusal, match="Missing authorization header bearer") as refused:
        Call(headers=headers).bearer()
    assert refused.value.status == 401
