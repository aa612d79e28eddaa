"""Store of benchmark results: a small JSON file, from which the change since the last run follows.

A fixed set of matrix products is timed on the same core as each result. The change of a result
is the ratio of new to old, each divided by its own reference time, so that the speed of another
or a busier machine cancels out.
"""

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
STORED = Path(__file__).parent / "figures.json"
PACKAGES = ("jax", "jaxlib", "numpy")
RATES = ("/s",)
"""Endings of units for which a larger value is better, so that a slower machine lowers it."""
SIZE, PRODUCTS = 192, 60


class Figure(NamedTuple):
    """Hold one measured number."""

    what: str
    value: float
    unit: str
    target: str = ""
    note: str = ""
    scales: bool = True
    """Whether the result depends on the machine's speed; memory does not."""


Row = Figure | tuple[str, str, str]
"""A result, or a (name, target, measured) row of text, which is printed but not stored."""


def time_reference(runs: int = 3) -> float:
    """Return the smallest CPU seconds of runs over PRODUCTS products of SIZE × SIZE matrices."""
    import numpy as np

    left = np.random.default_rng(0).random((SIZE, SIZE), np.float32)
    times = []
    for _ in range(runs):
        started, right = time.process_time(), left
        for _ in range(PRODUCTS):
            right = left @ right
            right /= np.max(right)
        times.append(time.process_time() - started)
    return min(times)


def describe_origin() -> dict[str, str]:
    """Return the machine, versions and commit on which results were measured."""
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "machine": f"{_read_processor()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "commit": commit.stdout.strip(),
    }


def _read_processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{platform.machine()} {names[0] if names else platform.processor()}".strip()


def read_figures(path: Path = STORED) -> dict[str, Any]:
    """Read the stored results by group and name; the result is empty if there is no file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def remember(group: str, figure: Figure, reference: float, path: Path = STORED) -> float | None:
    """Store a result and return the factor of its change; 1 means no change or no older result.

    Args:
        group: name of the benchmark.
        figure: the measured result.
        reference: CPU seconds of `time_reference`, measured with the result.
        path: path of the JSON file.
    """
    content = read_figures(path)
    rows = content.setdefault(group, {"origin": {}, "figures": {}})
    before = rows["figures"].get(figure.what)
    entry = {**figure._asdict(), "value": float(f"{figure.value:.4g}")}
    entry["reference"] = float(f"{reference:.4g}")
    moved = compare(entry, before) if before and before["unit"] == figure.unit else None
    if moved is not None:
        entry["moved"] = float(f"{moved:.3g}")
    rows["origin"], rows["figures"][figure.what] = describe_origin(), entry
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return moved


def compare(entry: dict[str, Any], before: dict[str, Any]) -> float:
    """Return new over old, each divided by its reference if it depends on the machine."""
    speed = entry["reference"] / before["reference"] if entry["scales"] else 1.0
    rate = entry["unit"].endswith(RATES)
    return entry["value"] / before["value"] * (speed if rate else 1.0 / speed)


def describe_move(moved: float | None) -> str:
    """Describe in words by how much a result has changed."""
    if moved is None:
        return "new"
    return f"{100.0 * (moved - 1.0):+.0f} %"


def format_figure(entry: dict[str, Any]) -> str:
    """Format a result with its unit and note."""
    value = entry["value"]
    number = f"{value:,.0f}".replace(",", " ") if value >= 1000 else f"{value:.3g}"
    return f"{number} {entry['unit']}" + (f"; {entry['note']}" if entry["note"] else "")


def tabulate(groups: Iterable[str], path: Path = STORED) -> str:
    """Return the stored results of some groups as a Markdown table, and a line on their origin."""
    content = read_figures(path)
    lines = ["| what | target | measured | moved |", "|---|---|---|---|"]
    origins = []
    for group in groups:
        for what, entry in content.get(group, {}).get("figures", {}).items():
            cells = (what, entry["target"], format_figure(entry), describe_move(entry.get("moved")))
            lines.append("| " + " | ".join(cells) + " |")
        if group in content:
            origins.append(", ".join(content[group]["origin"].values()))
    if not origins:
        return "Nothing is measured yet."
    sources = "; ".join(dict.fromkeys(origins))
    return (
        "\n".join(lines)
        + f"\n\nMeasured on (machine, Python, jax, jaxlib, numpy, commit): {sources}."
    )


def summarise(values: Iterable[float]) -> tuple[float, str]:
    """Return the median, and the smallest and largest value as a note."""
    ordered = sorted(values)
    return statistics.median(ordered), f"{ordered[0]:.3g} to {ordered[-1]:.3g}"
