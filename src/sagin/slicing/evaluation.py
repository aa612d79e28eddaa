"""Compiled runs of a policy over many slots: the one evaluation for all policies."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from sagin.slicing.csi import see_channels
from sagin.slicing.policy import Policy
from sagin.slicing.scenario import Scenario
from sagin.slicing.state import Kpis, Outcome, State
from sagin.slicing.step import (
    act_non_terrestrial,
    act_terrestrial,
    advance,
    assess_slot,
    end_slot,
    reset,
)
from sagin.types import Array, ArrayLike, PRNGKeyArray

Key = PRNGKeyArray | Array
Counts = Sequence[int] | ArrayLike | None
"""Numbers of users of H, L and C who take part."""
BLOCK = 16
"""Largest number of runs per block, which fits a core's cache."""
MOST_SIDE_BY_SIDE = 64
"""Largest number of runs at once on a CPU; more runs are slower per slot than blocks in turn."""
Keep = Callable[[State, Outcome], Any]
"""Function from a slot's state and outcome to the values to keep."""


def evaluate(
    key: Key, scenario: Scenario, policy: Policy, slots: int, counts: Counts = None
) -> Kpis:
    """Return the indicators of `slots` consecutive slots from a new start, stacked.

    The function is pure; the caller compiles and batches it.

    Args:
        key: random key of the run.
        scenario: slicing scenario.
        policy: policy of both layers.
        slots: number of slots.
        counts: numbers of users of H, L and C who take part, at most the scenario's; None: all.
    """
    return play(key, scenario, policy, begin_run(key, scenario, counts), slots)[1]


def map_runs(run: Callable[..., Any], *arguments: Any) -> Any:
    """Return a function that maps a function of one run over many runs, and stacks the results.

    On a GPU all runs are computed side by side. On a CPU, more than MOST_SIDE_BY_SIDE runs are
    computed in blocks, each from its first slot to its last, so that a slot costs the same in a
    batch of any size.

    Args:
        run: pure function; its arguments are those of one run.
        arguments: stacked, with a leading axis of runs.
    """
    runs = jax.tree.leaves(arguments)[0].shape[0]
    if runs <= MOST_SIDE_BY_SIDE or jax.default_backend() != "cpu":
        return jax.vmap(run)(*arguments)
    # blocks of equal size share one program
    block = max(size for size in range(1, BLOCK + 1) if runs % size == 0)
    return jax.lax.map(lambda one: run(*one), arguments, batch_size=block)


def begin_run(key: Key, scenario: Scenario, counts: Counts = None) -> State:
    """Return the state of slot 0 of a run; the arguments are those of `evaluate`."""
    return reset(
        jax.random.split(key)[0], scenario, None if counts is None else jnp.asarray(counts)
    )


def keep_kpis(_: State, outcome: Outcome) -> Kpis:
    """Return a slot's indicators."""
    return outcome.kpis


def play(
    key: Key, scenario: Scenario, policy: Policy, state: State, slots: int, keep: Keep = keep_kpis
) -> tuple[State, Any]:
    """Continue a run for some slots; return its state and the kept values, stacked.

    The draws of each slot depend on the key and on the slot's number, so a run does not depend on
    its division into pieces.

    Args:
        key: the key with which the run was started.
        scenario: slicing scenario.
        policy: policy of both layers.
        state: state at the start of the first slot.
        slots: number of slots.
        keep: function from a slot's state and outcome to the values to keep; default: indicators.
    """

    def slot(state: State, _: None) -> tuple[State, Any]:
        following, outcome = play_slot(key, scenario, policy, state)
        return following, keep(state, outcome)

    return jax.lax.scan(slot, state, length=slots)


def split_slot_key(key: Key, state: State) -> PRNGKeyArray | Array:
    """Return three keys of a run's slot: for layer 1, for layer 2, and for the next slot."""
    return jax.random.split(jax.random.fold_in(jax.random.split(key)[1], state.slot), 3)


def play_slot(key: Key, scenario: Scenario, policy: Policy, state: State) -> tuple[State, Outcome]:
    """Let a policy act in the state's slot; return the next state and the outcome.

    Layer 1 acts first, then layer 2 on the users whom layer 1 leaves.
    """
    first_key, second_key, next_key = split_slot_key(key, state)
    seen = see_channels(state)
    first = act_terrestrial(scenario, state, policy.terrestrial(first_key, scenario, seen))
    remaining = state.active & ~first.served
    second, places = act_non_terrestrial(
        scenario, state, first, policy.non_terrestrial(second_key, scenario, seen, remaining)
    )
    outcome = assess_slot(scenario, state, first, second, places)
    return advance(next_key, scenario, end_slot(scenario, state, outcome)), outcome
