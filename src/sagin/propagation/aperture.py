"""Reflector antenna with a circular aperture (3GPP TR 38.811, clause 6.4.1)."""

import jax.numpy as jnp
import numpy as np

from sagin.constants import SPEED_OF_LIGHT
from sagin.types import Array, Float
from sagin.units import Numbers, as_float

HALF_POWER_ARGUMENT = 1.616_339_948_310_703
"""The u with 4 |J_1(u)/u|² = 1/2, found with scipy's j1 and brentq."""

# Abramowitz and Stegun 9.4.4 and 9.4.6, constant term first: jax has no J_1 (its bessel_jn loses
# all digits at large arguments)
_NEAR = (0.5, -0.56249985, 0.21093573, -0.03954289, 0.00443319, -0.00031761, 0.00001109)
_FAR_AMPLITUDE = (
    0.79788456,
    0.00000156,
    0.01659667,
    0.00017105,
    -0.00249511,
    0.00113653,
    -0.00020033,
)
_FAR_PHASE = (-2.35619449, 0.12499612, 0.00005650, -0.00637879, 0.00074348, 0.00079824, -0.00029166)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    return jnp.polyval(jnp.asarray(coefficients[::-1], x.dtype), x)


def bessel_j1_over_argument(argument: Numbers) -> Float[Array, "..."]:
    """Return J_1(u)/u, which is 1/2 at u = 0.

    Abramowitz and Stegun 9.4.4 for |u| ≤ 3 and 9.4.6 beyond; the absolute error of J_1 is below
    4e−8 in 64 bits.

    Args:
        argument: u, any real shape.

    >>> float(bessel_j1_over_argument(0.0)), round(float(bessel_j1_over_argument(1.0)), 6)
    (0.5, 0.440051)
    """
    u = jnp.abs(as_float(argument))
    near = _polynomial(_NEAR, (jnp.minimum(u, 3.0) / 3.0) ** 2)
    # the branch not taken stays at 3, so that its gradient is finite
    far_u = jnp.maximum(u, 3.0)
    inverse = 3.0 / far_u
    far = (
        _polynomial(_FAR_AMPLITUDE, inverse)
        * jnp.cos(far_u + _polynomial(_FAR_PHASE, inverse))
        * far_u**-1.5
    )
    return jnp.where(u <= 3.0, near, far)


def _wave_radius(diameter: Numbers, frequency: Numbers) -> Array:
    return np.pi * as_float(diameter) * as_float(frequency) / SPEED_OF_LIGHT


def relative_gain(
    angle_rad: Numbers, diameter_m: Numbers, frequency_hz: Numbers
) -> Float[Array, "..."]:
    """Return the gain of a uniformly lit circular aperture, relative to boresight.

    G(θ)/G_max = 4 |J_1(k a sin θ) / (k a sin θ)|², k a = π D f / c (TR 38.811, 6.4.1).

    The arguments broadcast.

    Args:
        angle_rad: θ from boresight, rad, |θ| ≤ π/2.
        diameter_m: D = 2a, m.
        frequency_hz: f, Hz.

    Returns:
        the gain, linear, 1 at boresight, 0 at the nulls.

    >>> float(relative_gain(0.0, 2.0, 2e9))
    1.0
    """
    return (
        4.0
        * bessel_j1_over_argument(
            _wave_radius(diameter_m, frequency_hz) * jnp.sin(as_float(angle_rad))
        )
        ** 2
    )


def half_power_beamwidth(diameter_m: Numbers, frequency_hz: Numbers) -> Float[Array, "..."]:
    """Return the full width of the beam at half power of `relative_gain`.

    2 arcsin(1.61634 c / (π D f)).

    The arguments broadcast.

    Args:
        diameter_m: D, m.
        frequency_hz: f, Hz.

    Returns:
        the angle, rad; NaN if the aperture is too small to have a half-power point.

    >>> round(float(jnp.rad2deg(half_power_beamwidth(0.5, 20e9))), 3)
    1.768
    """
    return 2.0 * jnp.arcsin(HALF_POWER_ARGUMENT / _wave_radius(diameter_m, frequency_hz))


def aperture_gain(
    diameter_m: Numbers, frequency_hz: Numbers, efficiency: Numbers = 1.0
) -> Float[Array, "..."]:
    """Return the boresight gain of a circular aperture.

    G = η (π D f / c)².

    The arguments broadcast.

    Args:
        diameter_m: D, m.
        frequency_hz: f, Hz.
        efficiency: η in 0 to 1.

    Returns:
        the gain, linear.

    >>> round(10 * float(jnp.log10(aperture_gain(2.0, 2e9))), 2)
    32.45
    """
    return as_float(efficiency) * _wave_radius(diameter_m, frequency_hz) ** 2
