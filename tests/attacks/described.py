"""C5b: schemathesis reads what the gateway says of itself, and asks it whatever that allows, and some that it does not."""

import asyncio
import re
import sys
from pathlib import Path

import msgspec

from adapter.scim.limits import USUAL
from adapter.web.openapi import described
from tests.attacks.asking import request, said
from tests.attacks.part import Part, Say
from tests.attacks.process import TOKEN
from tests.attacks.stand import Stand
from tests.conversation import mapping_of

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# 501 is said by the document, with its reason: it is no fault of the server's.
CONFIG = '[checks]\nnot_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "501"]\n'


async def asked(stand: Stand, seed: int, folder: Path, examples: int, say: Say) -> Part:
    """Run schemathesis against the gateway, so many examples for each operation, and return what it found."""
    part = Part("what OpenAPI allows")
    root = f"http://127.0.0.1:{stand.port}/scim/v2"
    document = folder / "openapi.json"
    mapping = mapping_of("full").without_store()
    document.write_bytes(msgspec.json.encode(described(mapping, root, "0", USUAL)))
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG, encoding="utf-8")
    done = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", str(document), "--url", root),
        *("-H", f"Authorization: Bearer {TOKEN}", "--checks", CHECKS, "-n", str(examples), "--seed", str(seed)),
        *("--no-color", "--generation-database", "none"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
    )
    told = (await done.communicate())[0].decode(errors="replace")
    found = re.search(r"(\d+) generated", told)
    part.verdicts["generated"] = int(found[1]) if found else 0
    if done.returncode != 0 or not found:
        part.faults.append(f"schemathesis ended with {done.returncode}:\n{told[-4000:]}")
    if (await said(stand.port, request("GET /scim/v2/ServiceProviderConfig"))).status != 200:
        part.faults.append("the gateway does not answer any more")
    part.faults += [f"outbound: {each}" for each in stand.strays]
    part.remarks.append(f"{len(stand.seen)} calls went out")
    stand.seen.clear()
    say(f"{part.name}: {part.count} cases, {len(part.faults)} faults")
    return part
