"""Placement: rules against loops, the exhaustive optimum and its bound against everything else."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.relaying.network import build_request, evaluate_drop
from sagin.relaying.placement import (
    PLACEMENTS,
    Request,
    choose_clusters,
    choose_hotspots,
    compare_rules,
    estimate_capacity,
    estimate_smooth_capacity,
    search_grid,
)
from sagin.relaying.scenario import build_scenario


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
    return Request(places, needy, 100.0, capacity, 300.0, lambda r: 50e6 * jnp.exp(-r / 400.0), 25)


@pytest.mark.parametrize("count", [1, 2])
def test_no_rule_passes_the_bound_and_the_grid_is_near_the_optimum(float64, count):
    asked = disc(0)._replace(grid=25 if count == 1 else 9)
    gaps = jax.jit(lambda: compare_rules(asked, count))()
    assert set(gaps) == set(PLACEMENTS)
    for gap in gaps.values():
        assert 0 < gap.worth <= gap.optimum * (1 + 1e-12) <= gap.bound * (1 + 1e-12)
    if count == 1:
        assert gaps["exhaustive"].worth >= gaps["hotspot"].worth * 0.95


def test_the_bound_holds_off_the_grid(float64):
    asked = disc(1)
    found = search_grid(asked, 1)
    random = jnp.asarray(np.random.default_rng(0).uniform(-300, 300, (4000, 1, 2)))
    best = jax.jit(jax.vmap(lambda place: estimate_capacity(asked, place)))(random).max()
    assert best <= found.bound
    assert found.value >= best * 0.9


def test_a_finer_grid_closes_the_gap(float64):
    coarse, fine = (search_grid(disc(2)._replace(grid=grid), 1) for grid in (13, 97))
    assert fine.bound - fine.value < coarse.bound - coarse.value
    assert fine.value >= coarse.value  # the fine grid holds the coarse one's points


def test_gradient_is_never_worse_than_where_it_starts(float64):
    for seed in range(4):
        asked = disc(seed)
        choose_by_gradient = estimate_capacity(asked, PLACEMENTS["gradient"](asked, 2))
        assert choose_by_gradient >= estimate_capacity(asked, choose_hotspots(asked, 2)) * (
            1 - 1e-12
        )
        assert choose_by_gradient >= estimate_capacity(asked, choose_clusters(asked, 2)) * (
            1 - 1e-12
        )


def test_the_soft_objective_tends_to_the_hard_one_and_has_a_gradient(float64):
    asked = disc(3, capacity=60)
    place = jnp.asarray([[120.0, -60.0]])
    assert float(estimate_smooth_capacity(asked, place, 1e-4)) == pytest.approx(
        float(estimate_capacity(asked, place)), rel=1e-3
    )
    slope = jax.grad(lambda where: estimate_smooth_capacity(asked, where))(asked.users[:1])
    assert np.all(np.isfinite(slope))
    assert np.any(slope != 0)


def test_hotspots_are_the_crowd_and_then_the_next(float64):
    users = jnp.asarray(
        [[0.0, 0.0], [10.0, 0.0], [-10.0, 0.0], [500.0, 0.0], [510.0, 0.0], [1000.0, 0.0]]
    )
    asked = Request(users, jnp.ones(6, bool), 50.0, 10, 1000.0, lambda r: 1.0 + 0.0 * r)
    np.testing.assert_array_equal(
        choose_hotspots(asked, 3), [[0.0, 0.0], [500.0, 0.0], [1000.0, 0.0]]
    )
    np.testing.assert_array_equal(
        choose_hotspots(asked._replace(needy=jnp.arange(6) >= 3), 1), [[500.0, 0.0]]
    )


@pytest.mark.parametrize("rule", sorted(PLACEMENTS))
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
