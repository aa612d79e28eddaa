"""Fixed-gain amplify-and-forward relaying, with or without a direct path: instantaneous SNRs and
the weights that reach them.

A source of symbol power P sends to a relay over h_1 and to a user's L antennas over h_0; the relay
of one antenna repeats what it heard with the amplitude gain G over h_2. Every receiver has noise of
power N = B·σ². Statistics over Rayleigh fading are in `relay_statistics`.
"""

from typing import NamedTuple

import jax.numpy as jnp

from sagin.types import Array, ArrayLike, Float


def snr(first_hop: ArrayLike, second_hop: ArrayLike, constant: ArrayLike) -> Float[Array, "..."]:
    """Return the SNR of the relayed path, γ_1·γ_2/(γ_2 + ς) (relaying paper (24), second term;
    Hasna & Alouini 2004).

    first_hop: γ_1, SNR at the relay; second_hop: γ_2, SNR of the relay's power p over h_2;
    constant: ς > 0; ratios that broadcast. 0 where a hop is 0; approaches γ_1 as γ_2 → ∞.

    >>> float(snr(6.0, 2.0, 1.0))
    4.0
    """
    second_hop = jnp.asarray(second_hop, dtype=float)
    return jnp.asarray(first_hop, dtype=float) * (second_hop / (second_hop + constant))


def gain_squared(
    power_w: ArrayLike, mean_received_w: ArrayLike, noise_w: ArrayLike
) -> Float[Array, "..."]:
    """Return the semi-blind relay's power gain G² = p/(P·E|h_1|² + N), with which it sends p on
    average.

    power_w: p, W; mean_received_w: P·E|h_1|², mean signal power at the relay, W; noise_w: N, W; they
    broadcast. The paper leaves G open.

    >>> float(gain_squared(8.0, 3.0, 1.0))
    2.0
    """
    return jnp.asarray(power_w, dtype=float) / (jnp.asarray(mean_received_w) + noise_w)


def fixed_gain_constant(
    power_w: ArrayLike, gain_squared: ArrayLike, noise_w: ArrayLike
) -> Float[Array, "..."]:
    """Return ς = p/(G²·N) of `snr`; the paper prints 1/(σ²G²), which is no ratio (relaying paper,
    below (24)).

    power_w: p, W; gain_squared: G²; noise_w: N, W; they broadcast.

    >>> float(fixed_gain_constant(8.0, 2.0, 1.0))
    4.0
    """
    return jnp.asarray(power_w, dtype=float) / (jnp.asarray(gain_squared) * noise_w)


def semi_blind_constant(mean_first_hop: ArrayLike) -> Float[Array, "..."]:
    """Return ς = 1 + E γ_1, the constant of a relay with the gain `gain_squared`; mean_first_hop: E
    γ_1, a ratio.

    >>> float(semi_blind_constant(3.0))
    4.0
    """
    return 1.0 + jnp.asarray(mean_first_hop, dtype=float)


class Channels(NamedTuple):
    """Complex coefficients of the three channels and the relay's gain, for a user with L antennas."""

    direct: ArrayLike
    """h_0, source to user, shape [L]."""
    first_hop: ArrayLike
    """h_1, source to relay, scalar."""
    second_hop: ArrayLike
    """h_2, relay to user, shape [L]."""
    gain: ArrayLike
    """G ≥ 0, the relay's amplitude gain, scalar."""


def combining_weights(channels: Channels) -> Array:
    """Return the weights that maximise `snr_of_weights`, w ∝ R_n⁻¹·H, shape [2L]: antennas in the
    direct phase, then in the relayed one.

    H = [h_0; h_2·G·h_1], R_n = N·diag(I, I + G²·h_2·h_2†) (relaying paper (1), below (23)): the
    noise that the relay forwards is common to all antennas. The inverse is Sherman and Morrison's;
    the scale of w is free, 1/N is left out.

    >>> combining_weights(Channels(jnp.array([1.0]), 2.0, jnp.array([1.0]), 1.0)).tolist()
    [1.0, 1.0]
    """
    direct, first_hop, second_hop, gain = (jnp.asarray(part) for part in channels)
    forwarded = 1.0 + gain**2 * jnp.sum(jnp.abs(second_hop) ** 2)
    return jnp.concatenate([direct, second_hop * (gain * first_hop / forwarded)])


def snr_of_weights(
    weights: ArrayLike, channels: Channels, power_w: ArrayLike, noise_w: ArrayLike
) -> Float[Array, ""]:
    """Return the SNR after combining with any weights, P·|w†H|²/(w†R_n w) (relaying paper (23)).

    weights: w ≠ 0, shape [2L]; power_w: P, the source's, W; noise_w: N, W. At `combining_weights` it is
    γ_is + γ_js·γ_ij/(γ_ij + ς) (24).

    >>> float(snr_of_weights(jnp.array([1.0, 1.0]), Channels(jnp.array([1.0]), 2.0, jnp.array([1.0]), 1.0), 1.0, 1.0))
    3.0
    """
    direct, first_hop, second_hop, gain = (jnp.asarray(part) for part in channels)
    weights = jnp.asarray(weights)
    signal = jnp.vdot(weights, jnp.concatenate([direct, second_hop * (gain * first_hop)]))
    forwarded = gain * jnp.vdot(weights[direct.shape[0] :], second_hop)
    noise_power = noise_w * (jnp.sum(jnp.abs(weights) ** 2) + jnp.abs(forwarded) ** 2)
    return jnp.asarray(power_w) * jnp.abs(signal) ** 2 / noise_power
