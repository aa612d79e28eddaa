"""`sagin gaps`: measure every method's distance from the optimum, against the number of users."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sagin.cli.common import (
    AsJson,
    MethodNames,
    Overrides,
    Quiet,
    Scenario,
    Seed,
    load,
    make_folder,
    print_json,
    print_table,
    progress,
    report_files,
)

Users = Annotated[
    str,
    typer.Option(
        "--users",
        metavar="K,K,...",
        help="Numbers of users per slice, evaluated one after another.",
    ),
]
Slots = Annotated[
    int,
    typer.Option(
        "--slots",
        min=2,
        max=10_000,
        help="Number of slots per number of users: the first slot of as many runs.",
    ),
]
Run = Annotated[
    list[str] | None,
    typer.Option("--run", hidden=True, help="The former name of --method with a folder."),
]
Out = Annotated[
    Path,
    typer.Option(
        "--out",
        metavar="DIR",
        help=(
            "Folder where results are stored as they finish, and where tables and figures are "
            "written."
        ),
    ),
]


def gaps(
    scenario: Scenario = "paper",
    *,
    overrides: Overrides = None,
    users: Users = "8,10,12,14,16",
    slots: Slots = 20,
    method: MethodNames = None,
    run: Run = None,
    seed: Seed = 0,
    out: Out = Path("out/gaps"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Compare every method on the same slots with bounds that no method can exceed.

    Policies and the planner are always shown; `--method` adds further methods.
    """
    from sagin.papers.slicing import gaps as study
    from sagin.papers.slicing.points import MAKE
    from sagin.report.tables import make_table
    from sagin.studies.collection import collect, fill, provenance
    from sagin.studies.store import Store

    sizes = parse_sizes(users)
    base = load("slicing", scenario, tuple(overrides or ()))
    names = [*(method or []), *(run or [])]
    for folder in run or []:
        study.read_trained(Path(folder), max(sizes))
    trained, methods = study.split_methods(names, max(sizes))
    store = Store(make_folder(out))
    study.store_actors(store.folder, trained)
    points = study.list_gap_points(base, sizes, slots, seed, trained, methods)
    with progress("gaps", sum(point.steps for point in points), quiet) as advance:
        fill(store, points, MAKE, advance)
    table = collect(store, points)
    text = make_table(study.COLUMNS, study.list_gap_rows(table, sizes))
    origin = provenance(store, [point.task for point in points])
    further = [row.name for row in (*trained, *methods)]
    paths = write_gaps(out, table, base, (sizes, further, text), origin)
    if as_json:
        print_json(text.to_plain())
    else:
        title = f"{scenario}: {slots} slots, seed {seed}"
        print_table(title, text.columns, text.rows, "means over slots with 95 % intervals")
    report_files(paths)


def write_gaps(
    folder: Path,
    table: Any,
    scenario: Any,
    content: tuple[list[int], list[str], Any],
    origin: dict[str, Any],
) -> list[Path]:
    """Write the tables, numbers, provenance and figures of gaps, and return their paths.

    The tables are gaps.md and gaps.csv, one row per slot, method and metric. `content` holds K_s,
    the further methods, and the text table.
    """
    import json

    from sagin.files import format_csv, write_atomically
    from sagin.papers.slicing import gaps as study
    from sagin.report.figures import draw_figure
    from sagin.report.looks import assign_looks
    from sagin.report.panels import list_panels
    from sagin.report.tables import write_markdown

    sizes, names, text = content
    paths = [write_markdown(folder / "gaps.md", text)]
    for name, content_text in (
        ("gaps.csv", format_csv(study.list_numbers(table))),
        ("provenance.json", json.dumps(origin, indent=1)),
    ):
        write_atomically(folder / name, content_text.encode())
        paths.append(folder / name)
    for figure in study.list_gap_figures(sizes, names):
        titles = study.list_titles(figure)
        panels = list_panels(figure, table, titles, figure.methods, scenario)
        looks = assign_looks([list(titles.values())])
        paths += draw_figure(figure, panels, folder, looks)
    return paths


def parse_sizes(text: str) -> list[int]:
    """Parse a list of numbers of users; InputError unless all are from 1 to 200."""
    from sagin.errors import InputError
    from sagin.inputs import find_digits, quote

    sizes = [find_digits(part, 200) for part in text.split(",")]
    known = [size for size in sizes if size]
    if len(known) < len(sizes) or len(set(known)) < len(known):
        raise InputError(
            f"--users {quote(text)}: not a list of different numbers "
            "(allowed: 1 to 200 each, such as 8,10,12)"
        )
    return known


def register(app: typer.Typer) -> None:
    """Add the command `gaps`."""
    app.command()(gaps)
