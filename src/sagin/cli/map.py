"""`sagin map`: draw the plan view of a city with the coverage of its cells or UAVs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sagin.cli.common import (
    AsJson,
    Overrides,
    Seed,
    load,
    make_folder,
    print_json,
    report_files,
    report_infinite,
)
from sagin.cli.relay import write_maps
from sagin.cli.relieve import City

Chart = Annotated[Path, typer.Option("--out", metavar="FILE", help="PNG, SVG or PDF file to draw.")]
LayerName = Annotated[
    str,
    typer.Option(
        "--layer",
        metavar="ground|air",
        help="ground: coverage by base stations. air: coverage by UAVs over the users.",
    ),
]
Squares = Annotated[
    int, typer.Option("--cells", min=2, max=1000, help="Number of raster squares along one side.")
]
Background = Annotated[
    Path | None,
    typer.Option(
        "--background",
        metavar="FILE",
        help="GeoJSON of streets or coasts, drawn in the background.",
    ),
]
GeoJson = Annotated[
    Path | None,
    typer.Option(
        "--geojson", metavar="FILE", help="Also write the raster squares and the cells as GeoJSON."
    ),
]
Kml = Annotated[
    Path | None,
    typer.Option("--kml", metavar="FILE", help="Also write them as KML for Google Earth."),
]
Czml = Annotated[
    Path | None, typer.Option("--czml", metavar="FILE", help="Also write them as CZML for Cesium.")
]


def draw(
    city: City = "town",
    *,
    overrides: Overrides = None,
    layer: LayerName = "ground",
    cells: Squares = 120,
    seed: Seed = 0,
    background: Background = None,
    out: Chart = Path("city.png"),
    geojson: GeoJson = None,
    kml: Kml = None,
    czml: Czml = None,
    as_json: AsJson = False,
) -> None:
    """Draw a city's plan: coverage, cells and users at the location's start time.

    Coverage is the SINR of the best node while all nodes send on all
    subcarriers.
    """
    from sagin.cities.raster import compute_raster, place_uavs
    from sagin.cities.variants import check_city
    from sagin.papers.slicing.slot_plan import make_slot
    from sagin.report.city_map import draw_city
    from sagin.report.map import check_ending

    check_ending(out, "--out")
    scenario = load("slicing", city, tuple(overrides or ()))
    check_city(scenario, 0)
    check_layer(layer, scenario)
    make_folder(out.parent)
    state = make_slot(scenario, seed)
    raster = compute_raster(scenario, layer, place_uavs(scenario, state), cells)
    view = make_view(city, scenario, state, raster, background)
    files = [draw_city(view, out)]
    paths = [geojson, kml, czml]
    if any(path is not None for path in paths):
        from sagin.exports.city import list_raster_features

        files += write_maps(list_raster_features(scenario, raster), view.title, paths)
    report_files(files)
    share = raster.share_above(view.threshold_db)
    # a sum is finite only if all squares are
    report_infinite({"covered_area": share, "sinr_db": float(raster.sinr_db.sum())})
    if as_json:
        print_json({"layer": layer, "covered_area": share, "threshold_db": view.threshold_db})
    else:
        text = f"{100 * share:.0f} % of the area has an SINR above {view.threshold_db:g} dB"
        typer.echo(f"{city}, {layer}: {text} at full load.")


def check_layer(layer: str, scenario: Any) -> None:
    """Raise InputError for an unknown layer, or for a layer without nodes."""
    from sagin.cities.raster import LAYERS
    from sagin.errors import InputError

    if layer not in LAYERS:
        raise InputError(f"--layer {layer!r} (allowed: {', '.join(LAYERS)})")
    if layer == "air" and not scenario.uavs.count:
        raise InputError("--layer air: uavs.count = 0 (allowed: a scenario with UAVs)")


def make_view(city: str, scenario: Any, state: Any, raster: Any, background: Path | None) -> Any:
    """Collect the data that a map shows."""
    import numpy as np

    from sagin.cities.background import read_lines
    from sagin.report.city_map import CityView
    from sagin.slicing.city import find_hour, find_origin

    origin = find_origin(scenario)
    assert origin is not None
    active = np.asarray(state.active)
    side = float(scenario.area.side_m)
    file = None if scenario.sites is None else scenario.sites.file
    sources = [f"cells: {Path(file).name}" if file else "cells: as given in the scenario"]
    if file:
        sources.append(
            "positions are centroids of measurements, not towers (CC BY-SA 4.0 if OpenCelliD's)"
        )
    if background is not None:
        sources.append(f"lines: {background.name}")
    hour = find_hour(scenario.location, 0)
    who = {"ground": "base stations", "air": "UAVs"}[raster.layer]
    return CityView(
        f"{Path(city).stem}: coverage by {who}, and {int(active.sum())} users at {hour}",
        origin,
        raster,
        np.asarray(scenario.base_stations.positions_m, float).reshape(-1, 2),
        np.asarray(state.user_positions)[active],
        [] if background is None else read_lines(background, origin, side),
        float(scenario.objectives.coverage_threshold_db),
        "; ".join(sources),
    )


def register(app: typer.Typer) -> None:
    """Add the command `map`."""
    app.command("map")(draw)
