"""Noise, interference, rates, combining and relaying; use as `combining.maximum_ratio(…)`."""

from sagin.radio import (
    amplify_forward,
    capacity,
    combining,
    csi,
    diversity,
    noise,
    relay_statistics,
    sinr,
)

__all__ = [
    "amplify_forward",
    "capacity",
    "combining",
    "csi",
    "diversity",
    "noise",
    "relay_statistics",
    "sinr",
]
