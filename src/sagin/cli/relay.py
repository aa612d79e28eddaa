"""`sagin relay`: run one relaying scenario and compare its frameworks or methods."""

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

Drops = Annotated[
    int,
    typer.Option(
        "--drops",
        min=2,
        max=10_000_000,
        help="Number of Monte Carlo drops: independent users, channels and satellite positions.",
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help=(
            "Also write scenario.toml, result.json, kpis.csv and, for the page, "
            "network.scene.json into this folder."
        ),
    ),
]
GeoJson = Annotated[
    Path | None,
    typer.Option(
        "--geojson",
        metavar="FILE",
        help=(
            "Also write the first drop as GeoJSON, for example for QGIS: nodes with their loads, "
            "users, links, cell sites. The scenario must have a location."
        ),
    ),
]
Kml = Annotated[
    Path | None,
    typer.Option(
        "--kml", metavar="FILE", help="Also write the first drop as KML for Google Earth."
    ),
]
Users = Annotated[
    str,
    typer.Option(
        "--users",
        metavar="grid|h3|none",
        help=(
            "Users in these files: counted in squares (grid) or in H3 hexagons (h3, needs "
            "the extra geo), or individual users (each)."
        ),
    ),
]


def relay(
    scenario: Scenario = "paper",
    *,
    overrides: Overrides = None,
    method: MethodNames = None,
    drops: Drops = 2000,
    seed: Seed = 0,
    out: Folder = None,
    geojson: GeoJson = None,
    kml: Kml = None,
    users: Users = "grid",
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run a relaying scenario and show each framework's results with 95 % intervals.

    The results are capacity, energy efficiency and served users. With methods,
    they are CUD's results if the methods place the relays.
    """
    from sagin.papers.relaying.kpis import save_run

    checked = load("relaying", scenario, tuple(overrides or ()))
    check_maps(checked, bool(method), {"--geojson": geojson, "--kml": kml}, users)
    if out is not None:
        make_folder(out)
    amount = {"scenario": scenario, "drops": drops, "seed": seed}
    if method:
        report = amount | evaluate_methods(checked, method, drops, seed, quiet)
        files = []
    else:
        targets = out, geojson, kml
        kpis, files = run_frameworks(checked, drops, seed, targets, users, quiet=quiet)
        report = amount | kpis | simulate_sessions(checked, seed)
    report_infinite(report)
    if out is not None:
        files += save_run(out, checked, report)
    report_files(files)
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


def check_maps(scenario: Any, has_methods: bool, paths: dict[str, Path | None], users: str) -> None:
    """Check before a run that its first drop can be written as a map.

    Raises:
        InputError: it cannot; the message has one line.
    """
    from sagin.errors import InputError
    from sagin.exports.features import check_aggregation, check_origin
    from sagin.papers.relaying.scene import find_origin

    check_aggregation(users)
    for option, path in paths.items():
        if path is not None and has_methods:
            raise InputError(f"{option} {path}: shows CUD's drop (allowed: without --method)")
        if path is not None:
            check_origin(find_origin(scenario))


def run_frameworks(
    scenario: Any,
    drops: int,
    seed: int,
    targets: tuple[Path | None, Path | None, Path | None],
    users: str,
    *,
    quiet: bool,
) -> tuple[dict[str, Any], list[Path]]:
    """Return the KPIs of all frameworks as plain data, and the files that show the first drop.

    The targets are a folder for the scene, and files for GeoJSON and KML.
    """
    from sagin.papers.relaying.kpis import compute_kpis
    from sagin.papers.relaying.run import simulate
    from sagin.relaying.inputs import prepare_inputs

    has_views = targets != (None, None, None)
    with progress("drops", drops, quiet) as advance:
        inputs = prepare_inputs(scenario, drops)
        metrics = simulate(inputs, drops, seed, advance, with_views=has_views)
    files = save_scene(inputs, drops, seed, targets, users) if has_views else []
    track = inputs.track
    sky = {} if track is None else {"satellites": track.satellites, "left_out": track.lost}
    return compute_kpis(metrics) | sky, files


def simulate_sessions(scenario: Any, seed: int) -> dict[str, Any]:
    """Return the effect of handovers on the cell's sessions as plain data; empty without them."""
    if scenario.sessions.arrivals_per_s == 0.0:
        return {}
    from sagin.papers.relaying.kpis import compute_session_kpis
    from sagin.relaying.handover import compare_handovers

    return {"sessions": compute_session_kpis(compare_handovers(scenario, seed))}


def save_scene(
    inputs: Any,
    drops: int,
    seed: int,
    targets: tuple[Path | None, Path | None, Path | None],
    users: str,
) -> list[Path]:
    """Write the first drop of a run as scene, GeoJSON and KML, and return the paths."""
    from sagin.exports.relaying import list_network_features
    from sagin.papers.relaying.scene import build_scene
    from sagin.studies.scene import NETWORK_FILE, write_scene

    title = f"CUD, first of the drops of seed {seed}"
    scene = build_scene(inputs, drops, seed, title)
    out, *maps = targets
    files = [] if out is None else [write_scene(scene, out / NETWORK_FILE)]
    if any(maps):
        features = list_network_features(inputs, scene, users)
        files += write_maps(features, title, maps)
    return files


def write_maps(features: list[Any], title: str, paths: list[Path | None]) -> list[Path]:
    """Write features as GeoJSON, KML and CZML, for each given path, and return the paths."""
    from sagin.exports.czml import format_czml
    from sagin.exports.maps import format_geojson, format_kml
    from sagin.files import write_atomically

    written = []
    # who has no use for CZML gives two paths
    for path, form in zip(paths, (format_geojson, format_kml, format_czml), strict=False):
        if path is not None:
            write_atomically(path, form(features, title).encode())
            written.append(path)
    return written


def print_kpis(report: dict[str, Any]) -> None:
    """Print a run's KPIs as a table, and the values common to all frameworks below it."""
    from sagin.orbits.ephemeris import describe_lost
    from sagin.papers.relaying.kpis import (
        list_columns,
        list_rows,
        list_session_columns,
        list_session_rows,
    )

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
    if "sessions" in report:
        print_table(
            "what handover costs",
            list_session_columns(),
            list_session_rows(report),
            "means over runs with 95 % intervals; rates at mean channels",
        )


def register(app: typer.Typer) -> None:
    """Add the command `relay`."""
    app.command()(relay)
