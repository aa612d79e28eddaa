"""`sagin relieve`: show how satellites and UAVs relieve a city's overloaded cells over a day."""

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from sagin.cli.common import (
    AsJson,
    MethodNames,
    Overrides,
    Quiet,
    Seed,
    load,
    make_folder,
    print_json,
    print_table,
    progress,
    report_files,
    report_infinite,
)
from sagin.cli.relay import Users, write_maps
from sagin.cli.reproduce import Address, Engine, Workers

City = Annotated[
    str,
    typer.Argument(
        metavar="[CITY]",
        help="A TOML file with a section location, or the name of a built-in city.",
    ),
]
Uavs = Annotated[
    int | None,
    typer.Option(
        "--uavs", min=0, max=64, help="Maximum number of UAVs. Default: the scenario's number."
    ),
]
Hours = Annotated[
    str, typer.Option("--hours", metavar="H-H", help="Hours of the day, such as 17-22 or 8,19.")
]
Drops = Annotated[
    int,
    typer.Option(
        "--drops",
        min=1,
        max=10_000,
        help=(
            "Number of independent draws of users and channels per day; the intervals are over "
            "these draws."
        ),
    ),
]
TargetText = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="'unserved<1%'",
        help=(
            "Condition on every hour, on unserved, covered, delay or throughput. The output "
            "names the fewest UAVs that meet it."
        ),
    ),
]
Out = Annotated[
    Path,
    typer.Option("--out", metavar="DIR", help="Folder where results are stored as they finish."),
]
MapHour = Annotated[
    int | None,
    typer.Option(
        "--hour",
        min=0,
        max=23,
        help="Hour of the GeoJSON and KML files. Default: the busiest hour.",
    ),
]
GeoJson = Annotated[
    Path | None,
    typer.Option(
        "--geojson",
        metavar="FILE",
        help=(
            "Also write one hour as GeoJSON, for example for QGIS, with the UAVs and satellites "
            "that help."
        ),
    ),
]
Kml = Annotated[
    Path | None,
    typer.Option("--kml", metavar="FILE", help="Also write this hour as KML for Google Earth."),
]
Czml = Annotated[
    Path | None,
    typer.Option(
        "--czml",
        metavar="FILE",
        help=(
            "Also write all hours as CZML for Cesium: cells with their loads, UAVs in flight, "
            "users."
        ),
    ),
]
Bound = Annotated[
    bool,
    typer.Option(
        "--bound",
        help=(
            "Also compute a certified upper bound of the score for the first drop of each hour. "
            "This takes longer than the comparison itself."
        ),
    ),
]


def relieve(
    city: City = "town",
    *,
    overrides: Overrides = None,
    method: MethodNames = None,
    uavs: Uavs = None,
    hours: Hours = "0-23",
    drops: Drops = 8,
    seed: Seed = 0,
    target: TargetText = None,
    engine: Engine = "local",
    workers: Workers = None,
    address: Address = None,
    out: Out = Path("relief"),
    hour: MapHour = None,
    geojson: GeoJson = None,
    kml: Kml = None,
    czml: Czml = None,
    users: Users = "grid",
    bound: Bound = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Compare a city's present network with the addition of satellites, UAVs and both, over a day.

    Results that DIR already contains are not computed again.
    """
    from sagin.cities.compare import add_bounds, describe
    from sagin.cities.target import parse_target
    from sagin.exports.features import check_aggregation
    from sagin.report.relief import write_relief
    from sagin.studies.engine import build_engine

    check_aggregation(users)
    aim = None if target is None else parse_target(target)
    comparison = build_comparison(city, tuple(overrides or ()), method, uavs, hours, (drops, seed))
    check_hour(hour, comparison.hours)
    jobs = list_jobs(comparison, bound)
    store = fill_store(jobs, out, build_engine(engine, workers, address), quiet)
    answers = comparison.read_answers(store)
    content = {"scenario": city} | describe(comparison, answers, aim)
    if bound:
        add_bounds(content, comparison, answers, store)
    shown = answers[0].busiest if hour is None else hour
    files = save_files(comparison, store, content, out, CityFiles(shown, geojson, kml, czml, users))
    report_files(files + write_relief(content, out))
    if as_json:
        print_json(content)
    else:
        show(content)


def check_hour(hour: int | None, hours: tuple[int, ...]) -> None:
    """Raise InputError if the hour of the exported files is not among the compared hours."""
    from sagin.errors import InputError

    if hour is not None and hour not in hours:
        allowed = ", ".join(map(str, hours))
        raise InputError(f"--hour {hour}: not among --hours (allowed: {allowed})")


def list_jobs(comparison: Any, bound: bool) -> list[tuple[str, Any, str]]:
    """Return the jobs: the progress bar's total, the points, and their function."""
    from sagin.cities import bound as bounds
    from sagin.cities.run import MAKE

    jobs = [("drops", comparison.list_points(), MAKE)]
    return [*jobs, ("bounds", comparison.list_bounds(), bounds.MAKE)] if bound else jobs


def fill_store(jobs: list[tuple[str, Any, str]], folder: Path, runner: Any, quiet: bool) -> Any:
    """Compute all missing results of some jobs, stop the engine, and return the store."""
    from sagin.studies.collection import fill
    from sagin.studies.store import Store

    store = Store(make_folder(folder))
    try:
        for label, points, make in jobs:
            with progress(label, sum(point.steps for point in points), quiet) as advance:
                fill(store, points, make, advance, engine=runner)
    finally:
        runner.stop()
    return store


def build_comparison(
    city: str,
    overrides: tuple[str, ...],
    names: list[str] | None,
    uavs: int | None,
    hours: str,
    amount: tuple[int, int],
) -> Any:
    """Build and check the comparison; `amount` holds drops and seed."""
    from sagin.cities.compare import Comparison
    from sagin.cities.variants import check_city, list_variants, parse_hours
    from sagin.methods import find_methods

    scenario = load("slicing", city, overrides)
    most = scenario.uavs.count if uavs is None else uavs
    check_city(scenario, most)
    methods = find_methods(names or ["admission"], "slicing")
    variants = tuple(list_variants(scenario, most))
    return Comparison(scenario, variants, tuple(methods), tuple(parse_hours(hours)), *amount)


class CityFiles(NamedTuple):
    """Requested export files."""

    hour: int
    """Hour of the GeoJSON and KML files."""
    geojson: Path | None
    kml: Path | None
    czml: Path | None
    users: str
    """Form in which users are counted: grid, h3 or none."""


def save_files(
    comparison: Any, store: Any, content: dict[str, Any], out: Path, exports: CityFiles
) -> list[Path]:
    """Write result.json, the day as a scene for the page, and the requested export files.

    Numbers that are not finite are named first.
    """
    import json

    from sagin.cities.scene import build_scene
    from sagin.cli.common import replace_nan
    from sagin.exports.city import list_day_features
    from sagin.files import write_atomically
    from sagin.studies.scene import NETWORK_FILE, write_scene

    report_infinite(content)
    variant = max(comparison.variants, key=lambda row: (row.uavs, row.satellites))
    kept, name = comparison.read_hours(store, variant), comparison.methods[0].name
    title = f"{content['scenario']}, {variant.name}, {name}"
    text = json.dumps(replace_nan(content), indent=1, ensure_ascii=False)
    write_atomically(out / "result.json", text.encode())
    day = build_scene(comparison.scenario, variant, kept, title)
    files = [out / "result.json", write_scene(day, out / NETWORK_FILE)]
    if exports.geojson is None and exports.kml is None and exports.czml is None:
        return files
    rows = content["methods"][0]["by_hour"]
    features = list_day_features(comparison.scenario, day, rows, exports.users)
    if exports.czml is not None:
        from sagin.exports.czml import format_day

        start = comparison.scenario.location.start
        write_atomically(exports.czml, format_day(day, features, start, title).encode())
        files.append(exports.czml)
    title = f"{title}, {exports.hour} h"
    return files + write_maps(features[exports.hour], title, [exports.geojson, exports.kml])


def show(content: dict[str, Any]) -> None:
    """Print the hours and the day of each method, and the sentences."""
    for row in content["methods"]:
        show_hours(content, row)
        show_day(content, row)
        if "bounds" in row:
            show_bounds(content, row)
        for sentence in row["sentences"]:
            typer.echo(sentence)


def show_hours(content: dict[str, Any], row: dict[str, Any]) -> None:
    """Print one row per hour: users, overloaded cells, largest load, unserved users."""
    names = [variant["variant"] for variant in row["day"]]
    rows = [
        (
            f"{hour['hour']} h",
            f"{hour['users']:.0f}",
            f"{len(hour['overloaded'])} of {len(hour['offered'])}",
            f"{max(hour['offered']):.0f}",
            *(f"{hour['variants'][name]['unserved']['estimate']:.1f}" for name in names),
        )
        for hour in row["by_hour"]
    ]
    head = ("hour", "users", "overloaded", "largest cell", *names)
    title = f"{content['scenario']}, {row['method']}: users unserved by hour"
    note = f"means over {content['drops']} drops, seed {content['seed']}"
    print_table(title, head, rows, note)


def show_day(content: dict[str, Any], row: dict[str, Any]) -> None:
    """Print one row per network: the day's means with intervals, and its energy."""
    rows = [
        (
            variant["variant"],
            show_interval(variant["unserved"], 100.0),
            f"{variant['peak']:.1f}",
            show_interval(variant["covered"], 100.0),
            show_interval(variant["throughput"], 1e-6),
            show_interval(variant["delay"], 1e3),
            f"{variant['energy_kwh']:.1f}",
            *([f"{variant['cost']:.2f}"] if content["currency"] else []),
        )
        for variant in row["day"]
    ]
    money = [f"cost ({content['currency']})"] if content["currency"] else []
    head = (
        *("", "unserved (%)", "worst hour (users)", "covered (%)", "throughput (Mbit/s)"),
        *("delay of L (ms)", "energy (kWh)", *money),
    )
    note = (
        "means over the hours with 95 % intervals over drops; energy: hovering UAVs and the "
        "radiated power of all nodes, over the hours"
    )
    print_table(
        f"{content['scenario']}, {row['method']}: {len(content['hours'])} hours", head, rows, note
    )


def show_bounds(content: dict[str, Any], row: dict[str, Any]) -> None:
    """Print one row per hour: the score of the first drop and its upper bound."""
    names = [variant["variant"] for variant in row["day"]]
    found = {(bound["hour"], bound["variant"]): bound for bound in row["bounds"]}
    rows = [
        (f"{hour} h", *(_show_bound(found[hour, name]) for name in names))
        for hour in content["hours"]
    ]
    title = f"{content['scenario']}, {row['method']}: score of the first drop, and its bound"
    print_table(title, ("hour", *names), rows, "certified: no plan has a higher score")


def _show_bound(bound: dict[str, Any]) -> str:
    return f"{bound['score']:.3f} of {bound['bound']:.3f}"


def show_interval(value: dict[str, float], scale: float) -> str:
    """Return the text of an estimate, with half the width of its interval if it has one."""
    half = scale * (value["high"] - value["low"]) / 2.0
    text = f"{scale * value['estimate']:.1f}"
    return f"{text} ± {half:.1f}" if half < float("inf") else text


def register(app: typer.Typer) -> None:
    """Add the command `relieve`."""
    app.command()(relieve)
