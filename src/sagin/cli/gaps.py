"""`sagin gaps`: how far every method is from the optimum, against the number of users."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sagin.cli.common import (
    AsJson,
    Overrides,
    Quiet,
    Seed,
    load,
    make_folder,
    print_json,
    print_table,
    progress,
    report_files,
)


def gaps(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="[SCENARIO]", help="A TOML file, or the name of a built-in scenario."
        ),
    ] = "paper",
    *,
    overrides: Overrides = None,
    users: Annotated[
        str,
        typer.Option("--users", metavar="K,K,...", help="Users of each slice, one after another."),
    ] = "8,10,12,14,16",
    slots: Annotated[
        int,
        typer.Option(
            "--slots", min=2, max=10_000, help="Slots of each: the first ones of as many runs."
        ),
    ] = 20,
    run: Annotated[
        list[Path] | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="A folder that `sagin train` wrote, to be among the methods; may be repeated.",
        ),
    ] = None,
    seed: Seed = 0,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where results are stored as they finish, and tables and figures are written.",
        ),
    ] = Path("out/gaps"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show what every method reaches on the same slots beside what no method can pass: policies,
    trained runs, and the planner.
    """
    from sagin.experiments import engines
    from sagin.experiments import slicing_optimum as study
    from sagin.experiments.store import Store
    from sagin.report import optimum as report

    sizes = sizes_of(users)
    wide = study.padded(load("slicing", scenario, tuple(overrides or ())), sizes)
    runs = [study.learned(folder) for folder in run or []]
    for one in runs:
        study.check_run(one, wide)
    store = Store(make_folder(out))
    told = study.kept(store, runs)
    wanted = [study.task(wide, size, slots, seed, told) for size in sizes]
    with progress("gaps", sum(map(study.work, wanted)), quiet) as advance:
        engines.fill(store, wanted, "sagin.experiments.slicing_optimum.make", study.work, advance)
    found: list[tuple[int, dict[str, Any]]] = [
        (one["size"], store.find(one) or {}) for one in wanted
    ]
    paths = report.write(out, wide, found, store.provenance(wanted))
    rows = report.rows(wide, found)
    if as_json:
        print_json([dict(zip(study.COLUMNS, row, strict=True)) for row in rows])
    else:
        print_table(
            f"{scenario}: {slots} slots, seed {seed}",
            study.COLUMNS,
            rows,
            "means over slots with 95 % intervals",
        )
    report_files(paths)


def sizes_of(text: str) -> list[int]:
    """Return the numbers of users that are meant; InputError if they aren't whole numbers from 1 to
    200.
    """
    from sagin.errors import InputError

    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and 1 <= int(part) <= 200 for part in parts) or len(set(parts)) < len(
        parts
    ):
        raise InputError(
            f"--users {text!r}: not a list of different numbers (allowed: 1 to 200 each, such as 8,10,12)"
        )
    return [int(part) for part in parts]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(gaps)
