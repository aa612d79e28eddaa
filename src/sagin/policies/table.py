"""Policies without learning, as rows of one table."""

import jax.numpy as jnp

from sagin.slicing.actions import draw_actions
from sagin.slicing.draws import user_rows
from sagin.slicing.policy import Key, Mask, Policy
from sagin.slicing.rules import (
    allow_any,
    allow_in_turn,
    allow_nearest,
    build_rule_policy,
    pick_at_random,
    pick_greedily,
    pick_in_turn,
)
from sagin.slicing.scenario import SLICES, Scenario, slice_of
from sagin.slicing.state import NonTerrestrialAction, State, TerrestrialAction


def act_at_random_terrestrial(key: Key, scenario: Scenario, state: State) -> TerrestrialAction:
    """Return uniform numbers in [0, 1]."""
    del state
    return draw_actions(key, scenario).terrestrial


def act_at_random_non_terrestrial(
    key: Key, scenario: Scenario, state: State, remaining: Mask
) -> NonTerrestrialAction:
    """Return uniform numbers in [0, 1]."""
    del state, remaining
    return draw_actions(key, scenario).non_terrestrial


def claim_selfishly(scenario: Scenario) -> Mask:
    """Return the users whom layer 1 serves in `selfish`: slice H, and the first user of L and C."""
    rows, slices = user_rows(scenario), slice_of(scenario)
    return jnp.asarray((slices == 0) | (rows // len(SLICES) == 0))


ROWS = (
    Policy(
        "random",
        "every number of the actions uniform in [0, 1]",
        act_at_random_terrestrial,
        act_at_random_non_terrestrial,
    ),
    build_rule_policy("round-robin", "nodes and subcarriers in turn", allow_in_turn, pick_in_turn),
    build_rule_policy(
        "nearest-random", "nearest node, a random subcarrier", allow_nearest, pick_at_random
    ),
    build_rule_policy(
        "nearest-greedy",
        "nearest node, the subcarrier of best SINR, one user after another",
        allow_nearest,
        pick_greedily,
    ),
    build_rule_policy(
        "greedy",
        "node and subcarrier of best SINR, one user after another",
        allow_any,
        pick_greedily,
    ),
    build_rule_policy(
        "selfish",
        "base stations serve slice H and one user each of L and C; greedy otherwise",
        allow_any,
        pick_greedily,
        claim_selfishly,
    ),
)

POLICIES: dict[str, Policy] = {row.name: row for row in ROWS}
"""Policies by name."""
