"""Where mapping files are, reading them, and what they ask for."""

from pathlib import Path
from typing import TYPE_CHECKING

from adapter.errors import SettingsError

if TYPE_CHECKING:
    from adapter.mapping.mapping import Mapping
    from adapter.settings import Declared

REFUSED = 2
"""Exit status when a start is refused: the mapping, the environment or an option is wrong."""

_PACKAGE = Path(__file__).parent.parent


def shipped_mappings() -> Path:
    """Return the folder of the shipped mappings: inside the installed package, or beside it in a checkout."""
    installed = _PACKAGE / "mappings"
    return installed if installed.is_dir() else _PACKAGE.parent / "mappings"


def mapping_in(file: Path) -> "Mapping":
    """Load a mapping file; raises MappingError for its faults, and SettingsError when it cannot be read."""
    from adapter.mapping.load import load  # noqa: PLC0415

    return load(text_of(file), str(file))


def named(file: Path) -> Path:
    """Return the file, or the shipped mapping of that name."""
    shipped = shipped_mappings() / f"{file}.yaml"
    if not file.exists() and not shipped.is_file():
        raise SettingsError([f"there is no file '{file}', nor a shipped mapping of that name"])
    return file if file.exists() else shipped


def text_of(file: Path) -> str:
    """Return what stands in a file; raises SettingsError when it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{file}: it cannot be read ({type(error).__name__})"]) from error


def declared_by(mapping: "Mapping") -> "Declared":
    """Return what a mapping asks the operator for."""
    from adapter.settings import Declared  # noqa: PLC0415

    return Declared(
        texts={
            each.name: each.default
            for each in mapping.settings
            if not isinstance(each.default, list) and each.kind != "list"
        },
        lists={
            each.name: each.default
            for each in mapping.settings
            if not isinstance(each.default, str) and each.kind == "list"
        },
        secrets=[each.name for each in mapping.secrets],
    )
