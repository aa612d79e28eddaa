"""`sagin passes`: list the satellites in view of a site, and their passes over it."""

import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from sagin.cli.common import AsJson, Quiet, print_json, print_table, progress, report_files

BATCH = 250
"""Number of satellites between two updates of the progress bar."""


Elements = Annotated[
    Path,
    typer.Argument(
        help=(
            "Element file: TLE (two or three lines), or CCSDS OMM in JSON, XML, KVN or CSV; may "
            "be compressed by gzip."
        )
    ),
]
Site = Annotated[
    str,
    typer.Option(
        "--site",
        metavar="LAT,LON",
        help=(
            "Latitude and longitude of the site in degrees, north and east positive; an optional "
            "third number is its altitude in m."
        ),
    ),
]
Time = Annotated[
    str,
    typer.Option("--at", metavar="TIME", help="Time in ISO 8601, in UTC unless it has an offset."),
]
Hours = Annotated[
    float,
    typer.Option(
        "--hours",
        min=0.0,
        max=240.0,
        help="Also list the passes that begin within this time after --at.",
    ),
]
Elevation = Annotated[
    float,
    typer.Option(
        "--elevation",
        min=0.0,
        max=90.0,
        help="Minimum elevation of a visible satellite in degrees.",
    ),
]
Carrier = Annotated[
    float,
    typer.Option(
        "--carrier", min=0.001, max=1000.0, help="Carrier frequency in GHz, for the Doppler shift."
    ),
]
MaxAge = Annotated[
    float,
    typer.Option(
        "--max-age",
        min=0.0,
        max=36500.0,
        help="Maximum age of the elements in days, before or after their epoch.",
    ),
]
CsvFile = Annotated[
    Path | None,
    typer.Option(
        "--csv",
        metavar="FILE",
        help=(
            "Also write one row per visible satellite and step: elevation, azimuth, slant range, "
            "delay, Doppler shift, path loss, and which satellite serves."
        ),
    ),
]
CzmlFile = Annotated[
    Path | None,
    typer.Option(
        "--czml",
        metavar="FILE",
        help="Also write the satellites and the serving link as CZML for Cesium.",
    ),
]
Step = Annotated[
    float,
    typer.Option(
        "--step", min=0.01, max=3600.0, help="Time step of the CSV and CZML files in seconds."
    ),
]
Rule = Annotated[
    str,
    typer.Option(
        "--rule",
        metavar="longest|highest",
        help=(
            "Rule for the serving satellite in these files: longest (remaining visibility) or "
            "highest."
        ),
    ),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help=(
            "Loss model of the path loss, as in `sagin link`. May be repeated. Default: free-space."
        ),
    ),
]
Limit = Annotated[
    int, typer.Option("--limit", min=1, help="Number of rows of each table; JSON has all rows.")
]


def passes(
    elements: Elements,
    *,
    site: Site,
    at: Time,
    hours: Hours = 1.0,
    elevation: Elevation = 10.0,
    carrier: Carrier = 2.0,
    max_age: MaxAge = 30.0,
    csv: CsvFile = None,
    czml: CzmlFile = None,
    step: Step = 10.0,
    rule: Rule = "longest",
    model: Models = None,
    limit: Limit = 20,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show the satellites in view of a site at a time, and the passes that follow."""
    from sagin.orbits import parse_site, parse_time, read_elements, satellites_in_view

    position, when = parse_site(site), parse_time(at)
    sets = read_elements(elements)
    view = satellites_in_view(sets, position, when, elevation, carrier * 1e9, max_age)
    window = sets, position, when, hours * 3600
    if csv is not None or czml is not None:
        limits = {"minimum_elevation_deg": elevation, "maximum_age_days": max_age, "rule": rule}
        save_track(window, step, limits, (carrier * 1e9, model), (csv, czml))
    passes = list_passes(window, elevation, max_age, quiet)
    lost, notes = count_lost(window, max_age)
    if as_json:
        print_json(
            {
                "satellites": len(sets),
                "left_out": lost,
                "in_view": [asdict(event) for event in view],
                "passes": [_plain(event) for event in passes],
            }
        )
        return
    title = f"{len(view)} of {len(sets)} satellites in view of {site}"
    time = f"at {when:%Y-%m-%d %H:%M:%S} UTC"
    _show_view(view, f"{title} {time}, above {elevation:g}°", limit, notes)
    if hours > 0:
        _show_passes(passes, f"{len(passes)} passes within {hours:g} h", limit)


def count_lost(window: tuple[Any, ...], max_age: float) -> tuple[int, str]:
    """Count the satellites that are excluded at the ends of a window, and describe them."""
    from sagin.orbits import time_grid
    from sagin.orbits.ephemeris import describe_lost, find_lost

    sets, _, when, duration = window
    ends = time_grid(when, duration, max(duration, 1.0))
    lost = int(find_lost(sets, ends, max_age).sum())
    if notes := describe_lost(lost, len(sets), max_age):
        sys.stderr.write(f"sagin: {notes}\n")
    return lost, notes


def list_passes(
    window: tuple[Any, ...], elevation: float, max_age: float, quiet: bool
) -> list[Any]:
    """List the passes in a window (elements, site, start, duration in s), ordered by rise."""
    from sagin.orbits import passes as find_passes

    sets, position, when, duration = window
    events: list[Any] = []
    with progress("passes", len(sets), quiet) as advance:
        for start in range(0, len(sets) if duration > 0 else 0, BATCH):
            batch = sets[start : start + BATCH]
            events += find_passes(batch, position, when, duration, elevation, max_age)
            advance(len(batch))
    return sorted(events, key=lambda event: (event.rise, event.number))


def save_track(
    window: tuple[Any, ...],
    step: float,
    limits: dict[str, Any],
    link: tuple[float, list[str] | None],
    paths: tuple[Path | None, Path | None],
) -> None:
    """Write the satellites in view at each step of a window as CSV and CZML, for each given path.

    `link` is the carrier frequency, Hz, and the names of the loss models.
    """
    import json

    from sagin.exports.passes import PassRow, describe_site, list_rows, make_czml
    from sagin.files import format_csv, write_atomically
    from sagin.links.models import read_losses
    from sagin.orbits import track_sky

    (carrier_hz, models), (csv, czml) = link, paths
    losses = read_losses(models or ["free-space"])
    sets, position, when, duration = window
    track = track_sky(sets, position, when, duration, step, **limits)
    if csv is not None:
        rows = list_rows(track, carrier_hz, losses)
        write_atomically(csv, format_csv([PassRow._fields, *rows]).encode())
    if czml is not None:
        packets = make_czml(track, describe_site(track))
        write_atomically(czml, json.dumps(packets, ensure_ascii=False).encode())
    report_files(path for path in paths if path is not None)


def _plain(event: Any) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in asdict(event).items()
    }


def _more(count: int, limit: int) -> str:
    return f"and {count - limit} more (--limit, --json)" if count > limit else ""


def _show_view(view: list[Any], title: str, limit: int, notes: str) -> None:
    columns = (
        "satellite",
        "number",
        "elevation °",
        "azimuth °",
        "range km",
        "Doppler kHz",
        "visible for",
    )
    rows = [
        (
            row.name,
            str(row.number),
            f"{row.elevation_deg:.1f}",
            f"{row.azimuth_deg:.1f}",
            f"{row.slant_range / 1e3:.1f}",
        )
        + (
            f"{row.doppler / 1e3:+.2f}",
            f"{row.remaining:.0f} s" if row.remaining < float("inf") else "over a day",
        )
        for row in view[:limit]
    ]
    more = _more(len(view), limit)
    print_table(title, columns, rows, "; ".join(note for note in (more, notes) if note))


def _show_passes(passes: list[Any], title: str, limit: int) -> None:
    columns = (
        "satellite",
        "number",
        "rises UTC",
        "highest UTC",
        "sets UTC",
        "elevation °",
        "lasts s",
    )
    rows = [
        (
            event.name,
            str(event.number),
            *(f"{moment:%m-%d %H:%M:%S}" for moment in (event.rise, event.culmination, event.set)),
        )
        + (f"{event.maximum_elevation_deg:.1f}", f"{event.duration:.0f}")
        for event in passes[:limit]
    ]
    print_table(title, columns, rows, _more(len(passes), limit))


def register(app: typer.Typer) -> None:
    """Add the command `passes`."""
    app.command()(passes)
