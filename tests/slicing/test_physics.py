"""The critics' description of actions compared with the simulator's signals and interference."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.slicing import links, physics
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import build_scenario, sizes, slice_sizes
from sagin.slicing.state import Actions, NonTerrestrialAction, TerrestrialAction

SCENARIO = build_scenario("small")
GAME = SlicingGame(SCENARIO)


def test_of_one_hot_choices_it_gives_the_sinr_of_the_simulator():
    size = sizes(SCENARIO)
    turn = GAME.reset(jax.random.key(3))
    rng = np.random.default_rng(0)
    node, other = rng.integers(0, size.M, size.K), rng.integers(0, size.V + size.O, size.K)
    channel = jax.nn.one_hot(jnp.asarray(rng.integers(0, size.N, size.K)), size.N)
    # powers that no node has to share out
    power = jnp.full(size.K, 0.5 / size.K)
    places = jnp.full((3, size.V, 2), 0.3) + 0.2 * jnp.arange(size.V)[:, None]
    actions = Actions(
        TerrestrialAction(jax.nn.one_hot(node, size.M), channel, power),
        NonTerrestrialAction(places, jax.nn.one_hot(other, size.V + size.O), channel, power),
    )
    vectors = GAME.to_vectors(actions)
    for stage in (0, 1):
        seen = GAME.observe(turn, stage)
        agents = GAME.stages[stage]
        found = GAME.describe(stage, seen, {agent: vectors[agent] for agent in agents})
        rows = jnp.concatenate([found[agent].reshape(-1, physics.FEATURES) for agent in agents])
        turn = GAME.act(turn, stage, {agent: vectors[agent] for agent in agents})
        layer = turn.layers[stage]
        over_noise = 10.0 ** (physics.DECADES * rows[:, :2]) - 1.0
        ratio = over_noise[:, 0] / (over_noise[:, 1] + 1.0)
        served = np.asarray(layer.served)
        assert served.any()
        if stage == 0 and served.all():
            expected = np.asarray(layer.sinr)
            assert np.asarray(ratio) == pytest.approx(expected, rel=2e-3)
        assert GAME.description_size == {
            agent: physics.FEATURES * rows_of
            for agent, rows_of in zip(GAME.agents, 2 * slice_sizes(SCENARIO), strict=True)
        }
    assert float(links.noise_power(SCENARIO)) > 0.0
