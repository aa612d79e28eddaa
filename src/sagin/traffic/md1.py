"""The M/D/1 queue: Poisson arrivals, one server, a constant service time."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import gammainc, gammaln, xlogy

from sagin.types import Array, Float
from sagin.units import Numbers, as_float

_LEVELS = 32
"""Beyond so many service times the tail is its slowest exponential to within rounding; the others
have died out.
"""


def waiting_time(arrival_rate: Numbers, service_rate: Numbers) -> Float[Array, "..."]:
    """Return the mean wait before service, W = λ/(2μ(μ − λ)) (Pollaczek–Khinchine).

    Slicing paper (21), third term.

    The arguments broadcast.

    Args:
        arrival_rate: λ ≥ 0, 1/s.
        service_rate: μ > 0, 1/s.

    Returns:
        s; inf if the queue is unstable (μ ≤ λ).

    >>> round(float(waiting_time(8.0, 12.0)) * 60, 4)  # 8 and 12 an hour: minutes
    5.0
    """
    arrival, service = (
        as_float(arrival_rate),
        as_float(service_rate),
    )
    stable = service > arrival
    return jnp.where(
        stable,
        arrival / (2.0 * service * jnp.where(stable, service - arrival, 1.0)),
        _unstable(arrival, service),
    )


def relative_waiting_time(utilisation: Numbers) -> Float[Array, "..."]:
    """Return the mean wait before service in service times D, ρ/(2(1 − ρ)) (Pollaczek–Khinchine).

    Args:
        utilisation: ρ = λ/μ ≥ 0; the result is infinite if ρ ≥ 1.

    >>> float(relative_waiting_time(0.5))
    0.5
    """
    return waiting_time(utilisation, 1.0)


def number_waiting(utilisation: Numbers) -> Float[Array, "..."]:
    """Return the mean number of waiting customers, L_q = ρ²/(2(1 − ρ)).

    Args:
        utilisation: ρ; the result is infinite if ρ ≥ 1.

    >>> float(number_waiting(0.5))
    0.25
    """
    return as_float(utilisation) * waiting_time(utilisation, 1.0)


def number_in_system(utilisation: Numbers) -> Float[Array, "..."]:
    """Return the mean number of customers who wait or are served, L = ρ + L_q.

    Args:
        utilisation: ρ; the result is infinite if ρ ≥ 1.

    >>> float(number_in_system(0.5))
    0.75
    """
    return as_float(utilisation) + number_waiting(utilisation)


def _unstable(arrival: Array, service: Array) -> Array:
    return jnp.where(jnp.isnan(arrival) | jnp.isnan(service), jnp.nan, jnp.inf)


def waiting_probability(wait: Numbers, utilisation: Numbers) -> Float[Array, "..."]:
    """Return P(W ≤ t), the distribution of the wait before service, t in service times D.

    Equal to Erlang's (1 − ρ)·Σ_(k≤t) (ρ(k − t))^k/k!·e^(−ρ(k − t)), whose alternating terms lose
    all digits at large t. Here, with k = ⌊t⌋ + 1 and u = k − t, Σ_(j<k)
    Q_(k−1−j)·e^(−ρu)·(ρu)^j/j!, Q_n the probability that at most n wait (Franx, Oper. Res. Lett.
    29, 2001), all terms positive; beyond 32 D the exponential tail, which is then exact to
    rounding.

    The arguments broadcast. 1 − ρ at t = 0; 0 for t < 0 and for an unstable queue (ρ ≥ 1).

    Args:
        wait: t, ratio to D.
        utilisation: ρ ≥ 0.

    >>> round(float(waiting_probability(0.5, 0.5)), 4)  # (1 − 0.5)·e^0.25
    0.642
    """
    wait, rho = jnp.broadcast_arrays(as_float(wait), as_float(utilisation))
    stable = (rho >= 0.0) & (rho < 1.0)
    safe = jnp.where(stable, rho, 0.5)
    early = (wait >= 0.0) & (wait < _LEVELS)
    probability = jnp.where(
        early,
        _early(jnp.where(early, wait, 0.0), safe),
        _late(jnp.where(early, float(_LEVELS), wait), safe),
    )
    return jnp.where(
        jnp.isnan(wait) | jnp.isnan(rho),
        jnp.nan,
        jnp.where(stable & (wait >= 0.0), probability, 0.0),
    )


def _early(wait: Array, rho: Array) -> Array:
    queue = _queue_distribution(rho)
    level = jnp.floor(wait)
    mean = (rho * (level + 1.0 - wait))[..., None]
    j = jnp.arange(_LEVELS, dtype=mean.dtype)
    arrivals = jnp.exp(xlogy(j, mean) - mean - gammaln(j + 1.0))
    behind = level[..., None].astype(int) - jnp.arange(_LEVELS)
    most = jnp.take_along_axis(queue, jnp.maximum(behind, 0), axis=-1)
    return jnp.sum(jnp.where(behind >= 0, arrivals * most, 0.0), axis=-1)


def _queue_distribution(rho: Array) -> Array:
    """Return Q_n, the probability that at most n wait, n = 0 … 31, on the last axis.

    From the balance of the crossings of each level at departures, p_n·a_0 = p_0·A_n + Σ_(0<j<n)
    p_j·A_(n−j+1), a_0 = e^−ρ, A_k the
    probability of k or more arrivals during a service: positive terms only, unlike the usual
    recursion.
    """
    n, j = np.indices((_LEVELS + 1, _LEVELS + 1))
    needed = np.where(j == 0, n, n - j + 1)
    at_least = gammainc(np.arange(1.0, _LEVELS + 1.0), rho[..., None])[
        ..., np.maximum(needed, 1) - 1
    ]
    system = jnp.eye(_LEVELS + 1) - jnp.where(j < n, jnp.exp(rho)[..., None, None] * at_least, 0.0)
    idle = jnp.where(np.arange(_LEVELS + 1) == 0, 1.0 - rho[..., None], 0.0)
    in_system = jax.scipy.linalg.solve_triangular(
        system, idle[..., None], lower=True, unit_diagonal=True
    )[..., 0]
    return jnp.cumsum(in_system, axis=-1)[..., 1:]


def _late(wait: Array, rho: Array) -> Array:
    """Return the tail 1 − C·e^(−θt) of the distribution (Cramér–Lundberg).

    θ > 0 is the root of ρ(e^θ − 1) = θ, and C = (1 − ρ)/(θ + ρ − 1).
    """
    rho = jnp.where(
        rho > 0.0, rho, 0.5
    )  # with no arrivals nobody waits; any rate that leaves nothing at 32 D says so

    def newton(_, decay):
        return decay - (rho * jnp.expm1(decay) - decay) / (rho * jnp.exp(decay) - 1.0)

    decay = jax.lax.fori_loop(
        0, 24, newton, -2.0 * jnp.log(rho)
    )  # starts above the root of a convex function, so it can't leave it
    return 1.0 - (1.0 - rho) / (decay + rho - 1.0) * jnp.exp(-decay * wait)
