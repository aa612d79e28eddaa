"""Users over time: which users are present in a slot, by the scenario's schedule."""

import jax.numpy as jnp

from sagin.slicing.scenario import Scenario, slice_sizes
from sagin.slicing.state import State
from sagin.types import Array, ArrayLike, Bool


def list_schedules(scenario: Scenario) -> tuple[tuple[int, ...], ...]:
    """Return the users of H, L and C in each step; empty for a slice without a schedule."""
    schedule = scenario.schedule
    return schedule.high_throughput or (), schedule.low_delay or (), schedule.wide_coverage or ()


def find_present(scenario: Scenario, slot: ArrayLike) -> Bool[Array, " users"]:
    """Return the mask of users present in a slot, K_s(t): the first users of each slice.

    `slot` is the number since the reset; a step has `schedule.step_slots` slots.
    """
    step = jnp.asarray(slot) // scenario.schedule.step_slots
    present = []
    for numbers, rows in zip(list_schedules(scenario), slice_sizes(scenario), strict=True):
        # the first rows of each slice are present
        count = jnp.asarray(numbers)[step % len(numbers)] if numbers else rows
        present.append(jnp.arange(rows) < count)
    return jnp.concatenate(present)


def begin_schedule(scenario: Scenario, state: State) -> State:
    """Return a run's first state with the present users, of all who take part in the run."""
    if not any(list_schedules(scenario)):
        return state
    return follow_schedule(scenario, state._replace(enrolled=state.active), 0)


def follow_schedule(scenario: Scenario, state: State, slot: ArrayLike) -> State:
    """Return the state with the users present in a slot; unchanged without a schedule."""
    if state.enrolled is None:
        return state
    return state._replace(active=state.enrolled & find_present(scenario, slot))
