"""Path loss, fading and losses of the atmosphere, one model per file.

Use as `shadowed_rician.power_cdf(…)`.
"""

from sagin.propagation import (
    air_to_ground,
    aperture,
    free_space,
    gases,
    itu_maps,
    link_budget,
    log_distance,
    nakagami,
    ntn,
    p618,
    rain,
    rayleigh,
    rician,
    satellite_terminals,
    shadowed_rician,
)
from sagin.propagation.air_to_ground import (
    DENSE_URBAN,
    ENVIRONMENTS,
    HIGHRISE,
    SUBURBAN,
    URBAN,
    Environment,
)
from sagin.propagation.itu_maps import SiteAttenuation, SiteClimate
from sagin.propagation.link_budget import LinkBudget
from sagin.propagation.ntn import LargeScale
from sagin.propagation.satellite_terminals import SatelliteAntennas, Terminal
from sagin.propagation.shadowed_rician import AVERAGE, HEAVY, LIGHT, SHADOWING, ShadowedRician

__all__ = [
    "AVERAGE",
    "DENSE_URBAN",
    "ENVIRONMENTS",
    "HEAVY",
    "HIGHRISE",
    "LIGHT",
    "SHADOWING",
    "SUBURBAN",
    "URBAN",
    "Environment",
    "LargeScale",
    "LinkBudget",
    "SatelliteAntennas",
    "ShadowedRician",
    "SiteAttenuation",
    "SiteClimate",
    "Terminal",
    "air_to_ground",
    "aperture",
    "free_space",
    "gases",
    "itu_maps",
    "link_budget",
    "log_distance",
    "nakagami",
    "ntn",
    "p618",
    "rain",
    "rayleigh",
    "rician",
    "satellite_terminals",
    "shadowed_rician",
]
