"""Networks whose weights are shared over rows, such as users.

The order of rows does not matter, absent rows are masked, and one set of weights works for any
number of rows.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from sagin.game.protocol import Rows
from sagin.learning.networks import Dense, Take, draw_dense
from sagin.types import Array, ArrayLike, Bool, Float, Int


class RowPlaces(NamedTuple):
    """Positions of the parts of a stage's flat vectors, agent by agent.

    An index one past the end means none.
    """

    rows: Int[Array, "agents rows features"]
    public: Int[Array, "agents entities features"]
    remainder: Int[Array, "agents others"]
    """Observed numbers that belong to no row."""
    decided: Int[Array, "agents rows numbers"]
    undivided: Int[Array, "agents others"]
    """Decided numbers that belong to no row."""
    order: Int[Array, "agents numbers"]
    """For each number of an action, its position in the rows' numbers followed by the others."""
    owner: Int[np.ndarray, " entities"]
    """Agent of the stage to which each entity belongs."""

    @property
    def masks(self) -> int:
        """Number of truth values that follow an observation: of own rows, then of the entities."""
        return self.rows.shape[1] + self.public.shape[1]


def find_places(
    rows: tuple[Rows, ...], observed: tuple[int, ...], decided: tuple[int, ...]
) -> RowPlaces:
    """Return the positions for a stage's agents, from their rows and lengths of vectors.

    All are padded to the longest.
    """
    longest, most = max(observed), max(decided)
    # all agents' rows are padded to the most rows, features and numbers of any agent
    height = max(len(agent.own) for agent in rows)
    features = max(agent.own.shape[1] for agent in rows)
    numbers = max(agent.decided.shape[1] for agent in rows)
    seen_rows = np.stack([_pad_index(agent.own, (height, features), longest) for agent in rows])
    public = np.stack([_pad_index(agent.public, agent.public.shape, longest) for agent in rows])
    acting = np.stack([_pad_index(agent.decided, (height, numbers), most) for agent in rows])
    # numbers that belong to no row
    remainder, undivided = [], []
    for agent, seen, acts in zip(rows, observed, decided, strict=True):
        remainder.append(np.setdiff1d(np.arange(seen), [*agent.own.flat, *agent.public.flat]))
        undivided.append(np.setdiff1d(np.arange(acts), agent.decided))
    whole = _stack_padded(undivided, most)
    pairs = zip(acting, whole, strict=True)
    order = [_invert_index(np.concatenate([a.ravel(), b]), most) for a, b in pairs]
    owner = np.repeat(np.arange(len(rows)), [len(agent.own) for agent in rows])
    parts = (seen_rows, public, _stack_padded(remainder, longest), acting, whole, np.stack(order))
    return RowPlaces(*map(jnp.asarray, parts), owner=owner)


def _pad_index(index: np.ndarray, shape: tuple[int, ...], nothing: int) -> np.ndarray:
    full = np.full(shape, nothing)
    full[: index.shape[0], : index.shape[1]] = np.where(index < 0, nothing, index)
    return full


def _stack_padded(lists: list[np.ndarray], nothing: int) -> np.ndarray:
    longest = max(map(len, lists))
    padding = [(0, longest - len(index)) for index in lists]
    padded = [np.pad(a, b, constant_values=nothing) for a, b in zip(lists, padding, strict=True)]
    return np.stack(padded)


def _invert_index(index: np.ndarray, numbers: int) -> np.ndarray:
    places = np.full(numbers + 1, len(index))
    places[index] = np.arange(len(index))
    return places[:numbers]


def _take_numbers(vector: Float[Array, "batch numbers"], index: Array) -> Array:
    return jnp.take(jnp.pad(vector, ((0, 0), (0, 1))), index, axis=1)


class ObservationParts(NamedTuple):
    """An observation in its parts."""

    rows: Float[Array, "batch rows features"]
    public: Float[Array, "batch entities features"]
    remainder: Float[Array, "batch others"]
    mine: Bool[Array, "batch rows"]
    present: Bool[Array, "batch entities"]


def split_observation(
    seen: Float[Array, "batch numbers"], places: RowPlaces, agent: Int[Array, ""]
) -> ObservationParts:
    """Return the parts of one agent's observations; the masks follow the observation."""
    agents, height, entities = len(places.rows), places.rows.shape[1], places.public.shape[1]
    vector, mine, present = jnp.split(
        seen, [seen.shape[1] - height - entities, seen.shape[1] - entities], axis=1
    )
    owner = jnp.broadcast_to(
        jax.nn.one_hot(places.owner, agents), (seen.shape[0], entities, agents)
    )
    rows, public, remainder = (
        _take_numbers(vector, part[agent])
        for part in (places.rows, places.public, places.remainder)
    )
    return ObservationParts(
        rows, jnp.concatenate([public, owner], axis=2), remainder, mine > 0.5, present > 0.5
    )


def _average_rows(
    rows: Float[Array, "batch rows width"], among: Bool[Array, "batch rows"]
) -> Float[Array, "batch width"]:
    weight = among / jnp.maximum(jnp.sum(among, axis=1, keepdims=True), 1)
    return jnp.einsum("brw,br->bw", rows, weight)


class Trunk(eqx.Module):
    """Own rows, each with the mean of all entities, and then with the mean of the own rows."""

    own: Dense
    public: Dense
    rest: Dense
    context: Dense
    mix: Dense
    pooled: Dense

    def __call__(
        self, rows: Array, public: Array, remainder: Array, seen: ObservationParts
    ) -> Float[Array, "batch rows width"]:
        context = _average_rows(jax.nn.relu(self.public(public)), seen.present)
        hidden = jax.nn.relu(
            self.own(rows) + (self.context(context) + self.rest(remainder))[:, None]
        )
        return jax.nn.relu(
            self.mix(hidden) + self.pooled(_average_rows(hidden, seen.mine))[:, None]
        )


def draw_trunk(take: Take, rows: int, public: int, remainder: int, width: int) -> Trunk:
    """Draw a trunk for rows, entities and other numbers of these lengths."""
    lengths = (rows, public, remainder, width, width, width)
    return Trunk(*(draw_dense(take, length, width) for length in lengths))


class SharedActor(eqx.Module):
    """Raw actions of rows, and of the numbers without a row."""

    trunk: Trunk
    rows: Dense
    undivided: Dense

    def __call__(
        self, seen: Float[Array, "batch numbers"], places: RowPlaces, agent: Int[Array, ""]
    ) -> Float[Array, "batch actions"]:
        parts = split_observation(seen, places, agent)
        hidden = self.trunk(parts.rows, parts.public, parts.remainder, parts)
        whole = self.undivided(_average_rows(hidden, parts.mine))
        return _take_numbers(
            jnp.concatenate([self.rows(hidden).reshape(len(seen), -1), whole], axis=1),
            places.order[agent],
        )


def draw_shared_actor(
    take: Take, places: RowPlaces, width: int, last_gain: ArrayLike
) -> SharedActor:
    """Draw an actor."""
    entity = places.public.shape[2] + len(places.rows)
    trunk = draw_trunk(take, places.rows.shape[2], entity, places.remainder.shape[1], width)
    ends = places.decided.shape[2], places.undivided.shape[1]
    return SharedActor(trunk, *(draw_dense(take, width, size, gain=last_gain) for size in ends))


class SharedCritic(eqx.Module):
    """Q of an agent's rows with their actions, together with those of all entities."""

    trunk: Trunk
    last: Dense

    def __call__(
        self,
        seen: Array,
        joint: Float[Array, "agents batch numbers"] | None,
        places: RowPlaces,
        agent: Array,
    ) -> Float[Array, " batch"]:
        """Return Q of agent number `agent`.

        `joint` holds the actions of all agents of the stage; None for a value function of
        observations alone.
        """
        parts = split_observation(seen, places, agent)
        rows, public, remainder = parts.rows, parts.public, parts.remainder
        if joint is not None:
            agents = range(len(places.rows))
            rows = jnp.concatenate(
                [rows, _take_numbers(joint[agent], places.decided[agent])], axis=2
            )
            everyone = [
                _take_numbers(joint[other], places.decided[other, : np.sum(places.owner == other)])
                for other in agents
            ]
            public = jnp.concatenate([public, jnp.concatenate(everyone, axis=1)], axis=2)
            remainder = jnp.concatenate(
                [
                    remainder,
                    *(_take_numbers(joint[other], places.undivided[other]) for other in agents),
                ],
                axis=1,
            )
        return self.last(_average_rows(self.trunk(rows, public, remainder, parts), parts.mine))[
            ..., 0
        ]


def draw_shared_critic(take: Take, places: RowPlaces, width: int, actions: bool) -> SharedCritic:
    """Draw a critic, of observations and actions or of observations alone."""
    agents = len(places.rows)
    numbers, undivided = (
        (places.decided.shape[2], agents * places.undivided.shape[1]) if actions else (0, 0)
    )
    sizes = (
        places.rows.shape[2] + numbers,
        places.public.shape[2] + agents + numbers,
        places.remainder.shape[1] + undivided,
    )
    return SharedCritic(draw_trunk(take, *sizes, width), draw_dense(take, width, 1))
