from html.parser import HTMLParser

from httpx import AsyncClient

from adapter.sandbox.explorer import explorer
from adapter.sandbox.routes import ROUTES, routes


class Page(HTMLParser):
    """Which calls stand in which table, and what the page wants from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[list[str]] = []
        self.elsewhere: list[str] = []
        self._in_code = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        self._in_code = tag == "code"
        self.elsewhere += [value for name, value in attrs if name in {"src", "href"} and value]

    def handle_data(self, data: str) -> None:
        if self._in_code:
            self.tables[-1].append(data)
            self._in_code = False


def test_the_calls_stand_in_two_tables() -> None:
    page = Page(explorer(ROUTES))
    assert page.tables == [
        [route.name for route in ROUTES if not route.assumed],
        [route.name for route in ROUTES if route.assumed],
    ]


def test_the_page_needs_nothing_from_elsewhere() -> None:
    assert Page(explorer(ROUTES)).elsewhere == ["/api-explorer/openapi-spec.json"]


def test_a_stock_page_assumes_nothing() -> None:
    text = explorer(routes(stock=True))
    assert len(Page(text).tables) == 1
    assert "Nothing: this one serves only what N-able documents." in text


async def test_the_page_opens_without_a_token(api: AsyncClient) -> None:
    request = api.build_request("GET", "/api-explorer/")
    del request.headers["Authorization"]
    reply = await api.send(request)
    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith("text/html")
    assert reply.text == explorer(ROUTES)
