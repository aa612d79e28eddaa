"""Runs of policies: the same however they are cut up, and what holds in every slot."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.experiments import slicing_run, slicing_study
from sagin.experiments.slicing import CLAIMS, Profile
from sagin.policies.table import POLICIES
from sagin.slicing.evaluation import begin_run, evaluate, play
from sagin.slicing.policy import switch_policies
from sagin.slicing.scenario import build_scenario
from sagin.studies.statistics import sample_interval

KEY = jax.random.key(1)
SMALL = build_scenario("small")


@pytest.fixture(scope="module", params=["priority", "none"])
def ruled(request):
    """A balancing rule, and runs under it of any policy by its place; one program for all."""
    scenario, rows = slicing_run.ruled(SMALL, request.param), list(POLICIES.values())
    return request.param, jax.jit(
        lambda place: evaluate(KEY, scenario, switch_policies(rows, place), 30, (2, 1, 2))
    )


@pytest.mark.parametrize("place", range(len(POLICIES)), ids=list(POLICIES))
def test_what_holds_in_every_slot(place, ruled):
    rule, run = ruled
    found = run(place)
    loads = (
        found.load_base.sum(axis=1) + found.load_uav.sum(axis=1) + found.load_satellite.sum(axis=1)
    )
    assert set(found.users.tolist()) == {5}
    assert loads + 5 * found.unserved == pytest.approx(np.full(30, 5.0))
    assert jnp.all(found.collided == 0)
    assert found.load_base.max() <= 2 if rule == "priority" else jnp.all(found.offloaded == 0)
    assert found.delay == pytest.approx(np.asarray(found.delays.sum(axis=1)))
    assert jnp.all((found.throughput >= 0) & (found.coverage <= 1) & (found.delay <= 0.1))


def test_a_run_is_the_same_in_pieces_and_in_a_batch():
    go = jax.jit(partial(play, scenario=SMALL, policy=POLICIES["random"]), static_argnames="slots")
    state = begin_run(KEY, SMALL)
    whole = go(KEY, state=state, slots=10)[1]
    middle, first = go(KEY, state=state, slots=4)
    last = go(KEY, state=middle, slots=6)[1]
    joined = jax.tree.map(lambda *parts: jnp.concatenate(parts), first, last)
    assert jax.tree.all(jax.tree.map(lambda a, b: jnp.allclose(a, b, rtol=1e-5), whole, joined))
    batch = jax.vmap(lambda key: evaluate(key, SMALL, POLICIES["random"], 10))(
        jax.random.split(KEY, 3)
    )
    one = evaluate(jax.random.split(KEY, 3)[2], SMALL, POLICIES["random"], 10)
    assert jax.tree.all(
        jax.tree.map(lambda many, single: jnp.allclose(many[2], single, rtol=1e-4), batch, one)
    )


def test_samples_depend_neither_on_pieces_nor_on_the_number_of_seeds(monkeypatch):
    job = slicing_run.Job(SMALL, "round-robin", Profile(10, 3), (2, 2, 1))
    told = []
    whole = slicing_run.simulate(job, told.append)
    assert sum(told) == 30
    monkeypatch.setattr(slicing_run, "CHUNK", 4)
    pieces = slicing_run.simulate(job._replace(profile=Profile(10, 2)), told.append)
    for name, values in pieces.items():
        assert values == pytest.approx(whole[name][:2], rel=1e-5), name
    assert set(whole) == {kpi.name for kpi in slicing_run.kpis(SMALL)}


def test_percentiles_are_of_the_delays_of_l():
    delays = np.arange(2 * 5 * 4, dtype=float).reshape(2, 5, 4)
    found = slicing_run.reduce(
        [
            {"delays": delays[:, :2], "delay": delays[:, :2, 0]},
            {"delays": delays[:, 2:], "delay": delays[:, 2:, 0]},
        ]
    )
    assert found["delay_median"] == [9.5, 29.5]
    assert found["delay_95"] == pytest.approx([18.05, 38.05])
    assert found["delay"] == [8.0, 28.0]


def test_the_table_gives_means_and_intervals_in_the_unit_shown():
    samples = {kpi.name: [0.001, 0.002, 0.003] for kpi in slicing_run.kpis(SMALL)}
    row = slicing_run.row(SMALL, "greedy", samples)
    assert row["kpis"]["delay"]["mean"] == pytest.approx(2.0)
    assert row["kpis"]["delay"]["half_width"] == pytest.approx(4.303 / 3**0.5, rel=1e-3)
    assert slicing_run.shown(row["kpis"]["delay"]) == "2.0 ± 2.5"


@pytest.mark.parametrize(
    ("load", "verdict", "ours"),
    [
        (lambda users: users / 3, "holds", "from 30.0 users on (30.0 to 30.0)"),
        (lambda users: users / 2, "holds in part", "from 20.0 users on (20.0 to 20.0)"),
        (lambda users: users / 5, "holds in part", "from 50.0 users on (50.0 to 50.0)"),
        (lambda users: users / 10, "does not hold", "never"),
    ],
)
def test_verdicts_on_an_excess(load, verdict, ours):
    points = [(float(users), {"BS 2": [load(users)] * 5}) for users in range(12, 61, 6)]
    row = slicing_study.judge(CLAIMS[0], "greedy", points, 10.0)
    assert (row[3], row[4]) == (ours, verdict)


def test_noise_leaves_an_excess_undecided():
    points = [(float(users), {"BS 2": [0.0, 15.0]}) for users in (12, 60)]
    assert slicing_study.judge(CLAIMS[0], "greedy", points, 10.0)[4] == "undecided"


def test_students_interval_covers():
    generator = np.random.default_rng(0)
    hits = [
        one.low <= 0 <= one.high
        for one in (sample_interval(generator.normal(size=5).tolist()) for _ in range(4000))
    ]
    assert np.mean(hits) == pytest.approx(0.95, abs=4 * (0.95 * 0.05 / 4000) ** 0.5)
