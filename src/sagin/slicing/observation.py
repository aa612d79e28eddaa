"""Observations of a layer's agents, (39) and (43), as vectors of numbers of about −1 to 1.

Fading is shown by its quantile u, as 2u − 1: no information is lost, and the number is uniform in
[−1, 1]. The numbers of a user that takes no part are 0.
"""

from itertools import pairwise

import jax.numpy as jnp
import numpy as np

from sagin.slicing import links
from sagin.slicing.agents import count_last_numbers
from sagin.slicing.scenario import Scenario, sizes, slice_sizes
from sagin.slicing.state import State
from sagin.types import Array, Bool, Float
from sagin.units import from_db, to_db

SATELLITE_SCALE_DB = 30.0
"""SNR of a satellite at full power that is shown as 1."""

Vectors = tuple[Float[Array, " high"], Float[Array, " low"], Float[Array, " wide"]]
"""One vector per slice, H, L, C."""


def observe_first(scenario: Scenario, state: State) -> Vectors:
    """Return layer 1's observations (39).

    They hold the slice's own fading h to every base station and subcarrier, then the part that all
    slices see.
    """
    private = _mask_padding(state, 1.0 - 2.0 * state.base_draws)
    return _split_slices(scenario, [private], _observe_all(scenario, state))


def observe_second(scenario: Scenario, state: State, remaining: Bool[Array, " users"]) -> Vectors:
    """Return layer 2's observations (43).

    They hold the slice's own fading h̃ to every UAV and subcarrier, relative to the phase of the
    line of sight, and its satellite gains; the part that all slices see; membership of K^NT as ±1;
    and the UAVs' last positions if they affect the next ones. ĥ itself is left out: relative to its
    phase it is 1.
    """
    size = sizes(scenario)
    # SNR of each satellite, in units of order 1
    snr = (
        from_db(scenario.satellites.power_dbw)
        * links.satellite_gains(scenario)
        / links.noise_power(scenario)
    )
    # fading to UAVs and satellites is a slice's own, from −1 to 1
    private = [
        _mask_padding(state, 2.0 * state.uav_draws - 1.0),
        _mask_padding(state, (to_db(snr) / SATELLITE_SCALE_DB).reshape(size.K, size.O)),
    ]
    # 1: left by layer 1, −1: served, 0: absent
    mask = jnp.where(state.active, jnp.where(remaining, 1.0, -1.0), 0.0)
    last = 2.0 * state.uav_positions.reshape(-1) / scenario.area.side_m - 1.0
    shared = [_observe_all(scenario, state), mask, last[: count_last_numbers(scenario)]]
    return _split_slices(scenario, private, jnp.concatenate(shared))


def _observe_all(scenario: Scenario, state: State) -> Float[Array, " numbers"]:
    """Return the part that all slices see: arrivals of slice L and all users' positions.

    Arrivals are divided by their mean, minus 1. With a backlog of earlier slots they are unbounded
    and shown as (A − λ)/(A + λ). Positions are in −1 to 1.
    """
    high, low, _ = slice_sizes(scenario)
    mean = jnp.asarray(scenario.traffic.packets_per_slot, float)
    # arrivals about their mean; a backlog is squeezed below 1
    arrivals = jnp.where(mean > 0, state.arrivals / jnp.where(mean > 0, mean, 1.0) - 1.0, -1.0)
    if state.backlog is not None:
        arrivals = arrivals / (arrivals + 2.0)
    places = 2.0 * state.user_positions / scenario.area.side_m - 1.0
    return jnp.concatenate(
        [
            _mask_padding(state, arrivals)[high : high + low],
            _mask_padding(state, places).reshape(-1),
        ]
    )


def _mask_padding(
    state: State, values: Float[Array, "users *numbers"]
) -> Float[Array, "users *numbers"]:
    return jnp.where(state.active.reshape(-1, *[1] * (values.ndim - 1)), values, 0.0)


def _split_slices(
    scenario: Scenario, private: list[Array], shared: Float[Array, " numbers"]
) -> Vectors:
    # each slice's own rows, then what all see
    ends = [0, *np.cumsum(slice_sizes(scenario)).tolist()]
    high, low, wide = (
        jnp.concatenate([*(values[start:end].reshape(-1) for values in private), shared])
        for start, end in pairwise(ends)
    )
    return high, low, wide
