from adapter.sandbox.records import FIELDS, STOCK_FIELDS, USER_SORTS, User

ADA = User(
    user_id=10_001,
    org_unit_id=101,
    email="ada@example.com",
    first_name="Ada",
    last_name="Abiola",
    username="ada",
    role_ids=(1001,),
    access_group_ids=(2001,),
    status="disabled",
)


def test_a_user_is_shown_with_n_central_s_fields() -> None:
    assert {name: field(ADA) for name, field in STOCK_FIELDS.items()} == {
        "userId": 10_001,
        "userName": "ada",
        "firstName": "Ada",
        "lastName": "Abiola",
        "fullName": "Ada Abiola",
        "description": "",
        "isEnabled": False,
        "isLocked": False,
        "isLdap": False,
        "readOnly": False,
        "supportUser": False,
        "loggedInUser": False,
        "apiOnlyUser": False,
        "twoFactorEnabled": False,
        "currentSsoProvider": "None",
        "roleIds": (1001,),
        "accessGroupIds": (2001,),
        "customerTree": ["System", "Fernhill Managed Services", "Larkspur Dental"],
    }


def test_the_email_and_the_times_are_the_fields_that_are_assumed() -> None:
    assert set(FIELDS) - set(STOCK_FIELDS) == {"email", "createdOn", "modifiedOn"}


def test_users_can_be_sorted_by_the_documented_names() -> None:
    documented = (
        "lastName name username description accountstatus enabled isenabled locked isLocked currentssoprovider"
        " ssoproviders ldap isldap accessgroups roles twofactorenabled apionlyuser soname customername sitename"
    )
    assert " ".join(USER_SORTS) == documented
    assert [USER_SORTS[name](ADA) for name in ("soname", "customername", "sitename")] == [
        "Fernhill Managed Services",
        "Larkspur Dental",
        "",
    ]
