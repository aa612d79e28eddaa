"""Placement: rules compared with loops, and the exhaustive optimum and its bound with rules."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.relaying.decision import Request
from sagin.relaying.network import evaluate_drop
from sagin.relaying.placement import (
    DECISION_RULES,
    choose_by_gradient,
    choose_clusters,
    choose_hotspots,
    compare_rules,
    estimate_capacity,
    estimate_smooth_capacity,
    search_grid,
)
from sagin.relaying.scenario import build_scenario
from sagin.relaying.service import build_request


def build(users, needy, relays=1, radius=100.0, *, capacity=10, cell=300.0, rate=None, grid=41):
    """Build a request without a drop: a rate that falls with distance, and no links."""
    fall = rate or (lambda distance: 50e6 * jnp.exp(-distance / 400.0))
    return Request(users, needy, relays, radius, capacity, cell, fall, None, 1.0, 0, grid)


def disc(seed, users=60, capacity=15):
    random = np.random.default_rng(seed)
    places = jnp.asarray(
        np.concatenate(
            [
                random.uniform(-300, 300, (users - 20, 2)),
                [150.0, -80.0] + random.uniform(-60, 60, (20, 2)),
            ]
        )
    )
    needy = jnp.asarray(random.random(users) < 0.8)
    return build(places, needy, capacity=capacity, grid=25)


@pytest.mark.parametrize("count", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_no_rule_passes_the_bound_and_the_grid_is_near_the_optimum(float64, count):
    asked = disc(0)._replace(grid=25 if count == 1 else 9, relays=count)
    gaps = jax.jit(lambda: compare_rules(asked))()
    assert set(gaps) == set(DECISION_RULES)
    for gap in gaps.values():
        assert 0 < gap.worth <= gap.optimum * (1 + 1e-12) <= gap.bound * (1 + 1e-12)
    if count == 1:
        assert gaps["exhaustive"].worth >= gaps["hotspot"].worth * 0.95


def test_the_bound_holds_off_the_grid(float64):
    asked = disc(1)
    found = search_grid(asked)
    random = jnp.asarray(np.random.default_rng(0).uniform(-300, 300, (4000, 1, 2)))
    best = jax.jit(jax.vmap(lambda place: estimate_capacity(asked, place)))(random).max()
    assert best <= found.bound
    assert found.value >= best * 0.9


@pytest.mark.slow
def test_a_finer_grid_closes_the_gap(float64):
    coarse, fine = (search_grid(disc(2)._replace(grid=grid)) for grid in (13, 97))
    assert fine.bound - fine.value < coarse.bound - coarse.value
    assert fine.value >= coarse.value  # the fine grid holds the coarse one's points


@pytest.mark.slow
def test_gradient_is_never_worse_than_where_it_starts(float64):
    for seed in range(4):
        asked = disc(seed)._replace(relays=2)
        end, *starts = (
            estimate_capacity(asked, choose(asked))
            for choose in (choose_by_gradient, choose_hotspots, choose_clusters)
        )
        assert all(end >= start * (1 - 1e-12) for start in starts)


def test_the_soft_objective_tends_to_the_hard_one_and_has_a_gradient(float64):
    asked = disc(3, capacity=60)
    place = jnp.asarray([[120.0, -60.0]])
    assert float(estimate_smooth_capacity(asked, place, 1e-4)) == pytest.approx(
        float(estimate_capacity(asked, place)), rel=1e-3
    )
    slope = jax.grad(lambda where: estimate_smooth_capacity(asked, where))(asked.users_m[:1])
    assert np.all(np.isfinite(slope))
    assert np.any(slope != 0)


def test_hotspots_are_the_crowd_and_then_the_next(float64):
    users = jnp.asarray(
        [[0.0, 0.0], [10.0, 0.0], [-10.0, 0.0], [500.0, 0.0], [510.0, 0.0], [1000.0, 0.0]]
    )
    asked = build(users, jnp.ones(6, bool), 3, 50.0, cell=1000.0, rate=lambda r: 1.0 + 0.0 * r)
    np.testing.assert_array_equal(choose_hotspots(asked), [[0.0, 0.0], [500.0, 0.0], [1000.0, 0.0]])
    far = asked._replace(needy=jnp.arange(6) >= 3, relays=1)
    np.testing.assert_array_equal(choose_hotspots(far), [[500.0, 0.0]])


@pytest.mark.parametrize("rule", sorted(DECISION_RULES))
def test_every_rule_runs_in_a_whole_drop(draw, rule):
    scenario = build_scenario("paper", (f"algorithm.placement={rule}", "algorithm.grid=15"))
    found, _ = draw(scenario, 1)
    summary, detail = jax.jit(evaluate_drop)(scenario, found)
    assert np.all(np.isfinite(detail.relays))
    assert (
        summary.relayed[0] > 0 or rule == "cluster"
    )  # one cluster of all users in need has its centre anywhere
    asked = build_request(scenario, found, detail.needy)
    distances = jnp.linspace(0.0, 200.0, 50)
    assert np.all(np.diff(asked.rate(distances)) <= 0), (
        "the bound needs a rate that falls with distance"
    )
