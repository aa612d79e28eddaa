"""Gamma variates, faster on a CPU than `jax.random.gamma`, which is sequential there."""

import jax
import jax.numpy as jnp
import numpy as np

from sagin.types import Array, Float, PRNGKeyArray
from sagin.units import Numbers, as_float


def sample(
    key: PRNGKeyArray, concentration: Numbers, shape: tuple[int, ...]
) -> Float[Array, "..."]:
    """Draw gamma variates of unit scale and any concentration m > 0.

    Exact: Marsaglia and Tsang's rejection (ACM TOMS 26, 2000), all draws proposed at once and the
    refused ones (at most 5 %) again, until none is left; below m = 1 through Γ(m) = Γ(m +
    1)·U^(1/m). Differentiable in m (implicitly, as `jax.random.gamma` is).

    Mean and variance are m.

    Args:
        concentration: m, broadcasts to shape.

    >>> sample(jax.random.key(0), 2.5, (3,)).shape
    (3,)
    """
    return _sample(key, jnp.broadcast_to(as_float(concentration), shape))


@jax.custom_jvp
def _sample(key: PRNGKeyArray, concentration: Array) -> Array:
    key_loop, key_boost = jax.random.split(key)
    shape_above_one = jnp.where(concentration < 1.0, concentration + 1.0, concentration)
    centre = shape_above_one - 1.0 / 3.0
    spread = 1.0 / jnp.sqrt(9.0 * centre)
    kind = shape_above_one.dtype
    lowest, root_two = np.array([np.nextafter(-1, 0, dtype=kind), 0], kind), np.sqrt(2).astype(kind)

    def draw(key: PRNGKeyArray, low: Array | np.ndarray) -> Array:
        return jax.random.uniform(key, shape_above_one.shape, kind, minval=low)

    def propose(state):
        turn, draws, accepted = state
        keys = jax.random.split(jax.random.fold_in(key_loop, turn))
        # of a normal and of a uniform draw by one generator, which is compiled once
        uniforms, uniform = jax.vmap(draw)(keys, lowest)
        normal = root_two * jax.scipy.special.erfinv(uniforms)
        cube = (1.0 + spread * normal) ** 3
        log_ratio = 0.5 * normal**2 + centre * (
            1.0 - cube + jnp.log(jnp.maximum(cube, jnp.finfo(cube.dtype).tiny))
        )
        accept = (cube > 0.0) & (jnp.log(uniform) < log_ratio)
        return (
            turn + 1,
            jnp.where(accepted, draws, centre * cube),
            accepted | accept | ~(concentration > 0.0),
        )

    start = 0, jnp.full_like(shape_above_one, jnp.nan), jnp.zeros(shape_above_one.shape, bool)
    _, draws, _ = jax.lax.while_loop(lambda state: ~jnp.all(state[2]), propose, start)
    uniform = 1.0 - jax.random.uniform(
        key_boost, shape_above_one.shape, shape_above_one.dtype
    )  # in (0, 1], so that no draw is 0 by the generator's grid
    draws = jnp.where(concentration < 1.0, draws * uniform ** (1.0 / concentration), draws)
    return jnp.where(concentration > 0.0, draws, jnp.nan)


@_sample.defjvp
def _sample_jvp(primals, tangents):
    key, concentration = primals
    draws = _sample(key, concentration)
    # jax fills in the dtype itself
    slope = jax.lax.random_gamma_grad(concentration, draws)  # pyright: ignore[reportCallIssue]
    return draws, slope * tangents[1]
