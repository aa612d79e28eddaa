"""MAPPO over stages (Yu et al. 2022): proximal policy optimisation with an actor and a value for
each agent (benchmark 4).
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from sagin.game.protocol import StagedGame
from sagin.learning.exploration import squashed
from sagin.learning.models import Models, arena, models
from sagin.learning.optimiser import optimiser, stepped
from sagin.learning.play import Choose, Experience, Turn, begin, onward
from sagin.learning.returns import advantages
from sagin.learning.settings import Settings
from sagin.types import Array, Float, Int, PRNGKeyArray


class Actors(NamedTuple):
    """Gaussian policies of a stage's agents: networks for the mean, and the log of the standard
    deviation, both before squashing.
    """

    mean: Any
    log_deviation: Float[Array, "agents actions"]


class Learned(NamedTuple):
    """Networks of a stage, stacked over its agents, and what their optimisers remember."""

    actors: Actors
    critics: Any
    actor_moments: Any
    critic_moments: Any


class State(NamedTuple):
    """A training run between two iterations."""

    key: PRNGKeyArray
    iteration: Int[Array, ""]
    turn: Turn
    learned: tuple[Learned, ...]


class Batch(NamedTuple):
    """Samples of a stage, agents first."""

    seen: Float[Array, "agents batch numbers"]
    view: Float[Array, "agents batch inputs"]
    """What the values are reckoned from."""
    raw: Float[Array, "agents batch actions"]
    """Actions before squashing, as they were drawn."""
    log_probability: Float[Array, "agents batch"]
    """Of the actor that drew them."""
    advantage: Float[Array, "agents batch"]
    target: Float[Array, "agents batch"]
    """Of the value."""


def start(key: PRNGKeyArray, game: StagedGame, settings: Settings) -> State:
    """Return a run before its first iteration."""
    run_key, net_key, play_key = jax.random.split(key, 3)
    learned = tuple(
        _drawn(jax.random.fold_in(net_key, number), game, number, settings)
        for number in range(len(game.stages))
    )
    choose = chooser(game, settings, tuple(one.actors for one in learned), explore=True)
    return State(
        run_key,
        jnp.asarray(0),
        begin(arena(game, settings, world=True), choose, play_key, settings.mappo.environments),
        learned,
    )


def iterate(game: StagedGame, settings: Settings, state: State) -> tuple[State, Experience]:
    """Play a rollout in every environment, then update all agents of all stages on it; the
    experience is [slots, environments, …].
    """
    chosen = settings.mappo
    play_key, update_key = jax.random.split(jax.random.fold_in(state.key, state.iteration))
    explore = chooser(game, settings, tuple(one.actors for one in state.learned), explore=True)

    def slot(turn: Turn, number: Array) -> tuple[Turn, Experience]:
        return onward(
            arena(game, settings, world=True), explore, jax.random.fold_in(play_key, number), turn
        )

    turn, rollout = jax.lax.scan(slot, state.turn, jnp.arange(chosen.rollout))
    learned = tuple(
        improved(
            jax.random.fold_in(update_key, number),
            models(game, number, settings),
            one,
            rollout,
            number,
        )
        for number, one in enumerate(state.learned)
    )
    return State(state.key, state.iteration + 1, turn, learned), rollout


def chooser(
    game: StagedGame, settings: Settings, actors: tuple[Actors, ...], explore: bool = False
) -> Choose:
    """Return how actors act: sampling, or at their mean. What is kept is the action before
    squashing and its log-probability.
    """

    def choose(key: PRNGKeyArray, number: int, seen: Array) -> tuple[Array, tuple[Array, Array]]:
        nets, own = models(game, number, settings), actors[number]
        mean = nets.act(own.mean, seen[:, None])
        noise = jax.random.normal(key, mean.shape) if explore else jnp.zeros_like(mean)
        raw = mean + jnp.exp(own.log_deviation)[:, None] * noise
        return squashed(raw)[:, 0], (
            raw[:, 0],
            log_probabilities(nets, own.log_deviation, mean, raw)[:, 0],
        )

    return choose


def log_probabilities(
    nets: Models, log_deviation: Array, mean: Array, raw: Array
) -> Float[Array, "agents batch"]:
    """Return log N(u; mean, deviation) of actions before squashing, summed over an agent's numbers.
    The squashing's own derivative is the same under every policy, so that it drops out of their
    ratio.
    """
    log_deviation = log_deviation[:, None]
    each = (
        -0.5 * jnp.square((raw - mean) * jnp.exp(-log_deviation))
        - log_deviation
        - 0.5 * jnp.log(2.0 * jnp.pi)
    )
    return jnp.sum(nets.only_real(each), axis=-1)


def _drawn(key: PRNGKeyArray, game: StagedGame, number: int, settings: Settings) -> Learned:
    nets = models(game, number, settings)
    world = game.state_size if _global(nets) else None
    mean, critics = nets.draw(key, actions=False, inputs=world)
    actors = Actors(
        mean,
        jnp.broadcast_to(jnp.asarray(settings.mappo.log_deviation, float), nets.stage.real.shape),
    )
    return Learned(
        actors,
        critics,
        *(jax.vmap(optimiser(settings, 0.0).init)(part) for part in (actors, critics)),
    )


def _global(nets: Models) -> bool:
    return nets.settings.mappo.critic_sees == "all" and nets.where is None


def improved(
    key: PRNGKeyArray, nets: Models, learned: Learned, rollout: Experience, number: int
) -> Learned:
    """Return a stage after `epochs` passes over a rollout, each in `minibatches` parts of a new
    random order.
    """
    chosen = nets.settings.mappo
    batch = judged(nets, learned.critics, rollout, number)
    total = batch.advantage.shape[1]

    def part(learned: Learned, rows: Array) -> tuple[Learned, None]:
        return updated(nets, learned, jax.tree.map(lambda leaf: leaf[:, rows], batch)), None

    def epoch(learned: Learned, key: PRNGKeyArray) -> tuple[Learned, None]:
        return jax.lax.scan(
            part, learned, jax.random.permutation(key, total).reshape(chosen.minibatches, -1)
        )

    return jax.lax.scan(epoch, learned, jax.random.split(key, chosen.epochs))[0]


def judged(nets: Models, critics: Any, rollout: Experience, number: int) -> Batch:
    """Return the rollout's samples with advantages, brought to mean 0 and deviation 1 for each
    agent, and targets of the values.
    """
    chosen = nets.settings.mappo
    raw, log_probability = rollout.kept[number]
    agents = raw.shape[2]

    def view(own: Array, world: Array) -> Array:
        seen = (
            own
            if not _global(nets)
            else jnp.broadcast_to(world[:, :, None], (*world.shape[:2], agents, world.shape[-1]))
        )
        return _agents_first(seen)

    shape = rollout.over.shape
    now, later = (
        view(rollout.seen[number], rollout.world),
        view(rollout.following[number], rollout.next_world),
    )
    value, following = (
        _slots_first(nets.values(critics, nets.codes(critics, seen)), shape)
        for seen in (now, later)
    )
    ends = [
        jnp.broadcast_to(flag[..., None], value.shape)
        for flag in (rollout.terminated, rollout.over)
    ]
    reward = nets.settings.reward_scale * rollout.rewards[number]
    gain = advantages(reward, value, following, *ends, discount=chosen.discount, trace=chosen.trace)
    target, gain = _agents_first(gain + value), _agents_first(gain)
    normal = (gain - gain.mean(axis=1, keepdims=True)) / (gain.std(axis=1, keepdims=True) + 1e-8)
    return Batch(
        _agents_first(rollout.seen[number]),
        now,
        _agents_first(raw),
        _agents_first(log_probability),
        normal,
        target,
    )


def _agents_first(
    leaf: Float[Array, "slots environments agents *rest"],
) -> Float[Array, "agents batch *rest"]:
    return jnp.moveaxis(leaf.reshape(-1, *leaf.shape[2:]), 1, 0)


def _slots_first(
    leaf: Float[Array, "agents batch"], shape: tuple[int, ...]
) -> Float[Array, "slots environments agents"]:
    return jnp.moveaxis(leaf, 0, 1).reshape(*shape, -1)


def updated(nets: Models, learned: Learned, batch: Batch) -> Learned:
    """Return a stage after one step of its actors and values."""
    chosen = nets.settings.mappo
    actor_slope = jax.grad(lambda actors: actor_loss(nets, actors, batch))(learned.actors)
    critic_slope = jax.grad(lambda critics: value_loss(nets, critics, batch))(learned.critics)
    actors, actor_moments = stepped(
        nets.settings, chosen.actor_rate, actor_slope, learned.actor_moments, learned.actors
    )
    critics, critic_moments = stepped(
        nets.settings, chosen.critic_rate, critic_slope, learned.critic_moments, learned.critics
    )
    return Learned(actors, critics, actor_moments, critic_moments)


def actor_loss(nets: Models, actors: Actors, batch: Batch) -> Float[Array, ""]:
    """Return Σ over agents of the mean of −min(ρ·A, clip(ρ, 1 ± ε)·A), ρ the ratio of
    probabilities, less the weighted entropy.
    """
    chosen = nets.settings.mappo
    now = log_probabilities(
        nets, actors.log_deviation, nets.act(actors.mean, batch.seen), batch.raw
    )
    ratio = jnp.exp(now - batch.log_probability)
    limited = jnp.clip(ratio, 1.0 - chosen.clip, 1.0 + chosen.clip)
    surrogate = jnp.minimum(ratio * batch.advantage, limited * batch.advantage)
    spread = actors.log_deviation + 0.5 * jnp.log(2.0 * jnp.pi * jnp.e)
    entropy = jnp.sum(jnp.where(nets.stage.real, spread, 0.0))
    return -jnp.sum(jnp.mean(surrogate, axis=1)) - chosen.entropy * entropy


def value_loss(nets: Models, critics: Any, batch: Batch) -> Float[Array, ""]:
    """Return Σ over agents of the mean of (V − target)²."""
    value = nets.values(critics, nets.codes(critics, batch.view))
    return jnp.sum(jnp.mean(jnp.square(value - batch.target), axis=1))
