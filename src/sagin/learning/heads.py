"""Categorical heads: a network's outputs as one distribution per choice of an action.

Numbers of an action that no choice sets, such as positions, are Gaussian before squashing.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.game.protocol import ActionChoices, ChoiceGame, StagedGame
from sagin.learning.exploration import squash
from sagin.types import Array, Bool, Float, Int

Pick = Callable[[Array, Array], Array]
"""Function: logits [*batch, options], random numbers [*batch] → options [*batch]."""
IMPOSSIBLE = -1e9
"""Logit of an option that does not exist; finite, so that 0 times it is 0."""
CLOSE = 1e-3
"""Amounts below this value count as equal in the search for an option."""
LEAST = 2.0**-24
"""Replacement of the random number 0, so that the normal number is finite."""


class Heads(NamedTuple):
    """Choices of a stage's agents, stacked, and continuous numbers; all but `most` are static."""

    numbers: Int[np.ndarray, "agents choices options"]
    """Number of the action that an option sets; −1: none."""
    amounts: Float[np.ndarray, "agents choices options"]
    """Value to which it is set; NaN: the option does not exist."""
    parents: Int[np.ndarray, "agents choices"]
    """Choice that must set a number so that this choice has an effect; −1: no such condition."""
    sources: Int[np.ndarray, "agents numbers"]
    """Choice that may set a number of the action, or −1 − n for the continuous number n."""
    named: Int[np.ndarray, "agents named"]
    """Indices of the action's continuous numbers; −1: padding."""
    most: Int[Array, " agents"] | None
    """Largest number of choices without a parent that may set a number; None: no limit."""

    @property
    def draws(self) -> int:
        """Number of random numbers for a decision of an agent."""
        return self.numbers.shape[1] + self.named.shape[1]

    @property
    def outputs(self) -> int:
        """Number of outputs of an agent's network: a logit per option, then means."""
        return self.numbers.shape[1] * self.numbers.shape[2] + self.named.shape[1]


class ChoiceActors(NamedTuple):
    """Policies of a stage's agents: networks, and the deviation of continuous numbers."""

    network: Any
    log_deviation: Float[Array, "agents named"]
    """Log of the standard deviation of continuous numbers before squashing."""


class ChoiceDecision(NamedTuple):
    """Decision of the agents."""

    options: Int[Array, "agents *batch choices"]
    raw: Float[Array, "agents *batch named"]
    """Continuous numbers before squashing."""
    room: Bool[Array, "agents *batch choices"]
    """Whether options that set a number were allowed at the choice's turn."""


def make_heads(
    game: StagedGame, agents: tuple[str, ...], levels: tuple[float, ...], *, limited: bool = False
) -> Heads:
    """Return the heads of a stage's agents; in a game without choices all numbers are continuous.

    `levels` are the amounts to choose from; `limited` sets whether `ChoiceGame.most_claims` holds.
    """
    most, choices = None, [ActionChoices(np.zeros((0, 1), int), np.zeros((0, 1)), np.zeros(0, int))]
    if isinstance(game, ChoiceGame):
        choices = [game.choices(agent, levels) for agent in agents]
        most = jnp.stack([game.most_claims(agent) for agent in agents]) if limited else None
    shape = np.max([part.numbers.shape for part in choices], axis=0)
    empty = len(agents) // len(choices)
    numbers = np.stack([_pad(part.numbers, shape, -1) for part in choices] * empty)
    amounts = np.stack([_pad(part.amounts, shape, np.nan) for part in choices] * empty)
    # a choice that an agent does not have has one option, which sets nothing
    amounts[..., 0] = np.nan_to_num(amounts[..., 0])
    parents = np.stack([_pad(part.parents, shape[:1], -1) for part in choices] * empty)
    lengths = [game.action_size[agent] for agent in agents]
    return Heads(numbers, amounts, parents, *_find_sources(numbers, lengths), most)


def _pad(part: np.ndarray, shape: Any, filling: float) -> np.ndarray:
    widths = [(0, int(most) - size) for size, most in zip(part.shape, shape, strict=True)]
    return np.pad(part, widths, constant_values=filling)


def _find_sources(numbers: np.ndarray, lengths: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the source of each number of the actions, and the numbers that no choice sets."""
    nowhere = -max(lengths) - 1
    # each number of the action: the choice that sets it, or none
    sources = np.full((len(numbers), max(lengths)), nowhere)
    for agent, choice, option in np.argwhere(numbers >= 0):
        sources[agent, numbers[agent, choice, option]] = choice
    rows = [
        np.flatnonzero(row[:size] == nowhere) for row, size in zip(sources, lengths, strict=True)
    ]
    # numbers without a choice are named, by −1 − their place
    for agent, row in enumerate(rows):
        sources[agent, row] = -1 - np.arange(len(row))
    return sources, np.stack([_pad(row, (max(map(len, rows)),), -1) for row in rows])


def _widen(table: Any, like: Array, last: int) -> Any:
    """Return a table [agents, …] with axes of length 1 for the batch axes of `like`.

    `last` is the number of axes of `like` after its batch axes.
    """
    batch = like.ndim - last - 1
    return table.reshape(table.shape[0], *[1] * batch, *table.shape[1:])


def _look_up(table: Any, options: Array) -> Array:
    """Return the entries of a table [agents, …, options] at options [agents, *batch, …]."""
    at = options[..., None] == np.arange(table.shape[-1])
    entries = jnp.where(at, _widen(table, at, table.ndim - 1), 0)
    return jnp.any(entries, axis=-1) if table.dtype == bool else jnp.sum(entries, axis=-1)


def split_outputs(
    heads: Heads, outputs: Float[Array, "agents *batch outputs"]
) -> tuple[Float[Array, "agents *batch choices options"], Float[Array, "agents *batch named"]]:
    """Return the logits of all options, and the means of the continuous numbers."""
    _, choices, options = heads.numbers.shape
    logits = outputs[..., : choices * options].reshape(*outputs.shape[:-1], choices, options)
    exists = _widen(~np.isnan(heads.amounts), logits, 2)
    return jnp.where(exists, logits, IMPOSSIBLE), outputs[..., choices * options :]


def decide_likeliest(
    heads: Heads, outputs: Float[Array, "agents *batch outputs"]
) -> ChoiceDecision:
    """Return the most likely option of each choice, and the means of continuous numbers."""
    logits, mean = split_outputs(heads, outputs)
    nothing = jnp.zeros(logits.shape[:-1])
    options, room = _decide(heads, logits, nothing, lambda row, _: jnp.argmax(row, axis=-1))
    return ChoiceDecision(options, mean, room)


def draw_decision(
    heads: Heads,
    outputs: Float[Array, "agents *#batch outputs"],
    log_deviation: Float[Array, "agents named"],
    uniform: Float[Array, "agents *batch draws"],
) -> ChoiceDecision:
    """Draw a decision from random numbers, uniform in (0, 1)."""
    logits, mean = split_outputs(heads, outputs)
    choices = heads.numbers.shape[1]
    # normal noise by the inverse of its distribution
    noise = jax.scipy.special.ndtri(jnp.maximum(uniform[..., choices:], LEAST))
    raw = mean + _widen(jnp.exp(log_deviation), mean, 1) * noise
    options, room = _decide(heads, logits, uniform[..., :choices], _draw_options)
    return ChoiceDecision(options, raw, room)


def _draw_options(logits: Array, uniform: Array) -> Array:
    """Return the options that correspond to random numbers."""
    options = logits.shape[-1]
    # cumulative shares of the options, as a product with a triangle of ones
    shares = jax.nn.softmax(logits) @ jnp.triu(jnp.ones((options, options)))
    passed = jnp.sum(uniform[..., None] > shares, axis=-1)
    # rounding may leave the sum of all below a random number
    last = jnp.max(jnp.where(logits > IMPOSSIBLE / 2, jnp.arange(options), 0), axis=-1)
    return jnp.minimum(passed, last)


def _decide(heads: Heads, logits: Array, uniform: Array, pick: Pick) -> tuple[Array, Array]:
    """Return options, and whether the options that set a number were allowed."""
    if heads.most is None:
        options = pick(logits, uniform)
        return options, jnp.ones(options.shape, bool)

    def choose(left: Array, inputs: tuple[Array, ...]) -> tuple[Array, tuple[Array, Array]]:
        row, number, sets, claims = inputs
        claims = _widen(claims, left, 0)
        room = (left > 0) | ~claims
        option = pick(_block(row, sets, room), number)
        used = claims & _look_up(sets, option)
        return left - used.astype(left.dtype), (option, room)

    # claims are made in turn while there is room
    batch = uniform.shape[:-1]
    left = jnp.broadcast_to(heads.most.reshape(-1, *[1] * (len(batch) - 1)), batch)
    sets, claims = jnp.asarray(heads.numbers >= 0), jnp.asarray(heads.parents < 0)
    turns = (
        jnp.moveaxis(logits, -2, 0),
        jnp.moveaxis(uniform, -1, 0),
        sets.swapaxes(0, 1),
        claims.T,
    )
    options, room = jax.lax.scan(choose, left, turns)[1]
    return jnp.moveaxis(options, 0, -1), jnp.moveaxis(room, 0, -1)


def _block(logits: Array, sets: Any, room: Array) -> Array:
    """Return logits without the options that set a number, if there is no room."""
    blocked = _widen(sets, logits, sets.ndim - 1) & ~room[..., None]
    return jnp.where(blocked, IMPOSSIBLE, logits)


def build_action(heads: Heads, decision: ChoiceDecision) -> Float[Array, "agents *batch numbers"]:
    """Return the flat actions of a decision, numbers in [0, 1]."""
    batch = decision.options.shape[:-1]
    action = jnp.zeros((*batch, heads.sources.shape[1]))
    if heads.numbers.shape[1]:
        # the number that each choice's option sets, and its amount
        number = _look_up(heads.numbers, decision.options)
        amount = _look_up(np.nan_to_num(heads.amounts), decision.options)
        source = _widen(np.maximum(heads.sources, 0), action, 1)
        # a choice sets a number only if its option names it
        sets = jnp.take_along_axis(number, source, axis=-1) == jnp.arange(action.shape[-1])
        action = jnp.where(sets, jnp.take_along_axis(amount, source, axis=-1), action)
    return set_named(heads, action, decision.raw)


def set_named(
    heads: Heads,
    action: Float[Array, "agents *batch numbers"],
    raw: Float[Array, "agents *batch named"],
) -> Float[Array, "agents *batch numbers"]:
    """Return actions with the continuous numbers, which are given before squashing."""
    if not heads.named.shape[1]:
        return action
    name = _widen(np.maximum(-1 - heads.sources, 0) % heads.named.shape[1], action, 1)
    values = jnp.take_along_axis(squash(raw), name, axis=-1)
    is_named = (heads.named[:, :, None] == np.arange(action.shape[-1])).any(axis=1)
    return jnp.where(_widen(is_named, action, 1), values, action)


def compute_log_probability(
    heads: Heads,
    outputs: Float[Array, "agents *#batch outputs"],
    log_deviation: Float[Array, "agents named"],
    decision: ChoiceDecision,
    matters: Bool[Array, "agents *#batch choices"] | None = None,
) -> Float[Array, "agents *batch"]:
    """Return log π of decisions, summed over an agent's effective choices and continuous numbers.

    A choice whose parent sets no number is not made, so its probability is 1; the same holds for a
    choice without effect. Squashing has the same derivative under every policy and is left out.
    """
    logits, mean = split_outputs(heads, outputs)
    # log shares of the options that were chosen
    sets = heads.numbers >= 0
    logits = _block(logits, sets, decision.room)
    at = decision.options[..., None] == jnp.arange(logits.shape[-1])
    log_share = jnp.sum(jnp.where(at, jax.nn.log_softmax(logits), 0.0), axis=-1)
    # a choice matters if its parent's option has a number
    parent = _widen(heads.parents, log_share, 1)
    has_number = _look_up(sets, decision.options)
    happens = (parent < 0) | jnp.take_along_axis(has_number, np.maximum(parent, 0), axis=-1)
    if matters is not None:
        happens = happens & matters
    # density of the named numbers before squashing
    deviation = _widen(log_deviation, mean, 1)
    density = -0.5 * jnp.square((decision.raw - mean) * jnp.exp(-deviation)) - deviation
    density = density - 0.5 * jnp.log(2.0 * jnp.pi)
    named = jnp.where(_widen(heads.named >= 0, mean, 1), density, 0.0)
    return jnp.sum(jnp.where(happens, log_share, 0.0), axis=-1) + jnp.sum(named, axis=-1)


def compute_entropy(
    heads: Heads, outputs: Float[Array, "agents *batch outputs"]
) -> Float[Array, "agents *batch"]:
    """Return the entropy of the choices, each separately, averaged per agent; 0 without choices."""
    log_share = jax.nn.log_softmax(split_outputs(heads, outputs)[0])
    total = -jnp.sum(jnp.exp(log_share) * log_share, axis=(-2, -1))
    return total / max(heads.numbers.shape[1], 1)


def find_mattering(
    heads: Heads, mask: Bool[Array, "agents *batch numbers"]
) -> Bool[Array, "agents *batch choices"]:
    """Return the mask of effective choices, from that of effective numbers (`action_masks`)."""
    number = _widen(np.max(heads.numbers, axis=-1, initial=-1), mask, 1)
    return jnp.take_along_axis(mask, np.maximum(number, 0), axis=-1) & (number >= 0)


def hold_action(
    heads: Heads, action: Float[Array, "agents numbers"], bias: Any
) -> Float[Array, "agents outputs"]:
    """Return outputs that favour an action: one option per choice has `bias`, the others 0.

    An amount goes to the option with the closest ratio; the mean of a continuous number is the
    number.
    """
    at = np.maximum(heads.numbers, 0).reshape(len(action), -1)
    amount = jnp.take_along_axis(action, at, axis=-1).reshape(heads.numbers.shape)
    distance = jnp.abs(jnp.log((amount + CLOSE) / (np.nan_to_num(heads.amounts) + CLOSE)))
    # an option that sets nothing is taken where no other is close
    distance = jnp.where(heads.numbers < 0, 0.5 * np.log((1.0 + CLOSE) / CLOSE), distance)
    distance = jnp.where(np.isnan(heads.amounts), jnp.inf, distance)
    favoured = jax.nn.one_hot(jnp.argmin(distance, axis=-1), heads.numbers.shape[-1])
    named = jnp.take_along_axis(action, np.maximum(heads.named, 0), axis=-1)
    mean = jnp.arctanh(jnp.clip(2.0 * named - 1.0, -0.99, 0.99))
    return jnp.concatenate([bias * favoured.reshape(len(action), -1), mean], axis=-1)
