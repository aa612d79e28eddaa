"""The set policy as methods: allocations of many slots at once, and a policy of two layers."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from sagin.planning.planner import Plan, make_plans
from sagin.policies.set_policy.decoder import PolicyOptions
from sagin.policies.set_policy.policy import DEFAULT, decide, see_slot
from sagin.policies.set_policy.weights import Weights, read_weights
from sagin.slicing.allocation import Allocation, to_actions
from sagin.slicing.policy import Policy, build_policy
from sagin.slicing.scenario import (
    Scenario,
    check_interference,
    resize_slices,
    sizes,
    slice_sizes,
)
from sagin.slicing.sections import MOST_USERS
from sagin.slicing.state import Actions, State
from sagin.types import Array, ArrayLike, Float

BUCKET = 16
"""Slices are padded to a multiple of this number of users."""
BLOCK = 64
"""Number of slots decided side by side on a CPU; more exceed a core's cache."""
ROUNDS = 5
"""Rounds of local search after the round from the policy's allocation."""
TEXT = "a network that places users one after another, then UAVs and powers by gradient"


def allocate_slot(
    weights: Weights,
    scenario: Scenario,
    state: State,
    respect_priority: ArrayLike,
    options: PolicyOptions = DEFAULT,
) -> Allocation:
    """Return the policy's allocation of a slot (a pure function)."""
    states = jax.tree.map(lambda leaf: leaf[None], state)
    plan = allocate_block(weights, scenario, states, respect_priority, options)
    return jax.tree.map(lambda leaf: leaf[0], plan)


def allocate_block(
    weights: Weights,
    scenario: Scenario,
    states: State,
    respect_priority: ArrayLike,
    options: PolicyOptions = DEFAULT,
    goals: Float[Array, "slots slices"] | None = None,
) -> Allocation:
    """Return the policy's allocations of slots side by side (a pure function).

    `goals` are the weights of the slices; None: equal weights.
    """
    size, slots = sizes(scenario), states.slot.shape[0]
    if size.M + size.V + size.O == 0 or size.K == 0:
        nobody, nothing = jnp.full((slots, size.K), -1), jnp.zeros((slots, size.K))
        return Allocation(nobody, nobody, nothing, states.uav_positions)
    # inputs of the networks for each slot, (slots, …)
    flags = jnp.broadcast_to(jnp.asarray(respect_priority), slots)
    see = functools.partial(see_slot, weights, scenario)
    seen = jax.vmap(see)(states, flags, jnp.ones((slots, 3)) if goals is None else goals)
    return decide(weights, scenario, seen, options=options).allocation


@functools.partial(jax.jit, static_argnames="options")
def allocate_slots(
    weights: Weights,
    scenario: Scenario,
    states: State,
    *,
    respect_priority: ArrayLike,
    options: PolicyOptions = DEFAULT,
    goals: Float[Array, "slots slices"] | None = None,
) -> Allocation:
    """Return the policy's allocations of many slots, stacked; `goals` are the slices' weights."""
    check_interference(scenario, "set policy")

    slots = states.slot.shape[0]
    goals = jnp.ones((slots, 3)) if goals is None else goals

    def allocate(block: tuple[State, Array]) -> Allocation:
        return allocate_block(weights, scenario, block[0], respect_priority, options, block[1])

    if jax.default_backend() != "cpu" or slots <= BLOCK:
        return allocate((states, goals))
    # the last block repeats the last slot
    blocks = -(-slots // BLOCK)
    index = np.minimum(np.arange(blocks * BLOCK), slots - 1).reshape(blocks, BLOCK)
    plans = jax.lax.map(allocate, jax.tree.map(lambda leaf: leaf[index], (states, goals)))
    return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:])[:slots], plans)


@functools.cache
def load_weights() -> Weights:
    """Load the weights in the package."""
    return read_weights("set-policy")


def allocate_with_weights(
    scenario: Scenario, states: State, *, respect_priority: bool
) -> Allocation:
    """Return the allocations of many slots by the policy with the package's weights, stacked.

    Slices are padded to a multiple of the bucket, so sizes share a program, and so do both tracks.
    """
    if sizes(scenario).K == 0:
        return allocate_slots(load_weights(), scenario, states, respect_priority=respect_priority)
    padded, slots, rows = pad_slots(scenario, states)
    plan = allocate_slots(
        load_weights(), padded, slots, respect_priority=np.asarray(respect_priority)
    )
    node, subcarrier, power = (part[:, rows] for part in plan[:3])
    return Allocation(node, subcarrier, power, plan.uav_positions)


def search_from_policy(
    weights: Weights, scenario: Scenario, states: State, *, respect_priority: bool
) -> Plan:
    """Return the plans of the planner's local search that starts from the policy's allocations."""
    known = allocate_slots(weights, scenario, states, respect_priority=respect_priority)
    return make_plans(
        scenario,
        states,
        respect_priority=respect_priority,
        restarts=0,
        rounds=ROUNDS,
        known=known,
    )


def pad_slots(scenario: Scenario, states: State) -> tuple[Scenario, State, np.ndarray]:
    """Return the scenario and slots with padded slices, and the mask of unpadded rows."""
    counts = slice_sizes(scenario)
    size = min(-(-max(*counts, 1) // BUCKET) * BUCKET, MOST_USERS)
    numbers = [np.arange(count) for count in counts]
    rows = np.concatenate([size * row + part for row, part in enumerate(numbers)])
    # padded rows repeat the first user and take no part
    index = np.zeros(size * len(counts), int)
    index[rows] = np.arange(sum(counts))
    real = np.zeros(index.size, bool)
    real[rows] = True
    users = {
        name: getattr(states, name)[:, index]
        for name in ("user_positions", "base_draws", "uav_draws", "arrivals", "tiebreak")
    }
    slots = states._replace(**users, active=states.active[:, index] & real)
    return resize_slices(scenario, (size,) * len(counts)), slots, rows


def build_set_policy(
    weights: Weights,
    *,
    respect_priority: bool = False,
    name: str = "",
    options: PolicyOptions = DEFAULT,
) -> Policy:
    """Build the policy that carries out the allocation of each slot."""

    def act(scenario: Scenario, state: State) -> Actions:
        check_interference(scenario, "set policy")
        allocation = allocate_slot(weights, scenario, state, respect_priority, options)
        return to_actions(scenario, allocation)

    usual = "set-policy-priority" if respect_priority else "set-policy"
    return build_policy(name or usual, TEXT, act)
