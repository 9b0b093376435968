from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from httpx import AsyncClient

from adapter.sandbox.call import Call
from adapter.sandbox.page import ORDERS, page
from adapter.sandbox.refusal import Refusal

FIELDS: dict[str, Callable[[int], Any]] = {"id": lambda number: number}


def paged(total: int, **query: str) -> dict[str, Any]:
    return page(range(total), Call(path="/list", query=query), FIELDS, FIELDS)


def test_a_page_without_a_size_holds_fifty_records() -> None:
    answer = paged(188)
    assert answer.pop("data") == [{"id": number} for number in range(50)]
    assert answer == {
        "pageNumber": 1,
        "pageSize": 50,
        "itemCount": 50,
        "totalItems": 188,
        "totalPages": 4,
        "_links": {
            "firstPage": "/list?pageNumber=1&pageSize=50",
            "previousPage": None,
            "nextPage": "/list?pageNumber=2&pageSize=50",
            "lastPage": "/list?pageNumber=4&pageSize=50",
        },
    }


def test_the_last_page_holds_the_rest_and_has_no_next() -> None:
    answer = paged(188, pageNumber="4")
    assert answer["itemCount"] == len(answer["data"]) == 38
    assert answer["_links"]["nextPage"] is None
    assert answer["_links"]["previousPage"] == "/list?pageNumber=3&pageSize=50"


def test_a_page_past_the_last_is_empty() -> None:
    answer = paged(188, pageNumber="9")
    assert (answer["data"], answer["itemCount"], answer["totalItems"]) == ([], 0, 188)


def test_minus_one_is_all_of_them() -> None:
    answer = paged(1500, pageSize="-1")
    assert (len(answer["data"]), answer["totalPages"], answer["_links"]["nextPage"]) == (1500, 1, None)


def test_no_records_are_no_pages() -> None:
    answer = paged(0)
    assert (answer["data"], answer["totalItems"], answer["totalPages"]) == ([], 0, 0)


def test_a_link_repeats_the_query() -> None:
    assert (
        paged(9, pageSize="3", select="id!=5")["_links"]["nextPage"] == "/list?pageSize=3&select=id%21%3D5&pageNumber=2"
    )


@pytest.mark.parametrize("order", ["asc", "ASCENDING", "natural"])
def test_an_ascending_order(order: str) -> None:
    assert paged(9, sortBy="id", sortOrder=order)["data"][0] == {"id": 0}


@pytest.mark.parametrize("order", ["desc", "Descending", "reverse"])
def test_a_descending_order(order: str) -> None:
    assert paged(9, sortBy="id", sortOrder=order)["data"][0] == {"id": 8}


@pytest.mark.parametrize(
    "query",
    [
        {"pageNumber": "0"},
        {"pageNumber": "-1"},
        {"pageNumber": "x"},
        {"pageNumber": ""},
        {"pageSize": "0"},
        {"pageSize": "-2"},
        {"pageSize": "1001"},
        {"pageSize": "1.5"},
        {"pageSize": "9" * 5000},
        {"sortBy": "age"},
        {"sortOrder": "up"},
        {"select": "age==5"},
    ],
)
def test_a_query_out_of_bounds_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        paged(9, **query)
    assert refused.value.status == 400


@pytest.mark.parametrize("order", ["natural", "reverse"])
def test_an_order_that_a_listing_does_not_know_is_refused(order: str) -> None:
    with pytest.raises(Refusal, match="Invalid sortOrder"):
        page([1], Call(query={"sortOrder": order}), FIELDS, FIELDS, ORDERS)


async def test_pages_over_the_wire_hold_every_user_once(
    started: Callable[..., AbstractAsyncContextManager[tuple[AsyncClient, AsyncClient]]],
) -> None:
    async with started(users=1200) as (api, _):
        first = (await api.get("/api/org-units/1/users")).json()
        assert (first["itemCount"], first["totalItems"], first["totalPages"]) == (50, 1200, 24)
        link, seen = "/api/org-units/1/users?pageSize=1000&sortBy=name", []
        while link:
            answer = (await api.get(link)).json()
            seen += [record["userId"] for record in answer["data"]]
            link = answer["_links"]["nextPage"]
        assert len(seen) == len(set(seen)) == 1200
        assert len((await api.get("/api/org-units/1/users?pageSize=-1")).json()["data"]) == 1200
        assert (await api.get("/api/org-units/1/users?pageSize=1001")).status_code == 400
