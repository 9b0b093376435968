from pathlib import Path

import pytest

from tests.conversation import FOLDER, Conversation


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
async def test_the_conversation_goes_as_its_file_says(file: Path) -> None:
    await Conversation(file).play()
