"""Training of the set policy: samples of fresh slots, each compared with the slot's others.

Choices are learned by the policy gradient. A sample stores the networks' inputs, so all logits are
computed again in one pass, whose gradient does not pass through the decoder. Power rounds are
learned by the gradient of the score itself, round by round.
"""

import functools
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np

from sagin.learning.optimiser import Moments, apply_gradients, make_moments
from sagin.learning.policy_gradient import compute_policy_loss, leave_one_out
from sagin.learning.programs import Programs, choose_options
from sagin.learning.settings import Settings
from sagin.policies.set_policy.act import allocate_block, build_set_policy
from sagin.policies.set_policy.decoder import (
    PlacementTurn,
    PolicyOptions,
    feed_layer,
    point_at_users,
    score_edges,
)
from sagin.policies.set_policy.encoder import score_anchors
from sagin.policies.set_policy.layout import lay_out
from sagin.policies.set_policy.policy import Anchors, SeenSlot, decide, see_slot
from sagin.policies.set_policy.weights import Weights, draw_weights
from sagin.slicing.allocation import Allocation, carry_out
from sagin.slicing.evaluation import split_slot_key
from sagin.slicing.game import SlicingGame
from sagin.slicing.policy import Policy
from sagin.slicing.scenario import SLICES, Scenario, sizes, slice_of
from sagin.slicing.state import State
from sagin.slicing.step import advance
from sagin.slicing.trace import make_trace
from sagin.types import Array, Bool, Float, Int, PRNGKeyArray

LEAST_RATE = 0.01
"""Share of the learning rate that remains at the horizon."""
LEAST_SPREAD = 1e-6
"""Smallest variance of the regressors of a turn that counts."""
RUNS = 16
"""Number of runs side by side per call of a test."""


class SetNetworks(NamedTuple):
    """The networks and the state of their optimiser; weights have a leading axis of 1."""

    actors: Weights
    moments: Moments


class SetTraining(NamedTuple):
    """State of a training run between two updates."""

    key: PRNGKeyArray
    iteration: Int[Array, ""]
    learned: tuple[SetNetworks, ...]


def read_options(settings: Settings) -> PolicyOptions:
    """Return the policy's options that follow from a training's settings."""
    part = settings.set_policy
    return PolicyOptions(part.revisions, part.power_rounds, part.pointer, part.physics)


def bare(weights: Weights) -> Weights:
    """Return weights without their leading axis."""
    return jax.tree.map(lambda leaf: leaf[0], weights)


def start(key: PRNGKeyArray) -> SetTraining:
    """Return a run before its first update."""
    weight_key, key = jax.random.split(key)
    weights = jax.tree.map(lambda leaf: leaf[None], draw_weights(weight_key))
    return SetTraining(key, jnp.asarray(0), (SetNetworks(weights, make_moments(weights)),))


def bind_networks(name: str, settings: Settings, actors: tuple[Weights, ...]) -> Policy:
    """Return the policy of trained networks; it keeps the priority if all its slots did."""
    respect = settings.set_policy.priority == 1.0
    options = read_options(settings)
    return build_set_policy(bare(actors[0]), respect_priority=respect, name=name, options=options)


def update(
    scenario: Scenario, settings: Settings, state: SetTraining
) -> tuple[SetTraining, dict[str, Array]]:
    """Return the run after one update, and means over its samples."""
    part = settings.set_policy
    keys = jax.random.split(jax.random.fold_in(state.key, state.iteration), 4)
    slot_key, flag_key, sample_key, goal_key = keys
    game = SlicingGame(scenario)
    slots = jax.vmap(lambda key: game.reset(key).state)(jax.random.split(slot_key, part.slots))
    flags = _mark_share(flag_key, part.slots, part.priority)
    goals = _draw_goals(goal_key, part.slots, part.goals)
    networks, options = state.learned[0], read_options(settings)

    def lose(weights: Weights) -> tuple[Array, dict[str, Array]]:
        plain = bare(weights)
        seen = jax.vmap(lambda *slot: see_slot(plain, scenario, *slot))(slots, flags, goals)
        fixed = jax.lax.stop_gradient(plain)._replace(power=plain.power)
        rows = jax.tree.map(
            lambda leaf: jnp.repeat(jax.lax.stop_gradient(leaf), part.samples, axis=0), seen
        )
        samples = decide(fixed, scenario, rows, key=sample_key, options=options)
        worth = samples.worth.reshape(part.slots, part.samples)
        turns = cast(PlacementTurn, samples.turns)
        choices = jax.lax.stop_gradient((samples.anchors, turns))
        log_probability, entropy = measure_choices(plain, scenario, options, seen, choices)
        advantage = hold_against(worth, choices[1])
        count = advantage.shape[0]
        loss = count * compute_policy_loss(log_probability, advantage, part.entropy * entropy)
        means = {
            "reward/free": _average(worth, ~flags),
            "reward/priority": _average(worth, flags),
            "kpi/entropy": jnp.mean(entropy),
            "kpi/spread": jnp.mean(jnp.std(worth, axis=1)),
            "kpi/noise": jnp.std(advantage),
        }
        return loss - jnp.mean(jnp.sum(samples.smooth_worth, axis=-1)), means

    slope, means = jax.grad(lose, has_aux=True)(networks.actors)
    passed = jnp.minimum(state.iteration / part.horizon, 1.0)
    rate = LEAST_RATE + (1.0 - LEAST_RATE) * 0.5 * (1.0 + jnp.cos(jnp.pi * passed))
    after = apply_gradients(settings, part.rate * rate, slope, networks.moments, networks.actors)
    return SetTraining(state.key, state.iteration + 1, (SetNetworks(*after),)), means


def _mark_share(key: PRNGKeyArray, count: int, share: Array | float) -> Bool[Array, " count"]:
    """Return a random mask of a share of items, with the share as its mean."""
    turns = jnp.arange(count) + jax.random.uniform(key)
    return jnp.floor(turns * share) > jnp.floor((turns - 1.0) * share)


def _draw_goals(
    key: PRNGKeyArray, count: int, share: Array | float
) -> Float[Array, "count slices"]:
    """Return weights of the slices: equal, except in a share of slots with random weights."""
    mark_key, weight_key = jax.random.split(key)
    drawn = jax.random.exponential(weight_key, (count, len(SLICES)))
    marks = jax.random.permutation(mark_key, jnp.arange(count)) < jnp.round(share * count)
    return jnp.where(marks[:, None], drawn, 1.0)


def _average(worth: Float[Array, "slots samples"], among: Array) -> Array:
    count = jnp.sum(among)
    return jnp.sum(jnp.where(among[:, None], worth, 0.0)) / jnp.maximum(count * worth.shape[1], 1)


def hold_against(
    worth: Float[Array, "slots samples"], turns: PlacementTurn
) -> Float[Array, "choices slots*samples"]:
    """Return the advantage of each sample's choices, first those of UAVs, then turn by turn.

    A sample is compared with the slot's others. In a turn, a linear fit over all samples accounts
    for what each has reached so far, and for the users still to be placed, because choices before
    the turn are no merit of it. The unit is the spread of the worth.
    """
    known = jnp.concatenate([turns.worth[:, None], turns.board[:, : len(SLICES)]], axis=1)
    known = known.reshape(*known.shape[:2], *worth.shape)
    known = jnp.concatenate([jnp.zeros_like(known[:1]), known])
    known = known - jnp.mean(known, axis=-1, keepdims=True)
    held = leave_one_out(worth.T).T
    square = jnp.einsum("tfns,tgns->tfg", known, known)
    mixed = jnp.einsum("tfns,ns->tf", known, held * (1.0 - 1.0 / worth.shape[1]))
    ridge = LEAST_SPREAD * worth.size * jnp.eye(known.shape[1])
    slope = jnp.linalg.solve(square + ridge, mixed[..., None])[..., 0]
    made_up = jnp.einsum("tf,tfns->tns", slope, known) / (1.0 - 1.0 / worth.shape[1])
    advantage = (held - made_up) / (jnp.std(held) + 1e-6)
    return advantage.reshape(advantage.shape[0], -1)


def measure_choices(
    weights: Weights,
    scenario: Scenario,
    options: PolicyOptions,
    seen: SeenSlot,
    choices: tuple[Anchors, PlacementTurn],
) -> tuple[Float[Array, "choices slots"], Float[Array, "choices slots"]]:
    """Return the log probability and the entropy of samples' choices, first those of UAVs.

    Args:
        seen: slots, each with the same number of samples.
        choices: choices of all samples.
    """
    anchors, turns = choices
    layout = lay_out(sizes(scenario))
    samples = anchors.user.shape[0] // seen.embedding.shape[0]
    embedding = jnp.repeat(seen.embedding, samples, axis=0)
    active = jnp.repeat(seen.sight.active, samples, axis=0)[:, None]
    spread = jnp.broadcast_to(embedding[:, None], (*anchors.user.shape, *embedding.shape[1:]))
    logits = score_anchors(weights, spread, anchors.features, active)
    first = jax.tree.map(
        lambda part: jnp.sum(part, axis=0), read_choice(logits.transpose(2, 1, 0), anchors.user.T)
    )
    picked = jnp.take_along_axis(embedding, turns.user.T[..., None], axis=1).transpose(1, 2, 0)
    factors = weights.factor[jnp.asarray(slice_of(scenario))][turns.user]
    pointer = feed_layer(weights.pointer_user, embedding.transpose(2, 1, 0))

    def measure(_: None, row: tuple[PlacementTurn, Array, Array]) -> tuple[None, Any]:
        turn, embedding, factor = row
        edges = read_choice(score_edges(weights, layout, embedding, factor, turn), turn.choice)
        if not options.pointer:
            return None, edges
        users = read_choice(point_at_users(weights, pointer, turn), turn.user)
        return None, jax.tree.map(jnp.add, edges, users)

    rest = jax.lax.scan(measure, None, (turns, picked, factors))[1]
    return jax.tree.map(lambda one, more: jnp.concatenate([one[None], more]), first, rest)


def read_choice(
    logits: Float[Array, "options *turns slots"], choice: Int[Array, "*turns slots"]
) -> tuple[Float[Array, "*turns slots"], Float[Array, "*turns slots"]]:
    """Return the log probability of choices, and their entropy."""
    log = jax.nn.log_softmax(logits, axis=0)
    picked = jnp.take_along_axis(log, choice[None], axis=0)[0]
    return picked, -jnp.sum(jnp.exp(log) * log, axis=0)


def play_runs(
    scenario: Scenario,
    options: PolicyOptions,
    weights: Weights,
    runs: tuple[Array, Any, Array],
    slots: int,
) -> tuple[Any, Any]:
    """Return indicators and traces of runs' slots; `runs` holds keys, first states, priorities."""
    keys, first, flags = runs

    def finish(key: Array, state: State, plan: Allocation) -> tuple[State, Any]:
        outcome = carry_out(scenario, state, plan)
        layers = (outcome.terrestrial, outcome.non_terrestrial)
        trace = make_trace(state, layers, outcome.uav_positions)
        moved = state._replace(uav_positions=outcome.uav_positions)
        return advance(split_slot_key(key, state)[2], scenario, moved), (outcome.kpis, trace)

    def play(states: State, _: None) -> tuple[State, Any]:
        plans = allocate_block(weights, scenario, states, flags, options)
        return jax.vmap(finish)(keys, states, plans)

    rows = jax.lax.scan(play, first, length=slots)[1]
    return jax.tree.map(lambda leaf: jnp.swapaxes(leaf, 0, 1), rows)


@functools.lru_cache(maxsize=8)
def compile_set_policy(scenario: Scenario, settings: Settings) -> Programs:
    """Return the compiled functions of a training of the set policy."""
    options, share = read_options(settings), settings.set_policy.priority

    @functools.partial(
        jax.jit, static_argnums=1, donate_argnums=0, compiler_options=choose_options()
    )
    def advance_run(state: SetTraining, count: int) -> tuple[SetTraining, dict[str, Array]]:
        state, means = jax.lax.scan(
            lambda state, _: update(scenario, settings, state), state, length=count
        )
        return state, jax.tree.map(jnp.mean, means)

    @functools.partial(jax.jit, static_argnums=4, compiler_options=choose_options(once=True))
    def play(weights: Weights, keys: Array, game: SlicingGame, flags: Array, slots: int) -> Any:
        first = jax.vmap(lambda key: game.reset(jax.random.split(key)[0]).state)(keys)
        return play_runs(scenario, options, weights, (keys, first, flags), slots)

    def judge(learned: Any, keys: Array, slots: int, game: SlicingGame | None = None) -> Any:
        weights, pieces, runs = bare(learned[0].actors), [], len(keys)
        # a training's own tests are of both kinds; all others of one
        flags = (
            np.arange(runs) >= runs * (1.0 - share) if game is None else np.full(runs, share == 1)
        )
        game = SlicingGame(scenario) if game is None else game
        for begin in range(0, runs, RUNS):
            rows = np.arange(begin, begin + RUNS) % runs
            piece = play(weights, keys[rows], game, flags[rows], slots)
            pieces.append(jax.tree.map(np.asarray, piece))
        kpis, traces = jax.tree.map(lambda *parts: np.concatenate(parts)[:runs], *pieces)
        return {}, kpis, traces

    @jax.jit
    def begin(_: None, key: PRNGKeyArray, default: Any = None) -> SetTraining:
        # networks start at random, whatever `find_start` returns
        del default
        return start(key)

    return Programs(functools.partial(begin, None), advance_run, judge)
