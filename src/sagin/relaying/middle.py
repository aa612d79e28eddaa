"""The middle of places on the Earth that a few wrong ones do not move."""

import math

import numpy as np

from sagin.types import Float, Int

MOST = 2**17
"""Places that the middle is sought from; of more, evenly spaced ones are taken."""

STEPS = 200
"""Most steps of the search."""

CLOSE = 1e-9
"""rad, 6 mm: a step that is shorter ends the search."""

FAR = 20.0
"""Median distances from the middle beyond which a place is told as lying far from the others."""

NEAR_M = 50_000.0
"""m; within this distance no place is told."""

Angles = Float[np.ndarray, " places"]


def find_middle(latitude_rad: Angles, longitude_rad: Angles) -> tuple[float, float]:
    """Find the geometric median of places on the sphere: latitude and longitude, rad.

    It has the least sum of straight distances to them, among points of space, and is taken back to
    the sphere. It moves with the places about the pole and across 180°, and half of them have to
    be wrong to move it far (Weiszfeld 1937; Lopuhaä and Rousseeuw 1991).

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
        # a place that is met exactly would have an infinite weight
        weights = 1.0 / np.maximum(np.linalg.norm(places - middle, axis=-1), 1e-12)
        following = weights @ places / weights.sum()
        moved, middle = np.linalg.norm(following - middle), following
        if moved < CLOSE:
            break
    return math.atan2(middle[2], math.hypot(middle[0], middle[1])), math.atan2(middle[1], middle[0])


def list_outliers(distance_m: Angles) -> Int[np.ndarray, " far"]:
    """List the places that lie far from the middle, by the distances of all, m.

    >>> list_outliers(np.array([1e3, 2e3, 3e3, 6e6])).tolist()
    [3]
    """
    return np.flatnonzero(distance_m > max(NEAR_M, FAR * float(np.median(distance_m))))
