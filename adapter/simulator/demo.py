"""The demo: the upstream's stand-in and the gateway as two real servers, Entra as their client, and the verdict."""

import asyncio
import signal
from secrets import token_urlsafe

import httpx
from rich.console import Console

from adapter.simulator import people, report, story, verdict
from adapter.simulator.control import Control
from adapter.simulator.entra import Entra, Form
from adapter.simulator.people import Person
from adapter.simulator.servers import ServerError, Servers

IN_FLIGHT = 3  # calls the upstream takes on a route at once, N-able's own limit
LATENCY = 5  # milliseconds the upstream takes for each
INTERRUPTED = 130  # what a shell answers for a program that Ctrl-C ended


def run(*, users: int, once: bool, spoil: str | None) -> int:
    """Show the product working, and say with the exit status whether it did."""
    output = report.console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the servers end with us then, too
    try:
        return played(people.invented(users), output, once=once, spoil=spoil)
    except ServerError as error:
        report.lines(Console(stderr=True), [str(error)], style="red")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def played(everyone: list[Person], output: Console, *, once: bool, spoil: str | None) -> int:
    """Start the servers, tell the story, and stay if asked to; the exit status."""
    with Servers() as servers:
        form, control_port = started(servers)
        try:
            right = asyncio.run(judged(form, control_port, everyone, spoil, output))
        except httpx.HTTPError as error:  # Entra's own failures are counted: this one is the control port's
            servers.check()
            raise ServerError(f"the sandbox's control port does not answer: {error!r}") from error
        servers.check()
        if once:
            return 0 if right else 1
        report.lines(output, report.invitation(form, everyone[-1].user_name))
        try:
            servers.stay()
        except KeyboardInterrupt:
            return 0


def started(servers: Servers) -> tuple[Form, str]:
    """Start both servers with secrets of this run only: what Entra is told of them, and the control port."""
    jwt, identifier, secret = token_urlsafe(32), f"demo-{token_urlsafe(8)}", token_urlsafe(32)
    limits = ["--in-flight", str(IN_FLIGHT), "--latency-ms", str(LATENCY)]
    upstream, control_port = servers.start(
        ["sandbox", "--port", "0", "--control-port", "0", *limits, "--jwt", jwt], "User API", "Control port"
    )
    settings = {
        "ADAPTER_MAPPING": "n-able",
        "ADAPTER_UPSTREAM_URL": upstream,
        "ADAPTER_SETTING_ORG_UNIT": "50",
        "ADAPTER_SETTING_ROLE_IDS": "1001",
        "ADAPTER_SETTING_ACCESS_GROUP_IDS": "2001",
        "ADAPTER_SECRET_JWT": jwt,
        "ADAPTER_CLIENT_ID": identifier,
        "ADAPTER_CLIENT_SECRET": secret,
        "ADAPTER_SIGNING_KEY": token_urlsafe(48),
        "ADAPTER_DRAIN_MS": "1",
    }
    tenant, token = servers.start(
        ["serve", "--host", "127.0.0.1", "--port", "0"], "Tenant URL", "Token Endpoint", settings=settings
    )
    return Form(tenant, token, identifier, secret), control_port


async def judged(form: Form, control_port: str, everyone: list[Person], spoil: str | None, output: Console) -> bool:
    """Tell the story and report it; whether the verdict is right and Entra could accept every answer."""
    async with Control(control_port) as control, Entra(form) as entra:
        if spoil:
            # The last creation: nothing that comes later is about the last person, so nothing repairs it.
            await control.spoil(spoil, nth=len(everyone))
        with report.Watch(output) as watch:
            rows = await story.told(story.Story(entra, everyone), control, watch)
        wrong = verdict.faults(everyone, await control.users())
        failures = report.failures(rows)
        pace = f"Requests went out {story.AT_ONCE} at a time; the upstream took {LATENCY} ms for a call."
        output.print("", report.table(rows), "", pace, sep="\n")
        report.lines(output, report.load(await control.calls(), IN_FLIGHT))
        report.lines(output, [*failures, *wrong], style="red")
        report.lines(output, [verdict.sentence(everyone, wrong)], style="red" if wrong else "green")
        return not wrong and not failures
