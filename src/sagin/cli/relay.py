"""`sagin relay`: one relaying scenario, and what each framework or method gives in it."""

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
    report_infinite,
)


def relay(
    scenario: Scenario = "paper",
    *,
    overrides: Overrides = None,
    method: MethodNames = None,
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

    Capacity, energy efficiency and users served; with methods, what CUD gives if they place the
    relays.
    """
    from sagin.papers.relaying.kpis import save_run

    checked = load("relaying", scenario, tuple(overrides or ()))
    if out is not None:
        make_folder(out)
    amount = {"scenario": scenario, "drops": drops, "seed": seed}
    if method:
        report = amount | evaluate_methods(checked, method, drops, seed, quiet)
        scenes = []
    else:
        kpis, scenes = run_frameworks(checked, drops, seed, out, quiet)
        report = amount | kpis
    report_infinite(report)
    if out is not None:
        report_files([*save_run(out, checked, report), *scenes])
    if as_json:
        print_json(report)
    else:
        print_kpis(report)


def evaluate_methods(
    scenario: Any, names: list[str], drops: int, seed: int, quiet: bool
) -> dict[str, Any]:
    """Return the KPIs of methods on common drops, as plain data."""
    from sagin.methods import evaluate_relaying, find_methods
    from sagin.papers.relaying.kpis import compute_method_kpis

    samples = {}
    methods = find_methods(names, "relaying")
    with progress("drops", drops * len(methods), quiet) as advance:
        for method in methods:
            samples[method.name] = evaluate_relaying(method, scenario, drops, seed)
            advance(drops)
    return compute_method_kpis(samples)


def run_frameworks(
    scenario: Any, drops: int, seed: int, out: Path | None, quiet: bool
) -> tuple[dict[str, Any], list[Path]]:
    """Return the KPIs of all frameworks as plain data, and the scene that is written into a folder."""
    from sagin.papers.relaying.kpis import compute_kpis
    from sagin.papers.relaying.run import simulate
    from sagin.relaying.inputs import prepare_inputs

    with progress("drops", drops, quiet) as advance:
        inputs = prepare_inputs(scenario, drops)
        metrics = simulate(inputs, drops, seed, advance, with_views=out is not None)
    scenes = [] if out is None else [save_scene(out, inputs, drops, seed)]
    track = inputs.track
    sky = {} if track is None else {"satellites": track.satellites, "left_out": track.lost}
    return compute_kpis(metrics) | sky, scenes


def save_scene(folder: Path, inputs: Any, drops: int, seed: int) -> Path:
    """Write the first drop of a run as a scene and return the path."""
    from sagin.papers.relaying.scene import build_scene
    from sagin.studies.scene import NETWORK_FILE, write_scene

    scene = build_scene(inputs, drops, seed, f"CUD, first of the drops of seed {seed}")
    return write_scene(scene, folder / NETWORK_FILE)


def print_kpis(report: dict[str, Any]) -> None:
    """Print a run's KPIs as a table, and what is common to all frameworks below it."""
    from sagin.orbits.ephemeris import describe_lost
    from sagin.papers.relaying.kpis import list_columns, list_rows

    common = ", ".join(
        f"{name.replace('_', ' ')} {value:.1f}" for name, value in report.get("common", {}).items()
    )
    lost = describe_lost(report.get("left_out", 0), report.get("satellites", 0))
    notes = ("means with 95 % intervals", common and f"means over drops: {common}", lost)
    print_table(
        f"{report['scenario']}: {report['drops']} drops, seed {report['seed']}",
        list_columns(report),
        list_rows(report),
        "; ".join(note for note in notes if note),
    )


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(relay)
