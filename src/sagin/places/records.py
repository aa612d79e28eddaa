"""Rows of cell-site tables in OpenCelliD's columns: their names, their ranges, and a first row."""

from collections.abc import Sequence

from sagin.errors import SitesError
from sagin.inputs import parse_number, parse_whole, quote

COLUMNS = (
    *("radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples"),
    *("changeable", "created", "updated", "averageSignal"),
)
"""OpenCelliD's columns, in the order of its files without a heading."""

NAMES = {
    "mcc": (),
    "cell": ("cid", "cellid", "ci"),
    "lon": ("long", "lng", "longitude"),
    "lat": ("latitude",),
    "range": (),
    "samples": (),
    "radio": (),
    "net": ("mnc",),
    "area": ("lac", "tac"),
    "unit": ("psc", "pci"),
    "azimuth": ("bearing", "boresight"),
}
"""Alternative names of the columns, such as in Mozilla's old files."""

RANGES = {
    "mcc": (0, 999),
    "net": (0, 2**31 - 1),
    "area": (0, 2**31 - 1),
    "cell": (0, 2**63 - 1),
    "lon": (-180.0, 180.0),
    "lat": (-90.0, 90.0),
    "range": (0, 2**31 - 1),
    "samples": (0, 2**31 - 1),
    "azimuth": (-360.0, 360.0),
}
"""Smallest and largest values of a column; integer limits mean whole numbers."""


def is_record(cells: Sequence[str]) -> bool:
    """Return whether a table's first row is a site in OpenCelliD's columns, not a heading."""
    start = COLUMNS.index("lon")
    return start + 2 < len(cells) <= len(COLUMNS) and all(
        parse_number(cell) is not None for cell in cells[start : start + 2]
    )


def parse_cell(
    name: str, cell: str, location: str, limits: tuple[float, float] | None = None
) -> float | str:
    """Return the content of a table cell: a number in its range, or text.

    Args:
        name: name of the column.
        cell: text of the cell.
        location: prefix of an error.
        limits: range of the column, if it differs from `RANGES`.

    Raises:
        SitesError: one line names the location, the column, the value and the allowed values.
    """
    limits = limits or RANGES.get(name)
    if limits is None:
        return cell.strip()
    low, high = limits
    is_whole = isinstance(high, int)
    number = parse_whole(cell) if is_whole else parse_number(cell)
    if number is None or not low <= number <= high:
        kind = "a whole number" if is_whole else "a number"
        raise SitesError(
            f"{location}: column '{name}': {quote(cell)} is not allowed"
            f" (allowed: {kind} from {low:g} to {high:g})"
        )
    return number
