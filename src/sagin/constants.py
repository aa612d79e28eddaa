"""Physical and geodetic constants, each with its source."""

SPEED_OF_LIGHT = 299_792_458.0
"""Speed of light in vacuum, m/s (SI definition)."""

BOLTZMANN = 1.380_649e-23
"""Boltzmann constant, J/K (SI definition)."""

REFERENCE_TEMPERATURE = 290.0
"""Standard noise temperature T_0, K (IEEE)."""

EARTH_MU = 3.986_004_418e14
"""Geocentric gravitational constant, m^3/s^2 (WGS-84)."""

EARTH_ROTATION = 7.292_115e-5
"""Earth's rotation rate, rad/s (WGS-84)."""

EARTH_RADIUS = 6_371_000.0
"""Radius of the spherical Earth, m (3GPP TR 38.811 and TR 38.821)."""

EARTH_MEAN_RADIUS = 6_371_008.7714
"""Mean radius of the ellipsoid, m (IUGG)."""

WGS84_SEMI_MAJOR = 6_378_137.0
"""Equatorial radius, m (WGS-84)."""

WGS84_INVERSE_FLATTENING = 298.257_223_563
"""Inverse flattening (WGS-84)."""

WGS84_FLATTENING = 1.0 / WGS84_INVERSE_FLATTENING
"""Flattening (WGS-84)."""

WGS84_SEMI_MINOR = WGS84_SEMI_MAJOR * (1.0 - WGS84_FLATTENING)
"""Polar radius, m (WGS-84)."""
