"""Policy gradients on sampled rewards, without critic or replay (RLOO).

Several actions are tried in the same slot, and each is compared with the mean of the others. This
is valid if each slot is independent, as in the slicing game: the next channels, arrivals and
positions do not depend on the action, so a reward is the whole value of an action. Every slot is
the first of an episode; stages act in turn.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.game.protocol import LateGame, StagedGame, Vectors
from sagin.learning import heads as h
from sagin.learning.models import Models, make_models
from sagin.learning.normalisation import RewardBounds, make_bounds, normalise_rewards
from sagin.learning.optimiser import apply_gradients, make_moments
from sagin.learning.play import Choose, Experience
from sagin.learning.policy_gradient import compute_policy_loss, leave_one_out, pay_agents
from sagin.learning.settings import Settings
from sagin.learning.stage import observe_stage, stack_vectors, unstack_actions
from sagin.types import Array, Bool, Float, Int, PRNGKeyArray

LEAST_SHARE = 0.1
"""Share of learning rate and entropy that remains after their horizon."""


class ReinforceNetworks(NamedTuple):
    """Networks of a stage, stacked over its agents, and the state of their optimiser."""

    actors: h.ChoiceActors
    actor_moments: Any


class ReinforceState(NamedTuple):
    """State of a training run between two iterations."""

    key: PRNGKeyArray
    """Key of all later draws; each iteration uses another key."""
    iteration: Int[Array, ""]
    learned: tuple[ReinforceNetworks, ...]
    bounds: RewardBounds | None = None
    """Bounds of the rewards so far; None if rewards are not normalised by them."""


class StageTrial(NamedTuple):
    """Decisions of the agents of a stage in all slots and samples."""

    outputs: Float[Array, "agents slots #samples outputs"]
    decision: h.ChoiceDecision
    matters: Array
    """Mask of choices that may have had an effect."""
    pull: Any
    """Function: gradient of a loss by the outputs → gradient by the networks."""


def start(
    key: PRNGKeyArray, game: StagedGame, settings: Settings, default: Vectors | None = None
) -> ReinforceState:
    """Return a run before its first iteration; actors begin near the action `default`, if any."""
    if settings.network.kind == "shared":
        raise InputError(
            "settings: field 'network.kind': 'shared' is not allowed: reinforce has flat networks "
            "(allowed: mlp)"
        )
    run_key, net_key = jax.random.split(key)
    learned = []
    for number, one_key in enumerate(jax.random.split(net_key, len(game.stages))):
        nets = bind_models(game, number, settings)
        actors = draw_actors(one_key, nets, default)
        learned.append(ReinforceNetworks(actors, make_moments(actors)))
    bounds = make_bounds(game, settings)
    return ReinforceState(run_key, jnp.asarray(0), tuple(learned), bounds)


def bind_models(game: StagedGame, number: int, settings: Settings) -> Models:
    """Return the models of a stage, whose heads are categorical."""
    return make_models(game, number, settings, categorical=True)


def draw_actors(key: PRNGKeyArray, nets: Models, default: Vectors | None) -> h.ChoiceActors:
    """Draw the actors of a stage, near the action `default` of its agents, if any."""
    assert nets.heads is not None
    network = nets.hold_action(nets.draw(key, actions=False)[0], default)
    deviation = jnp.asarray(nets.settings.heads.log_deviation, float)
    return h.ChoiceActors(network, jnp.broadcast_to(deviation, nets.heads.named.shape))


def iterate(
    game: StagedGame, settings: Settings, state: ReinforceState
) -> tuple[ReinforceState, Experience]:
    """Try several actions in each of some slots, and update all agents of all stages once.

    The experience has the axes [slots, samples, …].
    """
    options = settings.reinforce
    key, *keys = jax.random.split(state.key, 4)
    # the same slots for all samples, (environments, samples, …)
    slots = jax.vmap(game.reset)(jax.random.split(keys[0], options.environments))
    turns = jax.tree.map(lambda leaf: leaf[:, None], slots)
    trials = []
    for number, networks in enumerate(state.learned):
        nets = bind_models(game, number, settings)
        draw_key = jax.random.fold_in(keys[1], number)
        turns, trial = try_stage(draw_key, game, number, nets, networks.actors, turns)
        trials.append(trial)
    # rewards of every sample, finished with the same key per slot
    finish = jax.vmap(jax.vmap(game.finish, (None, 0)))
    passed = finish(jax.random.split(keys[2], options.environments), turns)
    rewards = tuple(
        jnp.stack([passed.rewards[agent] for agent in agents], axis=-1) for agents in game.stages
    )
    bounds, rewards = normalise_rewards(state.bounds, rewards)
    # gain over the mean of the slot's samples
    gains = compute_gains(settings, rewards)
    strength = compute_strength(settings, state.iteration)
    learned = tuple(
        update_networks(bind_models(game, number, settings), networks, trial, gain, strength)
        for number, (networks, trial, gain) in enumerate(
            zip(state.learned, trials, gains, strict=True)
        )
    )
    nothing: tuple[Any, ...] = ((),) * len(rewards)
    over = passed.terminated | passed.truncated
    experience = Experience(
        nothing,
        nothing,
        nothing,
        rewards,
        nothing,
        jnp.zeros(0),
        jnp.zeros(0),
        over,
        over,
        passed.kpis,
    )
    return ReinforceState(key, state.iteration + 1, learned, bounds), experience


def try_stage(
    key: PRNGKeyArray,
    game: StagedGame,
    number: int,
    nets: Models,
    actors: h.ChoiceActors,
    turns: Any,
) -> tuple[Any, StageTrial]:
    """Let the agents of a stage act in all slots and samples.

    `turns` are states [slots, samples, …]; before the first stage there is one sample for all.
    """
    heads, options = nets.heads, nets.settings.reinforce
    assert heads is not None
    agents = game.stages[number]
    # observations of each agent, (agents, environments, samples, numbers)
    see = jax.vmap(jax.vmap(partial(observe_stage, game, number=number, with_masks=False)))
    seen = jnp.moveaxis(see(turns), -2, 0)
    late = find_late(game, agents)
    # outputs, and how a gradient of them is pulled back later
    outputs, pull = jax.vjp(lambda network: nets.act_often(network, seen, late), actors.network)
    draws = (len(agents), options.environments, options.samples, heads.draws)
    uniform = jax.random.uniform(key, draws)
    decision = h.draw_decision(heads, outputs, actors.log_deviation, uniform)
    # effective choices: those of present users
    mask = jax.vmap(jax.vmap(partial(_stack_masks, game, number)))
    matters = h.find_mattering(heads, jnp.moveaxis(mask(turns), -2, 0))
    actions = jnp.moveaxis(h.build_action(heads, decision), 0, -2)
    # all samples start from one state in the first stage
    if seen.shape[2] == 1:
        turns = jax.tree.map(lambda leaf: leaf[:, 0], turns)
    act = jax.vmap(
        lambda turn, rows: game.act(turn, number, unstack_actions(rows, nets.stage)),
        in_axes=(None if seen.shape[2] == 1 else 0, 0),
    )
    return jax.vmap(act)(turns, actions), StageTrial(outputs, decision, matters, pull)


def find_late(game: StagedGame, agents: tuple[str, ...]) -> Int[np.ndarray, "agents late"] | None:
    """Return the positions at which the observations of a slot's samples differ; None: any."""
    if not isinstance(game, LateGame):
        return None
    rows = [game.late_numbers(agent) for agent in agents]
    same = len({len(row) for row in rows}) == 1
    return np.stack(rows) if same else None


def _stack_masks(game: StagedGame, number: int, turn: Any) -> Bool[Array, "agents numbers"]:
    """Return the masks of effective numbers of the actions of a stage's agents."""
    masks = game.action_masks(turn, number)
    numbers = {agent: mask.astype(float) for agent, mask in masks.items()}
    return stack_vectors(numbers, game.stages[number]) > 0.0


def compute_gains(
    settings: Settings, rewards: tuple[Float[Array, "slots samples _"], ...]
) -> list[Float[Array, "_ slots samples"]]:
    """Return each sample's excess over the others of its slot, for each stage's agents."""
    options = settings.reinforce
    paid = pay_agents(rewards, options.weights, together=options.shared_reward)
    # samples lead for the estimator, then agents for the networks
    return [
        settings.reward_scale
        * jnp.moveaxis(leave_one_out(jnp.moveaxis(part, 1, 0)), (2, 0), (0, 2))
        for part in paid
    ]


def compute_strength(settings: Settings, iteration: Int[Array, ""]) -> Any:
    """Return the remaining share of learning rate and entropy at an iteration."""
    horizon = settings.reinforce.horizon
    if horizon == 0.0:
        return 1.0
    return 1.0 - (1.0 - LEAST_SHARE) * jnp.minimum(iteration / horizon, 1.0)


def update_networks(
    nets: Models,
    learned: ReinforceNetworks,
    trial: StageTrial,
    gain: Float[Array, "agents slots samples"],
    strength: Any = 1.0,
) -> ReinforceNetworks:
    """Return a stage after one step along the policy gradient of its agents.

    `strength` multiplies learning rate and entropy.
    """
    options, heads = nets.settings.reinforce, nets.heads
    assert heads is not None

    def loss(outputs: Array, log_deviation: Array) -> Float[Array, ""]:
        log_probability = h.compute_log_probability(
            heads, outputs, log_deviation, trial.decision, trial.matters
        )
        entropy = strength * options.entropy * h.compute_entropy(heads, outputs)
        # agents don't share weights, so that a sum over them gives each its own gradient
        return len(outputs) * compute_policy_loss(log_probability, gain, entropy)

    slope, deviation_slope = jax.grad(loss, (0, 1))(trial.outputs, learned.actors.log_deviation)
    (network_slope,) = trial.pull(slope)
    actors, moments = apply_gradients(
        nets.settings,
        strength * options.rate,
        h.ChoiceActors(network_slope, deviation_slope),
        learned.actor_moments,
        learned.actors,
    )
    return ReinforceNetworks(actors, moments)


def bind_actors(game: StagedGame, settings: Settings, actors: tuple[h.ChoiceActors, ...]) -> Choose:
    """Return the function of acting actors: each choice takes its most likely option."""

    def choose(noise: Any, number: int, seen: Array) -> tuple[Array, None]:
        del noise
        nets = bind_models(game, number, settings)
        assert nets.heads is not None
        outputs = nets.act(actors[number].network, seen[:, None])[:, 0]
        return h.build_action(nets.heads, h.decide_likeliest(nets.heads, outputs)), None

    return choose
