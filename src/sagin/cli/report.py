"""`sagin report`: figures, verdicts and the page of a stored study, drawn again without running
anything.
"""

import importlib
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sagin.cli.common import SYSTEMS, AsJson, make_folder, scenario_module


def report(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder that `sagin reproduce --out` wrote.")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Draw a stored study's figures and page again in DIR, also from points that another version of
    sagin made; nothing is run.
    """
    from sagin.cli.reproduce import show
    from sagin.errors import InputError
    from sagin.report.old_reproduction import KEPT

    found = [*folder.glob(KEPT), *sorted(folder.glob(f"*/{KEPT}"))]
    if not found:
        raise InputError(
            f"{folder}: no stored study (allowed: a folder that `sagin reproduce --out` wrote)"
        )
    make_folder(folder, "DIR")
    show({path.parent: drawn(path) for path in found}, folder, as_json)


def drawn(path: Path) -> tuple[str, list[Path], Any]:
    """Return the title of a store's claims, the files drawn from it, and its section of the page."""
    from sagin.errors import StoreError
    from sagin.experiments.store import Store
    from sagin.parameters import read
    from sagin.report.old_reproduction import kept
    from sagin.report.old_stored import beside

    study, figures, (name, plain), profile = kept(
        path, {one: importlib.import_module(f"sagin.report.{one}").REPRODUCTION for one in SYSTEMS}
    )
    module, store = scenario_module(name), Store(path.parent, any_source=True)
    scenario = module.check(read(module.Scenario, plain, str(path)), str(path))
    stored = [
        one
        for one in figures
        if any(store.record(task) for task in study.tasks([one], scenario, profile))
    ]
    if not stored:
        raise StoreError(
            f"{path.parent}: holds none of the study's points yet (allowed after: sagin reproduce)"
        )
    for line in remarks(store, study.tasks(figures, scenario, profile)):
        sys.stderr.write(f"sagin: {path.parent}: {line}\n")
    paths, section = study.write(store, stored, scenario, profile)
    profiles = [one for one, amount in study.profiles.items() if amount == profile]
    section = beside(name, "".join(profiles), plain, section)
    return f"Claims of the {name} paper ({study.amount(profile)})", paths, section


def remarks(store: Any, tasks: list[Any]) -> list[str]:
    """Return what a reader of a store's figures has to know of its points."""
    found = [(task, store.record(task)) for task in tasks]
    others = [
        record["task"] for task, record in found if record is not None and record["task"] != task
    ]
    versions = ", ".join(sorted({str(one["version"]) for one in others}))
    counts = {
        "not there yet, and left out": sum(record is None for _, record in found),
        f"made by another version or state of the source (sagin {versions})": len(others),
        "damaged, and left out": sum(store.read(path) is None for path in store.paths()),
    }
    return [f"{count} point{'s' * (count > 1)} {what}" for what, count in counts.items() if count]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(report)
