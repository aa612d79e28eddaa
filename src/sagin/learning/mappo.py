"""MAPPO over stages (Yu et al. 2022): proximal policy optimisation (benchmark 4).

Each agent has an actor and a value function.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from sagin.game.protocol import StagedGame, Vectors
from sagin.learning import heads as h
from sagin.learning.exploration import squash
from sagin.learning.models import Models, make_arena, make_models
from sagin.learning.normalisation import RewardBounds, make_bounds, normalise_rewards
from sagin.learning.optimiser import apply_gradients, make_moments
from sagin.learning.play import (
    Choose,
    DecidedSlot,
    Draw,
    Experience,
    advance_slot,
    begin_episodes,
)
from sagin.learning.policy_gradient import pay_agents
from sagin.learning.returns import compute_advantages
from sagin.learning.settings import Settings
from sagin.types import Array, Float, Int, PRNGKeyArray


class GaussianActors(NamedTuple):
    """Policies of a stage's agents, before squashing.

    They consist of networks for the means of Gaussians (for categorical heads: for their outputs),
    and the log of the standard deviation.
    """

    mean: Any
    log_deviation: Float[Array, "agents actions"]


class MappoNetworks(NamedTuple):
    """Networks of a stage, stacked over its agents, and the state of their optimisers."""

    actors: GaussianActors
    critics: Any
    actor_moments: Any
    critic_moments: Any


Played = tuple[DecidedSlot, RewardBounds | None]
"""Data that pass from one slot to the next."""


class MappoState(NamedTuple):
    """State of a training run between two iterations."""

    key: PRNGKeyArray
    """Key of all later draws; each iteration uses another key."""
    iteration: Int[Array, ""]
    turn: DecidedSlot
    learned: tuple[MappoNetworks, ...]
    bounds: RewardBounds | None = None
    """Bounds of the rewards so far; None if rewards are not normalised by them."""


class Samples(NamedTuple):
    """Samples of a stage, agents first."""

    seen: Float[Array, "agents batch numbers"]
    view: Float[Array, "agents batch inputs"]
    """Input of the value function."""
    raw: Any
    """Sampled actions before squashing; for categorical heads a `ChoiceDecision`."""
    log_probability: Float[Array, "agents batch"]
    """Log-probability under the actor that drew them."""
    advantage: Float[Array, "agents batch"]
    target: Float[Array, "agents batch"]
    """Target of the value function."""


def start(
    key: PRNGKeyArray, game: StagedGame, settings: Settings, default: Vectors | None = None
) -> MappoState:
    """Return a run before its first iteration; actors begin near the action `default`, if any."""
    # keys of the run, the networks and the first slots
    run_key, net_key, play_key = jax.random.split(key, 3)
    learned = tuple(
        _draw_networks(net_key, game, number, settings, default)
        for number, net_key in enumerate(jax.random.split(net_key, len(game.stages)))
    )
    choose = bind_actors(
        game, settings, tuple(networks.actors for networks in learned), explore=True
    )
    arena = make_arena(game, settings, world=True)
    draw = choose_draw(settings)
    turn = begin_episodes(arena, choose, play_key, settings.mappo.environments, draw)
    return MappoState(run_key, jnp.asarray(0), turn, learned, make_bounds(game, settings))


def iterate(
    game: StagedGame, settings: Settings, state: MappoState
) -> tuple[MappoState, Experience]:
    """Run a rollout in every environment, then update all agents of all stages on it.

    The experience has the axes [slots, environments, …].
    """
    options = settings.mappo
    run_key, play_key, *update_keys = jax.random.split(state.key, 2 + len(game.stages))
    explore = bind_actors(
        game, settings, tuple(networks.actors for networks in state.learned), explore=True
    )

    def slot(carry: Played, key: PRNGKeyArray) -> tuple[Played, Experience]:
        turn, bounds = carry
        arena = make_arena(game, settings, world=True)
        turn, experience = advance_slot(arena, explore, key, turn, choose_draw(settings))
        bounds, rewards = normalise_rewards(bounds, experience.rewards)
        return (turn, bounds), experience._replace(rewards=rewards)

    # a rollout in every environment, (slots, environments, …)
    keys = jax.random.split(play_key, options.rollout)
    (turn, bounds), rollout = jax.lax.scan(slot, (state.turn, state.bounds), keys)
    paid = rollout
    if options.shared_reward:
        rewards = pay_agents(rollout.rewards, (1.0,), together=True)
        paid = rollout._replace(rewards=rewards)
    # every stage learns from the same rollout
    learned = tuple(
        improve_stage(
            update_keys[number],
            make_models(game, number, settings),
            networks,
            paid,
            number,
        )
        for number, networks in enumerate(state.learned)
    )
    return MappoState(run_key, state.iteration + 1, turn, learned, bounds), rollout


def choose_draw(settings: Settings) -> Draw:
    """Return the distribution of the random numbers from which actions are drawn."""
    return jax.random.uniform if settings.heads.kind == "categorical" else jax.random.normal


def bind_actors(
    game: StagedGame, settings: Settings, actors: tuple[GaussianActors, ...], explore: bool = False
) -> Choose:
    """Return the function of acting actors: sampling, or at their mean.

    A sample stores the action before squashing and its log-probability. At the mean nothing is
    stored, so that shared networks act for any number of rows.
    """

    def choose(noise: Any, number: int, seen: Array) -> tuple[Array, tuple[Array, ...]]:
        nets, actor = make_models(game, number, settings), actors[number]
        mean = nets.act(actor.mean, seen[:, None])
        if nets.heads is not None:
            return _choose_options(nets, actor, mean, noise if explore else None)
        # without noise the mean, else a sample with its log-probability
        if not explore:
            return squash(mean)[:, 0], ()
        raw = mean + (jnp.exp(actor.log_deviation) * noise)[:, None]
        log_probability = compute_log_probabilities(nets, actor.log_deviation, mean, raw)
        return squash(raw)[:, 0], (raw[:, 0], log_probability[:, 0])

    return choose


def _choose_options(
    nets: Models, actor: GaussianActors, outputs: Array, noise: Array | None
) -> tuple[Array, tuple[Any, ...]]:
    """Return actions of categorical heads: the most likely, or samples with their stored data."""
    assert nets.heads is not None
    if noise is None:
        return h.build_action(nets.heads, h.decide_likeliest(nets.heads, outputs))[:, 0], ()
    decision = h.draw_decision(nets.heads, outputs, actor.log_deviation, noise[:, None])
    log_probability = compute_log_probabilities(nets, actor.log_deviation, outputs, decision)
    action = h.build_action(nets.heads, decision)
    memory = jax.tree.map(lambda leaf: leaf[:, 0], (decision, log_probability))
    return action[:, 0], memory


def compute_log_probabilities(
    nets: Models, log_deviation: Array, mean: Array, raw: Any
) -> Float[Array, "agents batch"]:
    """Return log N(u; mean, deviation) of actions before squashing, summed per agent.

    For categorical heads it is the log-probability of the decisions. The squashing's own derivative
    is the same under every policy, so it cancels in their ratio.
    """
    if nets.heads is not None:
        return h.compute_log_probability(nets.heads, mean, log_deviation, raw)
    log_deviation = log_deviation[:, None]
    # density of a normal distribution, summed over an agent's numbers
    log_density = (
        -0.5 * jnp.square((raw - mean) * jnp.exp(-log_deviation))
        - log_deviation
        - 0.5 * jnp.log(2.0 * jnp.pi)
    )
    return jnp.sum(nets.mask_padding(log_density), axis=-1)


def _draw_networks(
    key: PRNGKeyArray,
    game: StagedGame,
    number: int,
    settings: Settings,
    default: Vectors | None,
) -> MappoNetworks:
    nets = make_models(game, number, settings)
    world = game.state_size if _sees_world(nets) else None
    mean, critics = nets.draw(key, actions=False, inputs=world)
    # one deviation per number of each agent
    shape, deviation = nets.stage.real.shape, settings.mappo.log_deviation
    if nets.heads is not None:
        shape, deviation = nets.heads.named.shape, settings.heads.log_deviation
    actors = GaussianActors(
        nets.hold_action(mean, default), jnp.broadcast_to(jnp.asarray(deviation, float), shape)
    )
    return MappoNetworks(
        actors,
        critics,
        *(make_moments(part) for part in (actors, critics)),
    )


def _sees_world(nets: Models) -> bool:
    return nets.settings.mappo.critic_sees == "all" and nets.places is None


def improve_stage(
    key: PRNGKeyArray, nets: Models, learned: MappoNetworks, rollout: Experience, number: int
) -> MappoNetworks:
    """Return a stage after `epochs` passes over a rollout.

    Each pass has `minibatches` parts in a new random order.
    """
    options = nets.settings.mappo
    batch = prepare_samples(nets, learned.critics, rollout, number)
    total = batch.advantage.shape[1]

    def part(learned: MappoNetworks, rows: Array) -> tuple[MappoNetworks, None]:
        return update_networks(nets, learned, jax.tree.map(lambda leaf: leaf[:, rows], batch)), None

    # each epoch meets the samples in a new order
    def epoch(learned: MappoNetworks, key: PRNGKeyArray) -> tuple[MappoNetworks, None]:
        return jax.lax.scan(
            part, learned, jax.random.permutation(key, total).reshape(options.minibatches, -1)
        )

    return jax.lax.scan(epoch, learned, jax.random.split(key, options.epochs))[0]


def prepare_samples(nets: Models, critics: Any, rollout: Experience, number: int) -> Samples:
    """Return the rollout's samples with advantages and with targets of the values.

    The advantages are scaled to mean 0 and standard deviation 1 for each agent.
    """
    options = nets.settings.mappo
    raw, log_probability = rollout.memory[number]
    agents = log_probability.shape[2]

    # value functions see the global state, or the agent's observation
    def view(observation: Array, world: Array) -> Array:
        seen = (
            observation
            if not _sees_world(nets)
            else jnp.broadcast_to(world[:, :, None], (*world.shape[:2], agents, world.shape[-1]))
        )
        return put_agents_first(seen)

    shape = rollout.over.shape
    now, later = (
        view(rollout.seen[number], rollout.world),
        view(rollout.following[number], rollout.next_world),
    )
    # values of each slot and of the one after it, agents last
    value, following = (
        _put_slots_first(nets.compute_values(critics, nets.encode(critics, seen)), shape)
        for seen in (now, later)
    )
    # ends of games and cuts of episodes, for each agent
    ends = [
        jnp.broadcast_to(flag[..., None], value.shape)
        for flag in (rollout.terminated, rollout.over)
    ]
    reward = nets.settings.reward_scale * rollout.rewards[number]
    gain = compute_advantages(
        reward, value, following, *ends, discount=options.discount, trace=options.trace
    )
    target, gain = put_agents_first(gain + value), put_agents_first(gain)
    # advantages of mean 0 and deviation 1 per agent
    normal = (gain - gain.mean(axis=1, keepdims=True)) / (gain.std(axis=1, keepdims=True) + 1e-8)
    return Samples(
        put_agents_first(rollout.seen[number]),
        now,
        jax.tree.map(put_agents_first, raw),
        put_agents_first(log_probability),
        normal,
        target,
    )


def put_agents_first(
    leaf: Float[Array, "slots environments agents *rest"],
) -> Float[Array, "agents batch *rest"]:
    """Return the samples of a rollout as one batch per agent, those without numbers too."""
    whole = leaf.reshape(leaf.shape[0] * leaf.shape[1], *leaf.shape[2:])
    return jnp.moveaxis(whole, 1, 0)


def _put_slots_first(
    leaf: Float[Array, "agents batch"], shape: tuple[int, ...]
) -> Float[Array, "slots environments agents"]:
    return jnp.moveaxis(leaf, 0, 1).reshape(*shape, -1)


def update_networks(nets: Models, learned: MappoNetworks, batch: Samples) -> MappoNetworks:
    """Return a stage after one step of its actors and values."""
    options = nets.settings.mappo
    actor_slope = jax.grad(lambda actors: compute_actor_loss(nets, actors, batch))(learned.actors)
    critic_slope = jax.grad(lambda critics: compute_value_loss(nets, critics, batch))(
        learned.critics
    )
    actors, actor_moments = apply_gradients(
        nets.settings, options.actor_rate, actor_slope, learned.actor_moments, learned.actors
    )
    critics, critic_moments = apply_gradients(
        nets.settings, options.critic_rate, critic_slope, learned.critic_moments, learned.critics
    )
    return MappoNetworks(actors, critics, actor_moments, critic_moments)


def compute_actor_loss(nets: Models, actors: GaussianActors, batch: Samples) -> Float[Array, ""]:
    """Return Σ over agents of the mean of −min(ρ·A, clip(ρ, 1 ± ε)·A) minus weighted entropy.

    ρ is the ratio of probabilities.
    """
    options = nets.settings.mappo
    outputs = nets.act(actors.mean, batch.seen)
    now = compute_log_probabilities(nets, actors.log_deviation, outputs, batch.raw)
    # ratio of new to old probability, clipped
    ratio = jnp.exp(now - batch.log_probability)
    limited = jnp.clip(ratio, 1.0 - options.clip, 1.0 + options.clip)
    surrogate = jnp.minimum(ratio * batch.advantage, limited * batch.advantage)
    # entropy of normal or categorical heads
    if nets.heads is None:
        spread = actors.log_deviation + 0.5 * jnp.log(2.0 * jnp.pi * jnp.e)
        entropy = jnp.sum(jnp.where(nets.stage.real, spread, 0.0))
    else:
        entropy = jnp.sum(jnp.mean(h.compute_entropy(nets.heads, outputs), axis=1))
    return -jnp.sum(jnp.mean(surrogate, axis=1)) - options.entropy * entropy


def compute_value_loss(nets: Models, critics: Any, batch: Samples) -> Float[Array, ""]:
    """Return Σ over agents of the mean of (V − target)²."""
    value = nets.compute_values(critics, nets.encode(critics, batch.view))
    return jnp.sum(jnp.mean(jnp.square(value - batch.target), axis=1))
