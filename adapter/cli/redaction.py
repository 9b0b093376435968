"""What is taken out of every log line at the sink, whoever wrote it: credentials, secrets, addresses, and what forges lines.

Our own lines hold nothing of this. Ours, because what must not be told is this product's: no library knows the secrets of
the process, nor that a path upstream holds an id.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus

GONE = "…"
"""Stands in place of what was taken out."""
MOST = 2_000
"""Characters of one text in a line."""
SHORTEST = 4
"""Characters of a secret that is known by its value; a shorter one would be found in every word."""

_SECRET_NAME = re.compile(r"passw(?:or)?d|secret|token|authorization|api[_-]?key|cookie|assertion|jwt", re.IGNORECASE)
_NAMED = re.compile(r"""(?<![\w-])([\w-]++)(\\?["']\s*:\s*|\s*=\s*)(?:\\?"[^"]*"?|'[^']*'?|[^\s,;&}\]"']+)""")
"""A name with its value, in JSON, in a repr, or as a header's parameters have them."""
_EDGE = r"\s@\"'<>()\[\]{},;:=\\"
# Each begins where a word begins, and none reads a word twice: a line costs what it is long, whatever stands in it.
_RULES = (
    # A URL is told as far as its host: a path holds ids, a query names, and a user name stands before the host.
    (re.compile(r"(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*+://)(?:[^\s/?#\"'<>]*@)?([^\s/?#\"'<>@]*+)[^\s\"'<>]*", re.IGNORECASE),
     rf"\1\2/{GONE}"),
    (re.compile(r"\?[^\s\"'?=]*+=[^\s\"']*"), f"?{GONE}"),
    (re.compile(r"\b(bearer|basic)[\s:=]++[^\s\"',;]+", re.IGNORECASE), rf"\1 {GONE}"),
    (re.compile(r"(?<![\w.-])ey[JI][\w-]{5,}+(?:\.[\w-]*+)++"), GONE),
    (re.compile(r"\b((?:set-)?cookie)[\"']?\s*+[:=].*", re.IGNORECASE | re.DOTALL), rf"\1: {GONE}"),
    (re.compile(rf"(?<![^{_EDGE}])[^{_EDGE}]++@[^{_EDGE}]+"), GONE),
)  # fmt: skip
_SUSPECT = ("@", "=", '"', "'", "://", "bearer", "basic", "eyj", "eyi", "cookie")
"""What a text has in it that one of the rules may change; most have none of it, and cost little."""

_NUMBERS = (int, float)


class Redaction:
    """Takes out what no line may hold; `secrets` are those of the process, known by their values."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: list[str] = []
        self.know(secrets)

    def know(self, secrets: Iterable[str]) -> None:
        """Know further secrets; those that were known before may still be in use."""
        lines = {line.strip() for secret in secrets for line in str(secret).splitlines()}
        forms = {form for line in lines for form in (line, quote(line, safe=""), quote_plus(line))}
        # The longest first: one secret may be the beginning of another.
        known = {*self._known, *(form for form in forms if len(form) >= SHORTEST)}
        self._known = sorted(known, key=len, reverse=True)

    def holds_nothing(self, event: dict[str, object]) -> bool:
        """Tell whether all that a line says may be told as it is; most lines cost no more than this one look."""
        # A number is told as it is, whatever it is, unless its name is a secret's.
        told = [each for each in event.values() if not isinstance(each, _NUMBERS)]
        values = [" ".join(map(str, each)) if isinstance(each, list) else str(each) for each in told]
        return not self.is_suspect(" ".join([*event, *values])) and not any(map(_is_secret, event))

    def is_suspect(self, text: str) -> bool:
        """Tell whether `text` might change this text."""
        if len(text) > MOST or not text.isprintable() or any(each in text for each in self._known):
            return True
        low = text.lower()
        return any(each in low for each in _SUSPECT)

    def cleaned(self, value: object, name: str = "") -> object:
        """Return a value as it may be told under a name, with everything that is in it."""
        match value:
            case None | bool():
                return value
            case _ if _is_secret(name):
                return GONE
            case str():
                return self.text(value)
            case dict():
                return {self.text(str(key)): self.cleaned(each, str(key)) for key, each in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.cleaned(each, name) for each in value]
        # What anything else would say of itself nobody knows.
        return value if isinstance(value, _NUMBERS) else type(value).__name__

    def text(self, text: str) -> str:
        """Return a text without what no line may hold: one line that can be printed, and no longer than MOST."""
        if not self.is_suspect(text):
            return text
        for secret in self._known:
            text = text.replace(secret, GONE)
        text = text[: MOST * 2]  # nobody reads more, and the rules would
        for found, instead in _RULES:
            text = found.sub(instead, text)
        text = _NAMED.sub(lambda found: f"{found[1]}{found[2]}{GONE}" if _is_secret(found[1]) else found[0], text)
        if not text.isprintable():
            text = "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)
        return text if len(text) <= MOST else text[:MOST] + GONE


@lru_cache(1_000)
def _is_secret(name: str) -> bool:
    """Tell whether what stands under a name is a secret; our variables are named in what is said of them."""
    return _SECRET_NAME.search(name) is not None and not name.startswith("ADAPTER_")
