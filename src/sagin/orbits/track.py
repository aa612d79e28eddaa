"""Satellites in view of a site over time, and the serving satellite."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from sagin.errors import InputError
from sagin.orbits.elements import ElementSet
from sagin.orbits.ephemeris import (
    MAXIMUM_AGE_DAYS,
    Grid,
    LookAngles,
    Mask,
    Vectors,
    earth_fixed,
    look,
    look_chunks,
)
from sagin.orbits.passes import serving
from sagin.orbits.site import Site, time_grid
from sagin.types import Int

MOST_SAMPLES = 20_000_000
"""Largest number of satellites times steps."""


class SkyTrack(NamedTuple):
    """Satellites that are in view of a site at one or more times.

    Angles, ranges and positions are NaN if the elements are too old or SGP4 fails.
    """

    site: Site
    times: np.ndarray
    """Times, UTC, datetime64 of shape [times]."""
    elements: tuple[ElementSet, ...]
    """Orbital elements of the satellites."""
    elevation_rad: Grid
    azimuth_rad: Grid
    slant_range_m: Grid
    range_rate_m_s: Grid
    position_m: Vectors
    """Earth-fixed positions, m."""
    in_view: Mask
    """Whether a satellite is at or above the minimum elevation."""
    serving: Int[np.ndarray, " times"]
    """Index of the serving satellite, −1 if none is in view."""


def track_sky(
    elements: Sequence[ElementSet],
    site: Site,
    start: datetime,
    duration_s: float,
    step_s: float,
    *,
    minimum_elevation_deg: float = 10.0,
    rule: str = "longest",
    maximum_age_days: float = MAXIMUM_AGE_DAYS,
) -> SkyTrack:
    """Track the satellites over a site in equal steps.

    Args:
        elements: elements of the satellites.
        site: degrees and m.
        start: start time; UTC without an offset.
        duration_s: s, both ends included.
        step_s: s.
        minimum_elevation_deg: minimum elevation of a satellite in view.
        rule: rule of the serving satellite, longest or highest, as in `serving`.
        maximum_age_days: |time − epoch| up to which elements are used.

    Raises:
        InputError: the number of samples exceeds the limit; the message has one line.
    """
    steps = int(duration_s / step_s) + 2
    if steps * len(elements) > MOST_SAMPLES:
        count = f"{len(elements)} satellites at {steps} times"
        raise InputError(f"{count}: allowed: at most {MOST_SAMPLES} samples; use a longer step")
    times, least = time_grid(start, duration_s, step_s), np.deg2rad(minimum_elevation_deg)
    tracked, valid = _find_seen(elements, site, times, least, maximum_age_days)
    if tracked:
        # the first look said at which times the elements are young enough
        view = look(tracked, site, times, math.inf)
        position = earth_fixed(tracked, times, math.inf).position
    else:
        view = LookAngles(*(np.empty(valid.shape) for _ in range(4)), valid=valid)
        position = np.empty((*valid.shape, 3))
    elevation, azimuth, reach, rate = (np.where(valid, quantity, np.nan) for quantity in view[:4])
    position = np.where(valid[..., None], position, np.nan)
    height = np.where(valid, elevation, -np.inf)
    served = serving(height, least, rule)
    in_view = height >= least
    return SkyTrack(
        site, times, tracked, elevation, azimuth, reach, rate, position, in_view, served
    )


def _find_seen(
    elements: Sequence[ElementSet],
    site: Site,
    times: np.ndarray,
    least: float,
    maximum_age_days: float,
) -> tuple[tuple[ElementSet, ...], Mask]:
    """Find the satellites that rise above the minimum elevation, rad, and when they are valid."""
    rows: list[int] = []
    masks = [np.empty((0, len(times)), bool)]
    for part, view in look_chunks(elements, site, times, maximum_age_days):
        is_high = (np.where(view.valid, view.elevation_rad, -np.inf) >= least).any(axis=1)
        rows += (part.start + np.flatnonzero(is_high)).tolist()
        masks.append(view.valid[is_high])
    return tuple(elements[row] for row in rows), np.concatenate(masks)
