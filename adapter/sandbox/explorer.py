"""The explorer page: the calls in two tables, what N-able documents and what this stand-in assumes."""

from collections.abc import Sequence
from html import escape

from adapter.sandbox.routes import Route

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #ddd; }
code { font: 14px/1.5 ui-monospace, monospace; white-space: nowrap; }
"""


def explorer(routes: Sequence[Route]) -> str:
    """The page, complete in itself."""
    documented = [route for route in routes if not route.assumed]
    assumed = [route for route in routes if route.assumed]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sandbox user API</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>Sandbox user API</h1>
<p>A stand-in for N-able's N-central API-Service, as far as it concerns users.
No N-able software runs here. The same calls as an OpenAPI document:
<a href="/api-explorer/openapi-spec.json">openapi-spec.json</a>.</p>
<h2>What N-able documents</h2>
{_table(documented)}
<h2>What this stand-in assumes</h2>
<p>N-central documents no way to read one user, to change it or to delete it, and none to change or delete
a role or an access group or to say later who is in it.
A user API that can be provisioned needs them; here they are made in the style of the others.</p>
{_table(assumed) if assumed else "<p>Nothing: this one serves only what N-able documents.</p>"}
</body>
</html>
"""


def _table(routes: Sequence[Route]) -> str:
    rows = "\n".join(
        f"<tr><td><code>{escape(route.name)}</code></td><td>{escape(route.says)}</td>"
        f"<td>{int(route.success)}</td><td>{_fields(route)}</td></tr>"
        for route in routes
    )
    return f"<table>\n<tr><th>Call</th><th>What it does</th><th>Status</th><th>Body</th></tr>\n{rows}\n</table>"


def _fields(route: Route) -> str:
    """The fields of the body, those that must be there in bold."""
    return ", ".join(
        f"<b>{field.name}</b>" if field.required and not route.partial else field.name for field in route.fields
    )
