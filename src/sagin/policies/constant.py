"""The best constant action: the floor that a learned policy has to exceed.

A fixed search on training slots finds it: many random allocations, then local moves, in one
program.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.slicing.actions import AGENTS
from sagin.slicing.allocation import allocation_of, quotas
from sagin.slicing.balancing import ignores_slices
from sagin.slicing.draws import user_rows
from sagin.slicing.evaluation import begin_run
from sagin.slicing.objectives import score
from sagin.slicing.policy import Key, Mask, Policy
from sagin.slicing.scenario import SLICES, Scenario, sizes, slice_of, slice_sizes
from sagin.slicing.state import (
    Actions,
    NonTerrestrialAction,
    Outcome,
    State,
    TerrestrialAction,
)
from sagin.slicing.step import act_non_terrestrial, act_terrestrial, assess_slot
from sagin.types import Array, ArrayLike, Float, Int

TRAINING_SEED = 0x7261696E
"""Seed of the slots of the search; no test uses it."""
PENALTY = 10.0
"""Cost of a user beyond a quota, in units of the score."""


class Constant(NamedTuple):
    """An action for every slot: rows are slices H, L, C, columns users within the slice."""

    node: Int[Array | np.ndarray, "slices rows"]
    """Base stations, then UAVs, then satellites."""
    subcarrier: Int[Array | np.ndarray, "slices rows"]
    power: Float[Array | np.ndarray, "slices rows"]
    """Requested share of the node's power."""
    positions: Float[Array | np.ndarray, "uavs 2"]
    """UAV positions, in units of the side."""


class ConstantEffort(NamedTuple):
    """Effort of the search for a constant."""

    slots: int = 16
    trials: int = 20_000
    moves: int = 3000
    """Number of consecutive local moves, each the best of `width` candidates."""
    width: int = 32


DEFAULT = ConstantEffort()


def build_actions(scenario: Scenario, constant: Constant) -> Actions:
    """Return the layers' actions; users beyond the constant's rows request nothing."""
    size, rows = sizes(scenario), user_rows(scenario)
    slices, index = slice_of(scenario), rows // len(SLICES)
    # users beyond the constant's rows get no node
    most = constant.node.shape[1]
    known = jnp.asarray(index < most)
    node, subcarrier, power = (
        jnp.asarray(part)[slices, np.minimum(index, most - 1)] for part in constant[:3]
    )
    node = jnp.where(known, node, -1)
    # one-hot marks, so that the system's own rounding picks them
    channel = jax.nn.one_hot(subcarrier, size.N)
    first = TerrestrialAction(jax.nn.one_hot(node, size.M), channel, power)
    proposals = jnp.broadcast_to(constant.positions, (AGENTS, size.V, 2))
    second = jax.nn.one_hot(node - size.M, size.V + size.O)
    return Actions(first, NonTerrestrialAction(proposals, second, channel, power))


def build_constant_policy(constant: Constant, name: str = "constant") -> Policy:
    """Build the policy with the same action in every slot."""

    def terrestrial(key: Key, scenario: Scenario, state: State) -> TerrestrialAction:
        del key, state
        return build_actions(scenario, constant).terrestrial

    def non_terrestrial(
        key: Key, scenario: Scenario, state: State, remaining: Mask
    ) -> NonTerrestrialAction:
        del key, state, remaining
        return build_actions(scenario, constant).non_terrestrial

    return Policy(name, "the best action that reads nothing", terrestrial, non_terrestrial)


@partial(jax.jit, static_argnames="effort")
def search_constant(
    key: Key,
    scenario: Scenario,
    *,
    respect_priority: ArrayLike = False,
    effort: ConstantEffort = DEFAULT,
    counts: ArrayLike | None = None,
) -> tuple[Constant, Float[Array, ""]]:
    """Return the best constant of a fixed search and its mean score on the training slots.

    Random trials come first, then moves from the best of them: a user changes node and subcarrier,
    two users swap places, a power share or a UAV position changes. A move without loss is accepted.

    Args:
        key: equal keys give equal constants.
        scenario: with `number_choices`, scenarios that differ in these choices share a program.
        respect_priority: whether the quotas of the priority hold (`allocation.quotas`).
        effort: numbers of slots, trials and moves.
        counts: users of H, L and C who take part, at most the scenario's; None for all. Padding
            affects no draw, so sizes share a program.
    """
    # the same training slots for all trials
    slot_keys = jax.random.split(jax.random.key(TRAINING_SEED), effort.slots)
    states = jax.vmap(lambda key: begin_run(key, scenario, counts))(slot_keys)
    rows = jnp.max(jnp.asarray(slice_sizes(scenario) if counts is None else counts))
    measure = partial(_measure, scenario, states, respect_priority)
    trials = -(-effort.trials // effort.width)

    def turn(
        best: tuple[Constant, Array], inputs: tuple[Array, Array]
    ) -> tuple[tuple[Constant, Array], None]:
        number, key = inputs
        keys = jax.random.split(key, effort.width)
        # first draws from scratch, then changes of the best
        drawn = jax.vmap(partial(_draw, scenario, rows))(keys)
        changed = jax.vmap(partial(_change, scenario, rows, best[0]))(keys)
        tried = jax.tree.map(lambda a, b: jnp.where(number < trials, a, b), drawn, changed)
        values = jax.vmap(measure)(tried)
        row = jnp.argmax(values)
        new = jax.tree.map(lambda rows: rows[row], tried), values[row]
        better = new[1] >= best[1]
        return jax.tree.map(lambda a, b: jnp.where(better, a, b), new, best), None

    turns = trials + effort.moves
    start = _draw(scenario, rows, key), jnp.asarray(-jnp.inf)
    return jax.lax.scan(turn, start, (jnp.arange(turns), jax.random.split(key, turns)))[0]


def play_constant(scenario: Scenario, state: State, constant: Constant) -> Outcome:
    """Return the outcome of a constant in a slot."""
    actions = build_actions(scenario, constant)
    first = act_terrestrial(scenario, state, actions.terrestrial)
    second, positions = act_non_terrestrial(scenario, state, first, actions.non_terrestrial)
    return assess_slot(scenario, state, first, second, positions)


def _measure(
    scenario: Scenario, states: State, respect_priority: ArrayLike, constant: Constant
) -> Float[Array, ""]:
    """Return the mean score over slots, minus penalties for quotas."""

    def judge(state: State) -> Float[Array, ""]:
        # score of one slot, minus the penalty for broken quotas
        result = play_constant(scenario, state, constant)
        value = score(scenario, result.kpis)
        excess = jnp.where(respect_priority, _count_excess(scenario, state, result), 0)
        return value - PENALTY * excess

    return jnp.mean(jax.vmap(judge)(states))


def _count_excess(scenario: Scenario, state: State, result: Outcome) -> Int[Array, ""]:
    """Return how many users the layers serve beyond their quotas."""
    node, most = allocation_of(scenario, result).node, quotas(scenario, state)
    slices = jnp.where(ignores_slices(scenario.balancing.rule), 0, slice_of(scenario))
    stations = sizes(scenario).M
    # served users by slice and layer, (3, 2)
    layers = jnp.stack([(node >= 0) & (node < stations), node >= stations], axis=1)
    served = jax.nn.one_hot(slices, 3, dtype=int).T @ layers.astype(int)
    return jnp.sum(jnp.maximum(served - most, 0))


def _place_rows(scenario: Scenario, rows: Array) -> Int[Array, "slices rows"]:
    """Return the position of each row in draws of `rows` per slice; −1 for padding."""
    most = max(slice_sizes(scenario))
    row = jnp.arange(most)
    return jnp.where(row < rows, jnp.arange(len(SLICES))[:, None] * rows + row, -1)


def _draw(scenario: Scenario, rows: Array, key: Array) -> Constant:
    size, place = sizes(scenario), _place_rows(scenario, rows)
    shape, keys = (place.size,), jax.random.split(key, 4)
    # a number's bits depend on its position alone, not on the array's length
    parts = (
        jax.random.randint(keys[0], shape, 0, size.M + size.V + size.O),
        jax.random.randint(keys[1], shape, 0, size.N),
        jax.random.uniform(keys[2], shape),
    )
    node, subcarrier, power = (part[place] for part in parts)
    return Constant(node, subcarrier, power, jax.random.uniform(keys[3], (size.V, 2)))


def _change(scenario: Scenario, rows: Array, constant: Constant, key: Array) -> Constant:
    """Return the constant after one random move."""
    size, place = sizes(scenario), _place_rows(scenario, rows)
    kind_key, user_key, new_key = jax.random.split(key, 3)
    kind = jax.random.randint(kind_key, (), 0, 4)
    user, other = jax.random.randint(user_key, (2,), 0, len(SLICES) * rows)
    fresh = _draw(scenario, rows, new_key)
    moved, repowered = (kind == 0) & (place == user), (kind == 2) & (place == user)
    # a swap of two users' nodes and subcarriers
    index = jnp.arange(place.size).reshape(place.shape)
    first, second = (jnp.argmax(place.reshape(-1) == number) for number in (user, other))
    order = jnp.where(index == first, second, jnp.where(index == second, first, index))
    order = jnp.where(kind == 1, order, index)
    node, subcarrier = (part.reshape(-1)[order] for part in constant[:2])
    # one UAV jumps or drifts
    uav = jnp.arange(size.V)[:, None] == user % max(size.V, 1)
    drift = constant.positions + 0.1 * (fresh.positions - 0.5)
    spot = jnp.clip(jnp.where(other % 2 == 0, drift, fresh.positions), 0.0, 1.0)
    return Constant(
        jnp.where(moved, fresh.node, node),
        jnp.where(moved, fresh.subcarrier, subcarrier),
        jnp.where(repowered, fresh.power, constant.power),
        jnp.where((kind == 3) & uav, spot, constant.positions),
    )
