"""Statistics of fixed-gain amplify-and-forward relaying over independent Rayleigh hops.

The relayed path is alone or combined with a Rayleigh direct path.

Given the second hop's power, the relayed SNR is exponential; so every quantity is one integral,
over that power, of a textbook formula, with positive terms throughout (Hasna & Alouini, A
performance study of dual-hop transmissions with fixed gain relays, IEEE TWC 3(6), 2004, give closed
forms in Bessel functions and exponential integrals, which cancel or overflow). Means are of SNRs,
ratios, and
broadcast: γ̄_1 and γ̄_2 of the hops, ς the relay's constant, γ̄_d of the direct path.
"""

from typing import NamedTuple

import jax.numpy as jnp

from sagin.propagation import mixtures, quadrature, rayleigh
from sagin.types import Array, Float
from sagin.units import Numbers, as_float


class FixedGainRelay(NamedTuple):
    """Mean SNRs of the hops and the constant of a fixed-gain relay."""

    mean_first_hop: Numbers
    """Mean SNR of the first hop γ̄_1, a ratio."""
    mean_second_hop: Numbers
    """Mean SNR of the second hop γ̄_2, a ratio."""
    constant: Numbers
    """ς > 0, a ratio; 1 + γ̄_1 for the semi-blind relay."""


def _conditional_mean(relay: FixedGainRelay, power: Array) -> Array:
    """Return γ̄_1·γ̄_2 t/(γ̄_2 t + ς), the mean relayed SNR for a second hop of power t.

    The nodes t are on the last axis.
    """
    first, second, constant = (as_float(x)[..., None] for x in relay)
    return first * (second * power / (second * power + constant))


def mean_snr(relay: FixedGainRelay) -> Float[Array, "..."]:
    """Return the mean SNR of the relayed path, γ̄_1·(1 − z·e^z·E1(z)), z = ς/γ̄_2.

    >>> round(float(mean_snr(FixedGainRelay(10.0, 10.0, 1.7))), 4)
    7.264
    """
    return quadrature.half_line(lambda t: _conditional_mean(relay, t) * jnp.exp(-t))


def outage(threshold: Numbers, relay: FixedGainRelay) -> Float[Array, "..."]:
    """Return the outage probability P(γ_r ≤ x) of the relayed path.

    1 − 2√β·e^(−x/γ̄_1)·K1(2√β), β = ςx/(γ̄_1γ̄_2).

    Args:
        threshold: x ≥ 0, a ratio.
        relay: means and constant.

    >>> round(float(outage(2.0, FixedGainRelay(10.0, 10.0, 1.7))), 4)
    0.2733
    """
    threshold = as_float(threshold)[..., None]
    below = quadrature.half_line(
        lambda t: rayleigh.power_cdf(threshold / _conditional_mean(relay, t)) * jnp.exp(-t)
    )
    return jnp.minimum(below, 1.0)  # the weights add up to 1 only to within rounding


def laplace_complement(argument: Numbers, relay: FixedGainRelay) -> Float[Array, "..."]:
    """Return 1 − E exp(−sγ_r) of the relayed SNR, precise for small s.

    Args:
        argument: s ≥ 0.

    >>> float(laplace_complement(0.0, FixedGainRelay(10.0, 10.0, 1.7)))
    0.0
    """
    argument = as_float(argument)[..., None]

    def integrand(power: Array) -> Array:
        mean = argument * _conditional_mean(relay, power)
        return mean / (1.0 + mean) * jnp.exp(-power)

    return quadrature.half_line(integrand)


def bpsk_error(relay: FixedGainRelay) -> Float[Array, "..."]:
    """Return the mean bit error rate of coherent BPSK over the relayed path, E Q(√(2γ_r)).

    >>> round(float(bpsk_error(FixedGainRelay(10.0, 10.0, 1.7))), 5)
    0.03813
    """

    def integrand(power: Array) -> Array:
        mean = _conditional_mean(relay, power)
        return 0.5 / (1.0 + mean + jnp.sqrt(mean * (1.0 + mean))) * jnp.exp(-power)

    return quadrature.half_line(integrand)


def maximum_ratio_mean(mean_direct: Numbers, relay: FixedGainRelay) -> Float[Array, "..."]:
    """Return the mean SNR of maximum-ratio combining with the direct path, γ̄_d + E γ_r.

    This is the mean of the relaying paper's (24).

    >>> round(float(maximum_ratio_mean(1.0, FixedGainRelay(10.0, 10.0, 1.7))), 4)
    8.264
    """
    return as_float(mean_direct) + mean_snr(relay)


def maximum_ratio_outage(
    threshold: Numbers, mean_direct: Numbers, relay: FixedGainRelay
) -> Float[Array, "..."]:
    """Return the outage probability P(γ_d + γ_r ≤ x) with the direct path.

    ∫_0^x f_d(x − y)·F_r(y) dy (relaying paper (24), (25)).

    Args:
        threshold: x ≥ 0, a ratio.
        mean_direct: γ̄_d, a ratio.
        relay: means and constant.

    >>> round(float(maximum_ratio_outage(2.0, 1.0, FixedGainRelay(10.0, 10.0, 1.7))), 4)
    0.1655
    """
    threshold, mean_direct = (as_float(x)[..., None] for x in (threshold, mean_direct))

    def integrand(power: Array) -> Array:
        means = jnp.broadcast_arrays(mean_direct, _conditional_mean(relay, power))
        return mixtures.sum_of_exponentials_cdf(threshold, jnp.stack(means, axis=-1)) * jnp.exp(
            -power
        )

    return jnp.minimum(quadrature.half_line(integrand), 1.0)


def maximum_ratio_capacity(mean_direct: Numbers, relay: FixedGainRelay) -> Float[Array, "..."]:
    """Return the ergodic rate ½·E log2(1 + γ_d + γ_r) (relaying paper (27)), bit/s/Hz.

    The factor ½ accounts for the second phase.

    >>> round(float(maximum_ratio_capacity(10.0, FixedGainRelay(10.0, 10.0, 11.0))), 4)
    1.7506
    """
    mean_direct = as_float(mean_direct)[..., None]
    hops = FixedGainRelay(*(as_float(x)[..., None] for x in relay))

    def complement(argument: Array) -> Array:
        direct = mean_direct * argument
        return (direct + laplace_complement(argument, hops)) / (1.0 + direct)

    return 0.5 * quadrature.mean_capacity(complement)


def selection_outage(
    threshold: Numbers, mean_direct: Numbers, relay: FixedGainRelay
) -> Float[Array, "..."]:
    """Return the outage probability P(max(γ_d, γ_r) ≤ x) = F_d(x)·F_r(x).

    Args:
        threshold: x ≥ 0, a ratio.
        mean_direct: γ̄_d, a ratio.
        relay: means and constant.

    >>> round(float(selection_outage(2.0, 10.0, FixedGainRelay(10.0, 10.0, 1.7))), 4)
    0.0495
    """
    return rayleigh.power_cdf(as_float(threshold) / as_float(mean_direct)) * outage(
        threshold, relay
    )
