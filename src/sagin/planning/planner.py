"""The planner: users, subcarriers, powers and UAV positions for any goal.

It works with or without the priority.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.compile_cache import PROGRAM_LIMIT
from sagin.errors import InputError
from sagin.machine import count_cores
from sagin.planning.goals import Goal, build_goal, sum_shortfall, weigh_terms
from sagin.planning.network import build_slot
from sagin.planning.rounds import (
    Draft,
    Effort,
    Task,
    draft_allocation,
    draft_places,
    refine_drafts,
)
from sagin.planning.starts import KINDS, begin_start
from sagin.slicing.allocation import Allocation, carry_out
from sagin.slicing.csi import see_channels
from sagin.slicing.objectives import normalise_terms
from sagin.slicing.scenario import SLICES, Scenario, sizes
from sagin.slicing.state import Kpis, State
from sagin.types import Array, ArrayLike, Float, PRNGKeyArray

Key = PRNGKeyArray | Array


MANY_USERS = 200
"""Above this number of users, the default has fewer starts, rounds and sweeps."""

KEPT = 1e-4
"""Loss of a maximised term that the next terms in a lexicographic order may cause: below the
resolution of single precision.
"""


class Plan(NamedTuple):
    """An allocation with its results in the simulator; batch axes may lead."""

    allocation: Allocation
    kpis: Kpis
    terms: Float[Array, "*slots 3"]
    """Normalised terms of slices H, L, C (`objectives.normalise_terms`)."""
    worth: Float[Array, "*slots"]
    """Weighted score w·terms."""
    shortfall: Float[Array, "*slots"]
    """Sum by which minimum values are missed; 0 if all are reached."""
    history: Float[Array, "*slots steps"]
    """Worth minus penalties: of the best start, after a round from each start, then after each
    further round; it never decreases.
    """


DEFAULT = Effort()


@dataclass(frozen=True)
class Search:
    """Settings of a search for plans."""

    respect_priority: bool = True
    """Whether `allocation.quotas` hold."""
    starts: tuple[str, ...] = KINDS[:2]
    effort: Effort = DEFAULT


def search_plan(
    key: Key,
    scenario: Scenario,
    state: State,
    goal: Goal,
    known: Allocation | None,
    method: Search,
) -> Plan:
    """Return the best plan of all starts. The function is pure; the caller compiles and batches it.

    The search uses the channels as decisions see them; the plan's results use the true channels.
    `known` is an allocation that serves as one more start; the plan is at least as good.
    """
    seen = see_channels(state)
    task, respect = Task(scenario, seen, build_slot(scenario, seen), goal), method.respect_priority
    size = sizes(scenario)
    if size.M + size.V + size.O == 0:
        users = state.active.shape[0]
        nowhere, nothing = jnp.full(users, -1), jnp.zeros(users)
        return assess_allocation(
            scenario,
            state,
            goal,
            Allocation(nowhere, nowhere, nothing, state.uav_positions),
            jnp.zeros(1),
        )
    start_key, key = jax.random.split(key)
    # starts of all kinds, and a known allocation as one more
    first = begin_drafts(start_key, task, method)
    if known is not None:
        first = jax.tree.map(
            lambda rows, row: jnp.concatenate([rows, row[None]]),
            first,
            draft_allocation(task, known),
        )
    best, history = refine_drafts(key, task, first, effort=method.effort, respect_priority=respect)
    return assess_allocation(scenario, state, goal, best.allocation, history)


def begin_drafts(key: Key, task: Task, method: Search) -> Draft:
    """Return the drafts of all starts, stacked."""
    # each start is a draft of places and UAV positions, (starts, …)
    keys = jax.random.split(key, len(method.starts))
    kinds = jnp.asarray([KINDS.index(kind) for kind in method.starts], int)
    respect = method.respect_priority

    def begin(key: Key, kind: Array) -> Draft:
        places, spots = begin_start(
            key,
            task.scenario,
            task.state,
            task.slot,
            task.goal,
            kind=kind,
            respect_priority=respect,
        )
        return draft_places(task, places, spots)

    return jax.vmap(begin)(keys, kinds)


def assess_allocation(
    scenario: Scenario,
    state: State,
    goal: Goal,
    allocation: Allocation,
    history: Float[Array, " steps"],
) -> Plan:
    """Return the plan of an allocation, with its results."""
    kpis = carry_out(scenario, state, allocation).kpis
    terms = normalise_terms(scenario, kpis)
    return Plan(
        allocation, kpis, terms, weigh_terms(goal, terms), sum_shortfall(goal, terms), history
    )


@jax.jit
def _assess_plans(scenario: Scenario, state: State, goals: Goal, plans: Plan) -> Plan:
    """Return stacked plans for one slot with their results on its true channels."""
    rows = goals, plans.allocation, plans.history
    return jax.vmap(lambda *row: assess_allocation(scenario, state, *row))(*rows)


def reveal_plan(scenario: Scenario, state: State, goal: Goal, plan: Plan) -> Plan:
    """Return a plan that was made on the known channels with its results on the true ones."""
    if state.estimate is None:
        return plan
    stacked = jax.tree.map(lambda leaf: leaf[None], (goal, plan))
    return jax.tree.map(lambda leaf: leaf[0], _assess_plans(scenario, state, *stacked))


_search_plan = jax.jit(search_plan, static_argnames="method")


@partial(jax.jit, static_argnames="method")
def _search_in_turn(
    keys: Key,
    scenario: Scenario,
    states: State,
    goals: Goal,
    known: Allocation | None,
    *,
    method: Search,
) -> Plan:
    """Plan slots one after another.

    Side by side, each slot would take as many turns as the slowest, which is no faster on a CPU.
    """
    return jax.lax.map(
        lambda row: search_plan(row[0], scenario, row[1], row[2], row[3], method),
        (keys, states, goals, known),
    )


def choose_search(scenario: Scenario, respect_priority: bool, restarts: int | None) -> Search:
    """Return the search for a number of starts, of `KINDS` in turn.

    None: the default, by the size of the scenario.
    """
    large = sizes(scenario).K > MANY_USERS
    count = 2 if restarts is None else restarts
    starts = tuple(KINDS[number % len(KINDS)] for number in range(count))
    return Search(respect_priority, starts, Effort(rounds=2, sweeps=3) if large else Effort())


def make_plan(
    scenario: Scenario,
    state: State,
    goal: Goal | None = None,
    *,
    key: Key | None = None,
    respect_priority: bool = True,
    restarts: int | None = None,
    known: Allocation | None = None,
) -> Plan:
    """Return the best allocation found for a slot, and its outcome.

    The program is compiled at the first call with a scenario's sizes.

    Args:
        scenario: the system.
        state: the slot.
        goal: weights and minimum values (`goals.build_goal`); None: the terms' plain sum.
        key: equal keys give equal plans.
        respect_priority: whether the layers keep to `allocation.quotas`.
        restarts: number of starts, of `starts.KINDS` in turn; None: by the scenario's size.
        known: an allocation to improve on.

    >>> from sagin.slicing import build_scenario, reset
    >>> scenario = build_scenario("small")
    >>> found = make_plan(scenario, reset(jax.random.key(0), scenario))
    >>> bool(found.worth > 2.0), found.allocation.node.shape
    (True, (6,))
    """
    PROGRAM_LIMIT.check()
    key = jax.random.key(0) if key is None else key
    return _search_plan(
        key,
        scenario,
        state,
        build_goal() if goal is None else goal,
        known,
        choose_search(scenario, respect_priority, restarts),
    )


def make_plans(
    scenario: Scenario,
    states: State,
    goals: Goal | None = None,
    *,
    key: Key | None = None,
    respect_priority: bool = True,
    restarts: int | None = None,
    rounds: int | None = None,
    known: Allocation | None = None,
) -> Plan:
    """Return a plan for each of many slots, stacked.

    Args:
        goals: one goal for all slots, or one per slot.
        restarts: as in `make_plan`; 0 uses only the known allocations.
        rounds: further rounds after those from each start; None: by the scenario's size.
        known: allocations to improve on, stacked.
    """
    PROGRAM_LIMIT.check()
    count, parts = states.slot.shape[0], min(count_cores(), states.slot.shape[0])
    goal_rows = jax.tree.map(
        lambda x: jnp.broadcast_to(x, (count, 3)), build_goal() if goals is None else goals
    )
    keys = jax.random.split(jax.random.key(0) if key is None else key, count)
    method, rows = choose_search(scenario, respect_priority, restarts), -(-count // parts)
    if rounds is not None:
        method = replace(method, effort=method.effort._replace(rounds=rounds))

    def plan_part(part: int) -> Plan:
        picked = np.minimum(np.arange(part * rows, (part + 1) * rows), count - 1)
        key, slots, goals, given = jax.tree.map(
            lambda x: x[picked], (keys, states, goal_rows, known)
        )
        return jax.block_until_ready(
            _search_in_turn(key, scenario, slots, goals, given, method=method)
        )

    # a compiled program runs on the thread that calls it
    with ThreadPoolExecutor(parts) as pool:
        plans = list(pool.map(plan_part, range(parts)))
    return jax.tree.map(lambda *parts: jnp.concatenate(parts)[:count], *plans)


def plan_in_order(
    scenario: Scenario,
    state: State,
    order: Sequence[str] = ("H", "L", "C"),
    *,
    key: Key | None = None,
    respect_priority: bool = True,
    restarts: int | None = None,
) -> Plan:
    """Return the plan that is best for one slice, among those plans best for the next, and so on.

    Each reached term becomes a minimum value. `order` lists the slices, the most important one
    first; slices that are not listed do not count.
    """
    # the value reached for one slice is a floor for the next
    least, plan, goal = jnp.full(3, -jnp.inf), None, build_goal()
    for name in order:
        row = SLICES.index(name)
        goal = Goal(jnp.zeros(3).at[row].set(1.0), least)
        known = None if plan is None else plan.allocation
        plan = make_plan(
            scenario,
            see_channels(state),
            goal,
            key=key,
            respect_priority=respect_priority,
            restarts=restarts,
            known=known,
        )
        least = least.at[row].set(plan.terms[row] - KEPT)
    if plan is None:
        raise InputError("order: no slice is named (allowed: some of H, L, C)")
    return reveal_plan(scenario, state, goal, plan)


def trace_front(
    scenario: Scenario,
    state: State,
    weights: ArrayLike,
    *,
    key: Key | None = None,
    respect_priority: bool = True,
    restarts: int | None = None,
) -> Plan:
    """Return a plan for each row of weights, (goals, 3), from one batch.

    Each plan is the best for its weights among all plans of the batch.
    """
    # one goal per row of weights, on the same slot
    goals = build_goal(weights)
    states = jax.tree.map(
        lambda x: jnp.broadcast_to(x, (goals.weights.shape[0], *jnp.shape(x))),
        see_channels(state),
    )
    plan = make_plans(
        scenario, states, goals, key=key, respect_priority=respect_priority, restarts=restarts
    )
    # each goal takes the best of all plans, also of other goals
    best = jnp.argmax(goals.weights @ plan.terms.T, axis=1)
    picked = jax.tree.map(lambda x: x[best], plan)
    if state.estimate is not None:
        return _assess_plans(scenario, state, goals, picked)
    return picked._replace(
        worth=weigh_terms(goals, picked.terms), shortfall=sum_shortfall(goals, picked.terms)
    )
