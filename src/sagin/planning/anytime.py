"""Plans under a time limit: the best start first, then every better plan that is found."""

import time
from collections.abc import Iterator
from functools import partial
from itertools import count

import jax
import jax.numpy as jnp
import numpy as np

from sagin.planning.goals import Goal, build_goal
from sagin.planning.network import build_slot
from sagin.planning.planner import (
    Key,
    Plan,
    Search,
    assess_allocation,
    begin_drafts,
    choose_search,
    make_plan,
    reveal_plan,
)
from sagin.planning.rounds import Draft, Task, refine_once
from sagin.slicing.csi import see_channels
from sagin.slicing.scenario import Scenario, sizes
from sagin.slicing.state import State
from sagin.types import Array

Turn = tuple[Array, Array]


def improve_plan(
    scenario: Scenario,
    state: State,
    goal: Goal | None = None,
    *,
    seconds: float,
    key: Key | None = None,
    respect_priority: bool = True,
) -> Iterator[Plan]:
    """Yield a plan, then every better plan that further rounds find, until a time limit.

    Without time, the only plan is that of `make_plan`. With time, the best start comes first. A
    round that has begun is finished.
    """
    # decisions use the channels estimated from pilots, if any
    key, seen = jax.random.key(0) if key is None else key, see_channels(state)
    aim, size = build_goal() if goal is None else goal, sizes(scenario)
    if seconds <= 0 or size.M + size.V + size.O == 0:
        plan = make_plan(scenario, seen, goal, key=key, respect_priority=respect_priority)
        yield reveal_plan(scenario, state, aim, plan)
        return
    # the rounds continue from the best of all starts
    until, method = time.monotonic() + seconds, choose_search(scenario, respect_priority, None)
    start_key, key = jax.random.split(key)
    drafts = _begin_search(start_key, scenario, seen, aim, method)
    best = jax.tree.map(lambda rows: rows[np.argmax(drafts.score)], drafts)
    yield _assess_draft(scenario, state, aim, best)
    for number in count():
        if time.monotonic() >= until:
            return
        turn = jnp.asarray(number), jax.random.fold_in(key, number)
        new = _refine_search(scenario, seen, aim, (drafts, best), turn, method)
        if new.score > best.score:
            yield _assess_draft(scenario, state, aim, new)
        best = new


@partial(jax.jit, static_argnames="method")
def _begin_search(key: Key, scenario: Scenario, seen: State, goal: Goal, method: Search) -> Draft:
    return begin_drafts(key, Task(scenario, seen, build_slot(scenario, seen), goal), method)


@partial(jax.jit, static_argnames="method")
def _refine_search(
    scenario: Scenario,
    seen: State,
    goal: Goal,
    drafts: tuple[Draft, Draft],
    turn: Turn,
    method: Search,
) -> Draft:
    task, respect = (
        Task(scenario, seen, build_slot(scenario, seen), goal),
        method.respect_priority,
    )
    return refine_once(task, *drafts, turn, method.effort, respect_priority=respect)


@jax.jit
def _assess_draft(scenario: Scenario, state: State, goal: Goal, draft: Draft) -> Plan:
    return assess_allocation(scenario, state, goal, draft.allocation, draft.score[None])
