"""Power of rotary-wing aircraft: hovering and level flight (Zeng, Xu and Zhang 2019)."""

from typing import Annotated

import jax
import jax.numpy as jnp

from sagin.parameters import Parameter, section
from sagin.types import Array, ArrayLike, Float

Power = Float[Array, "..."]
TABLE = "Zeng, Xu and Zhang 2019, Table I"


def blade_profile_power(
    drag: ArrayLike,
    density: ArrayLike,
    solidity: ArrayLike,
    disc_area: ArrayLike,
    rotation: ArrayLike,
    radius: ArrayLike,
) -> Power:
    """Return the blade-profile power in hover, W: P_0 = (δ/8)·ρ·s·A·Ω³·R³.

    Source: Zeng, Xu and Zhang 2019, (64).

    Args:
        drag: δ.
        density: ρ, kg/m³.
        solidity: s.
        disc_area: A, m².
        rotation: Ω, rad/s.
        radius: R, m.

    >>> round(float(blade_profile_power(0.012, 1.225, 0.05, 0.503, 300.0, 0.4)), 2)
    79.86
    """
    tip_speed = jnp.asarray(rotation) * radius
    return jnp.asarray(drag) / 8.0 * density * solidity * disc_area * tip_speed**3


def induced_power(
    correction: ArrayLike, weight: ArrayLike, density: ArrayLike, disc_area: ArrayLike
) -> Power:
    """Return the induced power in hover, W: P_i = (1 + k)·W^(3/2)/√(2ρA).

    Source: Zeng, Xu and Zhang 2019, (64).

    Args:
        correction: k.
        weight: W, N.
        density: ρ, kg/m³.
        disc_area: A, m².

    >>> round(float(induced_power(0.1, 20.0, 1.225, 0.503)), 2)
    88.63
    """
    return (
        (1.0 + jnp.asarray(correction))
        * jnp.asarray(weight) ** 1.5
        / jnp.sqrt(2.0 * jnp.asarray(density) * disc_area)
    )


@section
class RotaryWing:
    """A rotary-wing aircraft."""

    blade_w: Annotated[
        float,
        Parameter(
            "blade-profile power in hover",
            "W",
            "P_0",
            low=0,
            high=1e6,
            source=TABLE,
            mark="ours",
            quiet=True,
        ),
    ] = 79.8563
    induced_w: Annotated[
        float,
        Parameter(
            "induced power in hover",
            "W",
            "P_i",
            low=0,
            high=1e6,
            source=TABLE,
            mark="ours",
            quiet=True,
        ),
    ] = 88.6279
    tip_speed_m_s: Annotated[
        float,
        Parameter(
            "speed of the blade's tip",
            "m/s",
            "U_tip",
            low=0.1,
            high=1e4,
            source=TABLE,
            mark="ours",
            quiet=True,
        ),
    ] = 120.0
    induced_speed_m_s: Annotated[
        float,
        Parameter(
            "mean induced speed in hover",
            "m/s",
            "v_0",
            low=0.01,
            high=1e3,
            source=TABLE,
            mark="ours",
            quiet=True,
        ),
    ] = 4.03
    drag_ratio: Annotated[
        float,
        Parameter(
            "fuselage drag ratio", "", "d_0", low=0, high=100, source=TABLE, mark="ours", quiet=True
        ),
    ] = 0.6
    density_kg_m3: Annotated[
        float,
        Parameter(
            "density of the air",
            "kg/m³",
            "ρ",
            low=0,
            high=10,
            source=TABLE,
            mark="ours",
            quiet=True,
        ),
    ] = 1.225
    solidity: Annotated[
        float,
        Parameter(
            "solidity of the rotor", "", "s", low=0, high=1, source=TABLE, mark="ours", quiet=True
        ),
    ] = 0.05
    disc_area_m2: Annotated[
        float,
        Parameter(
            "area of the rotor's disc",
            "m²",
            "A",
            low=0,
            high=1e3,
            source=TABLE,
            mark="ours",
            quiet=True,
        ),
    ] = 0.503


def propulsion_power(
    speed: ArrayLike,
    wing: RotaryWing = RotaryWing(),  # noqa: B008 (frozen numbers)
) -> Power:
    """Return the power of level flight, W (Zeng, Xu and Zhang 2019, (12)); P_0 + P_i at rest.

    P(V) = P_0·(1 + 3V²/U²) + P_i·(√(1 + V⁴/(4v_0⁴)) − V²/(2v_0²))^(1/2) + ½·d_0·ρ·s·A·V³; the
    second term is computed as the reciprocal of its conjugate, which loses no digits at high speed.

    Args:
        speed: V ≥ 0, m/s, any shape.
        wing: the aircraft.

    >>> round(float(propulsion_power(0.0)), 2)
    168.48
    """
    speed = jnp.asarray(speed)
    lift = (speed / wing.induced_speed_m_s) ** 2 / 2.0
    blade = jnp.asarray(wing.blade_w) * (1.0 + 3.0 * (speed / wing.tip_speed_m_s) ** 2)
    induced = jnp.asarray(wing.induced_w) / jnp.sqrt(jnp.sqrt(1.0 + lift**2) + lift)
    drag_area = (
        jnp.asarray(wing.drag_ratio) * wing.density_kg_m3 * wing.solidity * wing.disc_area_m2
    )
    return blade + induced + 0.5 * drag_area * speed**3


def maximum_endurance(
    wing: RotaryWing = RotaryWing(),  # noqa: B008 (frozen numbers)
) -> tuple[Power, Power]:
    """Return the speed, m/s, at which level flight needs the minimum power, and that power, W.

    The speed is found by bisection on dP/dV between 0 and the tip's speed.

    >>> [round(float(value), 1) for value in maximum_endurance()]
    [10.2, 126.0]
    """
    slope = jax.grad(lambda speed: propulsion_power(speed, wing))

    def halve(_: ArrayLike, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = (low + high) / 2.0
        falling = slope(middle) < 0.0
        return jnp.where(falling, middle, low), jnp.where(falling, high, middle)

    ends = jnp.zeros((), float), jnp.asarray(wing.tip_speed_m_s, float)
    low, high = jax.lax.fori_loop(0, 60, halve, ends)
    speed = (low + high) / 2.0
    return speed, propulsion_power(speed, wing)
