"""The sections of a scenario with a location: place and time, sites, users, satellites."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from sagin.parameters import Parameter, section

ProfileName = Literal["constant", "urban-weekday"]
Place = tuple[float, float]


@section
class Location:
    """Position of the area, start of the day, and traffic by the hour."""

    latitude_deg: Annotated[
        float | None,
        Parameter("latitude of the area's centre", "degrees", low=-89, high=89, mark="ours"),
    ] = None
    longitude_deg: Annotated[
        float | None,
        Parameter("longitude of the area's centre", "degrees", low=-180, high=180, mark="ours"),
    ] = None
    start: Annotated[
        datetime,
        Parameter(
            "first hour, such as 2024-10-07T00:00:00+02:00; the profile's hours are on this clock",
            mark="ours",
        ),
    ] = datetime(2024, 10, 7, tzinfo=UTC)
    profile: Annotated[
        ProfileName,
        Parameter(
            "share of the users who are present in each hour of the day; urban-weekday: "
            "minimum at 5 h, plateau by day, peak at 22 h",
            source="Wang et al., arXiv 1703.10804: three sinusoids, whole area; second-hand",
            mark="ours",
        ),
    ] = "constant"
    profile_file: Annotated[
        str | None,
        Parameter(
            "CSV with the columns hour (0 to 23) and H, L, C, or share, from 0 to 1, instead "
            "of a profile",
            mark="ours",
            is_path=True,
        ),
    ] = None
    least_rate_kbit_s: Annotated[
        float,
        Parameter(
            "rate below which `sagin relieve` counts a user as unserved",
            "kbit/s",
            low=0,
            high=1e7,
            mark="ours",
        ),
    ] = 0.0
    placed: Annotated[
        bool,
        Parameter(
            "whether sites, users, hours and satellites are already converted; sagin writes it",
            mark="ours",
            quiet=True,
        ),
    ] = False


@section
class SiteChoice:
    """Base stations at real sites: from a file, or in the scenario."""

    file: Annotated[
        str | None,
        Parameter(
            "cell sites: OpenCelliD's columns, a CSV with lat and lon, or points as GeoJSON",
            mark="ours",
            is_path=True,
        ),
    ] = None
    positions_deg: Annotated[
        tuple[Place, ...],
        Parameter("latitude and longitude of each site, instead of a file", "degrees", mark="ours"),
    ] = ()
    radios: Annotated[
        tuple[str, ...], Parameter("selected radios, such as LTE; none: all", mark="ours")
    ] = ()
    operators: Annotated[
        tuple[str, ...],
        Parameter("selected country and network codes, such as 242-1; none: all", mark="ours"),
    ] = ()
    least_samples: Annotated[
        int, Parameter("minimum number of measurements of a site", low=0, high=10**9, mark="ours")
    ] = 0
    spacing_m: Annotated[
        float,
        Parameter(
            "minimum distance between two sites; among nearer ones the site with more "
            "measurements stays",
            "m",
            low=0,
            high=1e6,
            mark="ours",
        ),
    ] = 0.0
    count: Annotated[
        int | None,
        Parameter(
            "largest number of sites, those with the most measurements",
            low=1,
            high=1000,
            mark="ours",
        ),
    ] = None
    azimuths_deg: Annotated[
        tuple[float, ...],
        Parameter(
            "directions of each site's sectors, clockwise from north, one cell each; none: "
            "one cell per site, in the direction of the file's column azimuth if it has one",
            "degrees",
            mark="ours",
            quiet=True,
        ),
    ] = ()


@section
class Density:
    """Density of users: at weighted points, or in areas with a density."""

    weights: Annotated[
        Literal["uniform", "sites", "samples"],
        Parameter(
            "distribution of users: uniform, around the sites with equal weights, or by the "
            "sites' measurements",
            mark="ours",
        ),
    ] = "uniform"
    file: Annotated[
        str | None,
        Parameter(
            "instead of weights: CSV with lat, lon and weight, or areas as GeoJSON with the "
            "property density",
            mark="ours",
            is_path=True,
        ),
    ] = None
    scatter_m: Annotated[
        float,
        Parameter(
            "radius around a point for its users",
            "m",
            low=0.1,
            high=50_000,
            mark="ours",
        ),
    ] = 150.0


@section
class OrbitSource:
    """Satellites of an element file or of a Walker constellation, and the handover rule."""

    elements: Annotated[
        str | None, Parameter("file with TLE or OMM elements", mark="ours", is_path=True)
    ] = None
    handover: Annotated[
        Literal["longest", "highest"],
        Parameter(
            "serving satellite: longest remaining visibility, or highest",
            source="Section II-B2",
            mark="open",
            other="highest",
        ),
    ] = "longest"
    planes: Annotated[
        int, Parameter("planes of the generated Walker constellation", low=1, high=200, mark="ours")
    ] = 24
    per_plane: Annotated[
        int, Parameter("satellites in each plane", low=1, high=200, mark="ours")
    ] = 18
    phasing: Annotated[
        int,
        Parameter(
            "Walker's F: lead of a plane over its western neighbour, in 1/T turns",
            low=0,
            high=199,
            mark="ours",
        ),
    ] = 1
    inclination_deg: Annotated[
        float,
        Parameter("inclination of the generated planes", "degrees", low=0, high=180, mark="ours"),
    ] = 70.0


@section
class CityOrbit(OrbitSource):
    """A real orbit over a city, with the minimum elevation and the cost of a handover."""

    least_elevation_deg: Annotated[
        float,
        Parameter(
            "minimum elevation of a serving satellite",
            "degrees",
            low=0,
            high=89,
            source="TR 38.821 clause 6.1.1.1: 10",
            mark="ours",
        ),
    ] = 10.0
    interruption_s: Annotated[
        float,
        Parameter(
            "time without service at each handover",
            "s",
            low=0,
            high=60,
            source="invented: the order of magnitude of four round trips of 26 ms",
            mark="ours",
        ),
    ] = 0.1


@section
class Costs:
    """Prices with which `sagin relieve` computes money; there are no defaults."""

    currency: Annotated[
        str, Parameter("currency of the prices, such as EUR, for tables", mark="ours")
    ] = "EUR"
    energy_per_kwh: Annotated[
        float,
        Parameter(
            "price of the energy of UAVs and transmitters", "1/kWh", low=0, high=1e6, mark="ours"
        ),
    ] = 0.0
    uav_per_hour: Annotated[
        float,
        Parameter(
            "price of a UAV in the air: crew, wear, lease", "1/h", low=0, high=1e6, mark="ours"
        ),
    ] = 0.0
    satellite_per_gbyte: Annotated[
        float,
        Parameter("price of the traffic over satellites", "1/GB", low=0, high=1e6, mark="ours"),
    ] = 0.0


def list_orbit_rules(orbit: OrbitSource, prefix: str) -> list[tuple[str, object, str, bool]]:
    """List the rules of an orbit: phasing below the planes, no Walker fields with a file."""
    plain = OrbitSource()
    walker = ("planes", "per_plane", "phasing", "inclination_deg")
    no_value = f"no value together with {prefix}.elements"
    return [
        (
            f"{prefix}.phasing",
            orbit.phasing,
            f"0 to planes − 1 = {orbit.planes - 1}",
            orbit.phasing >= orbit.planes,
        ),
        *(
            (
                f"{prefix}.{name}",
                getattr(orbit, name),
                no_value,
                orbit.elements is not None and getattr(orbit, name) != getattr(plain, name),
            )
            for name in walker
        ),
    ]
