"""Run the benchmarks and print a Markdown table; names choose some of them."""

import argparse
import ast
import importlib
import os
import platform
from pathlib import Path

NAMES = (
    "start",
    "orbits",
    "relaying",
    "slicing",
    "numpy_slicing",
    "mobile_env",
    "adapters",
    "large",
    "planner",
    "engines",
    "simple_spread",
    "learning",
    "other_learners",
)


def main(names: list[str]) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| what | target | measured: median (least to greatest) |\n|---|---|---|")
    for name in names:
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            print("| " + " | ".join(row) + " |", flush=True)


def parse_names() -> list[str]:
    """Return the names on the command line; all if there are none."""
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
    names = parser.parse_args().names
    if unknown := [name for name in names if name not in NAMES]:
        parser.error(f"unknown: {', '.join(unknown)} (allowed: {', '.join(NAMES)})")
    return names or list(NAMES)


def describe(name: str) -> str:
    """Return the sentence that opens a benchmark, without running it."""
    text = (
        ast.get_docstring(
            ast.parse((Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        )
        or ""
    )
    return " ".join(text.partition("\n\n")[0].split())


if __name__ == "__main__":
    main(parse_names())
