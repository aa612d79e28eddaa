"""The type of a fuzzing target."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Target(NamedTuple):
    """Describe a reader of a file, or of a text if `is_text`, and the check of its result."""

    samples: list[str]
    read: Callable[[Any], Any]
    check: Callable[[Any, bytes], None]
    is_text: bool = False
