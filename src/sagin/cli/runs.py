"""`sagin runs`: list, filter, export and revalidate the results stored in a folder."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sagin.cli.common import AsJson, Quiet, print_json, print_table, progress, report_files

if TYPE_CHECKING:
    from sagin.papers import Paper
    from sagin.studies.runs import Run

LISTED = (
    *("name", "kind", "study", "method", "task", "seeds", "seconds", "version", "commit", "state"),
)
REPEATED = ("folder", "study", "results", "computed again", "outcome")


Folder = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        help="A folder with stored results and training runs; subfolders are included.",
    ),
]
Conditions = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="KEY=VALUE",
        help="Show only runs with this value of a column or of a task's field. May be repeated.",
    ),
]
Export = Annotated[
    Path | None,
    typer.Option(
        "--export",
        metavar="FILE",
        help="Write every metric of every seed as .csv, .parquet, or .json in marl-eval's layout.",
    ),
]
Revalidate = Annotated[
    bool,
    typer.Option(
        "--revalidate",
        help=(
            "Compute a sample of the results of another version or source again. If all agree "
            "bit for bit, they count as results of the present source."
        ),
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=4096,
        help="Number of parallel workers of --revalidate. Default: one per GPU, or one per "
        "core if there is none.",
    ),
]


def runs(
    folder: Folder,
    *,
    filters: Conditions = None,
    export: Export = None,
    revalidate: Revalidate = False,
    workers: Workers = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """List the results stored in DIR: task, version, and computing time.

    With --revalidate, check instead whether the present source still gives
    these numbers.
    """
    from sagin.studies import runs as stored

    if revalidate:
        revalidate_folder(folder, workers, as_json, quiet)
        return
    conditions = tuple(filters or ())
    selection = stored.list_runs(
        folder, conditions, defaults=read_defaults(), readers=(read_trainings,)
    )
    table = stored.build_table(selection)
    if as_json:
        print_json(table.to_dicts())
    else:
        rows = [
            tuple("" if cell is None else stored.format_value(cell) for cell in row)
            for row in table.select(LISTED).rows()
        ]
        print_table(f"{len(rows)} runs in {folder}", LISTED, rows, numbers=False)
    if export is not None:
        report_files([stored.export_runs(selection, export)])


def revalidate_folder(folder: Path, workers: int | None, as_json: bool, quiet: bool) -> None:
    """Revalidate the stores in a folder and print the result.

    Raises:
        InputError: there is no store.
        StoreError: a number differs.
    """
    from sagin.errors import InputError, StoreError
    from sagin.studies.engine import build_engine
    from sagin.studies.revalidation import revalidate_store
    from sagin.studies.store import Store

    folders = sorted(path.parent for path in folder.rglob("records") if path.is_dir())
    if not folders:
        raise InputError(
            f"{folder}: contains no results (allowed: a folder that `sagin reproduce` wrote)"
        )
    makers = {paper.name: paper.make for paper in list_papers()}
    engine, rows = build_engine("local", workers), []
    try:
        for store_folder in folders:
            with progress(f"{store_folder}", len(Store(store_folder).paths()), quiet) as advance:
                entries = revalidate_store(Store(store_folder), makers, engine, advance)
            rows += [(store_folder, entry) for entry in entries]
    finally:
        engine.stop()
    if as_json:
        print_json(
            [{"folder": str(store_folder), **entry._asdict()} for store_folder, entry in rows]
        )
    else:
        print_table("Computed again", REPEATED, [_describe_entry(*row) for row in rows])
    differences = [
        (store_folder, entry.difference) for store_folder, entry in rows if entry.difference
    ]
    for store_folder, difference in differences[:1]:
        raise StoreError(f"{store_folder}: {difference.describe()}")


def _describe_entry(store_folder: Path, entry: Any) -> tuple[str, ...]:
    outcome = "differs" if entry.difference else "equal" if entry.exact else "equal within 1e-5"
    return str(store_folder), entry.study, str(entry.results), str(entry.repeated), outcome


def list_papers() -> "Iterator[Paper]":
    """Yield the papers that can be loaded."""
    from sagin.errors import InputError
    from sagin.papers import REGISTRY

    for name in REGISTRY:
        with suppress(InputError):
            yield REGISTRY[name]


def read_defaults() -> dict[str, dict[str, Any]]:
    """Return the default fields of each paper's scenario and of the learners."""
    from sagin.learning.settings import Settings
    from sagin.parameters import to_mapping
    from sagin.studies.runs import flatten_task

    def list_fields(section: Any) -> dict[str, Any]:
        # as JSON holds it, where tuples are lists
        return flatten_task(json.loads(json.dumps(to_mapping(section))))

    learning = list_fields(Settings())
    return {
        paper.name: learning | list_fields(paper.scenario_module().Scenario())
        for paper in list_papers()
    }


def read_trainings(folder: Path) -> "Iterator[Run]":
    """Yield the training runs in a folder, including damaged ones."""
    from sagin.errors import SaginError
    from sagin.studies.runs import TRAINING, Run, make_row
    from sagin.training.run import RUN

    defaults = read_defaults().get("slicing", {})
    for path in sorted(folder.rglob(RUN)):
        origin = {
            "name": path.parent.name,
            "kind": TRAINING,
            "study": "training",
            "path": str(path.parent),
        }
        try:
            yield _read_training(origin, path, defaults)
        except (SaginError, OSError, ValueError, LookupError, TypeError, AttributeError):
            yield Run(make_row(origin, state="damaged"), {}, [])


def _read_training(origin: Mapping[str, Any], path: Path, defaults: Mapping[str, Any]) -> "Run":
    from sagin.studies.record import Sample, make_sample
    from sagin.studies.runs import Run, describe_fields, flatten_task, make_row
    from sagin.training.records import read_rows
    from sagin.training.run import METRICS, SCORES, locate_seed, read_origin, read_run

    training, seeds = read_run(path.parent)
    provenance = read_origin(path.parent)
    finished, samples = 0, list[Sample]()
    for seed in range(seeds):
        folder = locate_seed(path.parent, seed)
        ends = read_rows(folder / METRICS)[-1:]
        finished += sum(row["slot"] >= training.iterations for row in ends)
        for row in read_rows(folder / SCORES):
            samples += [
                make_sample(training.algorithm, metric, value, x=row["slot"], seed=seed)
                for metric, value in row.items()
                if metric != "slot"
            ]
    fields = flatten_task(json.loads(json.dumps(training.to_plain())))
    row = make_row(
        origin,
        method=training.algorithm,
        task=describe_fields({k: v for k, v in fields.items() if k != "algorithm"}, defaults),
        seeds=seeds,
        version=provenance.get("sagin"),
        commit=provenance.get("commit"),
        state="finished" if finished == seeds else f"{finished} of {seeds} seeds",
    )
    return Run(row, fields, samples)


def register(app: typer.Typer) -> None:
    """Add the command `runs`."""
    app.command()(runs)
