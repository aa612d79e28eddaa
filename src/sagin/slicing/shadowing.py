"""Shadowing over an area: one Gaussian field per base station, correlated over distance.

Two users at one position have the same shadowing in every slot, because it belongs to the ground.
"""

import math
from typing import Annotated

import jax
import jax.numpy as jnp

from sagin.parameters import Parameter, section
from sagin.types import Array, Float

WAVES = 128
"""Number of plane waves whose sum is a field."""


@section
class Shadowing:
    """Log-normal shadowing of the links of base stations."""

    std_db: Annotated[
        float,
        Parameter(
            "standard deviation",
            "dB",
            "σ",
            low=0,
            high=20,
            source="TR 38.901 Table 7.5-6, UMa NLOS: 6",
            mark="ours",
        ),
    ] = 6.0
    distance_m: Annotated[
        float,
        Parameter(
            "distance over which the correlation falls to 1/e",
            "m",
            "D",
            low=0.1,
            high=10_000,
            source="TR 38.901 Table 7.5-6, UMa NLOS: 50",
            mark="ours",
        ),
    ] = 50.0
    site_correlation: Annotated[
        float,
        Parameter(
            "correlation of a user's shadowing to two base stations",
            symbol="ρ",
            low=0,
            high=1,
            source="TR 36.814 clause A.2.1.1: 0.5 between sites",
            mark="ours",
        ),
    ] = 0.5
    seed: Annotated[int, Parameter("seed of the field", low=0, high=2**31 - 1, mark="ours")] = 0


def compute_shadowing_db(
    settings: Shadowing, users: Float[Array, "users 2"], stations: int
) -> Float[Array, "users stations"]:
    """Compute the shadowing loss of users to base stations, dB, of mean 0; positions in m.

    X_k(x) = σ·(√ρ·G_0(x) + √(1 − ρ)·G_k(x)) with independent fields G of variance 1 and correlation
    exp(−d/D) (Gudmundson 1991). Each field is √(2/n)·Σ cos(κ_i·x + φ_i), whose wave vectors have a
    uniform direction and P(|κ| < k) = 1 − 1/√(1 + (kD)²), the spectrum of exp(−d/D) in the plane.
    """
    seed = jax.random.key(settings.seed)
    keys = jax.vmap(lambda number: jax.random.fold_in(seed, number))(jnp.arange(stations + 1))
    # one field at a time: users × waves numbers
    fields = jax.lax.map(lambda key: _evaluate_field(key, users, settings.distance_m), keys)
    share = jnp.asarray(settings.site_correlation, float)
    mixed = jnp.sqrt(share) * fields[0] + jnp.sqrt(1.0 - share) * fields[1:]
    return jnp.asarray(settings.std_db, float) * mixed.T


def _evaluate_field(
    key: Array, users: Float[Array, "users 2"], distance_m: Float[Array, ""] | float
) -> Float[Array, " users"]:
    level, turn, phase = jax.random.uniform(key, (3, WAVES))
    number = jnp.sqrt(jnp.square(1.0 / (1.0 - level)) - 1.0) / distance_m
    angle = 2.0 * math.pi * turn
    waves = number * jnp.stack([jnp.cos(angle), jnp.sin(angle)])
    way = users[:, :1] * waves[0] + users[:, 1:] * waves[1]
    return math.sqrt(2.0 / WAVES) * jnp.sum(jnp.cos(way + 2.0 * math.pi * phase), axis=1)
