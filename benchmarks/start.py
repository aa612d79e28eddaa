"""How long a user waits for the import and for the command line's help."""

import statistics
from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.measure import run_python

PROGRAMS = {
    "import sagin": ("under 0.2 s", ("-c", "import sagin")),
    "sagin --help": ("under 0.5 s", ("-m", "sagin", "--help")),
    "bare Python, for comparison": ("", ("-c", "pass")),
}


def rows(quick: bool = False) -> Iterator[Figure]:
    """Yield the CPU seconds of each."""
    for what, (target, code) in PROGRAMS.items():
        run_python(*code)
        times = [run_python(*code, cores=1).cpu for _ in range(1 if quick else 9)]
        note = f"{min(times):.3g} to {max(times):.3g}"
        yield Figure(what, statistics.median(times), "CPU s", target, note)
