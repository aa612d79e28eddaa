"""Options, progress and tables that the commands share."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer

T = TypeVar("T")
LOGGED_S = 60.0
"""Between lines on how far a command is, where standard error is no terminal."""

System = Literal["relaying", "slicing"]
SYSTEMS: tuple[System, ...] = ("relaying", "slicing")

Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="SECTION.FIELD=VALUE",
        help="Change a field of the scenario; may be repeated.",
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
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON instead of a table.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]


def scenario_module(system: str) -> Any:
    """Return the module that holds a system's scenario; loaded on use."""
    import importlib

    return importlib.import_module(f"sagin.{system}.scenario")


def load_built_in(system: str, name: str, overrides: tuple[str, ...] = ()) -> Any:
    """Return a system's built-in scenario after overrides, checked."""
    from sagin.parameters import read_built_in

    module = scenario_module(system)
    scenario = read_built_in(module.Scenario, module.SCENARIOS, name, overrides)
    return module.check(scenario, f"scenario {name}")


def load(system: str, scenario: str, overrides: tuple[str, ...]) -> Any:
    """Return a system's scenario, of a file or of a built-in name, after overrides, checked."""
    from sagin.parameters import read_toml

    module, path = scenario_module(system), Path(scenario)
    if not path.suffix and (scenario in module.SCENARIOS or not path.exists()):
        return load_built_in(system, scenario, overrides)
    return module.check(read_toml(module.Scenario, path, overrides), scenario)


def print_json(value: Any) -> None:
    """Print plain data as JSON; numbers that can't be (NaN, infinite) become null."""
    sys.stdout.write(json.dumps(replace_nan(value), indent=2, ensure_ascii=False) + "\n")


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
    """Print a table on standard output; the first column is text, and with `numbers` the others are
    numbers.
    """
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
        caption=escape(note),
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for number, column in enumerate(columns):
        table.add_column(
            escape(column), justify="right" if numbers and number else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    width = None if sys.stdout.isatty() else 160
    Console(width=width).print(table)


@contextmanager
def catch_stop(at_once: bool = True) -> Iterator[Callable[[], None]]:
    """Yield a function that raises KeyboardInterrupt once Ctrl-C or a request to end has come.

    The signal raises at once too, but Python drops what is raised inside a callback of the garbage
    collector, and JAX has one. Unless `at_once`, only a second signal does, so that what is under
    way can be saved first.
    """
    asked = threading.Event()

    def stop(*_: object) -> None:
        again = asked.is_set()
        asked.set()
        if at_once or again:
            raise KeyboardInterrupt

    def check() -> None:
        if asked.is_set():
            raise KeyboardInterrupt

    signals = (
        (signal.SIGINT, signal.SIGTERM)
        if threading.current_thread() is threading.main_thread()
        else ()
    )
    before = {one: signal.signal(one, stop) for one in signals}
    try:
        yield check
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def progress(text: str, total: int, quiet: bool = False, *, at_once: bool = True) -> Iterator[Any]:
    """Show a bar with the time left on standard error, and yield a function that moves it by a
    number of steps and may change its text.

    In a log, which is no terminal, there is a line every LOGGED_S seconds instead. Unless
    `at_once`, Ctrl-C is answered by that function alone, a second one anywhere.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    logged = not quiet and not sys.stderr.isatty()
    with (
        catch_stop(at_once) as check,
        Progress(
            *columns, console=Console(stderr=True), disable=quiet or logged, transient=True
        ) as bar,
    ):
        task, told = bar.add_task(text, total=total), time.monotonic()
        began = told

        def advance(steps: float = 1, text: str | None = None) -> None:
            nonlocal told
            check()
            bar.update(task, advance=steps, description=text)
            if logged and (now := time.monotonic()) - told >= LOGGED_S:
                one, told = bar.tasks[0], now
                sys.stderr.write(
                    f"{one.description}: {one.completed:.0f} of {total}, {(now - began) / 60:.0f} min\n"
                )

        yield advance


def make_folder(folder: Path, option: str = "--out") -> Path:
    """Return the folder that an option names, made if it isn't there; InputError with one line if
    it can't be written into.
    """
    from sagin.errors import InputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"{option} {folder}: can't be written into: {error.strerror}") from None
    return folder


def report_files(paths: Iterable[Path]) -> None:
    """Name the files that were written, on standard error."""
    for path in paths:
        sys.stderr.write(f"wrote {path}\n")
