"""Al-Hourani's air-to-ground model: mean path loss and coverage radius."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.constants import SPEED_OF_LIGHT
from sagin.propagation import free_space
from sagin.types import Array, Float
from sagin.units import Numbers, as_float, as_float_within, from_db

_DEGREES = 180.0 / jnp.pi
_NEPERS_PER_DB = 0.05 * 2.302585092994046  # of amplitude: d ∝ 10^(dB/20)


class Environment(NamedTuple):
    """Parameters of the S-curve and mean excess losses over free space (at 2 GHz)."""

    a: Numbers
    """Coefficient a, °."""
    b: Numbers
    """Coefficient b, 1/°."""
    excess_los_db: Numbers
    """Excess loss in line of sight, η_LoS, dB."""
    excess_nlos_db: Numbers
    """Excess loss without line of sight, η_NLoS, dB."""


SUBURBAN = Environment(4.88, 0.43, 0.1, 21.0)
URBAN = Environment(9.61, 0.16, 1.0, 20.0)
DENSE_URBAN = Environment(12.08, 0.11, 1.6, 23.0)
HIGHRISE = Environment(27.23, 0.08, 2.3, 34.0)

ENVIRONMENTS: Mapping[str, Environment] = MappingProxyType(
    {"suburban": SUBURBAN, "urban": URBAN, "dense_urban": DENSE_URBAN, "highrise": HIGHRISE}
)
"""The four environments by name (Al-Hourani, Kandeepan, Lardner, IEEE WCL 2014; losses from their
GLOBECOM 2014 paper).
"""


def line_of_sight_probability(
    elevation_rad: Numbers, environment: Environment
) -> Float[Array, "..."]:
    """Return the probability of a line of sight, P = 1/(1 + a·exp(−b(θ − a))).

    Al-Hourani (5); relaying paper, below (5).

    The arguments broadcast. The fit gives P > 0 at θ = 0 and P < 1 at π/2.

    Args:
        elevation_rad: θ, rad, 0 to π/2; beyond, NaN or an error for plain numbers.
        environment: a, b.

    >>> round(float(line_of_sight_probability(jnp.pi / 4, URBAN)), 4)
    0.9677
    """
    degrees = _DEGREES * as_float_within(elevation_rad, 0.0, np.pi / 2.0, "elevation_rad")
    return jax.nn.sigmoid(
        as_float(environment.b) * (degrees - as_float(environment.a))
        - jnp.log(as_float(environment.a))
    )


def excess_loss_db(elevation_rad: Numbers, environment: Environment) -> Float[Array, "..."]:
    """Return the mean loss over free space, P·η_LoS + (1 − P)·η_NLoS, in dB (relaying paper (7)).

    The loss lies between η_LoS and η_NLoS and decreases with θ.

    Args:
        elevation_rad: θ, rad.

    >>> round(float(excess_loss_db(jnp.pi / 2, URBAN)), 4)
    1.0005
    """
    los, nlos = as_float(environment.excess_los_db), as_float(environment.excess_nlos_db)
    return nlos + line_of_sight_probability(elevation_rad, environment) * (los - nlos)


def path_loss_db(
    horizontal_distance_m: Numbers,
    altitude_m: Numbers,
    frequency_hz: Numbers,
    environment: Environment,
) -> Float[Array, "..."]:
    """Return the mean path loss (relaying paper (7)), dB.

    PL = A·P_LoS + 20·log10(4π f d/c) + η_NLoS, A = η_LoS − η_NLoS.

    The arguments broadcast. r = h = 0 gives −inf.

    Args:
        horizontal_distance_m: r, m.
        altitude_m: h, m.
        frequency_hz: f, Hz; d = √(r² + h²).

    >>> round(float(path_loss_db(0.0, 100.0, 2e9, URBAN)), 2)  # 78.47 dB of free space + 1.00 dB
    79.47
    """
    horizontal = as_float(horizontal_distance_m)
    distance = jnp.hypot(horizontal, as_float(altitude_m))
    elevation = jnp.arctan2(as_float(altitude_m), horizontal)
    return free_space.path_loss_db(distance, frequency_hz) + excess_loss_db(elevation, environment)


def path_gain(
    horizontal_distance_m: Numbers,
    altitude_m: Numbers,
    frequency_hz: Numbers,
    environment: Environment,
) -> Float[Array, "..."]:
    """Return the power gain 10^(−PL/10) of the mean path loss PL (relaying paper (7)).

    The mean is over decibels.

    Arguments as for `path_loss_db`.

    >>> round(float(path_gain(0.0, 100.0, 2e9, URBAN)) * 1e8, 2)
    1.13
    """
    return from_db(-path_loss_db(horizontal_distance_m, altitude_m, frequency_hz, environment))


def _bisect(function, low: Array, high: Array) -> Float[Array, "..."]:
    """Return the root of a function that is negative at low and positive at high.

    The root itself is found without derivatives; one Newton step from it carries them (implicit
    function theorem).
    """

    def halve(_, ends):
        middle = 0.5 * (ends[0] + ends[1])
        below = function(middle) < 0.0
        return jnp.where(below, middle, ends[0]), jnp.where(below, ends[1], middle)

    low, high = jax.lax.fori_loop(0, jnp.finfo(low.dtype).nmant + 4, halve, (low, high))
    root = jax.lax.stop_gradient(0.5 * (low + high))
    _, slope = jax.jvp(function, (root,), (jnp.ones_like(root),))
    return root - function(root) / jax.lax.stop_gradient(slope)


def optimal_elevation(environment: Environment) -> Float[Array, "..."]:
    """Return the elevation at the edge of coverage that maximises the coverage radius, rad.

    Root of π/(9 ln 10)·tan θ + a·b·A·e/(1 + a·e)² = 0, e = exp(−b(θ − a)), θ in degrees in the
    exponent, A = η_LoS − η_NLoS (Al-Hourani (11)). It depends neither on the carrier nor on the
    loss. Where several roots are (highrise has three), it is the one of the largest radius. Needs
    η_NLoS > η_LoS. The environment's fields broadcast.

    >>> round(float(optimal_elevation(URBAN)) * 180 / 3.14159265, 2)
    42.44
    """
    a, *remaining = jnp.broadcast_arrays(*(as_float(field) for field in environment))
    environment = Environment(a, *remaining)

    def log_radius(elevation: Array) -> Array:
        return jnp.log(jnp.cos(elevation)) - _NEPERS_PER_DB * excess_loss_db(elevation, environment)

    def descent(elevation: Array) -> Array:
        return -jax.jvp(log_radius, (elevation,), (jnp.ones_like(elevation),))[1]

    count = 181  # half a degree apart, far finer than the S-curve of any environment
    grid = jnp.linspace(0.0, 0.5 * jnp.pi, count).reshape(count, *(1,) * a.ndim)
    best = jnp.argmax(log_radius(grid[:-1] + jnp.zeros_like(a)), axis=0)
    step = 0.5 * jnp.pi / (count - 1)
    low = jnp.maximum(best - 1, 0) * step
    return _bisect(descent, low, (best + 1) * step)


def coverage_radius(
    max_path_loss_db: Numbers, frequency_hz: Numbers, environment: Environment
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    """Return the largest coverage radius R and its altitude h (Al-Hourani (8)–(11)), m.

    R = d·cos θ and h = d·sin θ at the optimal elevation θ, d the distance at which the mean loss is
    the largest allowed.

    Args:
        max_path_loss_db: PL_max, dB.
        frequency_hz: f, Hz.
        environment: its excess losses belong to about 2 GHz.

    >>> radius, altitude = coverage_radius(110.0, 2e9, URBAN)
    >>> round(float(radius)), round(float(altitude))
    (2234, 2043)
    """
    elevation = optimal_elevation(environment)
    distance = _free_space_range(
        as_float(max_path_loss_db) - excess_loss_db(elevation, environment), frequency_hz
    )
    return distance * jnp.cos(elevation), distance * jnp.sin(elevation)


def coverage_radius_at(
    altitude_m: Numbers,
    max_path_loss_db: Numbers,
    frequency_hz: Numbers,
    environment: Environment,
) -> Float[Array, "..."]:
    """Return the coverage radius of a platform at a given altitude, m.

    Within it the mean path loss is at most PL_max (relaying paper (7), (19)).

    The arguments broadcast. The loss grows with the distance where η_NLoS > η_LoS, so the root is
    unique. NaN where even the point below the platform loses more, so that no point is within the
    radius.

    Args:
        altitude_m: h, m.
        max_path_loss_db: PL_max, dB.
        frequency_hz: f, Hz.

    >>> round(float(coverage_radius_at(2042.958, 110.0, 2e9, URBAN)))  # the largest radius
    2234
    """
    altitude_m, budget, carrier = jnp.broadcast_arrays(
        *(as_float(x) for x in (altitude_m, max_path_loss_db, frequency_hz))
    )
    farthest = _free_space_range(budget - as_float(environment.excess_los_db), carrier)
    altitude_m, budget, carrier, farthest = jnp.broadcast_arrays(
        altitude_m, budget, carrier, farthest
    )

    def excess(radius: Array) -> Array:
        return path_loss_db(radius, altitude_m, carrier, environment) - budget

    radius = _bisect(excess, jnp.zeros_like(farthest), farthest)
    return jnp.where(excess(jnp.zeros_like(farthest)) <= 0.0, radius, jnp.nan)


def _free_space_range(loss_db: Numbers, frequency: Numbers) -> Float[Array, "..."]:
    """Return the distance, m, at which free space loses so many dB."""
    return SPEED_OF_LIGHT / (4.0 * jnp.pi * as_float(frequency)) * from_db(0.5 * as_float(loss_db))
