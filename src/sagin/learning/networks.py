"""Networks on flat vectors, as in the paper, stacked over the agents of a stage.

One array holds the weights of all of these agents.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from sagin.types import Array, ArrayLike, Float, Int, PRNGKeyArray

T = TypeVar("T")
Take = Callable[..., Array]
"""Function that returns the next numbers, uniform in (−1, 1), in an array of the given shape."""


def draw_networks(key: PRNGKeyArray, build: Callable[[Take], T]) -> T:
    """Draw networks from one flat draw.

    A Threefry loop per layer would take ten times as long to compile. `build` makes the networks
    from the numbers that it takes, always equally many.
    """
    lengths: list[int] = []

    # a first pass counts numbers, a second one takes its parts
    def measure(*shape: int) -> Array:
        lengths.append(math.prod(shape))
        return jnp.zeros(shape)

    jax.eval_shape(lambda: build(measure))
    numbers = jax.random.uniform(key, (sum(lengths),), minval=-1.0)
    parts = iter(jnp.split(numbers, np.cumsum(lengths)[:-1].tolist()))
    return build(lambda *shape: next(parts).reshape(shape))


class Dense(eqx.Module):
    """x W + b."""

    weight: Float[Array, "*agents inputs outputs"]
    bias: Float[Array, "*agents outputs"]

    def __call__(self, x: Float[Array, "*batch inputs"]) -> Float[Array, "*batch outputs"]:
        return x @ self.weight + self.bias


def draw_dense(
    take: Take, inputs: int, outputs: int, *, among: int | None = None, gain: ArrayLike = 1.0
) -> Dense:
    """Draw a layer: weights and biases uniform within ±gain/√n.

    n is the number of inputs, or `among` if other layers feed the same sum.
    """
    bound = gain / max(inputs if among is None else among, 1) ** 0.5
    return Dense(bound * take(inputs, outputs), bound * take(outputs))


class Mlp(eqx.Module):
    """Dense layers with ReLU between them, and an optional linear map parallel to them."""

    layers: tuple[Dense, ...]
    skip: Dense | None = None

    def __call__(self, x: Float[Array, "*batch inputs"]) -> Float[Array, "*batch outputs"]:
        hidden = x
        for layer in self.layers[:-1]:
            hidden = jax.nn.relu(layer(hidden))
        outputs = self.layers[-1](hidden)
        return outputs if self.skip is None else outputs + self.skip(x)


def draw_mlp(
    take: Take, sizes: tuple[int, ...], last_gain: ArrayLike = 1.0, *, skip: bool = False
) -> Mlp:
    """Draw a network with these inputs, hidden widths and outputs.

    `last_gain` scales the last layer, and with `skip` also the linear map parallel to the layers.
    """
    gains = (1.0,) * (len(sizes) - 2) + (last_gain,)
    pairs = zip(pairwise(sizes), gains, strict=True)
    layers = tuple(draw_dense(take, *pair, gain=gain) for pair, gain in pairs)
    beside = draw_dense(take, sizes[0], sizes[-1], gain=last_gain) if skip else None
    return Mlp(layers, beside)


def feed_late(
    net: Mlp,
    first: Float[Array, "batch inputs"],
    places: Int[Array, " late"],
    late: Float[Array, "batch samples late"],
) -> Float[Array, "batch samples outputs"]:
    """Return a network's outputs for inputs that differ in few numbers between samples.

    The result equals that of feeding each sample, but the common part of the first layer is
    computed once. `first` holds inputs with 0 at `places`; `late` holds the samples' values there.
    """

    # common inputs once, late ones by their columns of the weights
    def feed(layer: Dense) -> Array:
        return layer(first)[:, None] + late @ layer.weight[places]

    hidden = feed(net.layers[0])
    for layer in net.layers[1:]:
        hidden = layer(jax.nn.relu(hidden))
    return hidden if net.skip is None else hidden + feed(net.skip)


class FlatCritic(eqx.Module):
    """Q(o, a_1 … a_A) of an mlp whose first layer is kept in parts.

    A change of one agent's action needs only that agent's part.
    """

    first: Dense
    actions: Float[Array, "*agents others numbers width"]
    head: Mlp

    def encode(
        self, seen: Float[Array, "batch inputs"], joint: Float[Array, "others batch numbers"] | None
    ) -> Float[Array, "batch width"]:
        """Return the first layer's output for observations and actions."""
        if joint is None:
            return self.first(seen)
        flat = jnp.moveaxis(joint, 0, 1).reshape(joint.shape[1], -1)
        return self.first(seen) + flat @ self.actions.reshape(flat.shape[1], -1)

    def replace_action(self, code: Array, agent: Int[Array, ""], old: Array, new: Array) -> Array:
        """Return the code after the action of one agent, [batch, numbers], is replaced."""
        return code + (new - old) @ self.actions[agent]

    def compute_value(self, code: Float[Array, "batch width"]) -> Float[Array, " batch"]:
        """Return Q."""
        return self.head(jax.nn.relu(code))[..., 0]


def draw_flat_critic(
    take: Take, inputs: int, agents: int, numbers: int, widths: tuple[int, ...]
) -> FlatCritic:
    """Draw a critic of `inputs` observed numbers and `numbers` actions per agent.

    Without actions it is a value function of observations alone.
    """
    among = inputs + agents * numbers
    first = draw_dense(take, inputs, widths[0], among=among)
    actions = take(agents, numbers, widths[0]) / max(among, 1) ** 0.5
    return FlatCritic(first, actions, draw_mlp(take, (*widths, 1)))
