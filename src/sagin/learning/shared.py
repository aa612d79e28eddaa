"""Networks whose weights are shared over rows, such as users: their order doesn't matter, absent
ones are masked, and one set of weights serves any number of them.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from sagin.game.protocol import Rows
from sagin.learning.networks import Dense, dense
from sagin.types import Array, ArrayLike, Bool, Float, Int, PRNGKeyArray


class Places(NamedTuple):
    """Where the parts of a stage's flat vectors are, agent by agent: indices, the last one past the
    end for nothing.
    """

    own: Int[Array, "agents rows features"]
    public: Int[Array, "agents entities features"]
    rest: Int[Array, "agents others"]
    """Observed numbers that belong to no row."""
    decided: Int[Array, "agents rows numbers"]
    undivided: Int[Array, "agents others"]
    """Decided numbers that belong to no row."""
    order: Int[Array, "agents numbers"]
    """For each decided number, where it is in the rows' numbers and then the others."""
    owner: Int[np.ndarray, " entities"]
    """Which agent of the stage each entity belongs to."""

    @property
    def masks(self) -> int:
        """Truth values that follow an observation: of the own rows, then of the entities."""
        return self.own.shape[1] + self.public.shape[1]


def places(rows: tuple[Rows, ...], observed: tuple[int, ...], decided: tuple[int, ...]) -> Places:
    """Return the places of a stage's agents with these rows and lengths of vectors, all padded to
    the longest.
    """
    longest, most = max(observed), max(decided)
    height, own, numbers = (
        max(part)
        for part in zip(
            *((len(one.own), one.own.shape[1], one.decided.shape[1]) for one in rows), strict=True
        )
    )
    own_places = np.stack([_padded(one.own, (height, own), longest) for one in rows])
    public = np.stack([_padded(one.public, one.public.shape, longest) for one in rows])
    chosen = np.stack([_padded(one.decided, (height, numbers), most) for one in rows])
    rest = _together(
        [
            np.setdiff1d(np.arange(size), [*one.own.flat, *one.public.flat])
            for one, size in zip(rows, observed, strict=True)
        ],
        longest,
    )
    undivided = _together(
        [
            np.setdiff1d(np.arange(size), one.decided)
            for one, size in zip(rows, decided, strict=True)
        ],
        most,
    )
    order = np.stack(
        [
            _inverse(np.concatenate([a.ravel(), b]), most)
            for a, b in zip(chosen, undivided, strict=True)
        ]
    )
    owner = np.repeat(np.arange(len(rows)), [len(one.own) for one in rows])
    parts = [jnp.asarray(part) for part in (own_places, public, rest, chosen, undivided, order)]
    return Places(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], owner)


def _padded(index: np.ndarray, shape: tuple[int, ...], nothing: int) -> np.ndarray:
    full = np.full(shape, nothing)
    full[: index.shape[0], : index.shape[1]] = np.where(index < 0, nothing, index)
    return full


def _together(lists: list[np.ndarray], nothing: int) -> np.ndarray:
    longest = max(map(len, lists))
    return np.stack(
        [np.pad(one, (0, longest - len(one)), constant_values=nothing) for one in lists]
    )


def _inverse(index: np.ndarray, numbers: int) -> np.ndarray:
    where = np.full(numbers + 1, len(index))
    where[index] = np.arange(len(index))
    return where[:numbers]


def _taken(vector: Float[Array, "batch numbers"], index: Array) -> Array:
    return jnp.take(jnp.pad(vector, ((0, 0), (0, 1))), index, axis=1)


class View(NamedTuple):
    """An observation in its parts."""

    own: Float[Array, "batch rows features"]
    public: Float[Array, "batch entities features"]
    rest: Float[Array, "batch others"]
    mine: Bool[Array, "batch rows"]
    present: Bool[Array, "batch entities"]


def view(seen: Float[Array, "batch numbers"], where: Places, agent: Int[Array, ""]) -> View:
    """Return the parts of one agent's observations, which its masks follow."""
    agents, height, entities = len(where.own), where.own.shape[1], where.public.shape[1]
    vector, mine, present = jnp.split(
        seen, [seen.shape[1] - height - entities, seen.shape[1] - entities], axis=1
    )
    owner = jnp.broadcast_to(jax.nn.one_hot(where.owner, agents), (seen.shape[0], entities, agents))
    own, public, rest = (
        _taken(vector, part[agent]) for part in (where.own, where.public, where.rest)
    )
    return View(own, jnp.concatenate([public, owner], axis=2), rest, mine > 0.5, present > 0.5)


def _mean(
    rows: Float[Array, "batch rows width"], among: Bool[Array, "batch rows"]
) -> Float[Array, "batch width"]:
    weight = among / jnp.maximum(jnp.sum(among, axis=1, keepdims=True), 1)
    return jnp.einsum("brw,br->bw", rows, weight)


class Trunk(eqx.Module):
    """Own rows, each beside the mean of all entities, and then beside the mean of the own rows."""

    own: Dense
    public: Dense
    rest: Dense
    context: Dense
    mix: Dense
    pooled: Dense

    def __call__(
        self, own: Array, public: Array, rest: Array, seen: View
    ) -> Float[Array, "batch rows width"]:
        around = _mean(jax.nn.relu(self.public(public)), seen.present)
        hidden = jax.nn.relu(self.own(own) + (self.context(around) + self.rest(rest))[:, None])
        return jax.nn.relu(self.mix(hidden) + self.pooled(_mean(hidden, seen.mine))[:, None])


def trunk(key: PRNGKeyArray, own: int, public: int, rest: int, width: int) -> Trunk:
    """Draw a trunk for rows, entities and other numbers of these lengths."""
    keys = jax.random.split(key, 6)
    lengths = (own, public, rest, width, width, width)
    return Trunk(*(dense(one, length, width) for one, length in zip(keys, lengths, strict=True)))


class SharedActor(eqx.Module):
    """Raw actions of rows, and of what belongs to none."""

    trunk: Trunk
    rows: Dense
    undivided: Dense

    def __call__(
        self, seen: Float[Array, "batch numbers"], where: Places, agent: Int[Array, ""]
    ) -> Float[Array, "batch actions"]:
        parts = view(seen, where, agent)
        hidden = self.trunk(parts.own, parts.public, parts.rest, parts)
        whole = self.undivided(_mean(hidden, parts.mine))
        return _taken(
            jnp.concatenate([self.rows(hidden).reshape(len(seen), -1), whole], axis=1),
            where.order[agent],
        )


def shared_actor(key: PRNGKeyArray, where: Places, width: int, last_gain: ArrayLike) -> SharedActor:
    """Draw an actor."""
    one, two, three = jax.random.split(key, 3)
    agents = len(where.own)
    body = trunk(
        one, where.own.shape[2], where.public.shape[2] + agents, where.rest.shape[1], width
    )
    ends = (where.decided.shape[2], two), (where.undivided.shape[1], three)
    return SharedActor(body, *(dense(part, width, size, gain=last_gain) for size, part in ends))


class SharedCritic(eqx.Module):
    """Q of an agent's rows with their actions, beside those of all entities with theirs."""

    trunk: Trunk
    last: Dense

    def __call__(
        self,
        seen: Array,
        joint: Float[Array, "agents batch numbers"] | None,
        where: Places,
        agent: Array,
    ) -> Float[Array, " batch"]:
        """joint: actions of all agents of the stage, None for a value of what is seen alone; agent:
        the place of this one.
        """
        parts = view(seen, where, agent)
        own, public, rest = parts.own, parts.public, parts.rest
        if joint is not None:
            agents = range(len(where.own))
            own = jnp.concatenate([own, _taken(joint[agent], where.decided[agent])], axis=2)
            everyone = [
                _taken(joint[place], where.decided[place, : np.sum(where.owner == place)])
                for place in agents
            ]
            public = jnp.concatenate([public, jnp.concatenate(everyone, axis=1)], axis=2)
            rest = jnp.concatenate(
                [rest, *(_taken(joint[place], where.undivided[place]) for place in agents)], axis=1
            )
        return self.last(_mean(self.trunk(own, public, rest, parts), parts.mine))[..., 0]


def shared_critic(key: PRNGKeyArray, where: Places, width: int, actions: bool) -> SharedCritic:
    """Draw a critic, of observations and actions or of observations alone."""
    one, two = jax.random.split(key)
    agents = len(where.own)
    numbers, others = (
        (where.decided.shape[2], agents * where.undivided.shape[1]) if actions else (0, 0)
    )
    sizes = (
        where.own.shape[2] + numbers,
        where.public.shape[2] + agents + numbers,
        where.rest.shape[1] + others,
    )
    return SharedCritic(trunk(one, *sizes, width), dense(two, width, 1))
