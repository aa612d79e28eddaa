"""Run the benchmarks and print a Markdown table; names choose some of them."""

import importlib
import os
import platform
import sys

NAMES = ("start", "orbits", "relaying", "slicing", "numpy_slicing", "mobile_env", "adapters", "large")


def main(names: list[str]) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| what | target | measured: median (least to greatest) |\n|---|---|---|")
    for name in names or NAMES:
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
