"""`sagin runs`: what is stored under a folder, listed, filtered and exported."""

from pathlib import Path
from typing import Annotated

import typer

from sagin.cli.common import AsJson, print_json, print_table, report_files

LISTED = (
    "name",
    "kind",
    "study",
    "method",
    "scenario",
    "users",
    "seeds",
    "seconds",
    "version",
    "commit",
    "state",
)


def runs(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="A folder with stored points of figures and training runs, at any depth.",
        ),
    ],
    *,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="KEY=VALUE",
            help="Only runs of this value, of a column or a scenario's field; may be repeated.",
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export",
            metavar="FILE",
            help="Write every metric of every seed: .csv, .parquet, or .json in marl-eval's layout.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the stored points of figures and training runs under DIR: what was run, by which
    version, and how long it took.
    """
    from sagin.experiments import runs as stored

    found = stored.table(folder, tuple(where or ()))
    if as_json:
        print_json(found.to_dicts())
    else:
        rows = [
            tuple("" if cell is None else stored.shown(cell) for cell in row)
            for row in found.select(LISTED).rows()
        ]
        print_table(f"{len(rows)} runs in {folder}", LISTED, rows, numbers=False)
    if export is not None:
        report_files([stored.export(folder, export, tuple(where or ()))])


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(runs)
