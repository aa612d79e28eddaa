"""Rounds of local search, UAV positions and powers; a round that makes the plan worse is undone."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from sagin.optimise import local_search
from sagin.planning.goals import Goal
from sagin.planning.network import PlannedSlot, build_network, penalise, utility
from sagin.planning.positions import improve_positions
from sagin.planning.powers import control_powers, value_places
from sagin.planning.starts import Spots, count_loads
from sagin.slicing import uavs
from sagin.slicing.allocation import Allocation
from sagin.slicing.draws import uniforms, user_rows
from sagin.slicing.scenario import Scenario, sizes
from sagin.slicing.state import State
from sagin.types import Array, Bool, Float, PRNGKeyArray

Key = PRNGKeyArray | Array


class Effort(NamedTuple):
    """Amount of search from each start."""

    rounds: int = 12
    sweeps: int = 10
    """Largest number of sweeps of the local search in a round."""
    powers: int = 16
    """Number of power-control steps in a round."""
    positions: int = 10
    """Number of gradient steps in a round."""
    removed: float = 0.1
    """Share of the users who lose their places before the search of a round, after the first
    rounds.
    """


class Task(NamedTuple):
    """The slot and goal to plan for."""

    scenario: Scenario
    state: State
    slot: PlannedSlot
    goal: Goal


class Draft(NamedTuple):
    """The best allocation so far, and its worth with penalties."""

    allocation: Allocation
    score: Float[Array, ""]


def refine_drafts(
    key: Key, task: Task, drafts: Draft, *, effort: Effort, respect_priority: bool
) -> tuple[Draft, Float[Array, " steps"]]:
    """Return the best draft after rounds from all drafts, and the score after each round.

    First, each given draft gets a round, stacked. Each further round begins with the best draft so
    far, from which some users are removed. Scores begin with that of the best given draft; they
    never decrease.
    """
    starts, best = (
        drafts.score.shape[0],
        jax.tree.map(lambda rows: rows[jnp.argmax(drafts.score)], drafts),
    )

    def refine(best: Draft, turn: tuple[Array, Array]) -> tuple[Draft, Array]:
        best = refine_once(task, drafts, best, turn, effort, respect_priority=respect_priority)
        return best, best.score

    # a scan over rounds: first one from each start, then from the best
    total = starts + effort.rounds
    last, scores = jax.lax.scan(refine, best, (jnp.arange(total), jax.random.split(key, total)))
    return last, jnp.concatenate([best.score[None], scores])


def refine_once(
    task: Task,
    drafts: Draft,
    best: Draft,
    turn: tuple[Array, Array],
    effort: Effort,
    *,
    respect_priority: bool,
) -> Draft:
    """Return the best draft after one more round.

    Args:
        task: the slot and goal.
        drafts: drafts to start from, stacked.
        best: the best draft so far.
        turn: number of the round, and its key. Below the number of drafts, it selects a draft.
        effort: effort of the round.
        respect_priority: whether the quotas hold.
    """
    starts, (number, key) = drafts.score.shape[0], turn
    hop_key, key = jax.random.split(key)
    ruin_key, place_key = jax.random.split(key)
    # the first rounds take the given drafts, later ones the best so far
    draft = jax.tree.map(
        lambda rows, row: jnp.where(number < starts, rows[jnp.minimum(number, starts - 1)], row),
        drafts,
        best,
    )
    again, old = number >= starts, draft.allocation
    # later rounds remove some users at random before they search
    draws = uniforms(ruin_key, user_rows(task.scenario), 1)[:, 0]
    removed = (draws < effort.removed) & again
    if sizes(task.scenario).V and task.scenario.uavs.placement != "fixed":
        spots, below = hop_uav(hop_key, task, old.uav_positions)
        old = old._replace(uav_positions=jnp.where(again, spots, old.uav_positions))
        removed = removed | (below & again)
    # a round without a gain is undone
    new = _round(place_key, task, old, removed, effort, respect_priority)
    return jax.tree.map(lambda a, b: jnp.where(new.score > best.score, a, b), new, best)


def hop_uav(key: Key, task: Task, spots: Spots) -> tuple[Spots, Bool[Array, " users"]]:
    """Return UAV positions, m, with one UAV directly above a user, and the index of this user.

    No gradient leads there from a distance. The more a user's rate counts in the goal, the more
    likely it is chosen.
    """
    uav_key, user_key = jax.random.split(key)
    counts = jnp.where(task.state.active, task.slot.term @ task.goal.weights, 0.0) + 1e-9
    # the largest of log w + Gumbel noise has the probability w/Σw
    draws = uniforms(user_key, user_rows(task.scenario), 1)[:, 0]
    user = jnp.argmax(jnp.log(counts) - jnp.log(-jnp.log(draws)))
    moved = spots.at[jax.random.randint(uav_key, (), 0, spots.shape[0])].set(
        task.state.user_positions[user]
    )
    allowed = uavs.decide_positions(
        task.scenario, task.state.uav_positions, (moved / task.scenario.area.side_m)[None]
    )
    return allowed, jnp.arange(counts.shape[0]) == user


def draft_places(task: Task, places: local_search.Places, spots: Spots) -> Draft:
    """Return the draft of places and UAV positions, m, with evenly divided power."""
    network = _network(task, spots)
    return draft_allocation(task, Allocation(*places, _share_evenly(network, places.node), spots))


def draft_allocation(task: Task, allocation: Allocation) -> Draft:
    """Return the draft of an allocation."""
    network = _network(task, allocation.uav_positions)
    places = local_search.Places(allocation.node, allocation.subcarrier)
    return Draft(
        allocation, value_places(task.scenario, network, task.goal, places, allocation.power)
    )


def _network(task: Task, spots: Spots, respect_priority: bool = False) -> local_search.Network:
    return build_network(
        task.scenario, task.state, task.slot, spots, respect_priority=respect_priority
    )


def _share_evenly(network: local_search.Network, node: Array) -> Float[Array, " users"]:
    """Return each user's equal part of its node's power."""
    at = jax.nn.one_hot(node, network.power.shape[0])
    return at @ (network.power / jnp.maximum(jnp.sum(at, axis=0), 1.0))


def _round(
    key: Key, task: Task, old: Allocation, removed: Array, effort: Effort, respect_priority: bool
) -> Draft:
    scenario, goal = task.scenario, task.goal
    # places first, with power in even shares
    network = _network(task, old.uav_positions, respect_priority)
    start = local_search.Places(
        jnp.where(removed, -1, old.node), jnp.where(removed, -1, old.subcarrier)
    )
    places = _search_places(task, network, start, effort.sweeps)
    power, spots = _share_evenly(network, places.node), old.uav_positions
    # then UAV positions, kept where they are worth more
    if sizes(scenario).V and scenario.uavs.placement != "fixed":
        even = Allocation(*places, power, spots)
        moved = improve_positions(
            key, scenario, task.state, task.slot, goal, even, steps=effort.positions
        )
        other = _network(task, moved, respect_priority)
        better = value_places(scenario, other, goal, places, power) > value_places(
            scenario, network, goal, places, power
        )
        spots = jnp.where(better, moved, spots)
        network = network._replace(
            gain=jnp.where(better, other.gain, network.gain),
            distance=jnp.where(better, other.distance, network.distance),
        )
    # then powers
    power, score = control_powers(scenario, network, goal, places, power, steps=effort.powers)
    return Draft(Allocation(*places, power, spots), score)


def _search_places(
    task: Task,
    network: local_search.Network,
    start: local_search.Places,
    sweeps: int,
) -> local_search.Places:
    """Search with a node's power divided among its users and two more."""
    load = count_loads(start.node, network.power.shape[0])
    even = jnp.sum(network.wanting) / max(network.power.shape[0], 1)
    parts = jnp.maximum(load, jnp.ceil(even)) + 2.0
    shared = network._replace(power=network.power / parts, limit=jnp.minimum(network.limit, parts))
    return local_search.search(
        shared,
        lambda user, distance, sinr: utility(task.scenario, user, distance, sinr),
        lambda total: penalise(task.goal, total),
        start,
        sweeps=sweeps,
    )[0]
