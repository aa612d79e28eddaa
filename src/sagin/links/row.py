"""A link model of a scenario that replaces a system's own: losses and an antenna."""

import functools
import operator
from dataclasses import field
from typing import Annotated, Literal, NamedTuple

from sagin.links.antennas import (
    Antenna,
    compute_gain_dbi,
    list_antenna_rules,
    turn_antenna,
)
from sagin.links.models import PathGeometry, check_path, compute_losses, list_loss_rules
from sagin.links.settings import Losses
from sagin.parameters import Parameter, Rule, section
from sagin.types import Array, Float
from sagin.units import Numbers, as_float, from_db

USER_HEIGHT_M = 1.5
"""Height of a user's terminal (TR 38.901 Table 7.2-1)."""


@section
class LinkRow:
    """The losses and antennas between a node type and users."""

    frequency_ghz: Annotated[
        float, Parameter("carrier", "GHz", low=0.001, high=1000.0, mark="ours")
    ] = 2.0
    pointing: Annotated[
        Literal["user", "down", "azimuth"],
        Parameter(
            "direction of the node's antenna: at each user, straight down, or by "
            "base_stations.azimuths_deg",
            mark="ours",
        ),
    ] = "user"
    antenna: Antenna = field(default_factory=Antenna)
    user_gain_dbi: Annotated[
        float, Parameter("gain of a user's antenna", "dBi", low=-40.0, high=80.0, mark="ours")
    ] = 0.0
    losses: Losses = field(default_factory=Losses)


class Reach(NamedTuple):
    """Paths between nodes and users; the fields broadcast."""

    distance_m: Numbers
    elevation_deg: Numbers
    """Elevation of the node, as seen by the user."""
    height_m: Numbers
    """Height of the node, m."""
    azimuth_deg: Numbers = 0.0
    """Horizontal angle of the user off the node's boresight; it counts if pointing = azimuth."""


def compute_gain(row: LinkRow, reach: Reach) -> Float[Array, "..."]:
    """Compute the power gain of a link, including antennas: G·G_user/L.

    >>> round(1e10 * float(compute_gain(LinkRow(), Reach(1000.0, 30.0, 500.0))), 3)  # −98.47 dB
    1.423
    """
    frequency = as_float(row.frequency_ghz) * 1e9
    loss = compute_loss_db(row.losses, frequency, reach)
    antenna = row.antenna
    if row.pointing == "down":
        antenna = turn_antenna(antenna, tilt_deg=90.0 - as_float(reach.elevation_deg))
    elif row.pointing == "azimuth":
        antenna = turn_antenna(antenna, azimuth_deg=as_float(reach.azimuth_deg))
    return from_db(compute_gain_dbi(antenna, frequency) + as_float(row.user_gain_dbi) - loss)


def compute_loss_db(losses: Losses, frequency_hz: Numbers, reach: Reach) -> Float[Array, "..."]:
    """Compute the loss of a path between a node and a user, without antennas, dB."""
    distance, elevation = reach.distance_m, reach.elevation_deg
    path = PathGeometry(frequency_hz, distance, elevation, USER_HEIGHT_M, reach.height_m)
    terms = [as_float(term.value_db) for term in compute_losses(path, losses)]
    return functools.reduce(operator.add, terms)


def list_losses_rules(
    losses: Losses | None, name: str, frequency_ghz: float, reaches: list[Reach]
) -> list[Rule]:
    """List the rules of a node type's loss models; empty without loss models.

    Args:
        losses: loss models and their settings.
        name: name of their field.
        frequency_ghz: carrier, GHz.
        reaches: plain paths between which all links of the node type lie.

    Raises:
        InputError: a loss model is not valid on one of them; the message has one line.
    """
    if losses is None:
        return []
    rain = losses.rain
    rules = [
        *list_loss_rules(losses, name),
        (
            f"{name}.rain",
            "settings",
            "rate_mm_h and height_km in a scenario; ITU-R's maps are for `sagin link`",
            "rain" in losses.models and None in (rain.rate_mm_h, rain.height_km),
        ),
    ]
    if not any(rule[-1] for rule in rules):
        for reach in reaches:
            path = PathGeometry(frequency_ghz * 1e9, *reach[:2], USER_HEIGHT_M, reach.height_m)
            check_path(path, losses)
    return rules


def list_row_rules(row: LinkRow | None, name: str, reaches: list[Reach]) -> list[Rule]:
    """List the rules of a row; empty without a row.

    Args:
        row: the link model of the node type.
        name: name of the row's field.
        reaches: plain paths between which all links of the node type lie.

    Raises:
        InputError: a loss model is not valid on one of them; the message has one line.
    """
    if row is None:
        return []
    turned = row.antenna.azimuth_deg, row.antenna.tilt_deg
    return [
        *list_losses_rules(row.losses, f"{name}.losses", row.frequency_ghz, reaches),
        *list_antenna_rules(row.antenna, f"{name}.antenna"),
        (
            f"{name}.antenna.tilt_deg",
            turned[1],
            f"no value with {name}.pointing = down",
            row.pointing == "down" and turned != (0.0, 0.0),
        ),
        (
            f"{name}.antenna.azimuth_deg",
            turned[0],
            f"no value with {name}.pointing = azimuth",
            row.pointing == "azimuth" and turned[0] != 0.0,
        ),
    ]
