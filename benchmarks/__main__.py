"""Run the benchmarks, print a Markdown table, and store the measured values; NAME selects some."""

import argparse
import ast
import importlib
import inspect
import os
from pathlib import Path

from benchmarks.figures import (
    STORED,
    Figure,
    describe_move,
    describe_origin,
    format_figure,
    remember,
    time_reference,
)

NAMES = (
    "start",
    "orbits",
    "relaying",
    "slicing",
    "numpy_slicing",
    "mobile_env",
    "adapters",
    "commands",
    "large",
    "planner",
    "power",
    "accelerator",
    "engines",
    "simple_spread",
    "learning",
    "other_learners",
)


def main(names: list[str], quick: bool = False, path: Path | None = STORED) -> None:
    """Measure, print and store the values; with `path` None, nothing is stored."""
    print(", ".join(describe_origin().values()) + "\n")
    print("| what | target | measured | moved |\n|---|---|---|---|")
    for name in names:
        module = importlib.import_module(f"benchmarks.{name}")
        takes_quick = "quick" in inspect.signature(module.rows).parameters
        for row in module.rows(quick=quick) if takes_quick else module.rows():
            if not isinstance(row, Figure):
                cells = (*row, "")
            else:
                moved = None
                if path is not None:
                    moved = remember(name, row, time_reference(), path)
                cells = (row.what, row.target, format_figure(row._asdict()), describe_move(moved))
            print("| " + " | ".join(cells) + " |", flush=True)


def parse_arguments() -> tuple[list[str], bool, Path | None]:
    """Return the names (by default all), the quick flag, and the path of the stored values."""
    width = max(map(len, NAMES))
    lines = [f"  {name:{width}}  {describe(name)}" for name in NAMES]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="\n".join(["names, in the order in which they run:", *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="what to measure; all if none is given"
    )
    parser.add_argument(
        "--quick", action="store_true", help="measure little of little, and remember nothing"
    )
    parser.add_argument(
        "--figures", type=Path, metavar="FILE", help="remember there, not in the repository's file"
    )
    arguments = parser.parse_args()
    names = arguments.names
    if unknown := [name for name in names if name not in NAMES]:
        parser.error(f"unknown: {', '.join(unknown)} (allowed: {', '.join(NAMES)})")
    path = arguments.figures or (None if arguments.quick else STORED)
    return names or list(NAMES), arguments.quick, path


def describe(name: str) -> str:
    """Return the first sentence of a benchmark's documentation, without running it."""
    text = (
        ast.get_docstring(
            ast.parse((Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        )
        or ""
    )
    return " ".join(text.partition("\n\n")[0].split())


if __name__ == "__main__":
    # products on one thread, as the figures beside them
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main(*parse_arguments())
