"""Satellites and terminals of 3GPP's link budgets (TR 38.821 clause 6.1, TR 36.763 clause 6.2).

Numbers are in the units of the tables, as their names say.
"""

from typing import NamedTuple

from sagin.errors import InputError


class Downlink(NamedTuple):
    """Transmit side of a satellite.

    One row of Tables 6.1.1.1-1 and -2 (TR 38.821) or 6.2-6 and -7 (TR 36.763).
    """

    aperture_m: float
    eirp_density_dbw_mhz: float
    gain_dbi: float
    beamwidth_deg: float


class Uplink(NamedTuple):
    """A satellite's receive side, from the same tables."""

    aperture_m: float
    g_over_t_db_k: float
    gain_dbi: float


class SatelliteAntennas(NamedTuple):
    """Both sides of a satellite in one band."""

    downlink: Downlink
    uplink: Uplink


class Terminal(NamedTuple):
    """A user terminal, one column of Table 6.1.1.1-3."""

    receive_gain_dbi: float
    transmit_gain_dbi: float
    antenna_temperature_k: float
    noise_figure_db: float
    transmit_power_dbm: float


class Margins(NamedTuple):
    """Losses that a link budget adds to the path loss, dB."""

    scintillation_db: float
    atmospheric_db: float
    polarisation_db: float
    shadow_margin_db: float


ALTITUDE_M = {"GEO": 35_786e3, "LEO1200": 1_200e3, "LEO600": 600e3}
"""Altitude of the three orbits, m."""

FREQUENCY_HZ = {"S": {"downlink": 2e9, "uplink": 2e9}, "Ka": {"downlink": 20e9, "uplink": 30e9}}
"""Carrier frequency of a band and direction, Hz (Table 6.1.3.2-1)."""

SATELLITES = {
    ("set1", "GEO", "S"): SatelliteAntennas(
        Downlink(22.0, 59.0, 51.0, 0.4011), Uplink(22.0, 19.0, 51.0)
    ),
    ("set1", "GEO", "Ka"): SatelliteAntennas(
        Downlink(5.0, 40.0, 58.5, 0.1765), Uplink(3.34, 28.0, 58.5)
    ),
    ("set1", "LEO1200", "S"): SatelliteAntennas(
        Downlink(2.0, 40.0, 30.0, 4.4127), Uplink(2.0, 1.1, 30.0)
    ),
    ("set1", "LEO1200", "Ka"): SatelliteAntennas(
        Downlink(0.5, 10.0, 38.5, 1.7647), Uplink(0.334, 13.0, 38.5)
    ),
    ("set1", "LEO600", "S"): SatelliteAntennas(
        Downlink(2.0, 34.0, 30.0, 4.4127), Uplink(2.0, 1.1, 30.0)
    ),
    ("set1", "LEO600", "Ka"): SatelliteAntennas(
        Downlink(0.5, 4.0, 38.5, 1.7647), Uplink(0.334, 13.0, 38.5)
    ),
    ("set2", "GEO", "S"): SatelliteAntennas(
        Downlink(12.0, 53.5, 45.5, 0.7353), Uplink(12.0, 14.0, 45.5)
    ),
    ("set2", "GEO", "Ka"): SatelliteAntennas(
        Downlink(2.0, 32.0, 50.5, 0.4412), Uplink(1.34, 16.0, 50.5)
    ),
    ("set2", "LEO1200", "S"): SatelliteAntennas(
        Downlink(1.0, 34.0, 24.0, 8.8320), Uplink(1.0, -4.9, 24.0)
    ),
    ("set2", "LEO1200", "Ka"): SatelliteAntennas(
        Downlink(0.2, 2.0, 30.5, 4.4127), Uplink(0.13, 5.0, 30.5)
    ),
    ("set2", "LEO600", "S"): SatelliteAntennas(
        Downlink(1.0, 28.0, 24.0, 8.8320), Uplink(1.0, -4.9, 24.0)
    ),
    ("set2", "LEO600", "Ka"): SatelliteAntennas(
        Downlink(0.2, -4.0, 30.5, 4.4127), Uplink(0.13, 5.0, 30.5)
    ),
    ("set3", "GEO", "S"): SatelliteAntennas(
        Downlink(12.0, 59.8, 45.7, 0.7353), Uplink(12.0, 16.7, 45.7)
    ),
    ("set3", "LEO1200", "S"): SatelliteAntennas(
        Downlink(0.4, 33.7, 16.2, 22.1), Uplink(0.4, -12.8, 16.2)
    ),
    ("set3", "LEO600", "S"): SatelliteAntennas(
        Downlink(0.4, 28.3, 16.2, 22.1), Uplink(0.4, -12.8, 16.2)
    ),
    ("set4", "LEO600", "S"): SatelliteAntennas(
        Downlink(0.097, 21.45, 11.0, 104.7), Uplink(0.097, -18.6, 11.0)
    ),
}
"""Satellites by set, orbit and band; sets 1 and 2 are TR 38.821's, sets 3 and 4 those of TR 36.763.

The receive G/T of GEO in sets 1 and 2 and of LEO set 2 in Ka band are the report's alone; every
other number but the beamwidths has a second source among the tests' authorities, and the beamwidths
agree with `aperture.half_power_beamwidth`.
"""

TERMINALS = {
    "handheld": Terminal(0.0, 0.0, 290.0, 7.0, 23.0),
    "vsat": Terminal(39.7, 43.2, 150.0, 1.2, 33.0),
}
"""User terminals (TR 38.821 Table 6.1.1.1-3)."""

IOT_MARGINS = {
    "GEO": Margins(2.2, 0.2, 3.0, 3.0),
    "LEO1200": Margins(2.2, 0.1, 3.0, 3.0),
    "LEO600": Margins(2.2, 0.1, 3.0, 3.0),
}
"""Losses of the IoT link budget by orbit (TR 36.763 Table 6.2-1)."""

SHADOW_MARGIN_DB = {"S": 3.0, "Ka": 0.0}
"""Shadow-fading margin of a link budget by band, dB (TR 38.821 clause 6.1.3.2)."""


def satellite(parameter_set: str, orbit: str, band: str) -> SatelliteAntennas:
    """Return the satellite of a parameter set, an orbit and a band.

    Args:
        parameter_set: set1 … set4.
        orbit: GEO, LEO1200 or LEO600.
        band: S or Ka.

    >>> satellite("set1", "LEO600", "S").downlink.eirp_density_dbw_mhz
    34.0
    """
    if (parameter_set, orbit, band) not in SATELLITES:
        known = "; ".join(" ".join(name) for name in SATELLITES)
        raise InputError(f"satellite: {parameter_set} {orbit} {band} is not one of: {known}")
    return SATELLITES[parameter_set, orbit, band]


def terminal(kind: str) -> Terminal:
    """Return the user terminal of a kind, handheld or vsat.

    >>> terminal("vsat").noise_figure_db
    1.2
    """
    if kind not in TERMINALS:
        raise InputError(f"terminal: {kind!r} is not one of {', '.join(TERMINALS)}")
    return TERMINALS[kind]


def target_elevation_deg(parameter_set: str, orbit: str) -> float:
    """Return the elevation at which a link budget is taken, degrees.

    30° for LEO; for GEO 12.5° (set 1) or 20° (other sets).

    TR 38.821 Table 6.1.3.2-1.

    >>> target_elevation_deg("set1", "GEO")
    12.5
    """
    if orbit not in ALTITUDE_M:
        raise InputError(f"orbit: {orbit!r} is not one of {', '.join(ALTITUDE_M)}")
    if orbit != "GEO":
        return 30.0
    return 12.5 if parameter_set == "set1" else 20.0
