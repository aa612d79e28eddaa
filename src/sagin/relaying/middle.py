"""A robust centre of positions on the Earth, which a few wrong positions do not move."""

import math

import numpy as np

from sagin.types import Float, Int

MOST = 2**17
"""Largest number of positions used; of more, evenly spaced ones are taken."""

STEPS = 200
"""Largest number of search steps."""

CLOSE = 1e-9
"""A step shorter than this, rad (6 mm), ends the search."""

FAR = 20.0
"""Multiple of the median distance beyond which a position is reported as an outlier."""

NEAR_M = 50_000.0
"""Within this distance, m, no position is reported."""

Angles = Float[np.ndarray, " places"]


def find_middle(latitude_rad: Angles, longitude_rad: Angles) -> tuple[float, float]:
    """Find the geometric median of positions on the sphere: latitude and longitude, rad.

    Among points of space it has the minimum sum of straight distances to them; it is then projected
    to the sphere. The result is equivariant around the pole and across 180°, and half of the
    positions have to be wrong to move it far (Weiszfeld 1937; Lopuhaä and Rousseeuw 1991).

    >>> middle = find_middle(np.zeros(4), np.deg2rad([178.0, 180.0, -178.0, 0.0]))
    >>> [abs(round(math.degrees(angle), 3)) for angle in middle]
    [0.0, 180.0]
    """
    step = -(-len(latitude_rad) // MOST)
    latitude, longitude = latitude_rad[::step], longitude_rad[::step]
    level = np.cos(latitude)
    places = np.stack(
        [level * np.cos(longitude), level * np.sin(longitude), np.sin(latitude)], axis=-1
    )
    # the componentwise median is near already, and no mean of far places
    middle = np.median(places, axis=0)
    for _ in range(STEPS):
        # a position that is reached exactly would have an infinite weight
        weights = 1.0 / np.maximum(np.linalg.norm(places - middle, axis=-1), 1e-12)
        following = weights @ places / weights.sum()
        moved, middle = np.linalg.norm(following - middle), following
        if moved < CLOSE:
            break
    return math.atan2(middle[2], math.hypot(middle[0], middle[1])), math.atan2(middle[1], middle[0])


def list_outliers(distance_m: Angles) -> Int[np.ndarray, " far"]:
    """List the positions far from the centre, from the distances of all positions, m.

    >>> list_outliers(np.array([1e3, 2e3, 3e3, 6e6])).tolist()
    [3]
    """
    return np.flatnonzero(distance_m > max(NEAR_M, FAR * float(np.median(distance_m))))
