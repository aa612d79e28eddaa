"""The relaying paper as data: its claims and figures fit together, and blocks keep the drops'
means.
"""

import numpy as np
import pytest

from sagin.papers import find_paper
from sagin.papers.relaying import PAPER, run
from sagin.papers.relaying.methods import METHODS
from sagin.relaying.frameworks import FRAMEWORKS
from sagin.relaying.inputs import prepare_inputs
from sagin.relaying.monte_carlo import simulate
from sagin.relaying.scenario import build_scenario, replace_counts
from sagin.studies.record import Table

PROFILE = run.Profile(120, 3)


@pytest.fixture(scope="module")
def points():
    return PAPER.points(PAPER.figures[0], build_scenario("paper"), PROFILE, ())


@pytest.fixture(scope="module")
def result(points):
    return run.make(points[4].task, lambda _: None, None)


def test_blocks_have_the_means_of_the_drops(result):
    """The point at 100 users, against `monte_carlo.simulate` of its own drops in one go."""
    import jax

    scenario = replace_counts(build_scenario("paper"), 200, 1)
    from sagin.relaying.monte_carlo import run_drops

    summary = run_drops(jax.random.split(jax.random.key(3), 120), scenario, 100)
    table = Table([sample._replace(x=100.0) for sample in result.samples])
    for metric in run.METRICS:
        drops = np.asarray(getattr(summary, metric), np.float64)
        for place, framework in enumerate(FRAMEWORKS):
            blocks = table.values(framework.name, metric, 100.0)
            assert len(blocks) == 60
            mean = np.mean(list(blocks.values()))
            np.testing.assert_allclose(mean, drops[:, place].mean(), rtol=1e-12)
            np.testing.assert_allclose(blocks[59], [drops[118:, place].mean()], rtol=1e-12)
    for metric in run.COMMON:
        drops = np.asarray(getattr(summary, metric), np.float64)
        mean = np.mean(list(table.values(run.ALL, metric, 100.0).values()))
        np.testing.assert_allclose(mean, drops.mean(), rtol=1e-12)
