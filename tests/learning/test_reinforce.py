"""The learner `reinforce`: rewards of its agents, its observations, and resuming a run."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.game import TargetGame
from sagin.learning import checkpoint, reinforce
from sagin.learning.settings import make_settings
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import build_scenario
from sagin.training.run import TrainingRun

GAME = TargetGame((2, 1), 2)
TINY = ("network.widths=[16]", "network.last_layer_gain=1", "reinforce.rate=0.01")


@functools.cache
def compile_game(*overrides):
    """Return settings, the start of a run and `on(state, length)`."""
    settings = make_settings((*TINY, *overrides))

    @functools.partial(jax.jit, static_argnums=1)
    def on(state, length):
        def step(state, _):
            state, experience = reinforce.iterate(GAME, settings, state)
            return state, jnp.mean(experience.kpis["error"])

        return jax.lax.scan(step, state, length=length)

    return settings, jax.jit(lambda key: reinforce.start(key, GAME, settings)), on


def test_it_learns_to_name_targets_and_goes_on_bit_for_bit(tmp_path):
    _, start, on = compile_game()
    whole, errors = on(start(jax.random.key(0)), 200)
    # uniform guesses have 1/6
    assert float(errors[-20:].mean()) < 0.5 * float(errors[:20].mean())
    state = start(jax.random.key(0))
    for _ in range(2):
        checkpoint.save(tmp_path / "state", state, {})
        state = on(checkpoint.load(tmp_path / "state", state), 100)[0]
    same = jax.tree.map(lambda a, b: bool(jnp.all(a == b)), whole.learned, state.learned)
    assert all(jax.tree.leaves(same))


@pytest.mark.parametrize("blind", [False, True])
def test_a_blind_twin_reads_nothing(blind):
    settings, start, _ = compile_game(f"network.blind={str(blind).lower()}")
    actors = tuple(stage.actors for stage in start(jax.random.key(0)).learned)
    choose = reinforce.bind_actors(GAME, settings, actors)
    actions = [choose(None, 0, jnp.full((2, 2), seen))[0] for seen in (-1.0, 0.5)]
    assert bool(jnp.all(actions[0] == actions[1])) == blind


def test_agents_are_paid_for_the_weighted_sum_or_for_their_own():
    rewards = (jnp.asarray(np.random.default_rng(0).normal(size=(3, 4, 2))), jnp.ones((3, 4, 1)))
    weights = "reinforce.weights=[2.0, 0.5]"
    team, alone = (
        reinforce.compute_gains(
            make_settings((weights, f"reinforce.shared_reward={word}")), rewards
        )
        for word in ("true", "false")
    )
    assert [part.shape for part in team] == [(2, 3, 4), (1, 3, 4)]
    total = 2.0 * rewards[0][..., 0] + 0.5 * rewards[0][..., 1] + 2.0
    others = (total.sum(axis=1, keepdims=True) - total) / 3
    for part in team:
        assert all(jnp.allclose(row, total - others, atol=1e-5) for row in part)
    assert jnp.allclose(alone[0].sum(axis=0), team[1][0], atol=1e-5)
    assert jnp.allclose(alone[1], 0.0)


def test_quotas_are_those_of_the_priority():
    game = SlicingGame(build_scenario("paper", ("users.low_delay=14", "users.wide_coverage=3")))
    assert [int(game.most_claims(agent)) for agent in game.agents] == [10, 10, 0, 0, 4, 3]


def test_settings_that_do_not_suit_are_refused():
    run = TrainingRun(
        build_scenario("small", ("balancing.rule=uniform",)),
        "reinforce",
        make_settings(("heads.quotas=true",)),
        1,
    )
    with pytest.raises(InputError, match=r"heads.quotas.*uniform"):
        run.task  # noqa: B018
    for override in ("heads.levels=[0.0]", "reinforce.weights=[]"):
        with pytest.raises(InputError, match=override.split("=")[0]):
            make_settings((override,))
    with pytest.raises(InputError, match=r"heads\.kind.*shared"):
        make_settings(("heads.kind=categorical", "network.kind=shared"))
