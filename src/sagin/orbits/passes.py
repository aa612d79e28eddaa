"""Passes of satellites over a site, satellites in view, and the serving satellite."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from sagin.errors import InputError
from sagin.orbits.elements import ElementSet
from sagin.orbits.ephemeris import MAXIMUM_AGE_DAYS, doppler, look, look_chunks
from sagin.orbits.site import Site, after, time_grid, to_datetime64
from sagin.types import Float, Int
from sagin.units import Numbers, as_float64

DAY = 86_400.0
"""Period in which the remaining visibility is computed, s."""

STEP = 60.0
"""Coarse step of the search, s; a pass shorter than that is found by its culmination."""

FASTEST = 12_000.0
"""Speed above that of any satellite over ground, m/s: escape speed at the surface, 11.2 km/s, and
the Earth's rotation.
"""


@dataclass(frozen=True)
class Pass:
    """A pass of a satellite over a site.

    A pass that the window cuts rises at the window's start or sets at its end.
    """

    name: str
    number: int
    """Catalogue number of the satellite."""
    rise: datetime
    """Time of rise, UTC; like the other two times, it is accurate to better than 1 s."""
    culmination: datetime
    set: datetime
    maximum_elevation_deg: float

    @property
    def duration(self) -> float:
        """Duration, s."""
        return (self.set - self.rise).total_seconds()


@dataclass(frozen=True)
class InView:
    """A satellite above the minimum elevation."""

    name: str
    number: int
    """Catalogue number of the satellite."""
    elevation_deg: float
    azimuth_deg: float
    """Azimuth, °, clockwise from north."""
    slant_range: float
    """Distance between the site and the satellite, m."""
    range_rate: float
    """Rate of change of the distance, m/s, positive while the satellite recedes."""
    doppler: float
    """Hz, at the carrier asked for."""
    remaining: float
    """Time until it sets, s; infinite if it does not set within a day."""


class _Track:
    """Elevation of one satellite as a function of seconds after a start; −∞ if not valid."""

    def __init__(self, element: ElementSet, site: Site, start: np.datetime64) -> None:
        self.element, self.site, self.start = element, site, start

    def __call__(self, seconds: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        view = look([self.element], self.site, after(self.start, seconds.ravel()), math.inf)
        return np.where(view.valid[0], view.elevation_rad[0], -np.inf).reshape(seconds.shape)

    def peaks(
        self, low: Float[np.ndarray, " n"], high: Float[np.ndarray, " n"]
    ) -> Float[np.ndarray, " n"]:
        """Return the time of the highest elevation within each bracket.

        The error is 0.1 s for a bracket of two minutes.
        """
        for _ in range(2):
            seconds = np.linspace(low, high, 61, axis=-1)
            best = np.argmax(self(seconds), axis=-1)
            rows = np.arange(len(low))
            low, high = (
                seconds[rows, np.maximum(best - 1, 0)],
                seconds[rows, np.minimum(best + 1, 60)],
            )
        return (low + high) / 2.0

    def crossings(
        self, low: Float[np.ndarray, " n"], high: Float[np.ndarray, " n"], least: float
    ) -> Float[np.ndarray, " n"]:
        """Return the time at which the elevation crosses the minimum in each bracket.

        The error is 0.05 s for a bracket of a minute.
        """
        for _ in range(2):
            seconds = np.linspace(low, high, 31, axis=-1)
            high_enough = self(seconds) >= least
            first = np.argmax(high_enough[:, 1:] != high_enough[:, :1], axis=-1)
            rows = np.arange(len(low))
            low, high = seconds[rows, first], seconds[rows, first + 1]
        return (low + high) / 2.0


def passes(
    elements: Sequence[ElementSet],
    site: Site,
    start: datetime,
    duration_s: float,
    minimum_elevation_deg: float = 10.0,
    maximum_age_days: float = MAXIMUM_AGE_DAYS,
) -> list[Pass]:
    """Return the passes above the minimum elevation within a time window, ordered by rise.

    The search samples every minute, and every maximum in between that could reach the minimum
    elevation. It misses only a dip below the minimum of less than a minute.

    Args:
        elements: elements of the satellites.
        site: degrees and m.
        start: start of the window; UTC without an offset.
        duration_s: duration of the window, s.
        minimum_elevation_deg: minimum elevation.
        maximum_age_days: |time − epoch| up to which elements are used.
    """
    if not (duration_s > 0 and math.isfinite(duration_s)):
        raise InputError(f"window of {duration_s} s; allowed: above 0")
    least = math.radians(minimum_elevation_deg)
    times = time_grid(start, duration_s, STEP)
    seconds = (times - times[0]) / np.timedelta64(1, "s")
    all_passes: list[Pass] = []
    for part, view in look_chunks(elements, site, times, maximum_age_days):
        height = np.where(view.valid, view.elevation_rad, -np.inf)
        # within half a step the line of sight turns by no more than this
        swing = np.arcsin(
            np.minimum(FASTEST * STEP / 2.0 / np.where(view.valid, view.slant_range_m, np.inf), 1.0)
        )
        for row, element in enumerate(elements[part]):
            if np.any(height[row] + swing[row] >= least):
                track = _Track(element, site, times[0])
                all_passes.extend(_passes_of(track, seconds, height[row], swing[row], least))
    return sorted(all_passes, key=lambda item: (item.rise, item.number))


def _passes_of(
    track: _Track,
    seconds: Float[np.ndarray, " times"],
    height: Float[np.ndarray, " times"],
    swing: Float[np.ndarray, " times"],
    least: float,
) -> Iterator[Pass]:
    inner = height[1:-1]
    peak = (
        np.flatnonzero(
            (inner >= height[:-2]) & (inner > height[2:]) & (inner + swing[1:-1] >= least)
        )
        + 1
    )
    if len(peak):
        at = track.peaks(seconds[peak - 1], seconds[peak + 1])
        seconds, height = np.append(seconds, at), np.append(height, track(at))
        order = np.argsort(seconds, kind="stable")
        seconds, height = seconds[order], height[order]
    visible = np.concatenate([[False], height >= least, [False]])
    rises, sets = (
        np.flatnonzero(visible[1:] & ~visible[:-1]),
        np.flatnonzero(visible[:-1] & ~visible[1:]) - 1,
    )
    rise_at, set_at = seconds[rises].copy(), seconds[sets].copy()
    begun, ended = rises > 0, sets < len(seconds) - 1
    if begun.any():
        rise_at[begun] = track.crossings(seconds[rises[begun] - 1], seconds[rises[begun]], least)
    if ended.any():
        set_at[ended] = track.crossings(seconds[sets[ended]], seconds[sets[ended] + 1], least)
    for first, last, rise, end in zip(rises, sets, rise_at, set_at, strict=True):
        top = first + int(np.argmax(height[first : last + 1]))
        moments = after(track.start, np.array([rise, seconds[top], end])).tolist()
        rise_time, top_time, set_time = (moment.replace(tzinfo=UTC) for moment in moments)
        yield Pass(
            track.element.name,
            track.element.number,
            rise_time,
            top_time,
            set_time,
            math.degrees(height[top]),
        )


def satellites_in_view(
    elements: Sequence[ElementSet],
    site: Site,
    when: datetime,
    minimum_elevation_deg: float = 10.0,
    carrier_hz: float = 2e9,
    maximum_age_days: float = MAXIMUM_AGE_DAYS,
) -> list[InView]:
    """Return the satellites above the minimum elevation at a time, highest first.

    The list is empty if there are none.

    Args:
        elements: elements of the satellites.
        site: degrees and m.
        when: time; UTC without an offset.
        minimum_elevation_deg: minimum elevation.
        carrier_hz: carrier for the Doppler shift, Hz.
        maximum_age_days: |time − epoch| up to which elements are used; satellites with older ones
            are not in view.

    Raises:
        ElementsError: all elements are too old.
    """
    least = math.radians(minimum_elevation_deg)
    start = to_datetime64(when)
    view = look(elements, site, start[None], maximum_age_days)
    elevation = np.where(view.valid[:, 0], view.elevation_rad[:, 0], -np.inf)
    rows = [int(row) for row in np.argsort(-elevation, kind="stable") if elevation[row] >= least]
    remaining = _remaining([elements[row] for row in rows], site, start, least)
    shift = doppler(view.range_rate_m_s[:, 0], carrier_hz)
    return [
        InView(
            name=elements[row].name,
            number=elements[row].number,
            elevation_deg=math.degrees(elevation[row]),
            azimuth_deg=math.degrees(view.azimuth_rad[row, 0]),
            slant_range=float(view.slant_range_m[row, 0]),
            range_rate=float(view.range_rate_m_s[row, 0]),
            doppler=float(shift[row]),
            remaining=left,
        )
        for row, left in zip(rows, remaining, strict=True)
    ]


def _remaining(
    elements: Sequence[ElementSet], site: Site, start: np.datetime64, least: float
) -> list[float]:
    """Return how long each of the satellites, now in view, stays above the minimum elevation, s."""
    if not elements:
        return []
    seconds = np.arange(0.0, DAY + STEP, STEP)
    left: list[float] = []
    for part, view in look_chunks(elements, site, after(start, seconds), math.inf):
        below = ~(np.where(view.valid, view.elevation_rad, -np.inf) >= least)
        for element, row in zip(elements[part], below, strict=True):
            first = int(np.argmax(row))
            bracket = seconds[first - 1 : first], seconds[first : first + 1]
            left.append(
                float(_Track(element, site, start).crossings(*bracket, least)[0])
                if row.any()
                else math.inf
            )
    return left


def serving(
    elevation_rad: Numbers, minimum_elevation_rad: Numbers, rule: str
) -> Int[np.ndarray, " times"]:
    """Return the index of the serving satellite at each time, −1 if none is in view.

    Among equally long visibilities, as for all satellites that outlast the times, the highest
    satellite is taken; among equally high ones the first.

    Args:
        elevation_rad: rad, [satellites, times]; NaN if a satellite is not valid.
        minimum_elevation_rad: rad.
        rule: 'longest' takes the satellite with the longest remaining visibility and keeps it until
            it sets; 'highest' always takes the highest one.
    """
    elevation_rad = as_float64(elevation_rad)
    height = np.where(elevation_rad >= as_float64(minimum_elevation_rad), elevation_rad, -np.inf)
    best = np.where(
        height.max(axis=0, initial=-np.inf) > -np.inf,
        np.argmax(height, axis=0) if len(height) else 0,
        -1,
    )
    if rule == "highest":
        return best
    if rule != "longest":
        raise InputError(f"handover rule {rule!r}; allowed: longest, highest")
    served = np.full(elevation_rad.shape[1], -1)
    sets = _sets(height > -np.inf)
    for time in range(elevation_rad.shape[1]):
        if time and served[time - 1] >= 0 and height[served[time - 1], time] > -np.inf:
            served[time] = served[time - 1]
        elif best[time] >= 0:
            last = np.where(height[:, time] > -np.inf, sets[:, time], -1)
            served[time] = np.argmax(np.where(last == last.max(), height[:, time], -np.inf))
    return served


def _sets(in_view: np.ndarray) -> Int[np.ndarray, "satellites times"]:
    """Return the index of the next time at which each satellite is not in view.

    It is the number of times if the satellite stays in view.
    """
    count = in_view.shape[1]
    below = np.where(in_view, count, np.arange(count))
    return np.minimum.accumulate(below[:, ::-1], axis=1)[:, ::-1]


def handovers(serving: Numbers) -> int:
    """Count the changes of the serving satellite, with or without an outage (−1) in between.

    >>> handovers(np.array([-1, 3, 3, 5, -1, 5, 2]))
    2
    """
    serving = as_float64(serving)
    served = serving[serving >= 0]
    return int(np.count_nonzero(served[1:] != served[:-1]))
