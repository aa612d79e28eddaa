"""Circular orbits, element sets and their files, SGP4, Walker constellations, and passes over a
site.
"""

from sagin.orbits.circular import (
    central_angle,
    coverage_fraction,
    elevation_at,
    elevation_over,
    mean_motion,
    orbit_angle,
    pass_duration,
    period,
    round_trip_delay,
    slant_range,
    slant_range_at,
    speed,
    visibility_threshold,
    visible,
    visible_fraction,
)
from sagin.orbits.constellation import PRESETS, Walker, constellation, walker_angles
from sagin.orbits.elements import GRAVITY, ElementSet
from sagin.orbits.ephemeris import (
    Look,
    Motion,
    doppler,
    earth_fixed,
    look,
    look_chunks,
    sidereal_angle,
    teme,
)
from sagin.orbits.files import parse_elements, read_elements, write_omm, write_tle
from sagin.orbits.passes import InView, Pass, handovers, passes, satellites_in_view, serving
from sagin.orbits.site import Site, parse_site, parse_time, time_grid

__all__ = [
    "GRAVITY",
    "PRESETS",
    "ElementSet",
    "InView",
    "Look",
    "Motion",
    "Pass",
    "Site",
    "Walker",
    "central_angle",
    "constellation",
    "coverage_fraction",
    "doppler",
    "earth_fixed",
    "elevation_at",
    "elevation_over",
    "handovers",
    "look",
    "look_chunks",
    "mean_motion",
    "orbit_angle",
    "parse_elements",
    "parse_site",
    "parse_time",
    "pass_duration",
    "passes",
    "period",
    "read_elements",
    "round_trip_delay",
    "satellites_in_view",
    "serving",
    "sidereal_angle",
    "slant_range",
    "slant_range_at",
    "speed",
    "teme",
    "time_grid",
    "visibility_threshold",
    "visible",
    "visible_fraction",
    "walker_angles",
    "write_omm",
    "write_tle",
]
