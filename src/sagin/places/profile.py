"""Traffic by the hour: the share of a slice's users who are present in each hour of the day."""

import math

import numpy as np

from sagin.errors import InputError
from sagin.places.columns import need_columns, read_columns
from sagin.places.settings import Location
from sagin.types import Float

HOURS = 24
WHOLE_AREA = (173.29, ((89.83, 3.08), (52.6, 2.08), (16.68, 1.13)))
"""Mean of the traffic, and amplitude and phase of its waves of 24, 12 and 8 h, of Wang et al."""


def compute_weekday() -> Float[np.ndarray, "hours"]:
    """Compute the share of users in each hour of an urban weekday, 1 at the peak.

    V(t) = a_0 + Σ_k a_k·sin(2π·k·t/24 + φ_k) in the middle of the hour, divided by its largest
    value: Wang, Zhang, Zhang, Feng, Wang, Xin, ITC 27 (2015), arXiv 1703.10804, mean over all base
    stations of the area. The numbers are second-hand; two public codes that cite the paper agree on
    them: Aleksiejunas's data sets of mobile traffic (github.com/tmc-calc/mob-traffic-ds, with a_0 =
    173.9), and a simulator of virtual network functions.

    >>> shares = compute_weekday()
    >>> int(shares.argmin()), int(shares.argmax()), round(float(shares.min()), 2)
    (5, 22, 0.08)
    """
    mean, waves = WHOLE_AREA
    time = 2.0 * math.pi * (np.arange(HOURS) + 0.5) / HOURS
    volume = mean + np.sum(
        [
            amplitude * np.sin((turn + 1) * time + phase)
            for turn, (amplitude, phase) in enumerate(waves)
        ],
        axis=0,
    )
    return volume / volume.max()


def read_shares(location: Location) -> Float[np.ndarray, "hours slices"]:
    """Return the share of each slice's users who are present in each hour of the day, 0 to 1.

    Raises:
        InputError: the location's file has other columns or values; the message has one line.
    """
    if location.profile_file is not None:
        return _read_file(location.profile_file)
    day = compute_weekday() if location.profile == "urban-weekday" else np.ones(HOURS)
    return np.repeat(day[:, None], 3, axis=1)


def list_local_hours(location: Location) -> list[int]:
    """Return the hour of the day of each of the 24 hours from the location's start."""
    return [(location.start.hour + step) % HOURS for step in range(HOURS)]


def _read_file(path: str) -> Float[np.ndarray, "hours slices"]:
    """Read hour and shares; one column `share` holds for all slices."""
    names = ("hour", "share", "h", "l", "c")
    ranges = dict.fromkeys(names, (0.0, 1.0)) | {"hour": (0.0, HOURS - 1.0)}
    columns = read_columns(path, dict.fromkeys(names, ()), ranges)
    slices = ("share",) * 3 if "share" in columns else ("h", "l", "c")
    need_columns(path, columns, "hour", *slices)
    hours = columns["hour"].tolist()
    if sorted(hours) != list(range(HOURS)):
        raise InputError(f"{path}: hours {hours} (allowed: each of 0 to 23 once)")
    table = np.empty((HOURS, 3))
    table[columns["hour"].astype(int)] = np.stack([columns[name] for name in slices], axis=1)
    return table
