"""Audit of critics: how well they predict rewards, and whether their gradients point the right way.

R² measures the prediction on slots that no training saw. The cosine compares two changes when one
choice of an action is switched to another: the change that a critic's gradient predicts, and the
true change of the reward, which the game computes exactly.
"""

from functools import partial
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.game.protocol import ChoiceGame, StagedGame
from sagin.learning import maddpg
from sagin.learning.exploration import compute_deviation
from sagin.learning.learners import LearningTask
from sagin.learning.models import Models, make_arena, make_models
from sagin.learning.play import Arena, Choose, advance_slot, begin_episodes, decide
from sagin.learning.stage import stack_scalars, stack_vectors, unstack_actions
from sagin.types import Array, Float, Int, PRNGKeyArray

GAMES = 100
"""Number of games run side by side."""


class CriticAudit(NamedTuple):
    """Result of an audit, one number per agent."""

    agents: tuple[str, ...]
    r_squared: Float[np.ndarray, " agents"]
    """1 minus the mean squared error over the variance of the critic's target; the mean over all
    slots has 0; NaN if the target is the same in all slots.
    """
    cosines: Float[np.ndarray, "agents kinds"]
    """Mean over slots, for choices without a parent (nodes) and with a parent (subcarriers); NaN if
    no switch changed the reward.
    """
    switches: Int[np.ndarray, "agents kinds"]
    """Number of switches that changed the reward."""


class Swaps(NamedTuple):
    """Choices of an agent's action with several options; static."""

    numbers: Int[np.ndarray, "choices options"]
    """Numbers of the action; those of a choice with fewer options are repeated."""
    kind: Int[np.ndarray, " choices"]
    """0: without a parent, 1: with a parent."""


def audit_critics(
    key: PRNGKeyArray, task: LearningTask, state: Any, *, slots: int = 10_000, switched: int = 64
) -> CriticAudit:
    """Return the audit of a training's critics, under its policy with the noise of its last slot.

    Args:
        key: key of the fresh slots.
        task: a task of MADDPG, in a game whose actions consist of choices.
        state: the training's state, for example from its checkpoint.
        slots: number of slots for R².
        switched: number of slots in which every choice is switched, one at a time, to each other
            option.

    Raises:
        InputError: the learner has no critics of actions, or the game no choices.
    """
    if task.learner != "maddpg" or not isinstance(task.game, ChoiceGame):
        raise InputError(
            f"audit: {task.learner} has no critics of actions that are made of choices (allowed: "
            "maddpg on the slicing game)"
        )
    key, play_key = jax.random.split(key)
    options = task.settings.maddpg
    # the noise of the training's last slot
    spread = compute_deviation(
        state.iteration, options.noise_start, options.noise_end, options.noise_slots
    )
    actors = tuple(networks.actors for networks in state.learned)
    explore = maddpg.bind_actors(task.game, task.settings, actors, spread)
    foretold, actual = jax.jit(partial(_play_fresh, task, explore, slots=-(-slots // GAMES)))(
        play_key, state
    )
    # error of each critic over fresh slots, (critics,)
    error = np.mean((foretold - actual) ** 2, axis=1)
    names = [agent for agents in task.game.stages for agent in agents]
    cosines, counts = [], []
    # each agent's choices are switched in turn, and both changes compared
    for number, agents in enumerate(task.game.stages):
        for row, agent in enumerate(agents):
            switch = jax.jit(partial(_switch_choices, task, explore, (number, row, agent)))
            told, true = jax.lax.map(partial(switch, state), jax.random.split(key, switched))
            kinds = _list_swaps(task.game, agent).kind
            parts = [_compare(told, true, kinds == kind) for kind in (0, 1)]
            cosines.append([part[0] for part in parts])
            counts.append([part[1] for part in parts])
    # share of the variance that the critic explains
    spread_squared = np.var(np.asarray(actual), axis=1)
    share = error / np.where(spread_squared > 0.0, spread_squared, np.nan)
    return CriticAudit(tuple(names), np.asarray(1.0 - share), np.array(cosines), np.array(counts))


def _play_fresh(
    task: LearningTask, explore: Choose, key: PRNGKeyArray, state: Any, slots: int
) -> tuple[Float[Array, "agents slots"], Float[Array, "agents slots"]]:
    """Return the critics' predictions for fresh transitions, and their targets (50)."""
    game, settings = task.game, task.settings
    arena = make_arena(game, settings)
    keys = jax.random.split(key, slots + 1)

    def play(turn: Any, key: PRNGKeyArray) -> tuple[Any, Any]:
        turn, experience = advance_slot(arena, explore, key, turn)
        return turn, maddpg.select_transition(experience)

    # rows of all slots and games, one after another
    _, rows = jax.lax.scan(play, begin_episodes(arena, explore, keys[0], GAMES), keys[1:])
    batches = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), rows)
    foretold, actual = [], []
    for number, networks in enumerate(state.learned):
        nets, batch = make_models(game, number, settings), maddpg.select_stage(batches, number)
        # targets (50) of the critics, and their predictions
        target = maddpg.compute_targets(key, nets, networks, batch)
        view = nets.view_observations(batch.seen, batch.actions)
        code = nets.encode(networks.critics, view, batch.actions)
        value = nets.compute_values(networks.critics, code)
        agents = len(nets.stage.agents)
        foretold.append(jnp.broadcast_to(value, (agents, value.shape[1])))
        actual.append(jnp.broadcast_to(target, (agents, target.shape[1])))
    return jnp.concatenate(foretold), jnp.concatenate(actual)


def _list_swaps(game: StagedGame, agent: str) -> Swaps:
    """Return the choices of an agent with several options; amounts are left out."""
    choices = cast(ChoiceGame, game).choices(agent, (1.0,))
    rows, kinds = [], []
    # choices between at least two numbers, padded to the longest
    for numbers, parent in zip(choices.numbers, choices.parents, strict=True):
        distinct = np.unique(numbers[numbers >= 0])
        if len(distinct) > 1:
            rows.append(distinct)
            kinds.append(int(parent >= 0))
    most = max((len(row) for row in rows), default=1)
    padded = [np.pad(row, (0, most - len(row)), mode="edge") for row in rows]
    return Swaps(np.array(padded, int).reshape(len(rows), most), np.array(kinds, int))


def _switch_choices(
    task: LearningTask,
    explore: Choose,
    who: tuple[int, int, str],
    state: Any,
    key: PRNGKeyArray,
) -> tuple[Float[Array, "choices options"], Float[Array, "choices options"]]:
    """Return predicted and true changes of an agent's reward in a fresh slot.

    In each switch, a choice's largest number and another of its numbers are exchanged.
    """
    number, row, agent = who
    game, settings, swaps = task.game, task.settings, _list_swaps(task.game, agent)
    reset_key, noise_key, end_key = jax.random.split(key, 3)
    start = game.reset(reset_key)
    # one slot with its rewards
    played = _play_slot(make_arena(game, settings), explore, noise_key, start)
    finish = partial(_finish_slot, task, start, end_key)
    rewards, executed = finish(played.actions)
    action = played.actions[number][row]
    nets = make_models(game, number, settings)
    # the critic's slope predicts the effect of exchanging two numbers
    seen = played.seen[number]
    slope = _find_slope(nets, state.learned[number].critics, seen, executed[number])[row]
    held = action[swaps.numbers]
    largest = jnp.argmax(held, axis=1)
    first = jnp.take_along_axis(jnp.asarray(swaps.numbers), largest[:, None], axis=1)
    amount = jnp.take_along_axis(held, largest[:, None], axis=1) - held
    foretold = amount * (slope[swaps.numbers] - slope[first])

    # the true change: the slot is finished again with both numbers switched
    def trade(one: Array, other: Array) -> Array:
        changed = action.at[one].set(action[other]).at[other].set(action[one])
        rows = list(played.actions)
        rows[number] = rows[number].at[row].set(changed)
        return finish(tuple(rows))[0][number][row]

    pairs = jnp.broadcast_to(first, swaps.numbers.shape), jnp.asarray(swaps.numbers)
    after = jax.vmap(jax.vmap(trade))(*pairs)
    return foretold, after - rewards[number][row]


class PlayedSlot(NamedTuple):
    """Observations and actions of the agents of each stage in a slot, [agents, numbers] each."""

    seen: tuple[Array, ...]
    actions: tuple[Array, ...]


def _play_slot(arena: Arena, explore: Choose, key: PRNGKeyArray, start: Any) -> PlayedSlot:
    """Run a slot with noise, and keep the actions as they were decided."""

    def remember(noise: Any, number: int, seen: Array) -> tuple[Array, Array]:
        action, _ = explore(noise, number, seen)
        return action, action

    shape = len(arena.game.stages), max(map(len, arena.game.stages)), max(arena.most_draws)
    decided = decide(arena, remember, jax.random.normal(key, shape), start)
    return PlayedSlot(decided.seen, decided.memory)


def _finish_slot(
    task: LearningTask, start: Any, key: PRNGKeyArray, actions: tuple[Array, ...]
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Return rewards and executed actions of each stage, agents leading."""
    game, turn = task.game, start
    for number, rows in enumerate(actions):
        stage = make_models(game, number, task.settings).stage
        # padding of agents with fewer numbers acts as 0
        rows = jnp.where(stage.real, rows, 0.0)
        turn = game.act(turn, number, unstack_actions(rows, stage))
    passed = game.finish(key, turn)
    rewards = tuple(stack_scalars(passed.rewards, agents) for agents in game.stages)
    executed = tuple(stack_vectors(passed.executed, agents) for agents in game.stages)
    return rewards, executed


def _find_slope(
    nets: Models, critics: Any, seen: Array, joint: Array
) -> Float[Array, "agents numbers"]:
    """Return the gradient of each agent's critic with respect to its own executed action."""
    joint = joint[:, None]

    def add_values(action: Array) -> Array:
        return jnp.sum(nets.compute_own_values(critics, seen[:, None], joint, action))

    return jax.grad(add_values)(joint)[:, 0]


def _compare(foretold: Any, actual: Any, chosen: np.ndarray) -> tuple[float, int]:
    """Return the mean cosine over slots and the number of switches that change the reward.

    Only the switches of the chosen kind count.
    """
    foretold, actual = (
        np.asarray(part, float)[:, chosen].reshape(len(part), -1) for part in (foretold, actual)
    )
    # switches without an effect do not count
    foretold = np.where(actual != 0.0, foretold, 0.0)
    norms = np.linalg.norm(foretold, axis=1) * np.linalg.norm(actual, axis=1)
    cosine = np.sum(foretold * actual, axis=1)[norms > 0] / norms[norms > 0]
    return (float(cosine.mean()) if len(cosine) else float("nan")), int(np.sum(actual != 0.0))
