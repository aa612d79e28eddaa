"""Distances, point sets, spacing, motion, and coordinates on the Earth."""

from sagin.geometry.distance import distance, elevation, horizontal_distance
from sagin.geometry.geodetic import (
    from_earth_fixed,
    from_local,
    local_axes,
    look_angles,
    surface_distance,
    to_earth_fixed,
    to_local,
)
from sagin.geometry.mobility import random_direction, reflect
from sagin.geometry.points import (
    PointProcess,
    hotspot,
    poisson_disc,
    poisson_square,
    uniform_disc,
    uniform_square,
)
from sagin.geometry.spacing import fits, minimum_distance, separate

__all__ = [
    "PointProcess",
    "distance",
    "elevation",
    "fits",
    "from_earth_fixed",
    "from_local",
    "horizontal_distance",
    "hotspot",
    "local_axes",
    "look_angles",
    "minimum_distance",
    "poisson_disc",
    "poisson_square",
    "random_direction",
    "reflect",
    "separate",
    "surface_distance",
    "to_earth_fixed",
    "to_local",
    "uniform_disc",
    "uniform_square",
]
