"""Where mapping files are."""

from pathlib import Path

from adapter.errors import SettingsError

REFUSED = 2
"""Exit status when a start is refused: the mapping, the environment or an option is wrong."""

_PACKAGE = Path(__file__).parent.parent


def shipped_mappings() -> Path:
    """Return the folder of the shipped mappings: inside the installed package, or beside it in a checkout."""
    installed = _PACKAGE / "mappings"
    return installed if installed.is_dir() else _PACKAGE.parent / "mappings"


def named(file: Path) -> Path:
    """Return the file, or the shipped mapping of that name."""
    shipped = shipped_mappings() / f"{file}.yaml"
    if not file.exists() and not shipped.is_file():
        raise SettingsError([f"there is no file '{file}', nor a shipped mapping of that name"])
    return file if file.exists() else shipped
