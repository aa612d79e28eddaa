"""A link as a scenario: geometry, both ends, losses and demand, and the built-in links."""

from collections.abc import Iterator
from dataclasses import field
from typing import Annotated, Any

from sagin.links.antennas import Antenna, list_antenna_rules
from sagin.links.models import list_loss_rules
from sagin.links.settings import Losses
from sagin.parameters import Parameter, Rule, check_rules, read_built_in, section
from sagin.propagation import satellite_terminals as terminals

HIGHEST_FLAT_M = 20_000.0
"""Largest height of the upper end, m, for a path from the distance over ground."""


@section
class Transmitter:
    """The transmitting end."""

    power_dbm: Annotated[
        float | None,
        Parameter("power at the amplifier's output", "dBm", low=-60.0, high=100.0, mark="ours"),
    ] = None
    eirp_density_dbw_mhz: Annotated[
        float | None,
        Parameter(
            "EIRP density towards the other end, instead of a power",
            "dBW/MHz",
            low=-100.0,
            high=100.0,
            mark="ours",
        ),
    ] = None
    feed_loss_db: Annotated[
        float,
        Parameter("loss between amplifier and antenna", "dB", low=0.0, high=30.0, mark="ours"),
    ] = 0.0
    antenna: Antenna = field(default_factory=Antenna)


@section
class Receiver:
    """The receiving end."""

    antenna: Antenna = field(default_factory=Antenna)
    antenna_temperature_k: Annotated[
        float,
        Parameter("noise temperature of the antenna", "K", low=0.0, high=10_000.0, mark="ours"),
    ] = 290.0
    feed_loss_db: Annotated[
        float,
        Parameter("loss between antenna and receiver", "dB", low=0.0, high=30.0, mark="ours"),
    ] = 0.0
    noise_figure_db: Annotated[
        float | None,
        Parameter("noise figure of the receiver", "dB", low=0.0, high=40.0, mark="ours"),
    ] = None
    stage_gains_db: Annotated[
        tuple[float, ...],
        Parameter("gains of the receiver's stages, instead of a noise figure", "dB", mark="ours"),
    ] = ()
    stage_noise_figures_db: Annotated[
        tuple[float, ...], Parameter("noise figures of these stages", "dB", mark="ours")
    ] = ()
    g_over_t_db_k: Annotated[
        float | None,
        Parameter(
            "figure of merit, instead of gain and noise", "dB/K", low=-60.0, high=60.0, mark="ours"
        ),
    ] = None


@section
class Demand:
    """Traffic or C/N that the link has to carry; without a value there is no verdict."""

    rate_mbit_s: Annotated[
        float | None,
        Parameter(
            "rate to carry, compared with Shannon's bound",
            "Mbit/s",
            low=1e-6,
            high=1e7,
            mark="ours",
        ),
    ] = None
    carrier_to_noise_db: Annotated[
        float | None,
        Parameter("minimum carrier-to-noise ratio", "dB", low=-60.0, high=80.0, mark="ours"),
    ] = None


@section
class Link:
    """Everything that a link budget depends on."""

    frequency_ghz: Annotated[
        float, Parameter("carrier", "GHz", "f", low=0.001, high=1000.0, mark="ours")
    ] = 2.0
    bandwidth_mhz: Annotated[
        float, Parameter("bandwidth", "MHz", "B", low=0.001, high=100_000.0, mark="ours")
    ] = 30.0
    lower_height_m: Annotated[
        float, Parameter("height of the lower end", "m", low=0.0, high=20_000.0, mark="ours")
    ] = 0.0
    upper_height_m: Annotated[
        float, Parameter("height of the upper end", "m", low=0.0, high=1e8, mark="ours")
    ] = 600_000.0
    elevation_deg: Annotated[
        float | None,
        Parameter(
            "elevation of the upper end, instead of a distance over ground",
            "degrees",
            low=0.01,
            high=90.0,
            mark="ours",
        ),
    ] = None
    ground_distance_m: Annotated[
        float | None,
        Parameter(
            "distance over flat ground, instead of an elevation",
            "m",
            low=0.0,
            high=1e6,
            mark="ours",
        ),
    ] = None
    losses: Losses = field(default_factory=Losses)
    polarisation_db: Annotated[
        float, Parameter("polarisation mismatch loss", "dB", low=0.0, high=40.0, mark="ours")
    ] = 0.0
    additional_db: Annotated[
        float, Parameter("any other loss", "dB", low=0.0, high=100.0, mark="ours")
    ] = 0.0
    transmitter: Transmitter = field(default_factory=Transmitter)
    receiver: Receiver = field(default_factory=Receiver)
    demand: Demand = field(default_factory=Demand)


def _list_study_cases() -> Iterator[tuple[str, tuple[str, dict[str, Any]]]]:
    """Yield the study cases of TR 38.821 Table 6.1.1.1-9 in both directions, by name.

    For each orbit, a set has three cases of a terminal with an antenna (Ka band) and two of a
    handheld one (S band): with the whole band, a third, and, in Ka band, a half for each beam.
    """
    number = 0
    for parameter_set in ("set1", "set2"):
        for orbit in ("GEO", "LEO600", "LEO1200"):
            for band, widths in (("Ka", (400.0, 400.0 / 3.0, 200.0)), ("S", (30.0, 10.0))):
                for width in widths:
                    number += 1
                    for direction in ("downlink", "uplink"):
                        name, satellite = f"SC{number}-{direction}", (parameter_set, orbit, band)
                        text = f"TR 38.821 study case: {orbit} {band} {direction}, {width:.0f} MHz"
                        yield name, (text, _describe_case(satellite, direction, width))


def _describe_case(satellite: tuple[str, str, str], direction: str, width_mhz: float) -> Any:
    """Describe a study case as the fields in which it differs from a link's defaults."""
    parameter_set, orbit, band = satellite
    sky, user = (
        terminals.SATELLITES[satellite],
        terminals.TERMINALS["handheld" if band == "S" else "vsat"],
    )
    if direction == "downlink":
        ends = {
            "transmitter": {"eirp_density_dbw_mhz": sky.downlink.eirp_density_dbw_mhz},
            "receiver": {
                "antenna": {"gain_dbi": user.receive_gain_dbi},
                "antenna_temperature_k": user.antenna_temperature_k,
                "noise_figure_db": user.noise_figure_db,
            },
        }
    else:
        width_mhz = 0.36 if band == "S" else width_mhz
        ends = {
            "transmitter": {
                "power_dbm": user.transmit_power_dbm,
                "antenna": {"gain_dbi": user.transmit_gain_dbi},
            },
            "receiver": {"g_over_t_db_k": sky.uplink.g_over_t_db_k},
        }
    return {
        "frequency_ghz": terminals.FREQUENCY_HZ[band][direction] / 1e9,
        "bandwidth_mhz": width_mhz,
        "upper_height_m": terminals.ALTITUDE_M[orbit],
        "elevation_deg": terminals.target_elevation_deg(parameter_set, orbit),
        "losses": {"models": ["ntn-budget"]},
        **ends,
    }


LINKS: dict[str, tuple[str, dict[str, Any]]] = {
    "uav": (
        "a UAV at 100 m to a handset 300 m away in a city, 20 MHz",
        {
            "bandwidth_mhz": 20.0,
            "lower_height_m": 1.5,
            "upper_height_m": 100.0,
            "ground_distance_m": 300.0,
            "losses": {"models": ["air-to-ground"]},
            "transmitter": {"power_dbm": 24.0},
            "receiver": {"noise_figure_db": 7.0},
        },
    ),
    "cell": (
        "a sector antenna at 25 m to a handset 500 m away, shadowing covered in 90 % of places",
        {
            "frequency_ghz": 3.5,
            "bandwidth_mhz": 20.0,
            "lower_height_m": 1.5,
            "upper_height_m": 25.0,
            "ground_distance_m": 500.0,
            "losses": {"models": ["log-distance"], "log_distance": {"coverage_percent": 90.0}},
            "transmitter": {"power_dbm": 43.0, "antenna": {"pattern": "sector"}},
            "receiver": {"noise_figure_db": 7.0},
        },
    ),
    "station": (
        "a satellite at 600 km to a dish of 1.2 m with amplifier, cable and mixer, rain in 0.1 % "
        "of the year",
        {
            "frequency_ghz": 20.0,
            "bandwidth_mhz": 400.0,
            "elevation_deg": 30.0,
            "losses": {
                "models": ["ntn-budget", "rain"],
                "rain": {"rate_mm_h": 30.0, "height_km": 3.0},
            },
            "transmitter": {"eirp_density_dbw_mhz": 4.0},
            "receiver": {
                "antenna": {"pattern": "parabolic", "diameter_m": 1.2, "efficiency": 0.65},
                "antenna_temperature_k": 150.0,
                "stage_gains_db": [30.0, -3.0, -6.0],
                "stage_noise_figures_db": [1.2, 3.0, 8.0],
            },
        },
    ),
    **dict(_list_study_cases()),
}
"""Built-in links: name, description, and the fields in which it differs from the defaults."""


def build_link(name: str, overrides: tuple[str, ...] = ()) -> Link:
    """Build a built-in link with `section.field=value` overrides, and check it.

    >>> build_link("SC9-downlink").elevation_deg
    30.0
    """
    return check_link(read_built_in(Link, LINKS, name, overrides), f"link {name}")


def check_link(link: Link, source: str = "link") -> Link:
    """Check that a link's fields agree with each other, and return it.

    Args:
        link: the link.
        source: name of the link in an error, such as its file.

    Raises:
        ScenarioError: one line names field, value and the allowed values.
    """
    rules = [
        *_list_geometry_rules(link),
        *list_loss_rules(link.losses, "losses"),
        *_list_end_rules(link),
        *list_antenna_rules(link.transmitter.antenna, "transmitter.antenna"),
        *list_antenna_rules(link.receiver.antenna, "receiver.antenna"),
    ]
    return check_rules(link, rules, source)


def _list_geometry_rules(link: Link) -> list[Rule]:
    """List the rules on heights, elevation and distance."""
    has_both = link.elevation_deg is not None and link.ground_distance_m is not None
    has_neither = link.elevation_deg is None and link.ground_distance_m is None
    distance = link.ground_distance_m
    is_point = distance == 0.0 and link.upper_height_m == link.lower_height_m
    return [
        ("elevation_deg", link.elevation_deg, "this or ground_distance_m", has_both or has_neither),
        (
            "ground_distance_m",
            distance,
            f"upper_height_m up to {HIGHEST_FLAT_M:g} m; else elevation_deg",
            distance is not None and link.upper_height_m > HIGHEST_FLAT_M,
        ),
        ("ground_distance_m", distance, "above 0 m between equal heights", is_point),
        (
            "upper_height_m",
            link.upper_height_m,
            f"at least lower_height_m = {link.lower_height_m:g} m",
            link.upper_height_m < link.lower_height_m,
        ),
        (
            "elevation_deg",
            link.elevation_deg,
            "upper_height_m above lower_height_m",
            link.elevation_deg is not None and link.upper_height_m <= link.lower_height_m,
        ),
    ]


def _list_end_rules(link: Link) -> list[Rule]:
    """List the rules on powers, figures of merit and stages."""
    transmitter, receiver = link.transmitter, link.receiver
    density, merit = transmitter.eirp_density_dbw_mhz, receiver.g_over_t_db_k
    has_stages = bool(receiver.stage_gains_db or receiver.stage_noise_figures_db)
    figures = (receiver.noise_figure_db is not None) + has_stages + (merit is not None)
    stages = len(receiver.stage_gains_db)
    return [
        (
            "transmitter.power_dbm",
            transmitter.power_dbm,
            "this or eirp_density_dbw_mhz",
            (transmitter.power_dbm is None) == (density is None),
        ),
        (
            "transmitter",
            "antenna or feed loss",
            "with power_dbm, not eirp_density_dbw_mhz",
            density is not None
            and (transmitter.antenna != Antenna() or transmitter.feed_loss_db != 0.0),
        ),
        (
            "receiver.noise_figure_db",
            receiver.noise_figure_db,
            "one of this, stage_gains_db with stage_noise_figures_db, and g_over_t_db_k",
            figures != 1,
        ),
        (
            "receiver.stage_noise_figures_db",
            receiver.stage_noise_figures_db,
            f"{stages} figures, as many as stage_gains_db",
            len(receiver.stage_noise_figures_db) != stages,
        ),
        (
            "receiver.g_over_t_db_k",
            merit,
            "without antenna, antenna_temperature_k and feed_loss_db, which it already includes",
            merit is not None and Receiver(g_over_t_db_k=merit) != receiver,
        ),
    ]
