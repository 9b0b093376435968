import re

from adapter.sandbox.refusal import Invalid, Refusal, malformed, not_found, phrase, unauthorized


def test_a_refusal_is_n_central_s_error_body() -> None:
    body = not_found("Org Unit", 555).body()
    assert body["status"] == 404
    assert re.fullmatch(
        r"\[ID=[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}\] NOT FOUND: ResourceNotFoundException: Org Unit not found: '555'\.",
        body["message"],
    )


def test_each_body_has_an_id_of_its_own() -> None:
    refusal = unauthorized("Missing authorization header bearer.")
    assert refusal.body()["message"] != refusal.body()["message"]


def test_a_malformed_input_is_a_400() -> None:
    body = malformed("Invalid orgUnitId format: someString.").body()
    assert body["status"] == 400
    assert body["message"].endswith("BAD REQUEST: InvalidInputFormatException: Invalid orgUnitId format: someString.")


def test_faulty_fields_are_listed() -> None:
    body = Invalid([("ext", "ext must match ^\\d{1,6}$")]).body()
    assert body["status"] == 400
    assert body["message"].endswith("] Multiple Validations Failed.")
    assert body["errors"] == [{"field": "ext", "message": "ext must match ^\\d{1,6}$"}]


def test_a_status_without_a_name_is_still_a_status() -> None:
    assert phrase(503) == "SERVICE UNAVAILABLE"
    assert phrase(599) == "ERROR"
    assert Refusal(599, "Exception", "x").body()["message"].endswith("ERROR: Exception: x")
