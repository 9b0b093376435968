"""Reads values of the environment, one after the other, and collects what is wrong with them; and texts of files."""

from collections.abc import Iterator
from collections.abc import Mapping as Values
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from adapter.errors import SettingsError
from adapter.settings.secret import SHORTEST_SECRET, Secret

LONGEST = 9
"""Digits of a number; of milliseconds these are eleven days."""
Word = TypeVar("Word", bound=str)


class Remembering(Values[str, str]):
    """An environment that knows which of its variables it was asked for, there or not: `asked`."""

    def __init__(self, environment: Values[str, str]) -> None:
        self._environment = environment
        self.asked: set[str] = set()

    def __getitem__(self, variable: str) -> str:
        self.asked.add(variable)
        return self._environment[variable]

    def __iter__(self) -> Iterator[str]:
        return iter(self._environment)

    def __len__(self) -> int:
        return len(self._environment)


class Reader:
    """Reads variables; `faults` holds a clear line for each that is wrong, `files` what was read for them."""

    def __init__(self, environment: Values[str, str]) -> None:
        self.environment = environment
        self.faults: list[str] = []
        self.files: list[Path] = []

    def text(self, variable: str) -> str:
        """Return a text, without blanks around it."""
        return self.environment.get(variable, "").strip()

    def word(self, variable: str, words: tuple[Word, ...], default: Word) -> Word:
        """Return one of some words, in any letter case."""
        given = self.text(variable).lower()
        found = next((each for each in words if each == given), None)
        if given and found is None:
            self.faults.append(f"{variable} must be {' or '.join((', '.join(words[:-1]), words[-1]))}")
        return default if found is None else found

    def setting(self, variable: str, name: str, default: str | None) -> str:
        """Return a setting that a mapping declares, or its default."""
        given = self.text(variable)
        if not given.isprintable():
            self.faults.append(f"{variable} holds a line end or another character that cannot be printed")
        if not given and default is None:
            self.faults.append(f"{variable} is missing: the mapping needs the setting '{name}'")
        return given or default or ""

    def settings(self, variable: str, name: str, default: list[str] | None) -> list[str]:
        """Return a setting that is a list, with commas between its entries, or its default."""
        given = self.text(variable)
        listed = [each.strip() for each in given.split(",") if each.strip()]
        if not given.isprintable():
            self.faults.append(f"{variable} holds a line end or another character that cannot be printed")
        elif not listed and default is None:
            self.faults.append(f"{variable} is missing: the mapping needs the setting '{name}'")
        return listed or default or []

    def secret(self, variable: str, *, needed: bool = False) -> Secret:
        """Return a secret, from the variable or from the file that the variable with `_FILE` names."""
        text = self.environment.get(variable, "")
        file = self.environment.get(f"{variable}_FILE", "")
        if file and not text:
            self.files.append(Path(file))
            try:
                text = Path(file).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                self.faults.append(f"{variable}_FILE: the file cannot be read ({type(error).__name__})")
                return Secret("?" * SHORTEST_SECRET)  # so that it is not called missing or short as well
            if not text.strip() and not needed:
                self.faults.append(
                    f"{variable}_FILE: there is nothing in the file; write the secret there, or name none"
                )
                return Secret("?" * SHORTEST_SECRET)
        text = text.strip()
        if needed and not text:
            self.faults.append(f"{variable} is missing: set it, or set {variable}_FILE to a file that holds it")
        if not (text.isascii() and text.isprintable()):
            self.faults.append(f"{variable} holds a line end or a character outside ASCII")
        return Secret(text)

    def strong(self, variable: str, what: str) -> tuple[Secret, ...]:
        """Return the secrets that somebody shows us, with commas between them; a short one is a fault."""
        given = tuple(Secret(each.strip()) for each in self.secret(variable).split(",") if each.strip())
        if any(len(each) < SHORTEST_SECRET for each in given):
            self.faults.append(f"{variable}: {what} needs at least {SHORTEST_SECRET} characters")
        return given

    def url(self, variable: str, *, needed: bool = False) -> str:
        """Return an address without a slash at its end."""
        text = self.text(variable).rstrip("/")
        if not text:
            if needed:
                self.faults.append(f"{variable} is missing: set it to where the upstream is, https://host")
            return ""
        if not is_url(text):
            self.faults.append(f"{variable} {URL}")
        return text

    def seconds(self, variable: str) -> float | None:
        """Return a time that is given in milliseconds."""
        milliseconds = self.number(variable, "milliseconds")
        return None if milliseconds is None else milliseconds / 1000

    def number(self, variable: str, of: str) -> int | None:
        """Return a whole number, 1 or more."""
        text = self.text(variable)
        if not text:
            return None
        if not text.isdecimal() or not text.isascii() or len(text) > LONGEST or int(text) == 0:
            self.faults.append(f"{variable} must be a whole number of {of}, 1 or more")
            return None
        return int(text)


LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""The machine itself."""
URL = "must be like https://host or https://host/path, without user name and query"


def is_url(text: str) -> bool:
    """Tell whether a text is an address that calls can begin with."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    # A user name in it would take the place of the token; httpx sends it as basic authentication.
    return usable and text.isprintable() and {" ", "?", "#", "@"}.isdisjoint(text)


def text_of(file: Path) -> str:
    """Return what stands in a file; raises SettingsError when it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            [f"{file}:{line}: a character stands here that is not UTF-8; save the file as UTF-8"]
        ) from error
    except OSError as error:
        raise SettingsError([f"{file}: it cannot be read ({type(error).__name__})"]) from error


def shipped_names(shipped: Path) -> list[str]:
    """Return the names of the mappings in the folder of those that are shipped."""
    return sorted(each.stem for each in shipped.glob("*.yaml") if ".examples" not in each.name)
