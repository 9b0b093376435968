"""Asks whether a part of a mapping file may say something."""

from typing import Any

import msgspec


def accepts(kind: Any, data: Any) -> bool:
    """Tell whether the data has the shape of a part."""
    try:
        msgspec.convert(data, kind)
    except msgspec.ValidationError:
        return False
    return True
