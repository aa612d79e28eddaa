"""The compared frameworks as rows of one table.

A row sets how signals are combined, which users may be served, and the band and power used.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from sagin.radio import amplify_forward
from sagin.radio.combining import equal_gain, maximum_ratio, selection

Pairs = Float[Array, "users relays"]


class Branches(NamedTuple):
    """SNRs that reach a user through each relay, linear."""

    direct: Pairs
    """γ_1, of the satellite's direct path."""
    relayed: Pairs
    """γ_2, of the path through the relay (24)."""
    noise: Pairs
    """N_2/N_1 = 1 + γ_{i,j}/ς: the relay forwards its noise too."""
    hop: Pairs
    """γ_{i,j}, from relay to user alone."""


def build_branches(
    direct: Float[Array, "users"],
    first: Float[Array, "relays"],
    hop: Pairs,
    constant: Float[Array, ""],
) -> Branches:
    """Build the branches of fixed-gain relays whose hops have SNR γ_{i,j} = hop."""
    # Γ of each hop, (users, relays)
    return Branches(
        direct=jnp.broadcast_to(direct[:, None], hop.shape),
        relayed=amplify_forward.snr(first[None, :], hop, constant),
        noise=1.0 + hop / constant,
        hop=hop,
    )


def _combine_maximum_ratio(paths: Branches) -> Pairs:
    return maximum_ratio(jnp.stack([paths.direct, paths.relayed]), axis=0)


def _combine_selection(paths: Branches) -> Pairs:
    return selection(jnp.stack([paths.direct, paths.relayed]), axis=0)


def _combine_equal_gain(paths: Branches) -> Pairs:
    noises = jnp.stack([jnp.ones_like(paths.noise), paths.noise])
    return equal_gain(jnp.stack([paths.direct, paths.relayed]), noises, axis=0)


def _combine_equal_noise(paths: Branches) -> Pairs:
    snrs = jnp.stack([paths.direct, paths.relayed])
    return equal_gain(snrs, jnp.ones_like(snrs), axis=0)


def _use_hop_alone(paths: Branches) -> Pairs:
    return paths.hop


def _serve_nobody(paths: Branches) -> Pairs:
    return jnp.zeros_like(paths.hop)


class Framework(NamedTuple):
    """A row: everything in which a framework differs from the others."""

    name: str
    """Key in results and figures."""
    title: str
    """Name for readers."""
    combine: Callable[[Branches], Pairs]
    """Function from the two phases' signals to the SNR of an excess user through each relay."""
    join_antennas: Callable[..., Array]
    """Function from the SNRs of a relayed user's antennas in a phase to their combined SNR."""
    relay_band: float
    """Share of B in a relayed user's rate: ½ in (27)."""
    direct: Literal["never", "gated", "always"]
    """Whether the satellite serves excess users directly: never, as the gate of line 5 allows, or
    always.
    """
    direct_band: float
    """Share of B in a directly served user's rate."""
    aircraft: Literal["none", "relay", "station"]
    """Aircraft that are sent: none, relays, or base stations with their own transmitter, which need
    no satellite.
    """
    caption: float
    """Factor by which the captions of Figures 2 and 3 multiply the series."""


EGC_EQUAL = "EGC-SAGIN (equal noise)"

FRAMEWORKS: tuple[Framework, ...] = (
    Framework(
        "cud", "CUD", _combine_maximum_ratio, maximum_ratio, 0.5, "gated", 1.0, "relay", 1.16
    ),
    Framework(
        "egc", "EGC-SAGIN", _combine_equal_gain, equal_gain, 0.5, "gated", 1.0, "relay", 1.12
    ),
    Framework(
        "egc-equal", EGC_EQUAL, _combine_equal_noise, equal_gain, 0.5, "gated", 1.0, "relay", 1.12
    ),
    Framework("sc", "SC-SAGIN", _combine_selection, selection, 0.5, "gated", 1.0, "relay", 1.08),
    Framework("leo-gbs", "LEO-GBS", _serve_nobody, maximum_ratio, 0.5, "always", 1.0, "none", 1.04),
    Framework(
        "leo-gbs-half",
        "LEO-GBS (half band)",
        _serve_nobody,
        maximum_ratio,
        0.5,
        "always",
        0.5,
        "none",
        1.04,
    ),
    Framework("gbs-only", "GBS-only", _serve_nobody, maximum_ratio, 0.5, "never", 1.0, "none", 1.0),
    Framework("uav-bs", "UAV-BS", _use_hop_alone, maximum_ratio, 1.0, "never", 1.0, "station", 1.0),
)
"""All frameworks, in the order of every result's framework axis."""


def join_antennas(
    direct: Float[Array, "users antennas"], hop: Float[Array, "users relays antennas"]
) -> tuple[Float[Array, "frameworks users"], Float[Array, "frameworks users relays"]]:
    """Join the antennas of each phase by every framework's combining.

    The combining of the two phases then equals that of all 2L branches, because a relay forwards
    the same noise to all antennas. Maximum-ratio combining of the relayed branches leaves
    γ_{j,s}·Γ/(Γ + ς) of the sum Γ of their γ_{i,j} (23), (24); equal gains leave it of (Σ_l
    √γ_l)²/L.
    """
    rows = [(row.join_antennas(direct), row.join_antennas(hop)) for row in FRAMEWORKS]
    return jnp.stack([row[0] for row in rows]), jnp.stack([row[1] for row in rows])


def select_senders(aircraft: str) -> Bool[np.ndarray, "frameworks"]:
    """Select the frameworks that send aircraft of a kind.

    >>> int(select_senders("station").sum())
    1
    """
    return np.array([row.aircraft == aircraft for row in FRAMEWORKS])


def select_direct() -> Bool[np.ndarray, "frameworks"]:
    """Select the frameworks in which the satellite may serve users directly.

    >>> int(select_direct().sum())
    6
    """
    return np.array([row.direct != "never" for row in FRAMEWORKS])


def find_framework(name: str) -> int:
    """Find the index of a framework on the framework axis.

    >>> find_framework("cud")
    0
    """
    return [row.name for row in FRAMEWORKS].index(name)
