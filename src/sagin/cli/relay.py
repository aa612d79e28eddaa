"""`sagin relay`: one relaying scenario, and what each framework gives in it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sagin.cli.common import (
    AsJson,
    Overrides,
    Quiet,
    Seed,
    load,
    print_json,
    print_table,
    progress,
    writable,
    written,
)


def relay(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="[SCENARIO]", help="A TOML file, or the name of a built-in scenario."
        ),
    ] = "paper",
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
            help="Also write scenario.toml, result.json, kpis.csv and, for the page, network.scene.json here.",
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run a relaying scenario and show capacity, energy efficiency and users served for each
    framework, with 95 % intervals.
    """
    from sagin.experiments import relaying_run as runs
    from sagin.relaying.inputs import prepare_inputs

    chosen = load("relaying", scenario, tuple(overrides or ()))
    if out is not None:
        writable(out)
    with progress("drops", drops, quiet) as advance:
        inputs = prepare_inputs(chosen, drops)
        result = runs.simulate(inputs, drops, seed, advance, seen=out is not None)
    report = {"scenario": scenario, "drops": drops, "seed": seed, **runs.kpis(result)}
    if out is not None:
        written([*runs.save_run(out, chosen, report), save_scene(out, inputs, drops, seed)])
    if as_json:
        print_json(report)
    else:
        show(report)


def save_scene(folder: Path, inputs: Any, drops: int, seed: int) -> Path:
    """Write the first drop of a run as a scene and return the path."""
    from sagin.experiments.relaying_scene import relaying_scene
    from sagin.studies.scene import NETWORK_FILE, write_scene

    return write_scene(
        relaying_scene(inputs, drops, seed, f"CUD, first of the drops of seed {seed}"),
        folder / NETWORK_FILE,
    )


def show(report: dict[str, Any]) -> None:
    """Print a run's KPIs as a table, and what was common to all frameworks below it."""
    from sagin.experiments.relaying_run import KPI_COLUMNS, kpi_rows

    common = ", ".join(
        f"{name.replace('_', ' ')} {value:.1f}" for name, value in report["common"].items()
    )
    print_table(
        f"{report['scenario']}: {report['drops']} drops, seed {report['seed']}",
        KPI_COLUMNS,
        kpi_rows(report),
        f"means with 95 % intervals; means over drops: {common}",
    )


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(relay)
