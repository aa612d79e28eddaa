"""Runs of a policy over many slots, compiled: the one evaluation for all policies."""

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
"""Users of H, L and C who take part."""
BLOCK = 16
"""Most runs of a block, which fits a core's cache."""
MOST_SIDE_BY_SIDE = 64
"""Most runs at once on a CPU; more of them are slower per slot than blocks in turn."""
Keep = Callable[[State, Outcome], Any]
"""What is kept of a slot, before anybody acts and of what it came to."""


def evaluate(
    key: Key, scenario: Scenario, policy: Policy, slots: int, counts: Counts = None
) -> Kpis:
    """Return the indicators of `slots` slots in a row, stacked, from a fresh start.

    counts: users of H, L and C who take part, at most the scenario's; None for all. Pure; the
    caller compiles and batches.
    """
    return play(key, scenario, policy, begin_run(key, scenario, counts), slots)[1]


def map_runs(run: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function of one run comes to for many, stacked.

    On a GPU all go side by side. On a CPU more than MOST_SIDE_BY_SIDE run in blocks, each from its
    first slot to its last, so that a slot costs the same in a batch of any size.

    Args:
        run: pure; its arguments are those of one run.
        arguments: stacked, runs leading.
    """
    runs = jax.tree.leaves(arguments)[0].shape[0]
    if runs <= MOST_SIDE_BY_SIDE or jax.default_backend() != "cpu":
        return jax.vmap(run)(*arguments)
    # blocks of equal sizes are one program
    block = max(size for size in range(1, BLOCK + 1) if runs % size == 0)
    return jax.lax.map(lambda one: run(*one), arguments, batch_size=block)


def begin_run(key: Key, scenario: Scenario, counts: Counts = None) -> State:
    """Return the state of slot 0 of a run."""
    return reset(
        jax.random.split(key)[0], scenario, None if counts is None else jnp.asarray(counts)
    )


def keep_kpis(_: State, outcome: Outcome) -> Kpis:
    """Keep a slot's indicators."""
    return outcome.kpis


def play(
    key: Key, scenario: Scenario, policy: Policy, state: State, slots: int, keep: Keep = keep_kpis
) -> tuple[State, Any]:
    """Go on with a run for some slots; return its state and the kept values, stacked.

    By default a slot's indicators are kept.

    key: the one that the run was started with; each slot's draws follow from it and from the slot's
    number, so a run is the same however it is cut into pieces.
    """

    def slot(state: State, _: None) -> tuple[State, Any]:
        following, outcome = play_slot(key, scenario, policy, state)
        return following, keep(state, outcome)

    return jax.lax.scan(slot, state, length=slots)


def split_slot_key(key: Key, state: State) -> PRNGKeyArray | Array:
    """Return the keys of a run's slot: of layer 1, of layer 2, and of what comes after it."""
    return jax.random.split(jax.random.fold_in(jax.random.split(key)[1], state.slot), 3)


def play_slot(key: Key, scenario: Scenario, policy: Policy, state: State) -> tuple[State, Outcome]:
    """Let a policy act in the state's slot; return the next state and the outcome.

    Layer 1 acts first, then layer 2 on the users that layer 1 leaves.
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
