"""The full user of RFC 7643 section 8.3, with its enterprise extension (8.7.1), through the gateway and back."""

from typing import Any

import pytest

from adapter.web.app import application
from tests.conversation import PUBLIC, mapping_of
from tests.fakes import directory
from tests.fakes.systems import CREDENTIAL, SYSTEMS, served
from tests.suites.client import Scim
from tests.suites.people import CORE, ENTERPRISE

JENSEN: dict[str, Any] = {
    "schemas": [CORE, ENTERPRISE],
    "id": "2819c223-7f76-453a-919d-413861904646",
    "externalId": "701984",
    "userName": "bjensen@example.com",
    "name": {
        "formatted": "Ms. Barbara J Jensen, III",
        "familyName": "Jensen",
        "givenName": "Barbara",
        "middleName": "Jane",
        "honorificPrefix": "Ms.",
        "honorificSuffix": "III",
    },
    "displayName": "Babs Jensen",
    "nickName": "Babs",
    "profileUrl": "https://login.example.com/bjensen",
    "emails": [
        {"value": "bjensen@example.com", "type": "work", "primary": True},
        {"value": "babs@jensen.org", "type": "home"},
    ],
    "addresses": [
        {
            "type": "work",
            "streetAddress": "100 Universal City Plaza",
            "locality": "Hollywood",
            "region": "CA",
            "postalCode": "91608",
            "country": "USA",
            "formatted": "100 Universal City Plaza\nHollywood, CA 91608 USA",
            "primary": True,
        },
        {
            "type": "home",
            "streetAddress": "456 Hollywood Blvd",
            "locality": "Hollywood",
            "region": "CA",
            "postalCode": "91608",
            "country": "USA",
            "formatted": "456 Hollywood Blvd\nHollywood, CA 91608 USA",
        },
    ],
    "phoneNumbers": [{"value": "555-555-5555", "type": "work"}, {"value": "555-555-4444", "type": "mobile"}],
    "ims": [{"value": "someaimhandle", "type": "aim"}],
    "photos": [
        {"value": "https://photos.example.com/profilephoto/72930000000Ccne/F", "type": "photo"},
        {"value": "https://photos.example.com/profilephoto/72930000000Ccne/T", "type": "thumbnail"},
    ],
    "userType": "Employee",
    "title": "Tour Guide",
    "preferredLanguage": "en-US",
    "locale": "en-US",
    "timezone": "America/Los_Angeles",
    "active": True,
    "password": "t1meMa$heen",
    "groups": [{"value": "e9e30dba-f08f-4109-8486-d5c6a331660a", "display": "Tour Guides"}],
    "x509Certificates": [{"value": "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMx"}],
    "roles": [{"value": "guide", "display": "Guide", "type": "tour", "primary": True}],  # section 8.3 has none
    "entitlements": [{"value": "gold", "type": "licence", "display": "Gold"}],  # nor these
    ENTERPRISE: {
        "employeeNumber": "701984",
        "costCenter": "4130",
        "organization": "Universal Studios",
        "division": "Theme Park",
        "department": "Tour Operations",
        "manager": {
            "value": "26118915-6090-4610-87e4-49d8ca9f808d",
            "$ref": "../Users/26118915-6090-4610-87e4-49d8ca9f808d",
        },
    },
}
# What a client cannot give: the server makes it, or never shows it.
NOT_THE_CLIENT_S = ("id", "meta", "groups", "password")


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_everything_comes_back_that_a_client_may_give(method: str) -> None:
    users = directory.Directory(CREDENTIAL)
    async with served(directory.application(users)) as url:
        app = application(SYSTEMS["full"].settings(url).settings(mapping_of("full")), PUBLIC)
        async with app.lifespan():
            scim, path = Scim(app), "/Users"
            if method == "PUT":
                path += f"/{(await scim('POST', path, {'userName': 'bjensen'})).json['id']}"
            answer = await scim(method, path, JENSEN)
    assert answer.status == (201 if method == "POST" else 200), answer.content
    (record,) = users.users.kept.values()
    assert answer.json["id"] == record["id"] != JENSEN["id"]
    assert record["secret"] == JENSEN["password"]
    expected = {name: value for name, value in JENSEN.items() if name not in NOT_THE_CLIENT_S}
    assert {name: value for name, value in answer.json.items() if name not in NOT_THE_CLIENT_S} == expected
    assert "password" not in answer.json


async def test_what_the_manager_is_called_is_shown_and_not_taken() -> None:
    users = directory.Directory(CREDENTIAL)
    record = users.users.created({"login": "bjensen", "managerId": "x", "managerName": "John Smith"})
    async with served(directory.application(users)) as url:
        app = application(SYSTEMS["full"].settings(url).settings(mapping_of("full")), PUBLIC)
        async with app.lifespan():
            scim, path = Scim(app), f"/Users/{record['id']}"
            change = {"op": "replace", "path": f"{ENTERPRISE}:manager", "value": {"value": "y", "displayName": "Eve"}}
            answer = await scim.patched(path, change)
    assert answer.json[ENTERPRISE] == {"manager": {"value": "y", "displayName": "John Smith"}}
