"""CPU seconds of whole commands in new processes, first with an empty compilation cache, then
with a filled one.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measure import run_python

QUICK = ("--profile", "quick", "--workers", "1")
COMMANDS = {
    "relay": ("relay", "paper"),
    "slice": ("slice", "paper"),
    "plan": ("plan", "paper"),
    "train small": ("train", "small", "--iterations", "200", "--workers", "1"),
    "reproduce relaying --profile quick": ("reproduce", "relaying", *QUICK),
    "reproduce slicing --profile quick": ("reproduce", "slicing", *QUICK),
}
TARGETS = {
    "relay": (5, 2),
    "slice": (5, 2),
    "plan": (8, 3),
    "train small": (15, 6),
    "reproduce relaying --profile quick": (25, 12),
    "reproduce slicing --profile quick": (90, 50),
}
"""Target CPU seconds without and with the cache, on one core of an otherwise idle machine."""


def rows(quick: bool = False) -> Iterator[Figure]:
    """Yield the CPU seconds of each command, cold and warm, on one core."""
    for name in ("relay",) if quick else COMMANDS:
        with tempfile.TemporaryDirectory() as folder:
            environment = {"XDG_CACHE_HOME": str(Path(folder) / "cache")}
            for state, target in zip(("cold", "warm"), TARGETS[name], strict=True):
                out = ("--out", str(Path(folder) / state))
                command = ("-m", "sagin", *COMMANDS[name], *out)
                cpu = run_python(*command, cores=1, environment=environment, silent=True).cpu
                yield Figure(f"`sagin {name}`, {state}", cpu, "CPU s", f"≤ {target}")
