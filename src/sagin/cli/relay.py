"""`sagin relay`: one relaying scenario, and what each framework gives in it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sagin.cli.common import (
    AsJson,
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


def relay(
    scenario: Scenario = "paper",
    *,
    overrides: Overrides = None,
    drops: Annotated[
        int,
        typer.Option(
            "--drops",
            min=2,
            max=10_000_000,
            help="Monte Carlo drops: independent users, channels and satellite positions.",
        ),
    ] = 2000,
    seed: Seed = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Also write scenario.toml, result.json, kpis.csv and, for the page, "
            "network.scene.json here.",
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run a relaying scenario and show what each framework reaches, with 95 % intervals.

    Capacity, energy efficiency and users served.
    """
    from sagin.papers.relaying.kpis import compute_kpis, save_run
    from sagin.papers.relaying.run import simulate
    from sagin.relaying.inputs import prepare_inputs

    checked = load("relaying", scenario, tuple(overrides or ()))
    if out is not None:
        make_folder(out)
    with progress("drops", drops, quiet) as advance:
        inputs = prepare_inputs(checked, drops)
        metrics = simulate(inputs, drops, seed, advance, with_views=out is not None)
    report = {"scenario": scenario, "drops": drops, "seed": seed, **compute_kpis(metrics)}
    if out is not None:
        report_files([*save_run(out, checked, report), save_scene(out, inputs, drops, seed)])
    if as_json:
        print_json(report)
    else:
        print_kpis(report)


def save_scene(folder: Path, inputs: Any, drops: int, seed: int) -> Path:
    """Write the first drop of a run as a scene and return the path."""
    from sagin.papers.relaying.scene import build_scene
    from sagin.studies.scene import NETWORK_FILE, write_scene

    scene = build_scene(inputs, drops, seed, f"CUD, first of the drops of seed {seed}")
    return write_scene(scene, folder / NETWORK_FILE)


def print_kpis(report: dict[str, Any]) -> None:
    """Print a run's KPIs as a table, and what is common to all frameworks below it."""
    from sagin.papers.relaying.kpis import COLUMNS, list_rows

    common = ", ".join(
        f"{name.replace('_', ' ')} {value:.1f}" for name, value in report["common"].items()
    )
    print_table(
        f"{report['scenario']}: {report['drops']} drops, seed {report['seed']}",
        COLUMNS,
        list_rows(report),
        f"means with 95 % intervals; means over drops: {common}",
    )


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(relay)
