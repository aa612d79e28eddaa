"""Options, progress and tables that the commands share."""

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

T = TypeVar("T")
LOG_INTERVAL_S = 60.0
"""Time between progress lines if standard error is not a terminal."""
LOG_WIDTH = 160
"""Width of tables if standard output is not a terminal."""

MOST_NAMES = 5
"""Largest number of results or files that are named individually."""
LONGEST_CELL = 1000
"""Largest number of characters of a line in a table cell."""

UNSAFE = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that JSON does not escape: control characters, direction marks, lone surrogates."""

Scenario = Annotated[
    str,
    typer.Argument(metavar="[SCENARIO]", help="A TOML file, or the name of a built-in scenario."),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="SECTION.FIELD=VALUE",
        help="Change a field of the scenario. May be repeated.",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        min=0,
        max=2**32 - 1,
        help="Seed of every random draw; the same seed gives the same numbers.",
    ),
]
MethodNames = Annotated[
    list[str] | None,
    typer.Option(
        "--method",
        metavar="METHOD",
        help=(
            "A name that `sagin methods` lists, all, package.module:object, or a folder that "
            "`sagin train` wrote. May be repeated."
        ),
    ),
]
PolicyName = Annotated[
    str,
    typer.Option(
        "--policy",
        hidden=True,
        help="The former name of --method; all means the policies of sagin.",
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON instead of a table.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Do not show progress.")]


def load(system: str, scenario: str, overrides: tuple[str, ...]) -> Any:
    """Load and check a scenario of a system, from a file or by a built-in name, with overrides."""
    from sagin.papers import load_scenario

    return load_scenario(scenario, overrides, system=system)


def find_slicing_methods(names: Sequence[str] | None, policy: str) -> list[Any]:
    """Find the methods that `--method`, and its former name `--policy`, select.

    Raises:
        InputError: a method does not exist; the message has one line.
    """
    from sagin.methods import find_methods
    from sagin.policies.table import POLICIES

    former = list(POLICIES) if policy == "all" else [policy] if policy else []
    return find_methods([*(names or ()), *former], "slicing")


def print_json(value: Any) -> None:
    """Print plain data as JSON; NaN and infinite numbers become null.

    Characters that standard output cannot encode, or that could control a terminal, are escaped.
    """
    is_plain = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") != "utf8"
    text = json.dumps(replace_nan(value), indent=2, ensure_ascii=is_plain)
    text = UNSAFE.sub(lambda letter: f"\\u{ord(letter[0]):04x}", text)
    sys.stdout.write(text + "\n")


def replace_nan(value: Any) -> Any:
    """Return plain data with each NaN or infinite number replaced by None."""
    if isinstance(value, dict):
        return {key: replace_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [replace_nan(item) for item in value]
    return None if isinstance(value, float) and not abs(value) < float("inf") else value


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    note: str = "",
    *,
    numbers: bool = True,
) -> None:
    """Print a table on standard output.

    The first column is text. With `numbers`, the other columns are numbers.
    """
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from sagin.inputs import escape_text

    def show(text: str) -> str:
        return escape("\n".join(escape_text(line, LONGEST_CELL) for line in text.split("\n")))

    table = Table(
        title=show(title),
        title_justify="left",
        title_style="bold",
        caption=show(note),
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for number, column in enumerate(columns):
        justify = "right" if numbers and number else "left"
        table.add_column(show(column), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*map(show, row))
    Console(width=None if sys.stdout.isatty() else LOG_WIDTH).print(table)


@contextmanager
def catch_stop(at_once: bool = True) -> Iterator[Callable[[], None]]:
    """Yield a function that raises KeyboardInterrupt after Ctrl-C or SIGTERM.

    The signal itself also raises at once. That is not sufficient: Python drops an exception that is
    raised inside a callback of the garbage collector, and JAX has such a callback. Without
    `at_once`, only a second signal raises at once, so that the caller can save its work first.
    """
    is_stopping = threading.Event()

    def stop(*_: object) -> None:
        is_second = is_stopping.is_set()
        is_stopping.set()
        if at_once or is_second:
            raise KeyboardInterrupt

    def check() -> None:
        if is_stopping.is_set():
            raise KeyboardInterrupt

    is_main = threading.current_thread() is threading.main_thread()
    signals = (signal.SIGINT, signal.SIGTERM) if is_main else ()
    handlers = {number: signal.signal(number, stop) for number in signals}
    try:
        yield check
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def progress(text: str, total: int, quiet: bool = False, *, at_once: bool = True) -> Iterator[Any]:
    """Show a progress bar with the remaining time on standard error.

    The function that this context manager yields advances the bar by a number of steps and may
    change its text. If standard error is not a terminal, a line every LOG_INTERVAL_S seconds
    replaces the bar. Without `at_once`, only the yielded function reacts to the first Ctrl-C; a
    second Ctrl-C stops at once.
    """
    from rich.console import Console
    from rich.progress import Progress

    is_log = not sys.stderr.isatty()
    bar = Progress(
        *_list_columns(), console=Console(stderr=True), disable=quiet or is_log, transient=True
    )
    with catch_stop(at_once) as check, bar:
        task, start = bar.add_task(text, total=total), time.monotonic()
        last_line = start

        def advance(steps: float = 1, text: str | None = None) -> None:
            nonlocal last_line
            check()
            bar.update(task, advance=steps, description=text)
            now = time.monotonic()
            if is_log and not quiet and now - last_line >= LOG_INTERVAL_S:
                state, last_line = bar.tasks[0], now
                minutes = (now - start) / 60
                line = f"{state.description}: {state.completed:.0f} of {total}, {minutes:.0f} min\n"
                sys.stderr.write(line)

        yield advance


def _list_columns() -> list[Any]:
    from rich import progress as parts

    return [
        parts.TextColumn("{task.description}"),
        parts.BarColumn(),
        parts.MofNCompleteColumn(),
        parts.TimeElapsedColumn(),
        parts.TextColumn("left"),
        parts.TimeRemainingColumn(),
    ]


def make_folder(folder: Path, option: str = "--out") -> Path:
    """Create the folder that an option names, if it is missing, and return it.

    Raises:
        InputError: the folder cannot be written to; the message has one line.
    """
    from sagin.errors import InputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"{option} {folder}: cannot be written into: {error.strerror}") from None
    return folder


def report_memory() -> None:
    """Report on standard error if memory allows fewer workers than there are cores."""
    from sagin.pool import MAX_WORKERS, count_cores, count_workers, list_devices

    workers = count_workers()
    if workers < min(count_cores(), MAX_WORKERS) and not list_devices():
        plural = "s" * (workers > 1)
        sys.stderr.write(f"{workers} worker{plural}: not enough free memory for more (--workers)\n")


def report_infinite(report: Any) -> None:
    """Name the results that are NaN or infinite, on standard error."""
    names = list(dict.fromkeys(_find_infinite(report, "")))
    if names:
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        listed = ", ".join(names[:MOST_NAMES])
        sys.stderr.write(
            f"sagin: not finite: {listed}{more}; the scenario exceeds the range of floats\n"
        )


def _find_infinite(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            # one seed alone has no interval
            if key not in ("half_width", "low", "high"):
                yield from _find_infinite(part, f"{name}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _find_infinite(part, name)
    elif isinstance(value, float) and not abs(value) < float("inf"):
        yield name


def report_files(paths: Iterable[Path]) -> None:
    """Name the written files on standard error; several files of one folder share a line."""
    folders: dict[Path, list[Path]] = {}
    for path in paths:
        folders.setdefault(path.parent, []).append(path)
    for folder, inside in folders.items():
        few = inside if len(inside) <= MOST_NAMES else inside[-1:]
        if len(few) < len(inside):
            sys.stderr.write(f"wrote {len(inside) - 1} files in {folder}\n")
        sys.stderr.writelines(f"wrote {path}\n" for path in few)
