"""MADDPG over stages (Lowe et al. 2017).

With two stages it is the paper's two-layer algorithm (47) to (53), with one stage its benchmark 3.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from sagin.game.protocol import StagedGame, Vectors
from sagin.learning import replay
from sagin.learning.exploration import compute_deviation
from sagin.learning.models import Models, make_arena, make_models
from sagin.learning.normalisation import RewardBounds, make_bounds, normalise_rewards
from sagin.learning.optimiser import apply_gradients, make_moments
from sagin.learning.play import Choose, DecidedSlot, Experience, advance_slot, begin_episodes
from sagin.learning.returns import bootstrap
from sagin.learning.settings import Settings
from sagin.learning.stage import list_stages
from sagin.types import Array, Float, Int, PRNGKeyArray


class MaddpgNetworks(NamedTuple):
    """Networks of a stage, stacked over its agents, and the state of their optimisers."""

    actors: Any
    critics: Any
    targets: tuple[Any, Any] | None
    """Slow copies of actors and critics; None if γ is 0 and nothing is bootstrapped."""
    actor_moments: Any
    critic_moments: Any


Played = tuple[DecidedSlot, replay.Ring, RewardBounds | None]
"""Data that pass from one slot to the next while nothing is learned."""


class MaddpgState(NamedTuple):
    """State of a training run between two iterations."""

    key: PRNGKeyArray
    """Key of all later draws; each iteration uses another key."""
    iteration: Int[Array, ""]
    turn: DecidedSlot
    ring: replay.Ring
    learned: tuple[MaddpgNetworks, ...]
    bounds: RewardBounds | None = None
    """Bounds of the rewards so far; None if rewards are not normalised by them."""


class Transitions(NamedTuple):
    """Transitions of a stage."""

    seen: Float[Array, "agents batch numbers"]
    actions: Float[Array, "agents batch actions"]
    rewards: Float[Array, "agents batch"]
    following: Float[Array, "agents batch numbers"]
    terminated: Array


def start(
    key: PRNGKeyArray, game: StagedGame, settings: Settings, default: Vectors | None = None
) -> MaddpgState:
    """Return a run before its first iteration.

    Networks are drawn, near the action `default` if there is one. The replay begins with `warm_up`
    slots of uniform actions.
    """
    options = settings.maddpg
    run_key, net_key, play_key = jax.random.split(key, 3)
    learned = tuple(
        _draw_networks(net_key, make_models(game, number, settings), default)
        for number, net_key in enumerate(jax.random.split(net_key, len(game.stages)))
    )
    arena = make_arena(game, settings)

    def take(noise: Array, number: int, seen: Array) -> tuple[Array, None]:
        del seen
        nets = make_models(game, number, settings)
        # the largest of uniform numbers is a uniformly random option
        return (noise if nets.heads is None else nets.decide(4.0 * noise - 2.0)), None

    def slot(carry: Played, number: Array) -> tuple[Played, None]:
        turn, ring, bounds = carry
        turn, experience = advance_slot(
            arena, take, jax.random.fold_in(play_key, number), turn, jax.random.uniform
        )
        bounds, rewards = normalise_rewards(bounds, experience.rewards)
        experience = experience._replace(rewards=rewards)
        return (turn, replay.push(ring, select_transition(experience)), bounds), None

    turn = begin_episodes(
        arena, take, jax.random.fold_in(play_key, 0), options.environments, jax.random.uniform
    )
    ring = replay.make_ring(_make_blank(game, turn), options.replay)
    first = turn, ring, make_bounds(game, settings)
    (turn, ring, bounds), _ = jax.lax.scan(slot, first, 1 + jnp.arange(options.warm_up))
    return MaddpgState(run_key, jnp.asarray(0), turn, ring, learned, bounds)


def _make_blank(game: StagedGame, turn: DecidedSlot) -> tuple[Any, ...]:
    """Return a transition of zeros, in the order of `select_transition`."""
    seen = tuple(part[0] for part in turn.seen)
    actions = tuple(jnp.zeros(stage.real.shape) for stage in list_stages(game))
    rewards = tuple(jnp.zeros(len(agents)) for agents in game.stages)
    return seen, actions, rewards, seen, jnp.asarray(False)


def iterate(
    game: StagedGame, settings: Settings, state: MaddpgState
) -> tuple[MaddpgState, Experience]:
    """Run one slot in every environment, store it, and update all agents of all stages once.

    These are lines 8 to 21 of Algorithm 1.
    """
    options = settings.maddpg
    key, play_key, sample_key, *update_keys = jax.random.split(state.key, 3 + len(game.stages))
    spread = compute_deviation(
        state.iteration, options.noise_start, options.noise_end, options.noise_slots
    )
    explore = bind_actors(
        game, settings, tuple(networks.actors for networks in state.learned), spread
    )
    # one slot in every environment, remembered in the ring
    turn, experience = advance_slot(make_arena(game, settings), explore, play_key, state.turn)
    bounds, rewards = normalise_rewards(state.bounds, experience.rewards)
    experience = experience._replace(rewards=rewards)
    ring = replay.push(state.ring, select_transition(experience))
    # then a batch of the ring for all stages
    batches = replay.sample(sample_key, ring, options.batch)
    learned = tuple(
        update_networks(
            update_keys[number],
            make_models(game, number, settings),
            networks,
            select_stage(batches, number),
        )
        for number, networks in enumerate(state.learned)
    )
    return MaddpgState(key, state.iteration + 1, turn, ring, learned, bounds), experience


def bind_actors(
    game: StagedGame, settings: Settings, actors: tuple[Any, ...], spread: Any = None
) -> Choose:
    """Return the function of acting actors: with noise of a standard deviation, or without noise.

    With `noise_stages = first`, actors of later stages always act without noise (line 14).
    """
    alone = settings.maddpg.noise_stages == "first"

    def choose(noise: Any, number: int, seen: Array) -> tuple[Array, None]:
        nets = make_models(game, number, settings)
        outputs = nets.act(actors[number], seen[:, None])[:, 0]
        if spread is None or (alone and number > 0):
            return nets.decide(outputs), None
        return nets.decide(outputs, noise, spread), None

    return choose


def select_transition(experience: Experience) -> tuple[Any, ...]:
    """Return the part of a slot that the replay stores."""
    return (
        experience.seen,
        experience.executed,
        experience.rewards,
        experience.following,
        experience.terminated,
    )


def select_stage(rows: tuple[Any, ...], stage: int) -> Transitions:
    """Return one stage's part of stored rows."""
    seen, actions, rewards, following = (jnp.moveaxis(part[stage], 0, 1) for part in rows[:-1])
    return Transitions(seen, actions, rewards, following, rows[-1])


def _draw_networks(key: PRNGKeyArray, nets: Models, default: Vectors | None) -> MaddpgNetworks:
    settings = nets.settings
    actors, critics = nets.draw(key, team=settings.maddpg.critics == "team", inputs=nets.view_size)
    actors = nets.hold_action(actors, default)
    moments = [make_moments(part) for part in (actors, critics)]
    return MaddpgNetworks(
        actors, critics, (actors, critics) if needs_targets(settings) else None, *moments
    )


def needs_targets(settings: Settings) -> bool:
    """Return whether the value of the next slot counts; always true for a traced γ."""
    discount = settings.maddpg.discount
    return not (isinstance(discount, int | float) and discount == 0)


def update_networks(
    key: PRNGKeyArray, nets: Models, learned: MaddpgNetworks, batch: Transitions
) -> MaddpgNetworks:
    """Return a stage after one update of its actors (49), critics (50) and targets (52), (53).

    Both gradients are taken at the old networks, so that actors come before critics (lines 19, 20).
    """
    options = nets.settings.maddpg
    target = compute_targets(key, nets, learned, batch)

    def loss(actors: Any, critics: Any) -> tuple[Array, None]:
        return compute_critic_loss(nets, critics, batch, target) + compute_actor_loss(
            nets, actors, critics, batch
        ), None

    # one pass for both: critics do not move by the actors' loss
    (actor_slope, critic_slope), _ = jax.grad(loss, argnums=(0, 1), has_aux=True)(
        learned.actors, learned.critics
    )
    actors, actor_moments = apply_gradients(
        nets.settings, options.actor_rate, actor_slope, learned.actor_moments, learned.actors
    )
    critics, critic_moments = apply_gradients(
        nets.settings, options.critic_rate, critic_slope, learned.critic_moments, learned.critics
    )

    slow = None
    # targets follow slowly, (52) and (53)
    if learned.targets is not None:
        slow = jax.tree.map(
            lambda old, new: old + options.target_rate * (new - old),
            learned.targets,
            (actors, critics),
        )
    return MaddpgNetworks(actors, critics, slow, actor_moments, critic_moments)


def compute_targets(
    key: PRNGKeyArray, nets: Models, learned: MaddpgNetworks, batch: Transitions
) -> Float[Array, "critics batch"]:
    """Return r + γ·Q'(o', μ'(o')) (50) per critic; a team's critic takes the mean reward."""
    options = nets.settings.maddpg
    # paid per agent, or the team's mean
    reward = nets.settings.reward_scale * batch.rewards
    reward = jnp.mean(reward, axis=0, keepdims=True) if options.critics == "team" else reward
    if learned.targets is None:
        return reward
    actors, critics = learned.targets
    # target policy smoothing (Fujimoto et al. 2018), if it is on
    action = nets.decide(nets.act(actors, batch.following))
    if options.target_noise:
        smooth = options.target_noise * jnp.clip(jax.random.normal(key, action.shape), -2.5, 2.5)
        action = jnp.clip(action + smooth, 0.0, 1.0)
    action = nets.mask_padding(action)
    # the next slot's value by the slow networks
    following = nets.compute_values(
        critics, nets.encode(critics, nets.view_observations(batch.following, action), action)
    )
    return bootstrap(reward, options.discount, batch.terminated, following)


def compute_critic_loss(
    nets: Models, critics: Any, batch: Transitions, target: Array
) -> Float[Array, ""]:
    """Return Σ over critics of the mean of (Q − target)² (50).

    Critics share no weights, so each gets its own gradient.
    """
    view = nets.view_observations(batch.seen, batch.actions)
    value = nets.compute_values(critics, nets.encode(critics, view, batch.actions))
    return jnp.sum(jnp.mean(jnp.square(value - jax.lax.stop_gradient(target)), axis=1))


def compute_actor_loss(
    nets: Models, actors: Any, critics: Any, batch: Transitions
) -> Float[Array, ""]:
    """Return the actors' loss: Σ over agents of the mean of −Q (49), and a saturation penalty.

    Q is taken with the present action of the agent's actor. The penalty is on pre-activations
    beyond the bound, where the squashing lets no gradient through.
    """
    options = nets.settings.maddpg
    # critics do not change while actors climb
    fixed = jax.lax.stop_gradient(critics)
    raw = nets.act(actors, batch.seen)
    action = nets.mask_padding(nets.decide(raw))
    joint = batch.actions if options.others == "replay" else jax.lax.stop_gradient(action)
    value = nets.compute_own_values(fixed, batch.seen, joint, action)
    # raw numbers beyond the bound would saturate and stop learning
    beyond = jnp.maximum(jnp.abs(raw) - options.saturation_bound, 0.0)
    beyond = beyond if nets.heads is not None else nets.mask_padding(beyond)
    penalty = jnp.sum(jnp.mean(jnp.square(beyond), axis=1)) / raw.shape[-1]
    return options.saturation_penalty * penalty - jnp.sum(jnp.mean(value, axis=1))
