"""Values that layer 1 transfers to layer 2 (Algorithm 1, line 11): its actions, and its rewards."""

import jax.numpy as jnp

from sagin.slicing.actions import mask_terrestrial
from sagin.slicing.agents import find_slice, find_users
from sagin.slicing.layouts import VectorLayout, pack
from sagin.slicing.objectives import reward_layer
from sagin.slicing.scenario import Scenario, sizes, slice_sizes
from sagin.slicing.state import Layer, State, TerrestrialAction
from sagin.types import Array, Float

ROW_PARTS = ("first_association", "first_subcarrier", "first_power")
"""Parts of an observation that hold numbers of each user of the agent's slice."""


def lay_out_transfer(scenario: Scenario, agent: str) -> VectorLayout:
    """Return the layout of the values transferred to an agent of layer 2: action and reward."""
    transfer, size = scenario.game.transfer, sizes(scenario)
    if transfer is None:
        return ()
    rows = slice_sizes(scenario)[find_slice(agent)]
    shapes = (rows, size.M), (rows, size.N), (rows,)
    action = tuple(zip(ROW_PARTS, shapes, strict=True))
    return action if transfer == "actions" else (*action, ("first_reward", (1,)))


def show_transfer(
    scenario: Scenario, agent: str, state: State, action: TerrestrialAction, first: Layer
) -> Float[Array, " numbers"]:
    """Return the values transferred to an agent of layer 2 after layer 1 acted: 2a − 1, 2r − 1.

    The action is the executed one: line 9 has set the associations of disconnected users to 0. The
    numbers of a user that takes no part are 0.
    """
    users, carried_out = find_users(scenario, agent), mask_terrestrial(action, first)
    active = state.active[users]
    # carried-out numbers of the agent's users, 0 of absent ones
    parts = {
        name: jnp.where(
            active.reshape(-1, *[1] * (numbers.ndim - 1)), 2.0 * numbers[users] - 1.0, 0.0
        )
        for name, numbers in zip(ROW_PARTS, carried_out, strict=True)
    }
    reward = reward_layer(scenario, state, first, first.served)[find_slice(agent)]
    return pack(
        parts | {"first_reward": 2.0 * reward[None] - 1.0}, lay_out_transfer(scenario, agent)
    )
