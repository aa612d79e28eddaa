"""Every algorithm with every network has states of the same form."""

import jax
import pytest

from sagin.learning.settings import make_settings
from sagin.training import run as runs
from sagin.training.run import TrainingRun
from training.small_runs import SMALL, TINY


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [
        ("two-layer-maddpg", "shared"),
        ("maddpg", "mlp"),
        ("two-layer-mappo", "shared"),
        ("mappo", "mlp"),
        ("reinforce", "mlp"),
        ("one-layer-reinforce", "mlp"),
    ],
)
def test_every_algorithm_and_network_has_states_that_keep_their_form(algorithm, kind):
    plan = TrainingRun(
        SMALL.scenario,
        algorithm,
        make_settings((*TINY, f"network.kind={kind}", "network.row_width=4")),
        100,
    )
    start, advance, judge = runs.compile_run(plan.task)
    state = jax.eval_shape(start, jax.random.key(0))
    after, means = jax.eval_shape(lambda one: advance(one, 2), state)
    assert jax.tree.map(lambda leaf: (leaf.shape, leaf.dtype), after) == jax.tree.map(
        lambda leaf: (leaf.shape, leaf.dtype), state
    )
    assert len([name for name in means if name.startswith("reward/")]) == 6
    kpis = jax.eval_shape(
        lambda one, keys: judge(one, keys, 5), state.learned, jax.random.split(jax.random.key(0), 3)
    )[1]
    assert kpis.throughput.shape == (3, 5)
