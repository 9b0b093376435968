"""YAML with places: the data of a file, and for everything in it the line and column where it stands.

The only file that imports yaml. Its traps are closed here: a key that comes twice, `no` and `on` that turn into
booleans, dates that turn into objects, `010` that turns into 8, anchors and aliases (a few lines of which can fill any
memory), and tags.
"""

import re
from typing import Any

import msgspec
import yaml

from adapter.errors import MappingError

Path = tuple[str | int, ...]
"""The way to a thing in a file: keys and positions, `("resources", 0, "id")`."""

MOST_CHARACTERS = 1_000_000
"""Characters that a file may have; the shipped ones have a few thousand."""
DEEPEST = 32
"""Lists and objects that may stand inside each other; the reader recurses."""
_DEEPEST_ELSEWHERE = 200
"""The same for documents of others."""

# A number as JSON writes it, without an exponent. 010 and +49 are texts: an id or the start of a telephone number.
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_OPENING = (
    yaml.BlockSequenceStartToken
    | yaml.BlockMappingStartToken
    | yaml.FlowSequenceStartToken
    | yaml.FlowMappingStartToken
)
_CLOSING = yaml.BlockEndToken | yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken


class Source:
    """A file's text, its data, and the places of everything in it."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.places: dict[Path, yaml.Mark | None] = {}
        self.keys: dict[Path, yaml.Mark | None] = {}
        if len(text) > MOST_CHARACTERS:
            raise MappingError(
                file, 1, 1, f"the file has more than {MOST_CHARACTERS} characters; no mapping needs that"
            )
        try:
            self._refuse_the_rest_of_yaml(text)
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.reader.ReaderError as error:
            raise self._not_a_character(error, text) from None
        except yaml.YAMLError as error:
            raise self._not_yaml(error) from None
        except ValueError:  # from PyYAML itself, for an escape such as "\U00110000" and a version of 5,000 digits
            raise MappingError(file, 1, 1, "this is not YAML: an escape or a directive is out of range") from None
        self.data: Any = self._value(root, ()) if root else None

    def error(self, path: Path, message: str, *, at_key: str | None = None) -> MappingError:
        """Return the error for what stands at the path, or at a key there. The one function that places an error."""
        mark = self.keys.get((*path, at_key)) if at_key is not None else None
        while mark is None and path:
            mark = self.places.get(path)
            path = path[:-1]
        mark = mark or self.places.get(())
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return MappingError(self.file, line, column, message)

    def _value(self, node: yaml.Node, path: Path) -> Any:
        self.places[path] = node.start_mark
        if isinstance(node, yaml.MappingNode):
            return self._object(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(each, (*path, at)) for at, each in enumerate(node.value)]
        self._refuse_half_characters(node.value, path)
        return self._scalar(node.value, plain=isinstance(node, yaml.ScalarNode) and node.style is None)

    def _object(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in node.value:
            self.places[(*path, "?")] = key.start_mark
            if not isinstance(key, yaml.ScalarNode):
                raise self.error((*path, "?"), "a key must be a word")
            name = str(key.value)
            self._refuse_half_characters(name, (*path, "?"))
            if name in result:
                raise self.error((*path, "?"), f"the key '{name}' comes twice; keep one of them")
            self.keys[(*path, name)] = key.start_mark
            result[name] = self._value(value, (*path, name))
        return result

    @staticmethod
    def _scalar(text: str, *, plain: bool) -> Any:
        """Return a plain word as JSON reads it: only true, false, null and numbers are not texts."""
        if not plain:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _NUMBER.fullmatch(text) and len(text) <= 30:  # noqa: PLR2004 (longer digits are a text, such as an id)
            return float(text) if "." in text else int(text)
        return text

    def _refuse_half_characters(self, text: str, path: Path) -> None:
        if any("\ud800" <= each <= "\udfff" for each in text):
            raise self.error(path, "an escape names half a character (\\uD800 to \\uDFFF); write the character itself")

    def _refuse_the_rest_of_yaml(self, text: str) -> None:
        depth = 0
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            self.places[()] = token.start_mark
            depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
            if depth > DEEPEST:
                raise self.error((), f"more than {DEEPEST} lists and objects stand inside each other here")
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                raise self.error((), "anchors and aliases are not part of the mapping language; write the value out")
            if isinstance(token, yaml.TagToken):
                raise self.error((), "tags are not part of the mapping language; remove it, or put the text in quotes")
        self.places.clear()

    def _not_a_character(self, error: yaml.reader.ReaderError, text: str) -> MappingError:
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        return MappingError(
            self.file, line, column, f"the character {error.character:#06x} cannot stand in YAML; remove it"
        )

    def _not_yaml(self, error: yaml.YAMLError) -> MappingError:
        """Return the error for text that PyYAML cannot read, in plain words where it is one of the usual slips."""
        problem = str(getattr(error, "problem", ""))
        began, met = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
        for slip, words, at_beginning in _SLIPS:
            if slip.search(problem):
                mark, message = (began or met) if at_beginning else met, words
                break
        else:
            mark, message = met, f"this is not YAML: {problem}"
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return MappingError(self.file, line, column, message)


def document(text: str, file: str) -> Any:
    """Return the data of a document that is not ours, in JSON or YAML, as its makers mean it.

    Raises MappingError when it is neither, or holds too many lists and objects inside each other.
    """
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        pass
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, and it ends the process when too deep
    depth = 0
    try:
        for token in yaml.scan(text, Loader=loader):
            depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
            if depth > _DEEPEST_ELSEWHERE:
                break
        else:
            return yaml.load(text, Loader=loader)  # noqa: S506 (both loaders are safe)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise MappingError(file, line, column, "this is neither JSON nor YAML") from None
    raise MappingError(file, 1, 1, f"more than {_DEEPEST_ELSEWHERE} lists and objects stand inside each other in this")


# What PyYAML says, what we say, and whether the place to name is where the broken thing began.
_SLIPS = (
    (re.compile(r"found character '\\t'"), "a tab stands here; indent with spaces", False),
    (re.compile("but found another document"), "a second document begins here; keep one for each file", False),
    (
        re.compile("mapping values are not allowed here"),
        "a colon cannot stand here; look at indentation, here and above, or put the text in quotes",
        False,
    ),
    (
        re.compile(r"^expected ',' or '[\]}]'"),
        "this bracket is not closed, a comma is missing in it, or a text in it needs quotes",
        True,
    ),
    (re.compile("^found unexpected end of stream"), "this quote is not closed", True),
    (re.compile("could not find expected ':'"), "a colon is missing after this word", True),
    (re.compile("cannot start any token"), "a text that begins with this character needs quotes", False),
    (re.compile("^expected <block end>"), "this does not fit what stands above; look at indentation and quotes", False),
)
