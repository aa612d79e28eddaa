"""Figures that benchmarks remember: a small JSON file, and by how much each has moved since.

Beside each figure the same fixed products of matrices were timed on the same core: a figure has
moved by the ratio of new to old, both over their reference, so that another or a busier machine's
speed cancels out.
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
"""Ends of units of which more is better; they fall where the reference takes longer."""
SIZE, PRODUCTS = 192, 60


class Figure(NamedTuple):
    """One measured number."""

    what: str
    value: float
    unit: str
    target: str = ""
    note: str = ""
    scales: bool = True
    """Whether it depends on the machine's speed; memory does not."""


Row = Figure | tuple[str, str, str]
"""A figure, or (what, target, measured) as text, which is printed and not remembered."""


def time_reference(runs: int = 3) -> float:
    """Return the CPU seconds of PRODUCTS products of SIZE × SIZE matrices, the least of runs."""
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
    """Return machine, versions and commit of figures."""
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
    """Return the remembered figures by group and name; none if there is no file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def remember(group: str, figure: Figure, reference: float, path: Path = STORED) -> float | None:
    """Store a figure and return by what factor it has moved, if it was known; 1: not at all.

    Args:
        group: name of the benchmark.
        figure: what was measured.
        reference: `time_reference` beside it.
        path: of the file.
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
    """Return the ratio of two figures, each over its reference if it scales with the machine."""
    speed = entry["reference"] / before["reference"] if entry["scales"] else 1.0
    rate = entry["unit"].endswith(RATES)
    return entry["value"] / before["value"] * (speed if rate else 1.0 / speed)


def describe_move(moved: float | None) -> str:
    """Return by how much a figure has moved, in words."""
    if moved is None:
        return "new"
    return f"{100.0 * (moved - 1.0):+.0f} %"


def format_figure(entry: dict[str, Any]) -> str:
    """Return a figure's value with its unit and note."""
    value = entry["value"]
    number = f"{value:,.0f}".replace(",", " ") if value >= 1000 else f"{value:.3g}"
    return f"{number} {entry['unit']}" + (f"; {entry['note']}" if entry["note"] else "")


def tabulate(groups: Iterable[str], path: Path = STORED) -> str:
    """Return the remembered figures of some groups as a Markdown table, and where they are from."""
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
    """Return the median, and least and greatest as a note."""
    ordered = sorted(values)
    return statistics.median(ordered), f"{ordered[0]:.3g} to {ordered[-1]:.3g}"
