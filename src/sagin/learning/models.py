"""The networks of a stage behind one interface for learners, whatever their kind."""

from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from sagin.errors import InputError
from sagin.game.protocol import DescribedGame, RowGame, StagedGame, Vectors
from sagin.learning.exploration import add_noise, squash
from sagin.learning.gumbel import build_soft_action, perturb_outputs
from sagin.learning.heads import Heads, hold_action, make_heads
from sagin.learning.networks import (
    Take,
    draw_flat_critic,
    draw_mlp,
    draw_networks,
    feed_late,
)
from sagin.learning.play import Arena
from sagin.learning.settings import Settings
from sagin.learning.shared import RowPlaces, draw_shared_actor, draw_shared_critic, find_places
from sagin.learning.stage import Stage, list_stages, stack_vectors, unstack_actions
from sagin.types import Array, Float, PRNGKeyArray

MOST_HELD = 0.9
"""Largest magnitude of 2a − 1 for an initial action a: beyond it, squashing has no gradient."""


class ActionPhysics(NamedTuple):
    """The game's description of the effect of a stage's actions."""

    game: DescribedGame
    number: int
    stage: Stage

    @property
    def size(self) -> int:
        """Length of the description for an agent's critic, padded to the longest."""
        return max(self.game.description_size[agent] for agent in self.stage.agents)

    def describe(
        self, seen: Float[Array, "agents numbers"], joint: Float[Array, "agents actions"]
    ) -> Float[Array, "agents features"]:
        """Describe the effect of joint actions, by agent."""
        sizes = zip(self.stage.agents, self.stage.observed, strict=True)
        sees = {agent: seen[row, :size] for row, (agent, size) in enumerate(sizes)}
        actions = unstack_actions(joint, self.stage)
        return stack_vectors(self.game.describe(self.number, sees, actions), self.stage.agents)


class Models(NamedTuple):
    """Functions on the stacked networks of a stage's agents.

    `actors` and `critics` are pytrees with a leading axis of agents (length 1 for a team's critic).
    """

    stage: Stage
    settings: Settings
    places: RowPlaces | None
    """Positions of the rows of shared networks; None for an mlp."""
    heads: Heads | None = None
    """Distributions of the outputs; None: outputs are squashed into the box."""
    physics: ActionPhysics | None = None
    """Description of actions that critics see; None: none."""

    def draw(
        self,
        key: PRNGKeyArray,
        *,
        inputs: int | None = None,
        team: bool = False,
        actions: bool = True,
    ) -> tuple[Any, Any]:
        """Draw actors and critics.

        Args:
            inputs: length of a critic's input; None for an observation.
            team: whether there is one critic for all agents.
            actions: whether critics see actions; otherwise they are value functions of
                observations. Shared networks have one form of critic, which sees an observation.
        """
        agents, network = len(self.stage.agents), self.settings.network
        seen, decided = max(self.stage.observed), max(self.stage.decided)
        gain, places = network.last_layer_gain, self.places
        sizes = (seen if inputs is None else inputs, agents if actions else 0, decided)

        def build(take: Take) -> tuple[Any, Any]:
            # one array holds the numbers of all agents
            each = partial(take, agents)
            if places is not None:
                return (
                    draw_shared_actor(each, places, network.row_width, gain),
                    draw_shared_critic(each, places, network.row_width, actions),
                )
            outputs = decided if self.heads is None else self.heads.outputs
            actors = draw_mlp(each, (seen, *network.widths, outputs), gain, skip=network.skip)
            some = partial(take, 1) if team else each
            return actors, draw_flat_critic(some, *sizes, network.widths)

        return draw_networks(key, build)

    def hold_action(self, actors: Any, default: Vectors | None) -> Any:
        """Return actors that start near the action `default` of their agents, if there is one."""
        if default is None:
            return actors
        action = stack_vectors(default, self.stage.agents)
        # the bias of the last layer alone gives the action
        if self.heads is not None:
            bias = hold_action(self.heads, action, self.settings.heads.start_logit)
        else:
            bias = jnp.arctanh(jnp.clip(2.0 * action - 1.0, -MOST_HELD, MOST_HELD))
        return eqx.tree_at(lambda net: net.layers[-1].bias, actors, replace_fn=lambda b: b + bias)

    @property
    def view_size(self) -> int | None:
        """Length of the input of MADDPG's critics; None for an observation."""
        options = self.settings.maddpg
        if self.physics is not None:
            return max(self.stage.observed) + self.physics.size
        together = options.critics == "team" or options.critic_sees == "all"
        return max(self.stage.observed) * len(self.stage.agents) if together else None

    def act(
        self, actors: Any, seen: Float[Array, "agents batch numbers"]
    ) -> Float[Array, "agents batch actions"]:
        """Return the actors' raw outputs, before squashing."""
        # this flag may be traced
        if self.settings.network.blind is not False:
            seen = jnp.where(self.settings.network.blind, 0.0, seen)
        # one network per agent, or a shared one that sees places
        if self.places is None:
            return jax.vmap(lambda actor, sees: actor(sees))(actors, seen)
        return jax.vmap(lambda actor, sees, agent: actor(sees, self.places, agent))(
            actors, seen, jnp.arange(len(seen))
        )

    def act_often(
        self, actors: Any, seen: Float[Array, "agents slots samples numbers"], late: Any
    ) -> Float[Array, "agents slots samples outputs"]:
        """Return the outputs of flat actors for several samples of each slot.

        `late` holds the positions at which an agent's samples of a slot differ, [agents, late];
        None: any positions.
        """
        if late is None or seen.shape[2] == 1:
            flat = seen.reshape(len(seen), -1, seen.shape[-1])
            return self.act(actors, flat).reshape(*seen.shape[:-1], -1)
        if self.settings.network.blind is not False:
            seen = jnp.where(self.settings.network.blind, 0.0, seen)
        # the common inputs of all samples pass the first layer once
        places = jnp.asarray(late)
        numbers = jnp.take_along_axis(seen, places[:, None, None], axis=-1)
        first = jax.vmap(lambda rows, at: rows.at[:, at].set(0.0))(seen[:, :, 0], places)
        return jax.vmap(feed_late)(actors, first, places, numbers)

    def decide(
        self,
        outputs: Float[Array, "agents *batch outputs"],
        noise: Float[Array, "agents *batch outputs"] | None = None,
        spread: Any = 1.0,
    ) -> Float[Array, "agents *batch actions"]:
        """Return the actions of outputs, differentiable, with noise if there is any.

        `noise` holds normal numbers, which are multiplied by `spread`.
        """
        if self.heads is None:
            action = squash(outputs)
            return action if noise is None else add_noise(noise, action, spread)
        if noise is not None:
            outputs = perturb_outputs(outputs, noise, self.heads, spread)
        return build_soft_action(self.heads, outputs)

    def mask_padding(
        self, actions: Float[Array, "agents batch actions"]
    ) -> Float[Array, "agents batch actions"]:
        """Return the actions with padded numbers set to 0."""
        return jnp.where(self.stage.real[:, None], actions, 0.0)

    def view_observations(
        self,
        seen: Float[Array, "agents batch numbers"],
        joint: Float[Array, "agents batch actions"],
    ) -> Float[Array, "critics batch inputs"]:
        """Return the critics' inputs: the observations, and the effect of joint actions."""
        if self.view_size is None:
            return seen
        # effect of the joint action, besides the observations
        if self.physics is not None:
            features = jax.vmap(self.physics.describe, 1, 1)(seen, joint)
            return jnp.concatenate([seen, features], axis=-1)
        together = jnp.moveaxis(seen, 0, 1).reshape(1, seen.shape[1], -1)
        return (
            together
            if self.settings.maddpg.critics == "team"
            else jnp.broadcast_to(together, (seen.shape[0], *together.shape[1:]))
        )

    def encode(
        self, critics: Any, seen: Array, joint: Float[Array, "agents batch actions"] | None = None
    ) -> Any:
        """Return the critics' codes of observations and joint actions, the input of `values`."""
        if self.places is None:
            return jax.vmap(lambda critic, sees: critic.encode(sees, joint))(critics, seen)
        return seen, joint

    def compute_values(self, critics: Any, codes: Any) -> Float[Array, "critics batch"]:
        """Return Q of codes."""
        if self.places is None:
            return jax.vmap(lambda critic, code: critic.compute_value(code))(critics, codes)
        seen, joint = codes
        return jax.vmap(lambda critic, sees, agent: critic(sees, joint, self.places, agent))(
            critics, seen, jnp.arange(len(seen))
        )

    def compute_own_values(
        self, critics: Any, seen: Array, joint: Array, action: Array
    ) -> Float[Array, "agents batch"]:
        """Return Q for each agent if its action is `action` and the others' are as in `joint`.

        `seen` holds the observations of the agents.
        """
        codes = self.encode(critics, self.view_observations(seen, joint), joint)
        # each agent's own action is replaced, the others' stay
        agents = jnp.arange(joint.shape[0])
        if self.physics is not None:
            return self._describe_own_values(critics, seen, joint, action)
        if self.places is not None:

            def value_change(critic: Any, sees: Array, agent: Array, new: Array) -> Array:
                return critic(sees, joint.at[agent].set(new), self.places, agent)

            return jax.vmap(value_change)(critics, codes[0], agents, action)

        def other(critic: Any, code: Any, agent: Array, old: Array, new: Array) -> Array:
            return critic.compute_value(critic.replace_action(code, agent, old, new))

        team = self.settings.maddpg.critics == "team"
        if team:
            critics, codes = jax.tree.map(lambda leaf: leaf[0], (critics, codes))
        axis = None if team else 0
        return jax.vmap(other, (axis, axis, 0, 0, 0))(critics, codes, agents, joint, action)

    def _describe_own_values(
        self, critics: Any, seen: Array, joint: Array, action: Array
    ) -> Float[Array, "agents batch"]:
        """Return the same for critics that see the effect of the joint actions."""

        def value_change(critic: Any, agent: Array, new: Array) -> Array:
            changed = joint.at[agent].set(new)
            view = self.view_observations(seen, changed)[agent]
            return critic.compute_value(critic.encode(view, changed))

        return jax.vmap(value_change)(critics, jnp.arange(len(joint)), action)


def make_arena(game: StagedGame, settings: Settings, *, world: bool = False) -> Arena:
    """Return the game with all data that its learners need."""
    draws, kind = None, settings.heads.kind
    if kind != "box":
        models = [make_models(game, number, settings) for number in range(len(game.stages))]
        heads = [nets.heads for nets in models if nets.heads is not None]
        draws = tuple(part.draws if kind == "categorical" else part.outputs for part in heads)
    return Arena(game, settings.network.kind == "shared", world, draws)


def make_models(
    game: StagedGame, number: int, settings: Settings, *, categorical: bool = False
) -> Models:
    """Return the models of a stage of a game.

    `categorical` sets categorical heads whatever the settings. InputError if the settings ask for
    shared networks and the game has no rows.
    """
    stage, places = list_stages(game)[number], None
    if settings.network.kind == "shared":
        if not isinstance(game, RowGame):
            raise InputError(
                "settings: field 'network.kind': 'shared' is not allowed: "
                "this game has no rows to share over (allowed: mlp)"
            )
        places = find_places(
            tuple(game.rows(agent) for agent in stage.agents), stage.observed, stage.decided
        )
    heads = None
    if categorical or settings.heads.kind != "box":
        options = settings.heads
        heads = make_heads(game, stage.agents, options.levels, limited=options.quotas)
    physics = None
    if settings.maddpg.critic_sees == "physics":
        if not isinstance(game, DescribedGame):
            raise InputError(
                "settings: field 'maddpg.critic_sees': 'physics' is not allowed: this game does "
                "not describe actions (allowed: own, all)"
            )
        physics = ActionPhysics(game, number, stage)
    return Models(stage, settings, places, heads, physics)
