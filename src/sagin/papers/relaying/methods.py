"""Names of the frameworks, and the factors that the captions put on their series."""

from typing import NamedTuple


class Title(NamedTuple):
    """Name and factor of a framework in the paper's figures."""

    title: str
    caption_factor: float = 1.0
    """Factor by which the captions of Figures 2 and 3 multiply the series."""


METHODS = {
    "cud": Title("CUD", 1.16),
    "egc": Title("EGC-SAGIN", 1.12),
    "egc-equal": Title("EGC-SAGIN (equal noise)", 1.12),
    "sc": Title("SC-SAGIN", 1.08),
    "leo-gbs": Title("LEO-GBS", 1.04),
    "leo-gbs-half": Title("LEO-GBS (half band)", 1.04),
    "gbs-only": Title("GBS-only"),
    "uav-bs": Title("UAV-BS"),
}
"""By name, in the order of `sagin.relaying.frameworks.FRAMEWORKS`."""
TITLES = {name: row.title for name, row in METHODS.items()}


def caption_ratio(method: str, rival: str) -> float:
    """Return the factor that the captions put on a method's series over its rival's.

    >>> round(caption_ratio("cud", "egc"), 4)
    1.0357
    """
    return METHODS[method].caption_factor / METHODS[rival].caption_factor
