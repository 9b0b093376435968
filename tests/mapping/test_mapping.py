from typing import Any

import pytest

from adapter.errors import SettingsError
from adapter.mapping.reply import Reply
from tests.mapping.minimal import SETTINGS, mapping, n_able

REPLIES = """
replies:
  - {status: 200, field: error message, means: failure, says: error message}
  - {status: [400, 422], field: code, contains: [DUPLICATE, taken], means: uniqueness}
  - {status: 400, field: errors, means: invalid value, says: errors.message}
  - {status: 404, field: message, contains: User not found, means: not found}
  - {status: 410, means: not found, detail: The user is gone., says: message}
  - {status: 202, means: failure}
"""


@pytest.mark.parametrize(
    ("status", "body", "means", "told"),
    [
        (200, {"data": {}}, "success", ""),
        (200, None, "success", ""),
        (200, "<html>", "success", ""),
        (204, None, "success", ""),
        (299, None, "success", ""),
        (200, {"error message": "DMS failed"}, "failure", "DMS failed"),
        (200, {"error message": None}, "failure", ""),
        (202, None, "failure", ""),
        (301, None, "failure", ""),
        (400, {"code": "user_duplicate"}, "uniqueness", ""),
        (422, {"code": "NAME TAKEN"}, "uniqueness", ""),
        (422, {"code": "bad"}, "failure", ""),
        (400, {"code": "bad", "errors": []}, "invalid value", ""),
        (400, {"errors": [{"message": "a"}, {"message": "b"}]}, "invalid value", "a; b"),
        (400, {}, "failure", ""),
        (400, "User not found", "failure", ""),
        (404, {"message": "[ID=1] NOT FOUND: USER NOT FOUND: '7'"}, "not found", ""),
        (404, {"message": "Org Unit not found"}, "failure", ""),
        (404, None, "failure", ""),
        (404, ["User not found"], "failure", ""),
        (410, None, "not found", "The user is gone."),
        (410, {"message": "since May"}, "not found", "The user is gone. since May"),
        (500, {"error message": "x"}, "failure", ""),
        (100, None, "failure", ""),
    ],
)
def test_what_a_reply_means(status: int, body: Any, means: str, told: str) -> None:
    assert mapping(top=REPLIES).meaning(Reply(status, body)) == (means, told)


def test_the_first_rule_that_fits_counts() -> None:
    both = {"code": "taken", "errors": [{"message": "x"}]}
    assert mapping(top=REPLIES).meaning(Reply(400, both)) == ("uniqueness", "")


def test_what_the_upstream_says_is_short_and_printable_when_it_is_passed_on() -> None:
    _, told = mapping(top=REPLIES).meaning(Reply(400, {"errors": [{"message": "a\r\nb\x1b[31m\u202e" + "x" * 1000}]}))
    assert told.startswith("a  b [31m x")
    assert len(told) == 500


@pytest.mark.parametrize(
    ("body", "means"),
    [
        ({"message": "[ID=x] NOT FOUND: ResourceNotFoundException: User not found: '7'."}, "not found"),
        ({"message": "[ID=x] NOT FOUND: ResourceNotFoundException: Org Unit not found: '555'."}, "failure"),
        ("404 Not Found", "failure"),
    ],
)
def test_a_404_of_n_able_is_a_missing_user_only_when_it_says_so(body: Any, means: str) -> None:
    assert n_able().meaning(Reply(404, body))[0] == means


def test_placeholders_stand_for_settings_and_for_what_is_given() -> None:
    settings = {f"setting:{name}": value for name, value in SETTINGS.items()} | {"setting:permission_ids": []}
    assert n_able().texts() == settings
    assert n_able().texts(id="7") == settings | {"id": "7"}


def test_a_setting_of_kind_number_is_a_number_in_a_body() -> None:
    made = mapping(top="settings: [{name: partner, about: The partner, kind: number}]")
    assert made.bound({"partner": "42"}, lambda text: text[0]).texts() == {"setting:partner": 42}
    with pytest.raises(SettingsError, match="the setting 'partner' must be a whole number"):
        made.bound({"partner": "many"}, lambda text: text[0])


SETTING = "settings: [{name: org, about: The org unit}]"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_setting_that_cannot_stand_in_a_path_is_refused_when_it_is_given(value: str) -> None:
    loaded = mapping(top=SETTING, resource="")
    assert loaded.bound({"org": value}, lambda text: text[0]).values == {"org": value}
    with pytest.raises(SettingsError) as refused:
        n_able().bound({"org_unit": value, "role_ids": [], "access_group_ids": []}, lambda text: text[0])
    assert refused.value.faults == [f"the setting 'org_unit': '{value}' cannot stand in a path"]


def test_binding_leaves_the_mapping_as_it_was() -> None:
    loaded = mapping(top=SETTING)
    loaded.bound({"org": "1"}, lambda text: text[0])
    assert (loaded.values, loaded.choose) == ({}, None)
