"""Fixed-gain amplify-and-forward relaying, with or without a direct path: SNRs and weights.

A source of symbol power P sends to a relay over h_1 and to a user's L antennas over h_0; the relay
of one antenna repeats what it heard with the amplitude gain G over h_2. Every receiver has noise of
power N = B·σ². Statistics over Rayleigh fading are in `relay_statistics`.
"""

from typing import NamedTuple

import jax.numpy as jnp

from sagin.types import Array, Float
from sagin.units import Numbers, as_float


def snr(first_hop: Numbers, second_hop: Numbers, constant: Numbers) -> Float[Array, "..."]:
    """Return the SNR of the relayed path, γ_1·γ_2/(γ_2 + ς).

    Relaying paper (24), second term; Hasna & Alouini 2004.

    The arguments broadcast. The result is 0 if a hop is 0, and approaches γ_1 as γ_2 → ∞.

    Args:
        first_hop: γ_1, SNR at the relay.
        second_hop: γ_2, SNR of the relay's power p over h_2.
        constant: ς > 0.

    >>> float(snr(6.0, 2.0, 1.0))
    4.0
    """
    second_hop = as_float(second_hop)
    return as_float(first_hop) * (second_hop / (second_hop + as_float(constant)))


def gain_squared(
    power_w: Numbers, mean_received_w: Numbers, noise_w: Numbers
) -> Float[Array, "..."]:
    """Return the semi-blind relay's power gain G² = p/(P·E|h_1|² + N).

    With it the relay sends the power p on average.

    The arguments broadcast. The paper leaves G open.

    Args:
        power_w: p, W.
        mean_received_w: P·E|h_1|², mean signal power at the relay, W.
        noise_w: N, W.

    >>> float(gain_squared(8.0, 3.0, 1.0))
    2.0
    """
    return as_float(power_w) / (as_float(mean_received_w) + as_float(noise_w))


def fixed_gain_constant(
    power_w: Numbers, gain_squared: Numbers, noise_w: Numbers
) -> Float[Array, "..."]:
    """Return the constant ς = p/(G²·N) of `snr`.

    The relaying paper prints 1/(σ²G²) below (24), which is no ratio.

    The arguments broadcast.

    Args:
        power_w: p, W.
        gain_squared: G².
        noise_w: N, W.

    >>> float(fixed_gain_constant(8.0, 2.0, 1.0))
    4.0
    """
    return as_float(power_w) / (as_float(gain_squared) * as_float(noise_w))


def semi_blind_constant(mean_first_hop: Numbers) -> Float[Array, "..."]:
    """Return the constant ς = 1 + E γ_1 of a relay with the gain `gain_squared`.

    Args:
        mean_first_hop: E γ_1, a ratio.

    >>> float(semi_blind_constant(3.0))
    4.0
    """
    return 1.0 + as_float(mean_first_hop)


class Channels(NamedTuple):
    """Complex coefficients of three channels and the relay's gain, for a user of L antennas."""

    direct: Numbers
    """h_0, source to user, shape [L]."""
    first_hop: Numbers
    """h_1, source to relay, scalar."""
    second_hop: Numbers
    """h_2, relay to user, shape [L]."""
    gain: Numbers
    """G ≥ 0, the relay's amplitude gain, scalar."""


def combining_weights(channels: Channels) -> Array:
    """Return the weights w ∝ R_n⁻¹·H that maximise `snr_of_weights`.

    Shape [2L]: the antennas in the direct phase, then those in the relayed phase.

    H = [h_0; h_2·G·h_1], R_n = N·diag(I, I + G²·h_2·h_2†) (relaying paper (1), below (23)): the
    noise that the relay forwards is common to all antennas. The inverse is Sherman and Morrison's;
    the scale of w is free, 1/N is left out.

    >>> combining_weights(Channels(jnp.array([1.0]), 2.0, jnp.array([1.0]), 1.0)).tolist()
    [1.0, 1.0]
    """
    direct, first_hop, second_hop, gain = (as_float(part) for part in channels)
    forwarded = 1.0 + gain**2 * jnp.sum(jnp.abs(second_hop) ** 2)
    return jnp.concatenate([direct, second_hop * (gain * first_hop / forwarded)])


def snr_of_weights(
    weights: Numbers, channels: Channels, power_w: Numbers, noise_w: Numbers
) -> Float[Array, ""]:
    """Return the SNR after combining with given weights, P·|w†H|²/(w†R_n w).

    Relaying paper (23).

    At `combining_weights` it is γ_is + γ_js·γ_ij/(γ_ij + ς) (24).

    Args:
        weights: w ≠ 0, shape [2L].
        power_w: P, the source's, W.
        noise_w: N, W.

    >>> channels = Channels(jnp.array([1.0]), 2.0, jnp.array([1.0]), 1.0)
    >>> float(snr_of_weights(jnp.array([1.0, 1.0]), channels, 1.0, 1.0))
    3.0
    """
    direct, first_hop, second_hop, gain = (as_float(part) for part in channels)
    weights = as_float(weights)
    signal = jnp.vdot(weights, jnp.concatenate([direct, second_hop * (gain * first_hop)]))
    forwarded = gain * jnp.vdot(weights[direct.shape[0] :], second_hop)
    noise_power = as_float(noise_w) * (jnp.sum(jnp.abs(weights) ** 2) + jnp.abs(forwarded) ** 2)
    return as_float(power_w) * jnp.abs(signal) ** 2 / noise_power
