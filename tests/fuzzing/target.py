"""The type of a fuzzing target."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Target(NamedTuple):
    """A reader: it takes a file, or a text where `is_text` says so, and the result is checked."""

    samples: list[str]
    read: Callable[[Any], Any]
    check: Callable[[Any, bytes], None]
    is_text: bool = False
