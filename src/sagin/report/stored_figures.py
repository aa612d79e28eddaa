"""Stored figures of longer profiles on the page, and their agreement with a short run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sagin.errors import StoreError
from sagin.files import write_atomically
from sagin.inputs import read_bytes, read_json
from sagin.report.figure_data import read_csv
from sagin.studies.figure import Figure
from sagin.studies.statistics import Interval

FOLDER = "stored"
"""Sub-folder of a study into which stored figures are copied."""
ORIGIN = "Stored results of a longer run ({amount}), not computed on this machine."


def list_stored_names(source: Path) -> set[str]:
    """Return the names of the figures whose drawings are stored in a folder and below."""
    return {path.stem for path in source.rglob("*.svg")}


def copy_stored_figures(figures: Sequence[Figure], source: Path, folder: Path) -> dict[str, str]:
    """Copy the stored drawings and data of a paper's figures, and return their titles by name.

    Args:
        figures: titles by id.
        source: folder of stored results, searched with its subfolders.
        folder: folder of the study, whose sub-folder `stored` is the destination.
    """
    titles = {}
    files = {path.stem: path for path in sorted(source.rglob("*.svg"))}
    for figure in figures:
        if figure.id not in files:
            continue
        for path in (files[figure.id], files[figure.id].with_suffix(".csv")):
            if path.is_file():
                write_atomically(folder / FOLDER / path.name, read_bytes(path, StoreError))
        titles[f"{FOLDER}/{figure.id}"] = figure.title
    return titles


def check_figures(folder: Path, titles: Mapping[str, str]) -> dict[str, str]:
    """Return a sentence per stored figure: at how many points this machine's run agrees."""
    sentences = {}
    for name in titles:
        agreed, total = count_agreeing(folder / f"{name}.csv", folder / f"{Path(name).name}.csv")
        if total:
            word = "same within intervals" if agreed == total else "intervals that overlap"
            sentences[name] = f"Your machine, quick profile: {word} at {agreed} of {total} points."
    return sentences


def list_labels(folder: Path, titles: Mapping[str, str]) -> list[list[str]]:
    """Return the labels of the lines of each stored figure."""
    paths = [folder / f"{name}.csv" for name in titles]
    return [
        [line.label for panel in read_csv(path).panels for line in panel.series]
        for path in paths
        if path.is_file()
    ]


def count_agreeing(stored: Path, other: Path) -> tuple[int, int]:
    """Return how many points of two figures have overlapping intervals, of the common ones."""
    try:
        pair = [_list_points(path) for path in (stored, other)]
    except StoreError:
        return 0, 0
    common = pair[0].keys() & pair[1].keys()
    return sum(_overlap(pair[0][key], pair[1][key]) for key in common), len(common)


def _list_points(path: Path) -> dict[tuple[str, str, float], Interval]:
    return {
        (panel.title, line.label, x): interval
        for panel in read_csv(path).panels
        for line in panel.series
        for x, interval in zip(line.x, line.y, strict=True)
    }


def _overlap(one: Interval, other: Interval) -> bool:
    """Return whether two intervals overlap; rounding in a file does not count."""
    slack = 1e-5 * max(abs(one.estimate), abs(other.estimate))
    return one.low <= other.high + slack and other.low <= one.high + slack


def describe_origin(source: Path) -> str:
    """Describe the origin of stored results in a sentence."""
    amounts = []
    for path in sorted(source.rglob("provenance.json")):
        content = read_json(path, StoreError)
        amount = str(content.get("amount", "")) if isinstance(content, dict) else ""
        amounts += [amount] if amount and amount not in amounts else []
    return ORIGIN.format(amount="; ".join(amounts) or "see its folder")
