"""Where mapping files are found."""

from pathlib import Path

import pytest

from adapter.cli.files import named, shipped_mappings
from adapter.errors import SettingsError


def test_a_name_is_that_of_a_shipped_mapping_and_a_file_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert named(Path("n-able")) == shipped_mappings() / "n-able.yaml"
    monkeypatch.chdir(tmp_path)
    Path("n-able").write_text("")
    assert named(Path("n-able")) == Path("n-able")
    with pytest.raises(SettingsError, match="there is no file 'nowhere', nor a shipped mapping of that name"):
        named(Path("nowhere"))
