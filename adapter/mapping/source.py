"""YAML with places: the data of a file, and for everything in it the line and column where it stands.

The only file that imports yaml. Its traps are closed here: a key that comes twice, `no` and `on` that turn into
booleans, dates that turn into objects, anchors and aliases (a few lines of which can fill any memory), and tags.
"""

import re
from typing import Any

import yaml

from adapter.errors import MappingError

Path = tuple[str | int, ...]
"""The way to a thing in a file: keys and positions, `("resources", 0, "id")`."""

MOST_CHARACTERS = 1_000_000
"""Characters that a file may have; the shipped ones have a few thousand."""

_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


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
            self._refuse_aliases(text)
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            self.data = self._value(root, ()) if root else None
        except yaml.YAMLError as error:
            raise self._not_yaml(error) from None
        except RecursionError:
            raise MappingError(file, 1, 1, "the file is nested too deep; no mapping needs that") from None

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
        if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.startswith("tag:yaml.org,2002:python"):
            raise self.error(path, f"the tag {node.tag} is not part of the mapping language; remove it")
        if isinstance(node, yaml.MappingNode):
            return self._object(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(each, (*path, at)) for at, each in enumerate(node.value)]
        return self._scalar(node.value, plain=isinstance(node, yaml.ScalarNode) and node.style is None)

    def _object(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.places[(*path, "?")] = key.start_mark
                raise self.error((*path, "?"), "a key must be a word")
            name = str(key.value)
            if name in result:
                self.keys[(*path, name)] = key.start_mark
                raise self.error(path, f"the key '{name}' comes twice; keep one of them", at_key=name)
            self.keys[(*path, name)] = key.start_mark
            result[name] = self._value(value, (*path, name))
        return result

    @staticmethod
    def _scalar(text: str, *, plain: bool) -> Any:
        """Return a plain word as YAML 1.2 reads it: only true, false, null and numbers are not texts."""
        if not plain:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _NUMBER.fullmatch(text) and len(text) <= 30:  # noqa: PLR2004 (longer digits are a text, such as an id)
            return float(text) if "." in text else int(text)
        return text

    def _refuse_aliases(self, text: str) -> None:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                self.places[()] = token.start_mark
                raise self.error((), "anchors and aliases are not part of the mapping language; write the value out")

    def _not_yaml(self, error: yaml.YAMLError) -> MappingError:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it holds a character that YAML does not allow"
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return MappingError(self.file, line, column, f"this is not YAML: {problem}")
