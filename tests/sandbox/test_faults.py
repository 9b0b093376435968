import pytest

from adapter.sandbox.faults import AnyFault, Double, Drop, Fail, Faults

ROUTE = "/api/org-units/{orgUnitId}/users"


def test_a_fault_happens_once_on_the_nth_call_of_its_route() -> None:
    faults, fault = Faults(), Drop(method="POST", route=ROUTE, nth=2)
    faults.order(fault)
    calls = ["POST " + ROUTE, "GET /other", "POST " + ROUTE, "POST " + ROUTE]
    assert [faults.due(call) for call in calls] == [None, None, fault, None]


def test_two_faults_due_at_once_happen_one_after_the_other() -> None:
    faults = Faults()
    ordered: list[AnyFault] = [Drop(method="POST", route=ROUTE), Fail(method="POST", route=ROUTE)]
    for fault in ordered:
        faults.order(fault)
    calls = ["POST " + ROUTE, "GET /other", "POST " + ROUTE, "POST " + ROUTE]
    assert [faults.due(call) for call in calls] == [ordered[0], None, ordered[1], None]


def test_cleared_faults_do_not_happen() -> None:
    faults = Faults()
    faults.order(Double(method="POST", route=ROUTE))
    faults.clear()
    assert faults.due("POST " + ROUTE) is None


@pytest.mark.parametrize(
    ("fault", "fits"),
    [
        (Drop(method="POST", route=ROUTE), True),
        (Drop(method="DELETE", route="/api/users/{userId}"), True),
        (Drop(method="GET", route=ROUTE), False),
        (Drop(method="POST", route="/api/auth/logout"), False),
        (Double(method="POST", route=ROUTE), True),
        (Double(method="PATCH", route="/api/users/{userId}"), False),
        (Fail(method="GET", route=ROUTE), True),
    ],
)
def test_a_fault_fits_the_routes_on_which_it_makes_sense(fault: AnyFault, fits: bool) -> None:  # noqa: FBT001 - a table
    assert fault.fits() is fits
