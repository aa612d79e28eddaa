"""Training of the set policy: samples of fresh slots, each held against the slot's others.

Choices are learned by the policy gradient. A sample keeps what the networks saw, so that all
logits are computed again in one pass, whose gradient needs no way back through the decoder. Power
rounds are learned by the gradient of the score itself, round by round.
"""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.learning.optimiser import Moments, apply_gradients, make_moments
from sagin.learning.policy_gradient import compute_policy_loss, leave_one_out
from sagin.learning.programs import Programs, choose_options
from sagin.learning.settings import Settings
from sagin.policies.set_policy.act import build_set_policy
from sagin.policies.set_policy.board import lay_out
from sagin.policies.set_policy.decoder import PolicyOptions, point_at_users, score_edges
from sagin.policies.set_policy.encoder import embed_users, score_anchors
from sagin.policies.set_policy.policy import DecidedSample, decide
from sagin.policies.set_policy.weights import Weights, draw_weights
from sagin.slicing.allocation import carry_out
from sagin.slicing.evaluation import split_slot_key
from sagin.slicing.game import SlicingGame
from sagin.slicing.policy import Policy
from sagin.slicing.scenario import Scenario, sizes, slice_of
from sagin.slicing.state import State
from sagin.slicing.step import advance
from sagin.slicing.trace import make_trace
from sagin.types import Array, Float, Int, PRNGKeyArray

LEAST_RATE = 0.01
"""Part of the learning rate that is left at the horizon."""
RUNS = 16
"""Runs that one call of a test plays side by side."""


class SetNetworks(NamedTuple):
    """The networks and what their optimiser remembers; weights have an axis of 1 in front."""

    actors: Weights
    moments: Moments


class SetTraining(NamedTuple):
    """A training run between two updates."""

    key: PRNGKeyArray
    iteration: Int[Array, ""]
    learned: tuple[SetNetworks, ...]


def read_options(settings: Settings) -> PolicyOptions:
    """Return the policy's options that a training's settings stand for."""
    part = settings.set_policy
    return PolicyOptions(part.revisions, part.power_rounds, part.pointer, part.physics)


def bare(weights: Weights) -> Weights:
    """Return weights without their axis in front."""
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
    """Return the run after one update, and means of its samples."""
    part = settings.set_policy
    slot_key, flag_key, sample_key = jax.random.split(
        jax.random.fold_in(state.key, state.iteration), 3
    )
    game = SlicingGame(scenario)
    slots = jax.vmap(lambda key: game.reset(key).state)(jax.random.split(slot_key, part.slots))
    turns = jnp.arange(part.slots) + jax.random.uniform(flag_key)
    flags = jnp.floor(turns * part.priority) > jnp.floor((turns - 1.0) * part.priority)
    keys = jax.random.split(sample_key, (part.slots, part.samples))
    networks = state.learned[0]

    def lose(weights: Weights) -> tuple[Array, dict[str, Array]]:
        plain = bare(weights)
        fixed = jax.lax.stop_gradient(plain)._replace(power=plain.power)
        draw = functools.partial(_draw_samples, fixed, scenario, read_options(settings))
        samples = jax.vmap(draw)(slots, flags, keys)
        advantage = leave_one_out(samples.worth.T)
        advantage = advantage / (jnp.std(advantage) + 1e-6)
        log_probability, entropy = jax.vmap(
            lambda rows: _measure_choices(plain, scenario, settings, rows)
        )(jax.lax.stop_gradient(samples))
        loss = compute_policy_loss(log_probability.T, advantage, part.entropy * entropy)
        means = {
            "reward/free": _average(samples.worth, ~flags),
            "reward/priority": _average(samples.worth, flags),
            "kpi/entropy": jnp.mean(entropy),
            "kpi/spread": jnp.mean(jnp.std(samples.worth, axis=1)),
        }
        return loss - jnp.mean(jnp.sum(samples.smooth_worth, axis=-1)), means

    slope, means = jax.grad(lose, has_aux=True)(networks.actors)
    passed = jnp.minimum(state.iteration / part.horizon, 1.0)
    rate = LEAST_RATE + (1.0 - LEAST_RATE) * 0.5 * (1.0 + jnp.cos(jnp.pi * passed))
    after = apply_gradients(settings, part.rate * rate, slope, networks.moments, networks.actors)
    return SetTraining(state.key, state.iteration + 1, (SetNetworks(*after),)), means


def _average(worth: Float[Array, "slots samples"], among: Array) -> Array:
    count = jnp.sum(among)
    return jnp.sum(jnp.where(among[:, None], worth, 0.0)) / jnp.maximum(count * worth.shape[1], 1)


def _draw_samples(
    weights: Weights,
    scenario: Scenario,
    options: PolicyOptions,
    slot: State,
    flag: Array,
    keys: Array,
) -> DecidedSample:
    """Return samples of one slot, stacked."""
    return jax.vmap(lambda key: decide(weights, scenario, slot, flag, key=key, options=options))(
        keys
    )


def _measure_choices(
    weights: Weights, scenario: Scenario, settings: Settings, rows: DecidedSample
) -> tuple[Float[Array, " samples"], Float[Array, " samples"]]:
    """Return the log probabilities of one slot's samples, and their choices' mean entropy."""
    sight = jax.tree.map(lambda leaf: leaf[0], rows.sight)
    embedding, layout = embed_users(weights, sight), lay_out(sizes(scenario))
    samples, uavs = rows.anchors.features.shape[:2]
    spread = jnp.broadcast_to(embedding, (samples, uavs, *embedding.shape))
    anchors = score_anchors(weights, spread, rows.anchors.features, sight.active)
    turns = rows.turns
    assert turns is not None
    factor = weights.factor[jnp.asarray(slice_of(scenario))][turns.user]
    edges = score_edges(weights, layout, embedding[turns.user], factor, turns)
    parts = [(anchors, rows.anchors.user), (edges, turns.choice)]
    if settings.set_policy.pointer:
        pointer = point_at_users(weights, weights.pointer_user(embedding), turns)
        parts.append((pointer, turns.user))
    picked, entropy = zip(*(_read_choice(*pair) for pair in parts), strict=True)
    total = jnp.sum(jnp.stack(entropy), axis=0)
    return jnp.sum(jnp.stack(picked), axis=0), total / (2.0 * turns.user.shape[1])


def _read_choice(logits: Array, choice: Array) -> tuple[Array, Array]:
    """Return the sums over turns of the log probability of choices and of their entropy."""
    log = jax.nn.log_softmax(logits, axis=-1)
    picked = jnp.take_along_axis(log, choice[..., None], axis=-1)[..., 0]
    entropy = -jnp.sum(jnp.exp(log) * log, axis=-1)
    return jnp.sum(picked, axis=1), jnp.sum(entropy, axis=1)


def play_run(
    scenario: Scenario,
    options: PolicyOptions,
    weights: Weights,
    run: tuple[Array, Any, Array],
    slots: int,
) -> tuple[Any, Any]:
    """Return indicators and traces of a run's slots; run: its key, first state and priority."""
    key, first, flag = run

    def play(state: State, _: None) -> tuple[State, Any]:
        allocation = decide(weights, scenario, state, flag, options=options).allocation
        outcome = carry_out(scenario, state, allocation)
        layers = (outcome.terrestrial, outcome.non_terrestrial)
        trace = make_trace(state, layers, outcome.uav_positions)
        moved = state._replace(uav_positions=outcome.uav_positions)
        return advance(split_slot_key(key, state)[2], scenario, moved), (outcome.kpis, trace)

    return jax.lax.scan(play, first, length=slots)[1]


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
    def play_runs(
        weights: Weights, keys: Array, game: SlicingGame, flags: Array, slots: int
    ) -> Any:
        first = jax.vmap(lambda key: game.reset(jax.random.split(key)[0]).state)(keys)
        run = functools.partial(play_run, scenario, options, weights)
        return jax.vmap(lambda *parts: run(parts, slots))(keys, first, flags)

    def judge(learned: Any, keys: Array, slots: int, game: SlicingGame | None = None) -> Any:
        weights, pieces, runs = bare(learned[0].actors), [], len(keys)
        # a training's own tests are of both kinds; all others of one
        flags = (
            np.arange(runs) >= runs * (1.0 - share) if game is None else np.full(runs, share == 1)
        )
        game = SlicingGame(scenario) if game is None else game
        for begin in range(0, runs, RUNS):
            rows = np.arange(begin, begin + RUNS) % runs
            piece = play_runs(weights, keys[rows], game, flags[rows], slots)
            pieces.append(jax.tree.map(np.asarray, piece))
        kpis, traces = jax.tree.map(lambda *parts: np.concatenate(parts)[:runs], *pieces)
        return {}, kpis, traces

    @jax.jit
    def begin(_: None, key: PRNGKeyArray, default: Any = None) -> SetTraining:
        # networks begin as drawn, whatever `find_start` gives
        del default
        return start(key)

    return Programs(functools.partial(begin, None), advance_run, judge)
