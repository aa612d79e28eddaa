"""Tables of 3GPP TR 38.811 clause 6.6, one value for each elevation of 10°, 20°, … 90°.

Plain tuples: the module that looks things up in them turns them into arrays inside its functions.
The numbers are those of the technical report; ns-3 and OpenNTN, which carry the same ones, were
compared entry by entry.
"""

ENVIRONMENTS = ("dense_urban", "urban", "suburban_rural")
"""Names of the environments, in the report's order."""

BANDS = ("S", "Ka")
"""Names of the two bands of Tables 6.6.2-1 to 6.6.2-3, in the order of the rows below."""

LOS_PROBABILITY = {
    "dense_urban": (0.282, 0.331, 0.398, 0.468, 0.537, 0.612, 0.738, 0.820, 0.981),
    "urban": (0.246, 0.386, 0.493, 0.613, 0.726, 0.805, 0.919, 0.968, 0.992),
    "suburban_rural": (0.782, 0.869, 0.919, 0.929, 0.935, 0.940, 0.949, 0.952, 0.998),
}
"""Line-of-sight probability (Table 6.6.1-1)."""

SHADOWING_STD_DB = {
    "dense_urban": (
        (
            (15.5, 13.9, 12.4, 11.7, 10.6, 10.5, 10.1, 9.2, 9.2),
            (3.5, 3.4, 2.9, 3.0, 3.1, 2.7, 2.5, 2.3, 1.2),
        ),
        (
            (17.1, 17.1, 15.6, 14.6, 14.2, 12.6, 12.1, 12.3, 12.3),
            (2.9, 2.4, 2.7, 2.4, 2.4, 2.7, 2.6, 2.8, 0.6),
        ),
    ),
    "urban": (
        ((6.0,) * 9, (4.0,) * 9),
        ((6.0,) * 9, (4.0,) * 9),
    ),
    "suburban_rural": (
        (
            (8.93, 9.08, 8.78, 10.25, 10.56, 10.74, 10.17, 11.52, 11.52),
            (1.79, 1.14, 1.14, 0.92, 1.42, 1.56, 0.85, 0.72, 0.72),
        ),
        (
            (10.7, 10.0, 11.2, 11.6, 11.8, 10.8, 10.8, 10.8, 10.8),
            (1.9, 1.6, 1.9, 2.3, 2.7, 3.1, 3.0, 3.6, 0.4),
        ),
    ),
}
"""Standard deviation of the shadow fading, dB, [band][0: obstructed, 1: line of sight] (Tables
6.6.2-1, -2, -3).
"""

_URBAN_CLUTTER_DB = (
    (34.3, 30.9, 29.0, 27.7, 26.8, 26.2, 25.8, 25.5, 25.5),
    (44.3, 39.9, 37.5, 35.8, 34.6, 33.8, 33.3, 33.0, 32.9),
)

CLUTTER_LOSS_DB = {
    "dense_urban": _URBAN_CLUTTER_DB,
    "urban": _URBAN_CLUTTER_DB,
    "suburban_rural": (
        (19.52, 18.17, 18.42, 18.28, 18.63, 17.68, 16.50, 16.30, 16.30),
        (29.5, 24.6, 21.9, 20.0, 18.7, 17.8, 17.2, 16.9, 16.8),
    ),
}
"""Clutter loss without line of sight, dB, [band] (Tables 6.6.2-1, -2, -3)."""

TROPOSPHERIC_SCINTILLATION_DB = (1.08, 0.48, 0.30, 0.22, 0.17, 0.13, 0.12, 0.12, 0.12)
"""Tropospheric scintillation at 20 GHz, 99 % of the time, Toulouse, dB (Table 6.6.6.2.1-1)."""

ZENITH_FREQUENCY_GHZ = (1.0, 2.0, 10.0, 14.0, 20.0, 22.0, 30.0, 40.0)
"""Frequencies of the zenith attenuation below, GHz."""

ZENITH_ATTENUATION_DB = (0.03, 0.035, 0.053, 0.0935, 0.25, 0.4581, 0.25, 0.4)
"""Gaseous attenuation towards the zenith in the mean annual global reference atmosphere, dB (ITU-R
P.676, figure 6).
"""
