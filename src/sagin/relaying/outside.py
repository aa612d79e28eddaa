"""Sections of a relaying scenario beyond the paper: satellites, sessions under them, cell sites."""

import math
from datetime import UTC, datetime
from typing import Annotated, Literal

from sagin.parameters import Parameter, section
from sagin.places.settings import OrbitSource


@section
class Orbit(OrbitSource):
    """Place and time of a run with real or generated satellites, and the handover rule."""

    latitude_deg: Annotated[
        float, Parameter("latitude of the GBS", "degrees", low=-90, high=90, mark="ours")
    ] = 59.9139
    longitude_deg: Annotated[
        float, Parameter("longitude of the GBS", "degrees", low=-180, high=360, mark="ours")
    ] = 10.7522
    time: Annotated[
        datetime, Parameter("UTC of the first drop, such as 2024-10-07T12:00:00Z", mark="ours")
    ] = datetime(2024, 10, 7, 12, tzinfo=UTC)
    duration_s: Annotated[
        float,
        Parameter("time over which the drops are spread", "s", low=0, high=604_800, mark="ours"),
    ] = 3600.0


@section
class Sessions:
    """Sessions under the satellites of an orbit, for the cost of handover; none by default."""

    arrivals_per_s: Annotated[
        float,
        Parameter("new users who request a channel; 0: none", "1/s", low=0, high=1e3, mark="ours"),
    ] = 0.0
    holding_s: Annotated[
        float,
        Parameter(
            "mean time of a session",
            "s",
            low=0.001,
            high=86_400,
            source="Maral 1998, Del Re 1999: 3 min",
            mark="ours",
        ),
    ] = 180.0
    channels: Annotated[
        int, Parameter("channels of each satellite for the cell", low=1, high=10_000, mark="ours")
    ] = 4


@section
class Sites:
    """Users and base station from a cell-site file in OpenCelliD's columns; none without a file."""

    file: Annotated[str | None, Parameter("CSV file", mark="ours", is_path=True)] = None
    pick: Annotated[
        Literal["centre", "orbit", "cell"],
        Parameter(
            "site that becomes the GBS: the nearest to the sites' centre, to the orbit's "
            "latitude and longitude, or the given cell",
            mark="open",
            other="orbit, cell",
        ),
    ] = "centre"
    cell: Annotated[int | None, Parameter("cell identity, for pick = cell", low=0, mark="ours")] = (
        None
    )
    density_per_km2: Annotated[
        float,
        Parameter(
            "mean density of users over the cell",
            "1/km²",
            low=1e-6,
            high=1e6,
            mark="open",
            source=f"200 users/{math.pi / 4:.2f} km²",
            other="any",
        ),
    ] = 254.6
    weight: Annotated[
        Literal["equal", "samples"],
        Parameter(
            "distribution of users among the sites in the cell",
            mark="open",
            other="samples: by the sites' measurements",
        ),
    ] = "samples"
    scatter_m: Annotated[
        float,
        Parameter(
            "radius around a site for its users",
            "m",
            low=0.1,
            high=50_000,
            mark="open",
            other="any",
        ),
    ] = 100.0
    base_stations: Annotated[
        int,
        Parameter(
            "base stations: the GBS and the sites nearest to it in the cell",
            low=1,
            high=64,
            mark="ours",
            quiet=True,
        ),
    ] = 1
    spacing_m: Annotated[
        float,
        Parameter(
            "minimum distance between two base stations; nearer sites count as one",
            "m",
            low=1,
            high=50_000,
            mark="ours",
            quiet=True,
        ),
    ] = 200.0
    reach: Annotated[
        Literal["cell", "range"],
        Parameter(
            "cell's radius: base.cell_radius_m, or the site's range column",
            mark="open",
            other="range",
        ),
    ] = "cell"
