"""`sagin leaderboard` and `sagin methods`: compare entries on the same tests, and list methods."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sagin.cli.common import (
    AsJson,
    Quiet,
    make_folder,
    print_json,
    print_table,
    progress,
    report_files,
)

FOLDER = Path("results/leaderboard")


class TablesByDefault(TyperGroup):
    """Command group that shows the tables if no subcommand is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Return the remaining arguments; insert `show` if they name no subcommand."""
        if not args or (args[0].startswith("-") and args[0] != "--help"):
            args = ["show", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=TablesByDefault,
    help=(
        "Compare methods on held-out tests that all entries share. Without a subcommand, show "
        "the tables."
    ),
)

Folder = Annotated[
    Path,
    typer.Option(
        "--folder", metavar="DIR", help="Folder of the entries, with a subfolder per track."
    ),
]
TrackName = Annotated[
    str | None,
    typer.Argument(
        metavar="[TRACK]", help="slicing-free, slicing-priority or relaying. Default: all tracks."
    ),
]


@app.command()
def show(track: TrackName = None, *, folder: Folder = FOLDER, as_json: AsJson = False) -> None:
    """Show the table of one track, or of all tracks."""
    from sagin.leaderboard.entry import read_intact_entries
    from sagin.leaderboard.protocol import find_track, list_tracks
    from sagin.leaderboard.table import list_columns, list_rows

    tables: dict[str, list[dict[str, str]]] = {}
    for target in [find_track(track)] if track else list_tracks():
        columns = list_columns(target)
        rows = list_rows(target, read_intact_entries(folder, target))
        tables[target.name] = [dict(zip(columns, row, strict=True)) for row in rows]
        if not as_json:
            note = "" if rows else f"no entries in {folder} (allowed: --folder with entries)"
            print_table(f"{target.name}: {target.text}", columns, rows, note)
    if as_json:
        print_json(tables)


@app.command()
def enter(
    track: Annotated[str, typer.Argument(help="slicing-free, slicing-priority or relaying.")],
    method: Annotated[
        list[str],
        typer.Argument(
            metavar="METHOD...",
            help="A name, package.module:object, or a folder that `sagin train` wrote.",
        ),
    ],
    *,
    authors: Annotated[str, typer.Option("--authors", help="Authors of the method.")] = "sagin",
    trained: Annotated[
        str, typer.Option("--trained", help="How the method was trained, in one sentence.")
    ] = "",
    folder: Folder = FOLDER,
    quiet: Quiet = False,
) -> None:
    """Measure methods on the track's tests and write their entries."""
    from sagin.leaderboard.entry import Entry, write_entry
    from sagin.leaderboard.protocol import count_steps, find_track, measure
    from sagin.methods import find_methods
    from sagin.provenance import collect_provenance

    target = find_track(track)
    methods = find_methods(method, target.system)
    make_folder(folder, "--folder")
    with progress(track, count_steps([target]) * len(methods), quiet) as advance:
        for row in methods:
            result, seconds = measure(target, row, advance)
            entry = Entry(
                track=target.name,
                method=row.name,
                text=row.text,
                authors=authors,
                trained=trained,
                source=row.source,
                digest=row.digest,
                seconds=float(f"{seconds:.3g}"),
                result=result,
                provenance=collect_provenance(),
            )
            report_files([write_entry(folder, entry)])


@app.command()
def verify(
    track: TrackName = None,
    *,
    method: Annotated[
        list[str] | None, typer.Option("--method", help="Verify only this entry. May be repeated.")
    ] = None,
    folder: Folder = FOLDER,
    quiet: Quiet = False,
) -> None:
    """Run entries again and reject numbers that differ by more than 1e-5."""
    from sagin.errors import StoreError
    from sagin.leaderboard.entry import read_entries
    from sagin.leaderboard.protocol import count_steps, find_track, list_tracks

    tracks = [find_track(track)] if track else list_tracks()
    pairs = [
        (target, entry)
        for target in tracks
        for entry in read_entries(folder, target)
        if not method or entry.method in method
    ]
    missing = set(method or ()) - {entry.method for _, entry in pairs}
    if missing or not pairs:
        names = f" {', '.join(sorted(missing))}" if missing else ""
        raise StoreError(f"leaderboard: no entry{names} in {folder} (allowed: names of entries)")
    wrong: list[str] = []
    with progress("verify", sum(count_steps([target]) for target, _ in pairs), quiet) as advance:
        for target, entry in pairs:
            problem = verify_entry(target, entry, advance)
            typer.echo(f"{target.name} {entry.method}: {problem or 'confirmed'}")
            if problem:
                wrong.append(entry.method)
    if wrong:
        raise StoreError(f"leaderboard: not confirmed: {', '.join(wrong)}")


def verify_entry(track: Any, entry: Any, advance: Any) -> str:
    """Return the differences between an entry and a new run of it; empty if there are none."""
    from sagin.leaderboard.entry import find_difference
    from sagin.leaderboard.protocol import measure
    from sagin.methods import find_method

    name = entry.method if entry.source == "sagin" else entry.source
    method = find_method(name, track.system)
    if method.digest != entry.digest:
        return f"the source {entry.source} is not the one that was entered"
    result, _ = measure(track, method, advance)
    return find_difference(entry, result)


def methods(
    system: Annotated[
        str | None, typer.Argument(metavar="[SYSTEM]", help="slicing or relaying. Default: both.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the methods that `--method` accepts: name, kind, track, requirements, source."""
    from sagin.errors import InputError
    from sagin.methods import KINDS, list_methods

    if system is not None and system not in KINDS:
        raise InputError(f"system {system!r}: unknown; allowed: {', '.join(KINDS)}")
    rows = [
        method.describe()
        for kind in KINDS
        if system in (None, kind)
        for method in list_methods(kind)
    ]
    if as_json:
        print_json(rows)
        return
    columns = ("name", "system", "kind", "track", "users", "source", "what it does")
    table = [
        (
            row["name"],
            row["system"],
            row["kind"],
            row["track"],
            "any" if row["users"] is None else str(row["users"]),
            row["source"],
            row["text"],
        )
        for row in rows
    ]
    print_table("Methods", columns, table, numbers=False)


def register(main: typer.Typer) -> None:
    """Add the commands `leaderboard` and `methods`."""
    main.add_typer(app, name="leaderboard")
    main.command()(methods)
