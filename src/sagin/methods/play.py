"""Run slicing methods of every kind on the same slots: same keys, same channels and users."""

import dataclasses
import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.methods.guard import call_foreign, check_vectors
from sagin.methods.method import OWN, Method
from sagin.slicing.actions import check_actions
from sagin.slicing.allocation import Allocation, carry_out, quotas
from sagin.slicing.balancing import ignores_slices
from sagin.slicing.csi import see_channels
from sagin.slicing.evaluation import begin_run, map_runs, play, split_slot_key
from sagin.slicing.game import SlicingGame, Turn
from sagin.slicing.policy import Policy, switch_policies
from sagin.slicing.scenario import Scenario, resize_slices, slice_of
from sagin.slicing.state import Actions, Kpis, Outcome, State
from sagin.slicing.step import act_terrestrial, advance, end_slot
from sagin.slicing.trace import Trace, make_trace
from sagin.types import Array, Bool

Advance = Callable[[int], Any]
Keep = Callable[[Scenario, State, Outcome], Any]
"""Function from scenario, state and outcome of a slot to its stored part."""
CHUNK = 50
"""Slots between two updates of the progress bar; results do not depend on it."""


class Played(NamedTuple):
    """The stored part of a slot; axes of seeds and slots may lead."""

    kpis: Kpis
    breaks_quotas: Bool[Array, "*slots"]
    """Whether a layer serves more users of a slice than the priority's quota."""


class Slots(NamedTuple):
    """The slots that all methods meet."""

    scenario: Scenario
    keys: jax.Array
    """One key per run (`make_run_keys`)."""
    counts: tuple[int, int, int]
    """Numbers of users of H, L and C who take part."""
    slots: int
    """Number of consecutive slots of each run."""


def make_run_keys(seed: int | jax.Array, runs: int) -> jax.Array:
    """Return one key per run; the key of run n does not depend on the number of runs."""
    return jax.vmap(lambda number: jax.random.fold_in(jax.random.key(seed), number))(
        np.arange(runs)
    )


@jax.jit
def start_runs(keys: jax.Array, scenario: Scenario, counts: jax.Array | np.ndarray) -> State:
    """Return the first slots of runs, stacked; `counts` of H, L and C users take part."""
    return jax.vmap(lambda key: begin_run(key, scenario, counts))(keys)


def play_method(method: Method, meet: Slots, advance: Advance, keep: Keep | None = None) -> Any:
    """Run a method and return the stored part of its slots, with axes of runs and slots leading.

    Args:
        method: a slicing method of any kind except `learn`.
        meet: the slots.
        advance: called with the number of finished slots of all runs.
        keep: function that extracts the stored part; use the same function object for all calls.
            None stores a `Played`.

    Raises:
        InputError: the method makes an error; one line names the method and the error.
    """
    keep = keep or keep_slot
    if method.prepare is not None:
        sized = resize_slices(meet.scenario, meet.counts)
        policy = call_foreign(method.name, method.prepare, sized)
        method = dataclasses.replace(method, prepare=None, policy=policy)
    if method.policy is not None:
        return _play_policy(method, meet, advance, keep)
    if method.act is not None:
        return _play_act(method, meet, advance, keep)
    if method.allocate is not None:
        return _play_allocator(method, meet, advance, keep)
    raise InputError(f"method {method.name!r}: is not trained (allowed: policy, act or allocate)")


def keep_slot(scenario: Scenario, state: State, outcome: Outcome) -> Played:
    """Return a slot's indicators, and whether the slot violates the priority's quotas."""
    member = jax.nn.one_hot(slice_of(scenario), 3, dtype=int)
    layers = (outcome.terrestrial.served, outcome.non_terrestrial.served)
    load = jnp.stack([jnp.sum(member * served[:, None], axis=0) for served in layers], axis=1)
    together = jnp.zeros_like(load).at[0].set(jnp.sum(load, axis=0))
    load = jnp.where(ignores_slices(scenario.balancing.rule), together, load)
    return Played(outcome.kpis, jnp.any(load > quotas(scenario, state)))


def keep_traced_slot(scenario: Scenario, state: State, outcome: Outcome) -> tuple[Played, Trace]:
    """Keep what `keep_slot` does, and where everybody is and who serves whom."""
    layers = (outcome.terrestrial, outcome.non_terrestrial)
    trace = make_trace(state, layers, outcome.uav_positions)
    return keep_slot(scenario, state, outcome), trace


class Switch(NamedTuple):
    """Policies that share one compiled program, selected by number."""

    policies: tuple[Policy, ...]

    def __call__(self, number: Any) -> Policy:
        """Return the policy of a number, which may be traced."""
        return switch_policies(self.policies, number)


@functools.partial(jax.jit, static_argnames=("build", "slots", "keep"))
def _play_slots(
    keys: jax.Array,
    scenario: Scenario,
    states: State,
    choice: Any,
    *,
    build: Callable[[Any], Policy],
    slots: int,
    keep: Keep,
) -> tuple[State, Any]:
    def run(key: jax.Array, state: State) -> tuple[State, Any]:
        return play(key, scenario, build(choice), state, slots, functools.partial(keep, scenario))

    return map_runs(run, keys, states)


def play_pieces(
    meet: Slots,
    build: Callable[[Any], Policy],
    choice: Any,
    advance: Advance,
    keep: Keep = keep_slot,
) -> Iterator[Any]:
    """Yield the stored part of a policy's slots in pieces of CHUNK; axes of runs and slots lead.

    Args:
        meet: the slots.
        build: returns the policy of a choice; a `Switch` or another function object that stays the
            same.
        choice: traced, so that all choices share one program.
        advance: called with the number of finished slots.
        keep: function of the scenario, a slot's state and its outcome.
    """
    states = start_runs(meet.keys, meet.scenario, np.asarray(meet.counts))
    slots = min(CHUNK, meet.slots)
    for first in range(0, meet.slots, CHUNK):
        # the last piece is filled up, so that all pieces share one program
        states, played = _play_slots(
            meet.keys, meet.scenario, states, choice, build=build, slots=slots, keep=keep
        )
        count = min(CHUNK, meet.slots - first)
        yield jax.tree.map(lambda leaf, count=count: np.asarray(leaf)[:, :count], played)
        advance(count * len(meet.keys))


def _play_policy(method: Method, meet: Slots, advance: Advance, keep: Keep) -> Any:
    if method.source != OWN:
        states = start_runs(meet.keys, meet.scenario, np.asarray(meet.counts))
        call_foreign(method.name, _check_policy, method, meet, states)
    pieces = call_foreign(
        method.name, lambda: [*play_pieces(meet, Switch((method.policy,)), 0, advance, keep)]
    )
    return jax.tree.map(lambda *leaves: np.concatenate(leaves, axis=1), *pieces)


def _check_policy(method: Method, meet: Slots, states: State) -> None:
    """Check a foreign policy's actions in the first slot of each run.

    Compiled code does not report a NaN or a number out of range.
    """
    policy: Policy = method.policy

    def ask(key: jax.Array, state: State) -> Actions:
        first_key, second_key, _ = split_slot_key(key, state)
        seen = see_channels(state)
        first = policy.terrestrial(first_key, meet.scenario, seen)
        served = act_terrestrial(meet.scenario, state, first).served
        second = policy.non_terrestrial(second_key, meet.scenario, seen, state.active & ~served)
        return Actions(first, second)

    actions = jax.jit(jax.vmap(ask))(meet.keys, states)
    try:
        check_actions(actions, meet.scenario)
    except InputError as error:
        raise InputError(f"method {method.name!r}: {error}") from None


@functools.partial(jax.jit, static_argnames=("stage",))
def _observe(game: SlicingGame, turns: Turn, *, stage: int) -> dict[str, Array]:
    return jax.vmap(lambda turn: game.observe(turn, stage))(turns)


@functools.partial(jax.jit, static_argnames=("stage",))
def _act(game: SlicingGame, turns: Turn, actions: dict[str, Array], *, stage: int) -> Turn:
    return jax.vmap(lambda turn, action: game.act(turn, stage, action))(turns, actions)


@functools.partial(jax.jit, static_argnames="keep")
def _finish(game: SlicingGame, keys: jax.Array, turns: Turn, *, keep: Keep) -> tuple[Turn, Any]:
    def finish(key: jax.Array, turn: Turn) -> tuple[Turn, Any]:
        outcome = game.assess(turn)
        transition = game.finish(split_slot_key(key, turn.state)[2], turn)
        return transition.state, keep(game.scenario, turn.state, outcome)

    return jax.vmap(finish)(keys, turns)


def _play_act(method: Method, meet: Slots, advance: Advance, keep: Keep) -> Any:
    game = SlicingGame(meet.scenario)
    if method.reset is not None:
        call_foreign(method.name, method.reset, game)
    turns = Turn(start_runs(meet.keys, meet.scenario, np.asarray(meet.counts)))
    pieces = []
    for _ in range(meet.slots):
        for stage in range(len(game.stages)):
            turns = _act(game, turns, _ask(method, game, turns, stage), stage=stage)
        turns, played = _finish(game, meet.keys, turns, keep=keep)
        pieces.append(jax.tree.map(np.asarray, played))
        advance(len(meet.keys))
    return jax.tree.map(lambda *leaves: np.stack(leaves, axis=1), *pieces)


def _ask(method: Method, game: SlicingGame, turns: Turn, stage: int) -> dict[str, np.ndarray]:
    """Return the actions of a stage's agents in all runs, one call per run."""
    act: Any = method.act
    seen = jax.tree.map(np.asarray, _observe(game, turns, stage=stage))
    sizes_of = {agent: game.action_size[agent] for agent in game.stages[stage]}
    rows = []
    for run in range(len(turns.state.slot)):
        vectors = {agent: seen[agent][run] for agent in sizes_of}
        answer = call_foreign(method.name, act, vectors)
        rows.append(check_vectors(method.name, answer, sizes_of))
    return {agent: np.stack([row[agent] for row in rows]) for agent in sizes_of}


@functools.partial(jax.jit, static_argnames="keep")
def _carry_out(
    keys: jax.Array, scenario: Scenario, states: State, allocations: Allocation, *, keep: Keep
) -> tuple[State, Any]:
    def slot(key: jax.Array, state: State, allocation: Allocation) -> tuple[State, Any]:
        outcome = carry_out(scenario, state, allocation)
        ended = end_slot(scenario, state, outcome)
        following = advance(split_slot_key(key, state)[2], scenario, ended)
        return following, keep(scenario, state, outcome)

    return jax.vmap(slot)(keys, states, allocations)


def _play_allocator(method: Method, meet: Slots, advance: Advance, keep: Keep) -> Any:
    allocate: Any = method.allocate
    states = start_runs(meet.keys, meet.scenario, np.asarray(meet.counts))
    pieces = []
    for _ in range(meet.slots):
        allocations = call_foreign(method.name, allocate, meet.scenario, see_channels(states))
        check_allocations(method.name, meet.scenario, states, allocations)
        states, played = _carry_out(meet.keys, meet.scenario, states, allocations, keep=keep)
        pieces.append(jax.tree.map(np.asarray, played))
        advance(len(meet.keys))
    return jax.tree.map(lambda *leaves: np.stack(leaves, axis=1), *pieces)


def check_allocations(name: str, scenario: Scenario, states: State, allocations: Any) -> None:
    """Check a batch of allocations: type, shapes, and the constraints of every allocation.

    Raises:
        InputError: the first violation; one line names the method.
    """
    from sagin.slicing.feasibility import find_violations

    if not isinstance(allocations, Allocation):
        kind = type(allocations).__name__
        raise InputError(f"method {name!r}: returned a {kind} (allowed: a batch of Allocation)")
    runs, users = states.active.shape
    if np.shape(allocations.node) != (runs, users):
        shape = np.shape(allocations.node)
        raise InputError(f"method {name!r}: node of shape {shape} (allowed: {(runs, users)})")
    for run in range(runs):
        pick = functools.partial(jax.tree.map, lambda leaf, run=run: np.asarray(leaf)[run])
        broken = find_violations(scenario, pick(states), pick(allocations))
        if broken:
            raise InputError(f"method {name!r}: run {run}: {broken[0]}")
