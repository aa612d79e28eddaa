"""Link budgets in decibels as in TR 38.821: noise temperatures, G/T, flux density and C/N.

Noise *powers* in W, as the interference sum needs them, are in `sagin.radio.noise`.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from sagin.constants import BOLTZMANN, REFERENCE_TEMPERATURE
from sagin.types import Array, Float
from sagin.units import Numbers, as_float, from_db, to_db

BOLTZMANN_DBW_K_HZ = 10.0 * float(np.log10(BOLTZMANN))
"""Boltzmann's constant k in dBW/(K·Hz)."""


class LinkBudget(NamedTuple):
    """The terms of a link budget, in the order in which they are added up."""

    eirp_dbw: Float[Array, "..."]
    path_loss_db: Float[Array, "..."]
    atmospheric_db: Float[Array, "..."]
    shadow_margin_db: Float[Array, "..."]
    scintillation_db: Float[Array, "..."]
    polarisation_db: Float[Array, "..."]
    additional_db: Float[Array, "..."]
    g_over_t_db_k: Float[Array, "..."]
    boltzmann_dbw_k_hz: Float[Array, "..."]
    bandwidth_dbhz: Float[Array, "..."]
    carrier_to_noise_db: Float[Array, "..."]


def noise_temperature(
    noise_figure_db: Numbers, reference_temperature_k: Numbers = REFERENCE_TEMPERATURE
) -> Float[Array, "..."]:
    """Return the noise temperature of a receiver with a noise figure.

    T = T_0 (10^(NF/10) − 1).

    The arguments broadcast.

    Args:
        noise_figure_db: NF, dB.
        reference_temperature_k: T_0, K.

    Returns:
        T, K.

    >>> round(float(noise_temperature(3.0)), 1)
    288.6
    """
    return as_float(reference_temperature_k) * (from_db(noise_figure_db) - 1.0)


def attenuated_noise_temperature(
    attenuation_db: Numbers,
    medium_temperature_k: Numbers,
    source_temperature_k: Numbers = 0.0,
    coupling: Numbers = 1.0,
) -> Float[Array, "..."]:
    """Return the noise temperature of a source seen through a lossy medium.

    T = η_c [T_m (1 − 10^(−A/10)) + T_src 10^(−A/10)]; with T_m = 275 K and T_src = 2.7 K it is the
    sky noise of ITU-R P.618 clause 3.

    The arguments broadcast.

    Args:
        attenuation_db: A, dB.
        medium_temperature_k: T_m, K.
        source_temperature_k: T_src, K.
        coupling: η_c in 0 to 1.

    Returns:
        T, K.

    >>> round(float(attenuated_noise_temperature(3.0, 290.0)), 1)
    144.7
    """
    passed = 1.0 / from_db(attenuation_db)
    return as_float(coupling) * (
        as_float(medium_temperature_k) * (1.0 - passed) + as_float(source_temperature_k) * passed
    )


def cascade_noise_figure_db(gains_db: Numbers, noise_figures_db: Numbers) -> Float[Array, "..."]:
    """Return the noise figure of stages in a row (Friis 1944), dB.

    F = F_1 + (F_2 − 1)/G_1 + (F_3 − 1)/(G_1 G_2) + …

    Args:
        gains_db: G_i, dB, negative for a loss, [..., stages].
        noise_figures_db: F_i, dB, [..., stages].

    >>> round(float(cascade_noise_figure_db([10.0, -1.0, -3.0], [2.0, 1.0, 4.0])), 1)
    2.6
    """
    gains, figures = from_db(gains_db), from_db(noise_figures_db)
    # gain ahead of each stage
    ahead = jnp.cumprod(gains, axis=-1) / gains
    return to_db(1.0 + jnp.sum((figures - 1.0) / ahead, axis=-1))


def system_noise_temperature(
    antenna_temperature_k: Numbers,
    receiver_temperature_k: Numbers,
    feed_loss_db: Numbers = 0.0,
) -> Float[Array, "..."]:
    """Return the system noise temperature at the receiver's input.

    T_sys = T_a / L + T_0 (1 − 1/L) + T_rx, T_0 = 290 K; without feed loss T_a + T_rx.

    The arguments broadcast.

    Args:
        antenna_temperature_k: T_a, K.
        receiver_temperature_k: T_rx, K.
        feed_loss_db: L, dB.

    Returns:
        T_sys, K.

    >>> float(system_noise_temperature(20.0, 43.0))
    63.0
    """
    return attenuated_noise_temperature(
        feed_loss_db, REFERENCE_TEMPERATURE, antenna_temperature_k
    ) + as_float(receiver_temperature_k)


def g_over_t_db_k(
    receive_gain_dbi: Numbers, noise_figure_db: Numbers, antenna_temperature_k: Numbers
) -> Float[Array, "..."]:
    """Return a terminal's receive figure of merit.

    G/T = G_R − N_f − 10 log10(T_0 + (T_a − T_0) 10^(−0.1 N_f)) = G_R − 10 log10(T_a + T_0 (10^(0.1
    N_f) − 1)) (TR 38.821, clause 6.1.3.1).

    The arguments broadcast.

    Args:
        receive_gain_dbi: G_R, dBi.
        noise_figure_db: N_f, dB.
        antenna_temperature_k: T_a, K.

    Returns:
        G/T, dB/K.

    >>> round(float(g_over_t_db_k(0.0, 7.0, 290.0)), 1)
    -31.6
    """
    return as_float(receive_gain_dbi) - to_db(
        system_noise_temperature(antenna_temperature_k, noise_temperature(noise_figure_db))
    )


def eirp_dbw(eirp_density_dbw_mhz: Numbers, bandwidth_hz: Numbers) -> Float[Array, "..."]:
    """Return the EIRP of a constant EIRP density over a bandwidth B in Hz, dBW.

    >>> round(float(eirp_dbw(34.0, 30e6)), 2)
    48.77
    """
    return as_float(eirp_density_dbw_mhz) + to_db(as_float(bandwidth_hz) / 1e6)


def flux_density_dbw_m2(eirp_dbw: Numbers, distance_m: Numbers) -> Float[Array, "..."]:
    """Return the power flux density EIRP / (4π d²) at a distance d in m, dBW/m².

    >>> round(float(flux_density_dbw_m2(0.0, 1.0)), 2)
    -10.99
    """
    return (
        as_float(eirp_dbw)
        - 20.0 * jnp.log10(as_float(distance_m))
        - 10.0 * float(np.log10(4.0 * np.pi))
    )


def received_power_dbw(
    eirp_dbw: Numbers, receive_gain_dbi: Numbers, loss_db: Numbers
) -> Float[Array, "..."]:
    """Return the received power EIRP + G_R − L, dBW.

    >>> round(float(received_power_dbw(27.0, 52.3, 205.3)), 1)
    -126.0
    """
    return as_float(eirp_dbw) + as_float(receive_gain_dbi) - as_float(loss_db)


def combined_ratio_db(*ratios_db: Numbers) -> Float[Array, "..."]:
    """Return the combination of several carrier-to-noise or carrier-to-interference ratios, dB.

    C/(N + I + …) = 1 / (1/(C/N) + 1/(C/I) + …), all in dB, shapes broadcast; inf means that a part
    is absent.

    >>> round(float(combined_ratio_db(10.0, 10.0)), 2)
    6.99
    """
    return -to_db(sum((1.0 / from_db(ratio) for ratio in ratios_db), start=jnp.asarray(0.0)))


def link_budget(
    eirp_dbw: Numbers,
    g_over_t_db_k: Numbers,
    bandwidth_hz: Numbers,
    path_loss_db: Numbers,
    *,
    atmospheric_db: Numbers = 0.0,
    shadow_margin_db: Numbers = 0.0,
    scintillation_db: Numbers = 0.0,
    polarisation_db: Numbers = 0.0,
    additional_db: Numbers = 0.0,
) -> LinkBudget:
    """Return the link budget of a path, every term and the carrier-to-noise ratio.

    CNR = EIRP + G/T − k − PL_FS − PL_A − PL_SM − PL_SL − PL_AD − 10 log10 B (TR 38.821, 6.1.3.1-1),
    and the polarisation loss of TR 36.763.

    The arguments broadcast.

    Args:
        eirp_dbw: EIRP, dBW.
        g_over_t_db_k: G/T, dB/K.
        bandwidth_hz: B, Hz.
        path_loss_db: PL_FS, dB.
        atmospheric_db: PL_A, dB.
        shadow_margin_db: PL_SM, dB.
        scintillation_db: PL_SL, dB.
        polarisation_db: loss of TR 36.763, dB.
        additional_db: PL_AD, dB.

    Returns:
        a `LinkBudget`, dB.

    >>> round(float(link_budget(0.0, 0.0, 1.0, 0.0).carrier_to_noise_db), 1)
    228.6
    """
    # the terms of the sum, then the sum itself
    eirp, merit, width = as_float(eirp_dbw), as_float(g_over_t_db_k), to_db(bandwidth_hz)
    path, air, shadow = as_float(path_loss_db), as_float(atmospheric_db), as_float(shadow_margin_db)
    scintillation, polarisation = as_float(scintillation_db), as_float(polarisation_db)
    other = as_float(additional_db)
    losses = path, air, shadow, scintillation, polarisation, other
    lost = path + air + shadow + scintillation + polarisation + other
    ratio = eirp - lost + merit - BOLTZMANN_DBW_K_HZ - width
    return LinkBudget(eirp, *losses, merit, jnp.asarray(BOLTZMANN_DBW_K_HZ), width, ratio)
