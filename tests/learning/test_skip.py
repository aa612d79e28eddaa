"""The linear map parallel to an actor's hidden layers."""

import jax
import jax.numpy as jnp

from sagin.game import TargetGame
from sagin.learning.models import make_models
from sagin.learning.settings import make_settings

GAME = TargetGame((2,), 3)


def test_outputs_are_those_of_the_layers_and_of_the_map():
    nets = make_models(GAME, 0, make_settings(("network.widths=[4]", "network.skip=true")))
    actors, _ = nets.draw(jax.random.key(0))
    seen = jax.random.normal(jax.random.key(1), (2, 5, 3))
    beside = jnp.einsum("abi,aio->abo", seen, actors.skip.weight) + actors.skip.bias[:, None]
    alone = nets.act(actors.__class__(actors.layers), seen)
    assert jnp.allclose(nets.act(actors, seen), alone + beside, atol=1e-6)
    assert float(jnp.abs(beside).max()) > 0.0
