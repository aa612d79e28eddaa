"""`sagin report`: draw a stored study again, without computing anything."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sagin.cli.common import AsJson, make_folder
from sagin.cli.reproduce import Brief, Stored


def report(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder that `sagin reproduce --out` wrote.")
    ],
    *,
    stored: Stored = None,
    brief: Brief = False,
    as_json: AsJson = False,
) -> None:
    """Draw a stored study's figures and page in DIR again.

    Nothing is computed. Results of another version of sagin are shown too, and
    marked. With --stored, the page has all chapters: the runs in
    DIR/network/runs and DIR/methods/runs, the methods, the papers and a city.
    """
    from sagin.cli.reproduce import show_sections
    from sagin.errors import InputError, StoreError
    from sagin.report.reproduction import write_study
    from sagin.report.study import STUDY_FILE
    from sagin.studies.store import Store

    places = [*folder.glob(STUDY_FILE), *sorted(folder.glob(f"*/{STUDY_FILE}"))]
    if not places and stored is None:
        raise InputError(
            f"{folder}: no stored study (allowed: a folder that `sagin reproduce --out` wrote)"
        )
    make_folder(folder, "DIR")
    sections, files = {}, []
    for path in places:
        store = Store(path.parent, any_source=True)
        try:
            study = read_filled_study(path, store)
        except StoreError:
            if stored is None:
                raise
            continue  # stored results stand in for a study that has none yet
        for line in list_remarks(store, study.list_all_points()):
            sys.stderr.write(f"sagin: {path.parent}: {line}\n")
        source = stored / study.paper.name if stored is not None else None
        paths, sections[path.parent] = write_study(study, store, source)
        files += paths
    if stored is not None:
        sections = add_stored_sections(sections, folder, stored)
    show_sections(sections, folder, files, as_json, stored, brief=brief)


def add_stored_sections(sections: dict[Path, Any], folder: Path, stored: Path) -> dict[Path, Any]:
    """Return the sections of all papers in order, with stored results for papers missing in DIR."""
    from sagin.papers import REGISTRY
    from sagin.report.reproduction import build_stored_section

    names = [name for name in REGISTRY if (stored / name).is_dir()]
    joined = {path: part for path, part in sections.items() if path.name not in names}
    for name in names:
        place = folder / name
        joined[place] = sections.get(place) or build_stored_section(name, place, stored / name)
    return joined


def read_filled_study(path: Path, store: Any) -> Any:
    """Return a stored study; StoreError if none of its results are stored yet."""
    from sagin.errors import StoreError
    from sagin.report.study import find_results, read_study

    study = read_study(path)
    if not find_results(store, study.list_all_points()):
        raise StoreError(
            f"{path.parent}: contains no results of the study yet (allowed after: sagin reproduce)"
        )
    return study


def list_remarks(store: Any, points: list[Any]) -> list[str]:
    """Return the remarks that a reader of a store's figures needs about its results."""
    from sagin.files import compute_digest
    from sagin.studies.store import StoredResult, read_result

    tasks = {compute_digest(point.task): point.task for point in points}
    stored = [(task, store.find_stored(task)) for task in tasks.values()]
    former = [
        result.task
        for task, result in stored
        if result is not None and compute_digest(result.task) != compute_digest(task)
    ]
    versions = ", ".join(sorted({str(task.get("version")) for task in former}))
    flaws = [read_result(path) for path in store.paths()]
    counts = {
        "not computed yet, and left out": sum(result is None for _, result in stored),
        f"of another version or behaviour of sagin ({versions})": len(former),
        "damaged or of sagin 0.1.0, and left out": sum(
            not isinstance(flaw, StoredResult) for flaw in flaws
        ),
    }
    return [f"{count} result{'s' * (count > 1)} {what}" for what, count in counts.items() if count]


def register(app: typer.Typer) -> None:
    """Add the command `report`."""
    app.command()(report)
