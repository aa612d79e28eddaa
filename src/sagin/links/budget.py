"""The budget of one link, line by line, with the source of each line."""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from sagin.constants import SPEED_OF_LIGHT
from sagin.errors import InputError
from sagin.links.antennas import PATTERNS, compute_gain_dbi
from sagin.links.link import Link
from sagin.links.models import LossTerm, PathGeometry, check_path, compute_losses
from sagin.links.settings import Losses
from sagin.orbits.circular import slant_range
from sagin.propagation import itu_maps, link_budget
from sagin.radio.capacity import shannon_rate
from sagin.units import as_float64, from_db


class BudgetLine(NamedTuple):
    """A line of a budget."""

    part: str
    """geometry, transmitter, path, receiver or result."""
    name: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True)
class LinkReport:
    """A link's budget and the results that follow from it."""

    lines: tuple[BudgetLine, ...]
    path_loss_db: float
    """Sum of all losses between the antennas."""
    carrier_to_noise_db: float
    rate_mbit_s: float
    """Shannon's bound for the whole bandwidth."""
    margin_db: float | None
    """Carrier-to-noise ratio minus the demand's; None without a demand."""

    @property
    def is_met(self) -> bool | None:
        """Whether the link carries its demand; None without a demand."""
        return None if self.margin_db is None else self.margin_db >= 0.0

    def to_mapping(self) -> dict[str, Any]:
        """Return the report as plain data."""
        content = asdict(self) | {"lines": [line._asdict() for line in self.lines]}
        return content | {"demand_met": self.is_met}


def compute_path(link: Link) -> PathGeometry:
    """Compute the path of a checked link: on a sphere by elevation, or flat by ground distance.

    >>> from sagin.links.link import build_link
    >>> round(compute_path(build_link("SC9-downlink")).distance_m / 1e3, 1)
    1075.1
    """
    rise = link.upper_height_m - link.lower_height_m
    if link.elevation_deg is None:
        ground = link.ground_distance_m or 0.0
        distance, elevation = math.hypot(ground, rise), math.degrees(math.atan2(rise, ground))
    else:
        elevation = link.elevation_deg
        distance = float(slant_range(rise, math.radians(elevation)))
    heights = link.lower_height_m, link.upper_height_m
    return PathGeometry(link.frequency_ghz * 1e9, distance, elevation, *heights)


def read_rain_maps(losses: Losses) -> Losses:
    """Return loss settings with missing rain rate and height from ITU-R's maps.

    Raises:
        InputError: the maps, extra `sagin[itu]`, are not installed.
    """
    rain = losses.rain
    if "rain" not in losses.models or rain.longitude_deg is None:
        return losses
    position = rain.latitude_deg, rain.longitude_deg
    try:
        rate = itu_maps.rain_rate_mm_h(*position) if rain.rate_mm_h is None else rain.rate_mm_h
        height = itu_maps.rain_height_km(*position) if rain.height_km is None else rain.height_km
    except ImportError as error:
        raise InputError(f"losses.rain: rate_mm_h and height_km, or maps: {error}") from None
    return replace(losses, rain=replace(rain, rate_mm_h=rate, height_km=height))


def compute_link(link: Link) -> LinkReport:
    """Compute the budget of a checked link.

    C/N = EIRP − L + G/T − k − 10·log10 B (TR 38.821, 6.1.3.1-1).

    Raises:
        InputError: a loss model is not valid on the path; the message has one line.

    >>> from sagin.links.link import build_link
    >>> round(compute_link(build_link("SC9-downlink")).carrier_to_noise_db, 1)
    6.6
    """
    path = compute_path(link)
    check_path(path, link.losses)
    terms = compute_losses(path, read_rain_maps(link.losses))
    transmitter, eirp = _describe_transmitter(link)
    receiver, merit = _describe_receiver(link)
    losses = _describe_losses(link, terms)
    width_hz = link.bandwidth_mhz * 1e6
    loss = sum(line.value for line in losses)
    budget = link_budget.link_budget(eirp, merit, width_hz, loss)
    ratio = float(budget.carrier_to_noise_db)
    rate = float(shannon_rate(width_hz, from_db(ratio))) / 1e6
    results = [
        BudgetLine(
            "result", "Boltzmann's constant", link_budget.BOLTZMANN_DBW_K_HZ, "dBW/K/Hz", "SI"
        ),
        BudgetLine("result", "bandwidth", float(budget.bandwidth_dbhz), "dBHz", "link"),
        BudgetLine("result", "C/N", ratio, "dB", "TR 38.821 (6.1.3.1-1)"),
        BudgetLine("result", "Shannon bound", rate, "Mbit/s", "B·log2(1 + C/N)"),
    ]
    needed = _find_demand(link)
    margin = None if needed is None else ratio - needed
    if needed is not None and margin is not None:
        results += [
            BudgetLine("result", "C/N that the demand needs", needed, "dB", "demand"),
            BudgetLine("result", "margin", margin, "dB", "C/N − demand"),
        ]
    lines = (*_describe_path(path), *transmitter, *losses, *receiver, *results)
    return LinkReport(lines, loss, ratio, rate, margin)


def _describe_path(path: PathGeometry) -> list[BudgetLine]:
    """List the lines of the geometry."""
    frequency_hz, distance_m, elevation_deg = (as_float64(part).item() for part in path[:3])
    rows = (
        ("carrier", frequency_hz / 1e9, "GHz", "link"),
        ("elevation", elevation_deg, "degrees", "link"),
        ("length of the path", distance_m / 1e3, "km", "TR 38.811 (6.6-3), or flat"),
        ("delay one way", distance_m / SPEED_OF_LIGHT * 1e3, "ms", "d/c"),
    )
    return [BudgetLine("geometry", *row) for row in rows]


def _describe_transmitter(link: Link) -> tuple[list[BudgetLine], float]:
    """List the lines of the transmitting end, and return its EIRP, dBW."""
    end = link.transmitter
    if end.eirp_density_dbw_mhz is not None:
        density = end.eirp_density_dbw_mhz
        eirp = float(link_budget.eirp_dbw(density, link.bandwidth_mhz * 1e6))
        rows = [("EIRP density", density, "dBW/MHz", "link")]
    else:
        gain = float(compute_gain_dbi(end.antenna, link.frequency_ghz * 1e9))
        power = (end.power_dbm or 0.0) - 30.0
        eirp = power - end.feed_loss_db + gain
        rows = [
            ("power", power, "dBW", "link"),
            ("feed loss", 0.0 - end.feed_loss_db, "dB", "link"),
            ("antenna gain", gain, "dBi", PATTERNS[end.antenna.pattern].source),
        ]
    rows.append(("EIRP", eirp, "dBW", "sum"))
    return [BudgetLine("transmitter", *row) for row in rows], eirp


def _describe_losses(link: Link, terms: tuple[LossTerm, ...]) -> list[BudgetLine]:
    """List the lines of the path's losses, and of the link's own losses if there are any."""
    own = (
        ("polarisation", link.polarisation_db, "link"),
        ("additional", link.additional_db, "link"),
    )
    rows = [(term.name, float(term.value_db), term.source) for term in terms]
    rows += [row for row in own if row[1] != 0.0]
    return [BudgetLine("path", name, value, "dB", source) for name, value, source in rows]


def _describe_receiver(link: Link) -> tuple[list[BudgetLine], float]:
    """List the lines of the receiving end, and return its figure of merit, dB/K."""
    end = link.receiver
    if end.g_over_t_db_k is not None:
        return [BudgetLine("receiver", "G/T", end.g_over_t_db_k, "dB/K", "link")], end.g_over_t_db_k
    gain = float(compute_gain_dbi(end.antenna, link.frequency_ghz * 1e9))
    figure, source = end.noise_figure_db, "link"
    if figure is None:
        figure = float(
            link_budget.cascade_noise_figure_db(end.stage_gains_db, end.stage_noise_figures_db)
        )
        source = "cascade of the stages (Friis 1944)"
    temperature = float(
        link_budget.system_noise_temperature(
            end.antenna_temperature_k, link_budget.noise_temperature(figure), end.feed_loss_db
        )
    )
    # the reference point is the receiver's input: the feed takes from the gain
    merit = gain - end.feed_loss_db - 10.0 * math.log10(temperature)
    rows = (
        ("antenna gain", gain, "dBi", PATTERNS[end.antenna.pattern].source),
        ("feed loss", 0.0 - end.feed_loss_db, "dB", "link"),
        ("noise figure", figure, "dB", source),
        ("antenna temperature", end.antenna_temperature_k, "K", "link"),
        ("system temperature", temperature, "K", "T_a/L + T_0(1 − 1/L) + T_0(F − 1)"),
        ("G/T", merit, "dB/K", "TR 38.821 clause 6.1.3.1"),
    )
    return [BudgetLine("receiver", *row) for row in rows], merit


def _find_demand(link: Link) -> float | None:
    """Return the minimum carrier-to-noise ratio of the demand, dB; None without a demand."""
    needs = [] if link.demand.carrier_to_noise_db is None else [link.demand.carrier_to_noise_db]
    if link.demand.rate_mbit_s is not None:
        efficiency = link.demand.rate_mbit_s / link.bandwidth_mhz
        # 2^e − 1 overflows for a demand that nothing carries
        needs.append(10.0 * math.log10(math.expm1(min(efficiency, 1000.0) * math.log(2.0))))
    return max(needs, default=None)
