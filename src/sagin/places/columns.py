"""Small tables of named columns of numbers."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sagin.errors import InputError
from sagin.inputs import check_width, find_columns, parse_number, quote, read_lines, split_rows

Names = Mapping[str, tuple[str, ...]]
Ranges = Mapping[str, tuple[float, float]]


def read_columns(path: str, names: Names, ranges: Ranges) -> dict[str, np.ndarray]:
    """Read the known columns of a table as numbers.

    Args:
        path: the file; cells are separated by commas, semicolons, tabs or vertical bars.
        names: names of the columns, with alternative names.
        ranges: smallest and largest value of each column.

    Raises:
        InputError: the file cannot be read, or a cell is out of its range; the message has one
            line.
    """
    rows = split_rows(read_lines(Path(path), InputError), path, InputError)
    if rows is None:
        raise InputError(f"{path}: no row; at least a heading and 1 row are needed")
    columns = find_columns(rows.first, names, f"{path}: line {rows.line}", InputError)
    table: dict[str, list[float]] = {name: [] for name in columns}
    for line, row in rows.following:
        check_width(row, len(rows.first), f"{path}: line {line}", InputError)
        for name, column in columns.items():
            number, (low, high) = parse_number(row[column]), ranges[name]
            if number is None or not low <= number <= high:
                raise InputError(
                    f"{path}: line {line}: column '{name}': {quote(row[column])} is not allowed "
                    f"(allowed: {low:g} to {high:g})"
                )
            table[name].append(number)
    return {name: np.array(values) for name, values in table.items()}


def need_columns(path: str, table: Mapping[str, np.ndarray], *names: str) -> None:
    """Check that a table has the required columns, and at least one row.

    Raises:
        InputError: a column is missing; the message names the first one in one line.
    """
    for name in names:
        if name not in table:
            raise InputError(f"{path}: column '{name}' is missing; needed: {', '.join(names)}")
        if not len(table[name]):
            raise InputError(f"{path}: no row; at least 1 is needed")
