"""The networks of a stage behind one face, whichever kind they are: what learners call."""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from sagin.errors import InputError
from sagin.game.protocol import RowGame, StagedGame
from sagin.learning.networks import flat_critic, mlp
from sagin.learning.play import Arena
from sagin.learning.settings import Settings
from sagin.learning.shared import Places, places, shared_actor, shared_critic
from sagin.learning.stage import Stage, stages
from sagin.types import Array, Float, PRNGKeyArray


def each(draw: Callable[[PRNGKeyArray], Any], keys: Array) -> Any:
    """Return a network for each key, stacked, in a program no longer than one's."""
    return eqx.filter_vmap(draw)(keys)


class Models(NamedTuple):
    """Functions on the stacked networks of a stage's agents; `actors` and `critics` are pytrees
    with a leading axis of agents (a critic
    of a team: of length 1).
    """

    stage: Stage
    settings: Settings
    where: Places | None
    """Where the rows of shared networks are; None for an mlp."""

    def draw(
        self,
        key: PRNGKeyArray,
        *,
        inputs: int | None = None,
        team: bool = False,
        actions: bool = True,
    ) -> tuple[Any, Any]:
        """Draw actors and critics.

        inputs: numbers that a critic sees, None for an observation; team: one critic for all;
        without `actions` it is a value of what is seen alone. Shared networks have one form of
        critic, which sees an observation.
        """
        agents, network = len(self.stage.agents), self.settings.network
        seen, decided = max(self.stage.observed), max(self.stage.decided)
        one, two = (jax.random.split(part, agents) for part in jax.random.split(key))
        if (where := self.where) is not None:
            actors = each(
                lambda k: shared_actor(k, where, network.row_width, network.last_layer_gain), one
            )
            return actors, each(lambda k: shared_critic(k, where, network.row_width, actions), two)
        actors = each(
            lambda k: mlp(k, (seen, *network.widths, decided), network.last_layer_gain), one
        )
        sizes = (seen if inputs is None else inputs, agents if actions else 0, decided)
        return actors, each(
            lambda k: flat_critic(k, *sizes, network.widths), two[: 1 if team else agents]
        )

    @property
    def view_size(self) -> int | None:
        """Numbers that a critic of MADDPG sees, None for an observation."""
        chosen = self.settings.maddpg
        together = chosen.critics == "team" or chosen.critic_sees == "all"
        return max(self.stage.observed) * len(self.stage.agents) if together else None

    def act(
        self, actors: Any, seen: Float[Array, "agents batch numbers"]
    ) -> Float[Array, "agents batch actions"]:
        """Return the actors' raw numbers, before squashing."""
        if self.where is None:
            return jax.vmap(lambda actor, sees: actor(sees))(actors, seen)
        return jax.vmap(lambda actor, sees, agent: actor(sees, self.where, agent))(
            actors, seen, jnp.arange(len(seen))
        )

    def only_real(
        self, actions: Float[Array, "agents batch actions"]
    ) -> Float[Array, "agents batch actions"]:
        """Return the actions with padded numbers at 0."""
        return jnp.where(self.stage.real[:, None], actions, 0.0)

    def critic_view(
        self, seen: Float[Array, "agents batch numbers"]
    ) -> Float[Array, "critics batch inputs"]:
        """Return what critics see of the observations."""
        if self.view_size is None:
            return seen
        together = jnp.moveaxis(seen, 0, 1).reshape(1, seen.shape[1], -1)
        return (
            together
            if self.settings.maddpg.critics == "team"
            else jnp.broadcast_to(together, (seen.shape[0], *together.shape[1:]))
        )

    def codes(
        self, critics: Any, seen: Array, joint: Float[Array, "agents batch actions"] | None = None
    ) -> Any:
        """Return what critics make of observations and joint actions before `values`."""
        if self.where is None:
            return jax.vmap(lambda critic, sees: critic.code(sees, joint))(critics, seen)
        return seen, joint

    def values(self, critics: Any, codes: Any) -> Float[Array, "critics batch"]:
        """Return Q of codes."""
        if self.where is None:
            return jax.vmap(lambda critic, code: critic.value(code))(critics, codes)
        seen, joint = codes
        return jax.vmap(lambda critic, sees, agent: critic(sees, joint, self.where, agent))(
            critics, seen, jnp.arange(len(seen))
        )

    def values_of_own(
        self, critics: Any, codes: Any, joint: Array, own: Array
    ) -> Float[Array, "agents batch"]:
        """Return Q for each agent when its own action is `own` and the others' are as in `joint`."""
        agents = jnp.arange(joint.shape[0])
        if self.where is not None:

            def one(critic: Any, sees: Array, agent: Array, new: Array) -> Array:
                return critic(sees, joint.at[agent].set(new), self.where, agent)

            return jax.vmap(one)(critics, codes[0], agents, own)

        def other(critic: Any, code: Any, agent: Array, old: Array, new: Array) -> Array:
            return critic.value(critic.changed(code, agent, old, new))

        team = self.settings.maddpg.critics == "team"
        if team:
            critics, codes = jax.tree.map(lambda leaf: leaf[0], (critics, codes))
        axis = None if team else 0
        return jax.vmap(other, (axis, axis, 0, 0, 0))(critics, codes, agents, joint, own)


def arena(game: StagedGame, settings: Settings, *, world: bool = False) -> Arena:
    """Return the game with all that its learners need to see."""
    return Arena(game, settings.network.kind == "shared", world)


def models(game: StagedGame, number: int, settings: Settings) -> Models:
    """Return the models of a stage of a game; InputError if shared networks are asked for and the
    game has no rows.
    """
    stage, where = stages(game)[number], None
    if settings.network.kind == "shared":
        if not isinstance(game, RowGame):
            raise InputError(
                "settings: field 'network.kind': 'shared' is not allowed: this game has no rows to share over (allowed: mlp)"
            )
        where = places(
            tuple(game.rows(agent) for agent in stage.agents), stage.observed, stage.decided
        )
    return Models(stage, settings, where)
