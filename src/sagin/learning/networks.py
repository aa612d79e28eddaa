"""Networks on flat vectors, as in the paper. Those of a stage's agents are stacked: one array holds
the weights of all of them.
"""

from itertools import pairwise

import equinox as eqx
import jax
import jax.numpy as jnp

from sagin.types import Array, ArrayLike, Float, Int, PRNGKeyArray


class Dense(eqx.Module):
    """x W + b."""

    weight: Float[Array, "*agents inputs outputs"]
    bias: Float[Array, "*agents outputs"]

    def __call__(self, x: Float[Array, "*batch inputs"]) -> Float[Array, "*batch outputs"]:
        return x @ self.weight + self.bias


def draw_dense(
    key: PRNGKeyArray, inputs: int, outputs: int, *, among: int | None = None, gain: ArrayLike = 1.0
) -> Dense:
    """Draw a layer: weights and biases uniform within ±gain/√n, n the inputs, or `among` where
    others feed the same sum.
    """
    weight_key, bias_key = jax.random.split(key)
    bound = gain / max(inputs if among is None else among, 1) ** 0.5
    draw = [
        jax.random.uniform(part, shape, minval=-1.0)
        for part, shape in ((weight_key, (inputs, outputs)), (bias_key, (outputs,)))
    ]
    return Dense(bound * draw[0], bound * draw[1])


class Mlp(eqx.Module):
    """Dense layers with ReLU between them."""

    layers: tuple[Dense, ...]

    def __call__(self, x: Float[Array, "*batch inputs"]) -> Float[Array, "*batch outputs"]:
        for layer in self.layers[:-1]:
            x = jax.nn.relu(layer(x))
        return self.layers[-1](x)


def draw_mlp(key: PRNGKeyArray, sizes: tuple[int, ...], last_gain: ArrayLike = 1.0) -> Mlp:
    """Draw a network with these inputs, hidden widths and outputs."""
    gains = (1.0,) * (len(sizes) - 2) + (last_gain,)
    keys = jax.random.split(key, len(gains))
    return Mlp(
        tuple(
            draw_dense(key, *pair, gain=gain)
            for key, pair, gain in zip(keys, pairwise(sizes), gains, strict=True)
        )
    )


class FlatCritic(eqx.Module):
    """Q(o, a_1 … a_A) of an mlp whose first layer is kept in parts, so that another action of one
    agent needs only its own part.
    """

    first: Dense
    actions: Float[Array, "*agents others numbers width"]
    head: Mlp

    def encode(
        self, seen: Float[Array, "batch inputs"], joint: Float[Array, "others batch numbers"] | None
    ) -> Float[Array, "batch width"]:
        """Return what the first layer makes of observations and actions."""
        if joint is None:
            return self.first(seen)
        flat = jnp.moveaxis(joint, 0, 1).reshape(joint.shape[1], -1)
        return self.first(seen) + flat @ self.actions.reshape(flat.shape[1], -1)

    def replace_action(self, code: Array, agent: Int[Array, ""], old: Array, new: Array) -> Array:
        """Return the code once the action of one agent, [batch, numbers], is another one."""
        return code + (new - old) @ self.actions[agent]

    def compute_value(self, code: Float[Array, "batch width"]) -> Float[Array, " batch"]:
        """Return Q."""
        return self.head(jax.nn.relu(code))[..., 0]


def draw_flat_critic(
    key: PRNGKeyArray, inputs: int, agents: int, numbers: int, widths: tuple[int, ...]
) -> FlatCritic:
    """Draw a critic of `inputs` observed numbers and `numbers` actions of each of the agents; none
    for a value of observations alone.
    """
    first_key, action_key, head_key = jax.random.split(key, 3)
    among = inputs + agents * numbers
    first, actions = (
        draw_dense(first_key, inputs, widths[0], among=among),
        draw_dense(action_key, agents * numbers, widths[0], among=among),
    )
    return FlatCritic(
        first, actions.weight.reshape(agents, numbers, widths[0]), draw_mlp(head_key, (*widths, 1))
    )
