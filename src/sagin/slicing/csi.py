"""Channels as decisions see them: estimates from pilots replace the true fading."""

import jax

from sagin.parameters import is_off
from sagin.slicing.draws import uniforms, user_rows
from sagin.slicing.fading import get_link_fading, normal_part
from sagin.slicing.scenario import Scenario, sizes
from sagin.slicing.state import State
from sagin.types import Array, PRNGKeyArray

PILOTS = 0x70696C6F
"""Number folded into a slot's key for the estimation errors, so that no other draw depends on them.
"""


def draw_estimates(key: PRNGKeyArray | Array, scenario: Scenario, state: State) -> State:
    """Return the state with estimates of its channels; unchanged if the channels are known.

    Each link's small-scale fading is estimated as in `radio.csi`. The Rician line of sight, path
    losses and the satellite's gain are known.
    """
    variance = scenario.csi.error_variance
    if is_off(variance):
        return state
    size, stations, uavs = sizes(scenario), scenario.base_stations, scenario.uavs
    # errors use a separate key, so that the channels do not change
    pilot_key = jax.random.fold_in(key, PILOTS)
    numbers = uniforms(pilot_key, user_rows(scenario), (size.M + size.V) * size.N * 2)
    # complex errors, (users, nodes, subcarriers, 2)
    noise = normal_part(numbers).reshape(size.K, size.M + size.V, size.N, 2)
    base = get_link_fading(stations.fading, "rayleigh").estimate(
        state.base_draws[..., None], noise[:, : size.M], variance
    )
    uav = get_link_fading(uavs.fading, "rician").estimate(
        state.uav_draws, noise[:, size.M :], variance
    )
    return state._replace(estimate=(base[..., 0], uav))


def see_channels(state: State) -> State:
    """Return the state as decisions see it: estimates replace the true fading."""
    if state.estimate is None:
        return state
    base, uav = state.estimate
    return state._replace(base_draws=base, uav_draws=uav, estimate=None)
