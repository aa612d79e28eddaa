"""The reader of tables of separated values, row by row, so that a file may be large."""

import csv
import io
import itertools
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sagin.errors import InputError
from sagin.inputs.excerpts import escape_text, quote
from sagin.inputs.text import LARGEST_TABLE, describe_message, find_encoding, open_regular

SEPARATORS = ",;\t|"

LONGEST_LINE = 2**20
"""Largest number of characters of a table row."""


class TableRows(NamedTuple):
    """A table's first row, and an iterator of the following ones with their line numbers."""

    first: list[str]
    line: int
    """Line on which the first row ends."""
    following: Iterator[tuple[int, list[str]]]

    def replay(self) -> Iterator[tuple[int, list[str]]]:
        """Return all rows, including the first one, for a table without a heading."""
        return itertools.chain([(self.line, self.first)], self.following)


def read_lines(
    path: Path | str, error: type[InputError] = InputError, limit: int = LARGEST_TABLE
) -> Iterator[str]:
    """Yield the lines of a file of up to 8 GB, which may be compressed by gzip.

    Invalid bytes of the file's encoding become question marks, which no number contains.

    Raises:
        InputError: the file cannot be read, or is larger; the message has one line.
    """
    with open_regular(path, limit, error) as file:
        try:
            encoding, size = find_encoding(file.read(4))
            file.seek(size)
            lines = io.TextIOWrapper(file, encoding, errors="replace", newline=None)
            length = 0
            while line := lines.readline(LONGEST_LINE):
                length += len(line)
                if length > limit or len(line) >= LONGEST_LINE:
                    what = f"larger than {limit >> 20} MB" if length > limit else "a line too long"
                    raise error(f"{path}: {what} for a table")
                yield line
        except (OSError, EOFError, zlib.error) as failure:
            reason = getattr(failure, "strerror", None) or "packed by gzip, and damaged"
            raise error(f"{path}: cannot be read: {reason}") from None


def split_rows(
    lines: Iterable[str], source: str, error: type[InputError] = InputError
) -> TableRows | None:
    """Split lines into rows of cells; the separator is that of the first non-blank line.

    It is a comma, a semicolon, a tab or a vertical bar. Blank lines and a final Ctrl-Z are ignored;
    the result is None for a file without other lines. Only the cells of the first row are stripped.

    Raises:
        InputError: quotation marks do not close, or the file is a web page or JSON; the message has
            one line.
    """
    numbered = itertools.dropwhile(lambda item: not item[1].strip("\x1a \t\r\n"), enumerate(lines))
    skipped, first = next(numbered, (0, ""))
    if not first:
        return None
    if first.lstrip()[:1] in ("<", "{", "["):
        text = first + "".join(line for _, line in itertools.islice(numbered, 50))
        raise error(f"{source}: {describe_message(text)}")
    separator = max(SEPARATORS, key=first.count)
    text = itertools.chain([first], (line for _, line in numbered))
    rows = _number_rows(text, separator, skipped, source, error)
    line, heading = next(rows)
    return TableRows([cell.strip() for cell in heading], line, rows)


def _number_rows(
    lines: Iterable[str], separator: str, skipped: int, source: str, error: type[InputError]
) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
    try:
        for row in reader:
            if len(row) > 1 or (row and row[0].strip("\x1a \t")):
                yield skipped + reader.line_num, row
    except csv.Error as failure:
        line = skipped + reader.line_num
        raise error(f"{source}: line {line}: not a row of a table: {failure}") from None


def find_columns(
    heading: Sequence[str], names: Mapping[str, Sequence[str]], source: str, error: type[InputError]
) -> dict[str, int]:
    """Find the columns of a heading by their names or alternative names, in any case.

    Unknown columns are ignored.

    Raises:
        InputError: a column occurs twice; the message has one line.
    """
    places: dict[str, int] = {}
    meanings = {word: name for name, following in names.items() for word in (name, *following)}
    for number, cell in enumerate(heading):
        name = meanings.get(re.sub(r"[ _-]", "", cell.lower()))
        if name in places:
            twice = f"{quote(heading[places[name]])} and {quote(cell)}"
            raise error(f"{source}: column '{name}' occurs twice: {twice}")
        if name is not None:
            places[name] = number
    return places


def check_width(
    row: Sequence[str], width: int, source: str, error: type[InputError] = InputError
) -> None:
    """Refuse a row with fewer cells than the heading, or with further non-blank cells."""
    if len(row) < width or any(cell.strip() for cell in row[width:]):
        start = escape_text(" ".join(row))
        raise error(f"{source}: {len(row)} columns where the first row has {width}: '{start}'")
