"""Fading models as rows of a table: the power gain as a function of a link's uniform draws.

Your own fading enters a scenario in Python, as `dataclasses.replace(scenario.uavs,
fading=LinkFading(...))`; the built-in models are rows of the same kind, selected by name.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp

from sagin.errors import ScenarioError
from sagin.inputs.fields import accept_instances
from sagin.propagation import rician
from sagin.radio.csi import estimate_coefficient, estimate_power
from sagin.types import Array, ArrayLike, Float

StationFadingName = Literal["rayleigh"]
UavFadingName = Literal["rician", "rayleigh"]


def normal_part(draws: Float[Array, "..."]) -> Float[Array, "..."]:
    """Return the parts of h̃ ~ CN(0, 1) that correspond to uniform draws, in the same shape.

    Parts are real or imaginary, each of variance 1/2.

    >>> round(float(normal_part(jnp.asarray(0.975))), 4)  # 1.96/√2
    1.3859
    """
    return jax.lax.erf_inv(2.0 * draws - 1.0)


def estimate_normal(
    draws: Float[Array, "... draws"], noise: Float[Array, "... 2"], variance: ArrayLike
) -> Float[Array, "... draws"]:
    """Return draws whose `normal_part` are the parts of the estimated coefficient.

    This holds for h̃ of (5), and for the corresponding draws of any other fading with up to two
    draws.
    """
    parts = normal_part(draws)
    estimate = estimate_coefficient(parts, noise[..., : draws.shape[-1]], variance)
    return _keep_inside(0.5 * (1.0 + jax.lax.erf(estimate)))


def _keep_inside(draws: Float[Array, "..."]) -> Float[Array, "..."]:
    """Clip draws to the centres of the outermost cells of (0, 1), the extreme values of draws."""
    end = 0.5 * jnp.finfo(draws.dtype).eps
    return jnp.clip(draws, end, 1.0 - end)


class LinkFading(NamedTuple):
    """A distribution of power gains of mean 1."""

    name: str
    """Name in results and errors."""
    power: Callable[[Float[Array, "... draws"], Any], Float[Array, "..."]]
    """Function from a link's independent uniform draws in (0, 1) and the section of its node to the
    power: one draw for a base station, two for a UAV. Elementwise, in JAX.
    """
    variance: Callable[[Any], Any] = lambda _: 1.0
    """Variance of the power, from the section of the node; large slots report it as spread."""
    estimate: Callable[[Any, Any, ArrayLike], Any] = estimate_normal
    """Draws of a link's estimate, from its draws, the two parts of the estimation error, each
    normal of variance 1/2, and σ² (`csi.draw_estimates`).
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let pydantic accept only instances; text files name a built-in fading."""
        return accept_instances(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """State in the JSON Schema that no text describes an instance."""
        return {"not": {}}


def estimate_rayleigh(
    draws: Float[Array, "... draws"], noise: Float[Array, "... 2"], variance: ArrayLike
) -> Float[Array, "... draws"]:
    """Return draws whose `rayleigh_power` is that of the estimated coefficient."""
    power = estimate_power(rayleigh_power(draws), 1.0, math.sqrt(2.0) * noise, variance)
    return draws.at[..., 0].set(_keep_inside(jnp.exp(-power)))


def rayleigh_power(draws: Float[Array, "... draws"], _: Any = None) -> Float[Array, "..."]:
    """Return h ~ Exp(1), the power of Rayleigh fading (1), from the first draw.

    >>> round(float(rayleigh_power(jnp.asarray([0.5]))), 4)
    0.6931
    """
    return -jnp.log(draws[..., 0])


def rician_power(draws: Float[Array, "... 2"], uavs: Any) -> Float[Array, "..."]:
    """Return |√(R/(R+1))·ĥ + √(1/(R+1))·h̃|² of (5), of mean 1; the printed form lacks the roots.

    A rotation of ĥ's phase rotates h̃ to an equally likely value, and the power depends on nothing
    else. Therefore ĥ = 1 here.
    """
    factor = jnp.asarray(uavs.rician_factor, float)
    scatter = normal_part(draws) * jnp.sqrt(1.0 / (factor + 1.0))
    return jnp.square(jnp.sqrt(factor / (factor + 1.0)) + scatter[..., 0]) + jnp.square(
        scatter[..., 1]
    )


def rician_variance(uavs: Any) -> Any:
    """Return the variance of `rician_power`."""
    return rician.second_moment(uavs.rician_factor) - 1.0


FADINGS: Mapping[str, LinkFading] = MappingProxyType(
    {
        "rayleigh": LinkFading("rayleigh", rayleigh_power, estimate=estimate_rayleigh),
        "rician": LinkFading("rician", rician_power, rician_variance),
    }
)
"""The built-in fadings by name."""


def get_link_fading(fading: str | LinkFading | None, default: str) -> LinkFading:
    """Return a scenario's fading: a row by its name, the user's own, or for None the default."""
    if isinstance(fading, LinkFading):
        return fading
    if (name := fading or default) not in FADINGS:
        allowed = f"{', '.join(FADINGS)}, or a LinkFading"
        raise ScenarioError(f"fading {name!r}: unknown; allowed: {allowed}")
    return FADINGS[name]
