"""The fuzzing loop: draw an input, pass it to its reader, and judge the result."""

import io
import random
import resource
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from sagin.errors import InputNotice, SaginError

from fuzzing.mutations import mutate
from fuzzing.oracle import check_message
from fuzzing.targets import Target, list_targets

SEED = 20261126
"""Of the inputs that the documentation counts."""

LONGEST_S = 10.0
"""Time after which a reader hangs."""


class Fall(NamedTuple):
    """Describe an input that was answered wrongly."""

    target: str
    number: int
    reason: str
    data: bytes


class Tally(NamedTuple):
    """Count the results of some inputs."""

    counts: dict[str, Counter[str]]
    """By target: inputs accepted, refused and crashed."""
    falls: list[Fall]
    slowest_s: float
    peak_mb: float
    """Memory of this process."""


class HangError(BaseException):
    """Report a reader that did not end in time."""


@contextmanager
def limit_time(seconds: float) -> Iterator[None]:
    """Raise an error if the block takes longer."""

    def stop(*_: object) -> None:
        raise HangError(f"over {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def draw_input(name: str, target: Target, number: int, seed: int) -> bytes:
    """Draw an input of a target; every hundredth is undamaged."""
    chance = random.Random(f"{seed}/{name}/{number}")
    sample = chance.choice(target.samples)
    return sample.encode() if number % 100 == 0 else mutate(sample, chance)


def try_input(target: Target, data: bytes, path: Path) -> str:
    """Hand an input to its reader and return whether it was accepted or refused.

    Raises:
        Exception: it crashed: an error other than a one-line error, or wrong input accepted.
    """
    errors = io.StringIO()
    with warnings.catch_warnings(record=True) as notices, redirect_stderr(errors):
        warnings.simplefilter("always")
        with redirect_stdout(io.StringIO()):
            try:
                if target.is_text:
                    found = target.read(data.decode("utf-8", "surrogatepass"))
                else:
                    path.write_bytes(data)
                    found = target.read(path)
            except SaginError as error:
                check_message(str(error))
                found = None
    for notice in notices:
        if issubclass(notice.category, InputNotice):
            check_message(str(notice.message))
    for line in errors.getvalue().split("\n")[:-1]:
        check_message(line)
    if found is None or (isinstance(found, int) and found == 2):
        return "refused"
    target.check(found, data)
    return "accepted"


def run_fuzzing(count: int, seed: int = SEED, part: tuple[int, int] = (0, 1)) -> Tally:
    """Try `count` inputs, equally many of each target; `part` selects one of several parts."""
    falls: list[Fall] = []
    slowest = 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        targets = list_targets(folder)
        counts: dict[str, Counter[str]] = {target: Counter() for target in targets}
        names = list(targets)
        for index in range(part[0], count, part[1]):
            target, number = names[index % len(names)], index // len(names)
            data = draw_input(target, targets[target], number, seed)
            if targets[target].is_text:
                data = data.decode("utf-8", "replace").encode("utf-8", "surrogatepass")
            start = time.perf_counter()
            try:
                with limit_time(LONGEST_S):
                    outcome = try_input(targets[target], data, folder / "input")
            except (Exception, HangError) as error:
                outcome = "crashed"
                falls.append(Fall(target, number, f"{type(error).__name__}: {error}", data))
            slowest = max(slowest, time.perf_counter() - start)
            counts[target][outcome] += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    return Tally(counts, falls, slowest, peak)


def merge_tallies(tallies: Sequence[Tally]) -> Tally:
    """Add the counts of several parts."""
    counts: dict[str, Counter[str]] = {}
    for tally in tallies:
        for name, counter in tally.counts.items():
            counts.setdefault(name, Counter()).update(counter)
    falls = [fall for tally in tallies for fall in tally.falls]
    slowest = max(tally.slowest_s for tally in tallies)
    return Tally(counts, falls, slowest, max(tally.peak_mb for tally in tallies))


def format_tally(tally: Tally) -> str:
    """Return the counts as the table of the documentation."""
    rows = ["| input | inputs | accepted | refused | crashed |", "| --- | --- | --- | --- | --- |"]
    whole: Counter[str] = Counter()
    for name, counter in tally.counts.items():
        whole.update(counter)
        rows.append(_format_row(name, counter))
    rows.append(_format_row("all", whole))
    return "\n".join(rows)


def _format_row(name: str, counter: Counter[str]) -> str:
    cells = (counter[word] for word in ("accepted", "refused", "crashed"))
    return f"| {name} | {counter.total()} | {' | '.join(map(str, cells))} |"


def save_falls(falls: Sequence[Fall], folder: Path) -> None:
    """Write the crashed inputs into a folder, and name them on standard error."""
    folder.mkdir(parents=True, exist_ok=True)
    for fall in falls:
        path = folder / f"{fall.target.replace(' ', '-').replace('/', '-')}-{fall.number}"
        path.write_bytes(fall.data)
        sys.stderr.write(f"{path}: {fall.reason[:300]!r}\n")


def run_part(arguments: tuple[int, int, int, int]) -> Any:
    """Try one of several parts in a separate process."""
    count, seed, number, parts = arguments
    return run_fuzzing(count, seed, (number, parts))
