"""Short, harmless excerpts of texts and values from files, on one line."""

import math
from collections.abc import Mapping
from typing import Any

LONGEST = 60
"""Largest number of characters of a text that are shown."""

DEEPEST, MOST = 3, 4
"""Largest numbers of levels and members of a nested value that are shown."""

LARGEST_INTEGER = 10**40
"""Integers from this size on are described by their number of digits; Python refuses to print long
ones.
"""


def escape_text(text: str, limit: int = LONGEST) -> str:
    r"""Return a text's first characters, with those escaped that could control a terminal.

    These are control characters, direction marks and lone surrogates.

    >>> escape_text("\x1b[2J\ud800 é")
    '\\x1b[2J\\ud800 é'
    >>> escape_text("a" * 70, 3)
    'aaa… (70 characters)'
    """
    start = text[:limit]
    if not start.isprintable():
        start = "".join(
            letter if letter.isprintable() else letter.encode("unicode_escape").decode()
            for letter in start
        )
    return start if len(text) <= limit else f"{start}… ({len(text)} characters)"


def quote(value: Any) -> str:
    r"""Return a value from a file on one short line, text in quotation marks.

    >>> quote("a\n"), quote(True), quote([1, [2.5, "b"]]), quote(10**5000)
    ("'a\\n'", 'true', "[1, [2.5, 'b']]", 'an integer of 5001 digits')
    """
    text = _describe(value, DEEPEST)
    return text if isinstance(value, str) else escape_text(text)


def _describe(value: Any, depth: int) -> str:
    if isinstance(value, str):
        return f"'{escape_text(value)}'"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and abs(value) >= LARGEST_INTEGER:
        # the logarithm of the bits is within one digit of it
        return f"an integer of {math.floor(value.bit_length() * math.log10(2)) + 1} digits"
    if isinstance(value, Mapping):
        pairs = (
            f"{_describe(key, depth - 1)}: {_describe(value[key], depth - 1)}"
            for key in list(value)[:MOST]
        )
        return f"{{{_join(pairs, len(value), depth)}}}"
    if isinstance(value, list | tuple):
        parts = (_describe(part, depth - 1) for part in value[:MOST])
        return f"[{_join(parts, len(value), depth)}]"
    return str(value)


def _join(parts: Any, count: int, depth: int) -> str:
    """Return the members of a nested value, unless they lie too deep."""
    if depth <= 0 and count:
        return "…"
    return ", ".join([*parts, *(["…"] if count > MOST else [])])
