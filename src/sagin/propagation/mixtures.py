"""Distributions shared by fading models: Poisson mixtures and sums of exponentials.

Every series here has positive terms only, so values far out in the tails keep their relative
precision.
"""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp

from sagin.types import Array, Float
from sagin.units import Numbers, as_float

_LARGE = 1e10
_MOST_TERMS = 100_000
_MOST_SQUARINGS = 100


def _with_elementwise_derivatives(function: Callable[..., Array]) -> Callable[..., Array]:
    """Make an elementwise function with a data-dependent loop differentiable in both modes.

    Reverse mode cannot enter such a loop by itself.
    """
    wrapped = jax.custom_jvp(function)

    @wrapped.defjvp
    def derivative(primals, tangents):
        unit = [
            tuple(jnp.full_like(p, i == j) for j, p in enumerate(primals))
            for i in range(len(primals))
        ]
        partials = [jax.jvp(function, primals, direction)[1] for direction in unit]
        return wrapped(*primals), functools.reduce(
            jnp.add, (p * t for p, t in zip(partials, tangents, strict=True))
        )

    @functools.wraps(function)
    def call(*arguments: Numbers) -> Array:
        return wrapped(*jnp.broadcast_arrays(*(as_float(x) for x in arguments)))

    return call


@_with_elementwise_derivatives
def poisson_mixture_pdf(
    power: Array, slope: Array, intercept: Array, log_first: Array
) -> Float[Array, "..."]:
    """Return the density Σ_n w_n·e^−y·yⁿ/n! of a Poisson mixture of gamma variates.

    The shape of the variate is n + 1 with probability w_n.

    Elementwise. 0 for y < 0 and y = ∞; NaN if more than 10⁵ terms are needed.

    Args:
        power: y ≥ 0, in units of the gamma scale.
        slope: w_(n+1)/w_n = (slope·n + intercept)/(n + 1).
        intercept: see slope.
        log_first: ln w_0.

    (slope, intercept, log_first) is (0, K, −K) for Poisson(K) (Rician power), and
    (q, q·m, m·ln(1 − q)) for the negative binomial (shadowed-Rician power).
    """
    inside = (power >= 0.0) & jnp.isfinite(power)
    y = jnp.where(inside, power, 0.0)
    epsilon = jnp.finfo(y.dtype).eps

    def more(state):
        n, term, total, _ = state
        return (n < _MOST_TERMS) & ((n < 4) | jnp.any(term > epsilon * total))

    def add(state):
        n, term, total, log_scale = state
        total, term = total + term, term * y * (slope * n + intercept) / (n + 1) ** 2
        shrink = jnp.where(jnp.maximum(term, total) > _LARGE, 1.0 / _LARGE, 1.0)
        return n + 1, term * shrink, total * shrink, log_scale - jnp.log(shrink)

    start = jnp.zeros((), y.dtype), jnp.ones_like(y), jnp.zeros_like(y), log_first - y
    _, term, total, log_scale = jax.lax.while_loop(more, add, start)
    density = jnp.where(term <= epsilon * total, total * jnp.exp(log_scale), jnp.nan)
    return jnp.where(jnp.isnan(power), power, jnp.where(inside, density, 0.0))


@_with_elementwise_derivatives
def poisson_mixture_cdf(
    power: Array, slope: Array, intercept: Array, log_first: Array
) -> Float[Array, "..."]:
    """Return the distribution function Σ_n w_n·P(n + 1, y) of a Poisson mixture.

    Density and arguments: `poisson_mixture_pdf`. With π_n = e^−y·yⁿ/n! it is Σ_n π_n·Σ_(k<n) w_k,
    and 1 minus it Σ_n w_n·Σ_(k≤n) π_k: whichever of the two positive sums ends first is used. For
    Poisson weights it is 1 − Q_1(√(2K), √(2y)), Marcum's function. 0 for y ≤ 0, 1 for y = ∞.
    """
    inside = (power >= 0.0) & jnp.isfinite(power)
    y = jnp.where(inside, power, 0.0)
    epsilon = jnp.finfo(y.dtype).eps

    def below_done(state):
        _, pi, _, w, cumulative_w, lower, _, _ = state
        return pi * (cumulative_w + w) <= epsilon * lower

    def above_done(state):
        n, _, _, w, cumulative_w, _, _, _ = state
        return w * (n + 1) <= epsilon * cumulative_w * (n + 1 - slope * n - intercept)

    def more(state):
        return (state[0] < _MOST_TERMS) & (
            (state[0] < 4) | ~jnp.all(below_done(state) | above_done(state))
        )

    def add(state):
        n, pi, cumulative_pi, w, cumulative_w, lower, upper, log_scale = state
        lower = lower + pi * cumulative_w
        cumulative_w, cumulative_pi = cumulative_w + w, cumulative_pi + pi
        upper = upper + w * cumulative_pi
        pi, w = pi * y / (n + 1), w * (slope * n + intercept) / (n + 1)
        down = jnp.where(jnp.maximum(cumulative_pi, pi) > _LARGE, 1.0 / _LARGE, 1.0)
        shrink = jnp.where(jnp.maximum(cumulative_w, w) > _LARGE, 1.0 / _LARGE, 1.0)
        both = down * shrink
        sums = lower * both, upper * both, log_scale - jnp.log(both)
        return n + 1, pi * down, cumulative_pi * down, w * shrink, cumulative_w * shrink, *sums

    zeros, ones = jnp.zeros_like(y), jnp.ones_like(y)
    state = jax.lax.while_loop(
        more, add, (jnp.zeros((), y.dtype), ones, zeros, ones, zeros, zeros, zeros, log_first - y)
    )
    *_, lower, upper, log_scale = state
    size = jnp.exp(log_scale)
    # whichever sum ended
    probability = jnp.where(above_done(state), 1.0 - upper * size, jnp.nan)
    probability = jnp.where(below_done(state), jnp.minimum(lower * size, 1.0), probability)
    outside = jnp.where(power > 0.0, 1.0, 0.0)
    return jnp.where(jnp.isnan(power), power, jnp.where(inside, probability, outside))


def sum_of_exponentials_cdf(value: Numbers, means: Numbers) -> Float[Array, "..."]:
    """Return P(X_1 + … + X_L ≤ x) of independent exponential variates.

    Their means may be equal or different.

    It is the element (0, L) of exp(x·T), T the generator of the chain that passes the L stages;
    computed by scaling and squaring of matrices without negative elements, so that small
    probabilities keep their digits.

    Args:
        value: x ≥ 0, shape [...].
        means: > 0, shape [..., L].

    >>> round(float(sum_of_exponentials_cdf(1.0, jnp.array([1.0, 1.0]))), 4)  # 1 − 2/e
    0.2642
    """
    rates = as_float(value)[..., None] / as_float(means)
    rates = jnp.minimum(
        rates, 2.0**_MOST_SQUARINGS
    )  # so short a stage counts for nothing at any precision
    branches = rates.shape[-1]
    stages = jnp.concatenate([rates, jnp.zeros_like(rates[..., :1])], axis=-1)
    largest = jnp.max(stages, axis=-1)
    squarings = jnp.ceil(jnp.log2(jnp.maximum(jax.lax.stop_gradient(largest), 1.0)))
    step = stages * jnp.exp2(-squarings)[..., None]
    identity = jnp.eye(branches + 1, dtype=stages.dtype)
    shift = jnp.max(step, axis=-1)[..., None, None]
    matrix = (
        identity * (shift - step[..., None])
        + jnp.eye(branches + 1, k=1, dtype=stages.dtype) * step[..., None]
    )
    power = jnp.broadcast_to(identity, matrix.shape)
    for order in range(branches + 18, 0, -1):  # 1/18! is below the rounding of 64-bit floats
        power = identity + _product(matrix, power) / order

    def square(turn, power):
        doubled = _product(power, power)
        exact = jnp.exp(
            -step * jnp.exp2(turn + 1.0)[..., None]
        )  # the diagonal is known; squaring it would amplify its rounding
        doubled = jnp.where(identity > 0.0, exact[..., None], doubled)
        return jnp.where((turn < squarings)[..., None, None], doubled, power)

    power = jax.lax.fori_loop(
        0,
        _MOST_SQUARINGS,
        lambda turn, p: square(jnp.asarray(turn, p.dtype), p),
        jnp.exp(-shift) * power,
    )
    return jnp.minimum(power[..., 0, branches], 1.0)


def _product(left: Array, right: Array) -> Array:
    return jnp.matmul(left, right, precision=jax.lax.Precision.HIGHEST)
