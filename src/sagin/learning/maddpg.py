"""MADDPG over stages (Lowe et al. 2017): with two stages the paper's two-layer algorithm (47) to
(53), with one its benchmark 3.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from sagin.game.protocol import StagedGame
from sagin.learning import replay
from sagin.learning.exploration import deviation, noisy, squashed
from sagin.learning.models import Models, arena, models
from sagin.learning.optimiser import optimiser, stepped
from sagin.learning.play import Choose, Experience, Turn, begin, onward
from sagin.learning.returns import one_step
from sagin.learning.settings import Settings
from sagin.learning.stage import stages
from sagin.types import Array, Float, Int, PRNGKeyArray


class Learned(NamedTuple):
    """Networks of a stage, stacked over its agents, and what their optimisers remember."""

    actors: Any
    critics: Any
    targets: tuple[Any, Any] | None
    """Slow copies of actors and critics; none where γ is 0 and nothing is bootstrapped."""
    actor_moments: Any
    critic_moments: Any


class State(NamedTuple):
    """A training run between two iterations."""

    key: PRNGKeyArray
    iteration: Int[Array, ""]
    turn: Turn
    ring: replay.Ring
    learned: tuple[Learned, ...]


class Batch(NamedTuple):
    """Transitions of a stage."""

    seen: Float[Array, "agents batch numbers"]
    actions: Float[Array, "agents batch actions"]
    rewards: Float[Array, "agents batch"]
    following: Float[Array, "agents batch numbers"]
    terminated: Array


def start(key: PRNGKeyArray, game: StagedGame, settings: Settings) -> State:
    """Return a run before its first iteration: networks drawn, and the replay begun with `warm_up`
    slots of uniform actions.
    """
    chosen = settings.maddpg
    run_key, net_key, play_key = jax.random.split(key, 3)
    learned = tuple(
        _drawn(jax.random.fold_in(net_key, number), models(game, number, settings))
        for number in range(len(game.stages))
    )

    def uniform(key: PRNGKeyArray, number: int, seen: Array) -> tuple[Array, None]:
        return jax.random.uniform(key, (seen.shape[0], max(stages(game)[number].decided))), None

    turn = begin(
        arena(game, settings), uniform, jax.random.fold_in(play_key, 0), chosen.environments
    )
    shapes = jax.eval_shape(
        lambda: remembered(onward(arena(game, settings), uniform, play_key, turn)[1])
    )
    ring = replay.empty(
        jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape[1:], leaf.dtype), shapes),
        chosen.replay,
    )

    def slot(
        carry: tuple[Turn, replay.Ring], number: Array
    ) -> tuple[tuple[Turn, replay.Ring], None]:
        turn, ring = carry
        turn, experience = onward(
            arena(game, settings), uniform, jax.random.fold_in(play_key, number), turn
        )
        return (turn, replay.push(ring, remembered(experience))), None

    (turn, ring), _ = jax.lax.scan(slot, (turn, ring), 1 + jnp.arange(chosen.warm_up))
    return State(run_key, jnp.asarray(0), turn, ring, learned)


def iterate(game: StagedGame, settings: Settings, state: State) -> tuple[State, Experience]:
    """Play one slot in every environment, remember it, and update all agents of all stages once
    (Algorithm 1, lines 8 to 21).
    """
    chosen = settings.maddpg
    play_key, sample_key, update_key = jax.random.split(
        jax.random.fold_in(state.key, state.iteration), 3
    )
    spread = deviation(state.iteration, chosen.noise_start, chosen.noise_end, chosen.noise_slots)
    explore = chooser(game, settings, tuple(one.actors for one in state.learned), spread)
    turn, experience = onward(arena(game, settings), explore, play_key, state.turn)
    ring = replay.push(state.ring, remembered(experience))
    batches = replay.sample(sample_key, ring, chosen.batch)
    learned = tuple(
        updated(
            jax.random.fold_in(update_key, number),
            models(game, number, settings),
            one,
            _batch(batches, number),
        )
        for number, one in enumerate(state.learned)
    )
    return State(state.key, state.iteration + 1, turn, ring, learned), experience


def chooser(
    game: StagedGame, settings: Settings, actors: tuple[Any, ...], spread: Any = None
) -> Choose:
    """Return how actors act: with noise of a standard deviation, or as they are."""

    def choose(key: PRNGKeyArray, number: int, seen: Array) -> tuple[Array, None]:
        raw = models(game, number, settings).act(actors[number], seen[:, None])[:, 0]
        action = squashed(raw)
        return (action if spread is None else noisy(key, action, spread)), None

    return choose


def remembered(experience: Experience) -> tuple[Any, ...]:
    """Return what the replay holds of a slot."""
    return (
        experience.seen,
        experience.executed,
        experience.rewards,
        experience.following,
        experience.terminated,
    )


def _batch(rows: tuple[Any, ...], stage: int) -> Batch:
    seen, actions, rewards, following = (jnp.moveaxis(part[stage], 0, 1) for part in rows[:-1])
    return Batch(seen, actions, rewards, following, rows[-1])


def _drawn(key: PRNGKeyArray, nets: Models) -> Learned:
    settings = nets.settings
    actors, critics = nets.draw(key, team=settings.maddpg.critics == "team", inputs=nets.view_size)
    moments = [jax.vmap(optimiser(settings, 0.0).init)(nets) for nets in (actors, critics)]
    return Learned(actors, critics, (actors, critics) if bootstraps(settings) else None, *moments)


def bootstraps(settings: Settings) -> bool:
    """Return whether the value of the next slot counts; a traced γ may be anything."""
    discount = settings.maddpg.discount
    return not (isinstance(discount, int | float) and discount == 0)


def updated(key: PRNGKeyArray, nets: Models, learned: Learned, batch: Batch) -> Learned:
    """Return a stage after one update of its actors (51), critics (49) and targets (52), (53).

    Both gradients are those at the networks as they were, so that actors come before critics (lines
    19, 20).
    """
    chosen = nets.settings.maddpg
    target = targets(key, nets, learned, batch)

    def loss(actors: Any, critics: Any) -> tuple[Array, None]:
        return critic_loss(nets, critics, batch, target) + actor_loss(
            nets, actors, critics, batch
        ), None

    (actor_slope, critic_slope), _ = jax.grad(loss, argnums=(0, 1), has_aux=True)(
        learned.actors, learned.critics
    )
    actors, actor_moments = stepped(
        nets.settings, chosen.actor_rate, actor_slope, learned.actor_moments, learned.actors
    )
    critics, critic_moments = stepped(
        nets.settings, chosen.critic_rate, critic_slope, learned.critic_moments, learned.critics
    )

    slow = None
    if learned.targets is not None:
        slow = jax.tree.map(
            lambda one, two: one + chosen.target_rate * (two - one),
            learned.targets,
            (actors, critics),
        )
    return Learned(actors, critics, slow, actor_moments, critic_moments)


def targets(
    key: PRNGKeyArray, nets: Models, learned: Learned, batch: Batch
) -> Float[Array, "critics batch"]:
    """Return r + γ·Q'(o', μ'(o')) (50) for every critic; for one of a team the agents' mean reward."""
    chosen = nets.settings.maddpg
    reward = nets.settings.reward_scale * batch.rewards
    reward = jnp.mean(reward, axis=0, keepdims=True) if chosen.critics == "team" else reward
    if learned.targets is None:
        return reward
    actors, critics = learned.targets
    action = squashed(nets.act(actors, batch.following))
    smooth = jnp.clip(
        chosen.target_noise * jax.random.normal(key, action.shape),
        -2.5 * chosen.target_noise,
        2.5 * chosen.target_noise,
    )
    action = nets.only_real(jnp.clip(action + smooth, 0.0, 1.0))
    following = nets.values(critics, nets.codes(critics, nets.critic_view(batch.following), action))
    return one_step(reward, chosen.discount, batch.terminated, following)


def critic_loss(nets: Models, critics: Any, batch: Batch, target: Array) -> Float[Array, ""]:
    """Return Σ over critics of the mean of (Q − target)² (49); critics don't share weights, so each
    gets its own gradient.
    """
    value = nets.values(critics, nets.codes(critics, nets.critic_view(batch.seen), batch.actions))
    return jnp.sum(jnp.mean(jnp.square(value - jax.lax.stop_gradient(target)), axis=1))


def actor_loss(nets: Models, actors: Any, critics: Any, batch: Batch) -> Float[Array, ""]:
    """Return Σ over agents of the mean of −Q with the agent's own action as its actor acts now
    (51), and of the penalty on pre-activations beyond the bound, where the squashing lets no
    gradient through.
    """
    chosen = nets.settings.maddpg
    fixed = jax.lax.stop_gradient(critics)
    raw = nets.act(actors, batch.seen)
    action = nets.only_real(squashed(raw))
    others = batch.actions if chosen.others == "replay" else jax.lax.stop_gradient(action)
    codes = nets.codes(fixed, nets.critic_view(batch.seen), others)
    value = nets.values_of_own(fixed, codes, others, action)
    beyond = nets.only_real(jnp.maximum(jnp.abs(raw) - chosen.saturation_bound, 0.0))
    penalty = jnp.sum(jnp.mean(jnp.square(beyond), axis=1)) / raw.shape[-1]
    return chosen.saturation_penalty * penalty - jnp.sum(jnp.mean(value, axis=1))
