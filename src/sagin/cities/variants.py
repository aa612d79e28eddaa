"""The compared networks: the present city, with satellites, with UAVs, with both."""

from dataclasses import replace
from typing import Any, NamedTuple

from sagin.errors import InputError
from sagin.inputs import find_digits, quote
from sagin.slicing.options import Schedule
from sagin.slicing.satellite_sky import SatelliteSky
from sagin.slicing.scenario import Scenario


class Variant(NamedTuple):
    """A network: number of additional UAVs, and whether the satellites help."""

    uavs: int = 0
    satellites: bool = False

    @property
    def name(self) -> str:
        """Name in tables and sentences.

        >>> Variant(2, True).name
        '2 UAVs and satellites'
        """
        uavs = f"{self.uavs} UAV{'s' * (self.uavs > 1)}" if self.uavs else ""
        parts = [part for part in (uavs, "satellites" if self.satellites else "") if part]
        return " and ".join(parts) or "as it is"


def list_variants(scenario: Scenario, most: int) -> list[Variant]:
    """List the networks with 0 to `most` UAVs, without and, if there are some, with satellites."""
    kinds = (False, True) if scenario.satellites.count else (False,)
    return [Variant(count, kind) for count in range(most + 1) for kind in kinds]


def check_city(scenario: Scenario, most: int) -> None:
    """Check that a scenario has a location and allows this number of UAVs.

    Raises:
        InputError: otherwise; the message has one line.
    """
    if scenario.location is None:
        raise InputError("scenario: no section [location] (allowed: a city's scenario)")
    places = scenario.uavs.positions_m
    if scenario.uavs.placement == "fixed" and most > len(places):
        raise InputError(
            f"--uavs {most}: uavs.placement = fixed has {len(places)} positions "
            f"(allowed: 1 to {len(places)})"
        )


def dress_scenario(scenario: Scenario, variant: Variant, sky: SatelliteSky | None) -> Scenario:
    """Return the scenario of one moment of a variant, with its nodes and satellite positions.

    UAVs have the hours between two moments to fly, so no speed limits their positions.
    """
    uavs: dict[str, Any] = {"count": variant.uavs, "speed_m_s": None}
    if scenario.uavs.placement == "fixed":
        uavs["positions_m"] = scenario.uavs.positions_m[: variant.uavs]
    satellites = scenario.satellites
    if not variant.satellites:
        satellites = replace(satellites, count=0, sky=None)
    elif sky is not None:
        satellites = replace(satellites, sky=sky)
    return replace(
        scenario,
        uavs=replace(scenario.uavs, **uavs),
        satellites=satellites,
        schedule=Schedule(),
    )


def parse_hours(text: str) -> list[int]:
    """Parse hours of the day, such as 17-22 or 8,12,19, in this order.

    Raises:
        InputError: the text names no hours; the message has one line.

    >>> parse_hours("22-1,8")
    [22, 23, 0, 1, 8]
    """
    hours: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        ends = [first, last] if dash else [first, first]
        start, end = (find_digits(end, 23) for end in ends)
        if start is None or end is None:
            allowed = "hours of 0 to 23, such as 17-22 or 8,19"
            raise InputError(f"--hours {quote(text)} (allowed: {allowed})")
        hours += [(start + step) % 24 for step in range((end - start) % 24 + 1)]
    return list(dict.fromkeys(hours))
