"""No plan exceeds the bounds, and they are close to exact optima."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.planning.certificates.bounds import (
    COARSE,
    FINE,
    bound_metrics,
    bound_terms,
    bound_worth,
    build_problem,
)
from sagin.planning.certificates.cells import value_alone
from sagin.planning.certificates.matching import match_subcarriers
from sagin.planning.exact import find_optimum
from sagin.planning.goals import build_goal
from sagin.policies.table import POLICIES
from sagin.slicing import actions as edge
from sagin.slicing import links, step
from sagin.slicing.allocation import node_powers
from sagin.slicing.evaluation import play_slot
from sagin.slicing.objectives import normalise_terms
from sagin.slicing.scenario import build_scenario

QUICK = FINE._replace(cells=3, step_db=6.0, decided_step_db=12.0, rounds=15)
ROOMY = "base_stations.capacity=10"
NO_BASE, NO_UAV, NO_SATELLITE = "base_stations.positions_m=[]", "uavs.count=0", "satellites.count=0"
TWO = "base_stations.positions_m=[[200,300],[700,800]]"
CASES = {
    "plain": (),
    "two base stations": (TWO, NO_UAV, NO_SATELLITE, "radio.subcarriers=1"),
    "three base stations": (TWO[:-1] + ",[500,100]]", NO_UAV, "radio.subcarriers=1"),
    "one UAV": (NO_BASE, NO_SATELLITE, "radio.subcarriers=2"),
    "two UAVs": (NO_BASE, NO_SATELLITE, "uavs.count=2", "radio.subcarriers=1"),
    "fixed UAVs": (
        NO_BASE,
        "uavs.count=2",
        "uavs.placement=fixed",
        "uavs.positions_m=[[250,250],[750,600]]",
        "radio.subcarriers=1",
    ),
    "UAVs on the ground": (NO_BASE, NO_SATELLITE, "uavs.altitude_m=0", "radio.subcarriers=1"),
    "two satellites": (NO_BASE, NO_UAV, "satellites.count=2", "radio.subcarriers=2"),
    "noise": (
        "base_stations.reference_gain_db=-60",
        "uavs.reference_gain_db=-80",
        "radio.subcarriers=1",
    ),
    "low threshold": (
        NO_UAV,
        "objectives.coverage_threshold_db=-7",
        "users.wide_coverage=4",
        "users.low_delay=0",
        "radio.subcarriers=1",
    ),
    "high threshold": (NO_UAV, "objectives.coverage_threshold_db=12", "radio.subcarriers=1"),
    "batches": (
        NO_UAV,
        "traffic.packet_bits=50000",
        "traffic.packets_per_slot=1",
        "radio.subcarriers=1",
    ),
}
random_slot = jax.jit(
    lambda key, scenario, state: normalise_terms(
        scenario, step.step(key, scenario, state, edge.draw_actions(key, scenario))[1].kpis
    )
)
decided = jax.jit(
    lambda key, scenario, state, policy: play_slot(key, scenario, POLICIES[policy], state)[1].kpis,
    static_argnames="policy",
)


def slot(name, seed, *overrides, counts=None):
    scenario = build_scenario(name, overrides)
    return scenario, step.reset(
        jax.random.key(seed), scenario, None if counts is None else jnp.asarray(counts)
    )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("weights", [(1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_no_exact_optimum_is_above(case, weights):
    scenario, state = slot("small", 5, ROOMY, *CASES[case])
    best = find_optimum(scenario, state, build_goal(weights)).worth
    found = bound_worth(scenario, state, build_goal(weights), effort=QUICK)
    assert found >= best * (1 - 1e-5) - 1e-6


@pytest.mark.parametrize(
    ("rule", "placement"),
    [("priority", "decided"), pytest.param("none", "fixed", marks=pytest.mark.slow)],
)
def test_no_policy_is_above(rule, placement):
    scenario, state = slot("paper", 1, f"balancing.rule={rule}", f"uavs.placement={placement}")
    rough = QUICK._replace(rounds=8)
    most, total = (
        bound_terms(scenario, state, effort=rough),
        bound_worth(scenario, state, build_goal(), effort=rough),
    )
    found = [np.asarray(random_slot(jax.random.key(seed), scenario, state)) for seed in range(20)]
    found += [
        np.asarray(
            normalise_terms(scenario, decided(jax.random.key(0), scenario, state, policy=name))
        )
        for name in ("greedy", "round-robin")
    ]
    assert np.all(np.array(found) <= most * (1 + 1e-5) + 1e-6)
    assert np.all(np.array(found).sum(axis=1) <= total * (1 + 1e-5))


@pytest.mark.slow
def test_it_is_close_where_interference_is_known():
    slack = []
    for seed in range(6):
        scenario, state = slot(
            "small", seed, ROOMY, TWO, "users.high_throughput=1", "users.low_delay=1"
        )
        slack.append(
            bound_worth(scenario, state, build_goal())
            / find_optimum(scenario, state, build_goal(), units=4).worth
            - 1
        )
    assert 0 <= np.median(slack) < 0.02


def test_one_user_and_one_node_are_exact():
    scenario, state = slot("small", 0, NO_UAV, NO_SATELLITE, ROOMY, counts=(1, 0, 0))
    snr = float(
        node_powers(scenario)[0]
        * links.base_gains(scenario, state)[0, 0].max()
        / links.noise_power(scenario)
    )
    found = bound_metrics(scenario, state)
    assert found.throughput == pytest.approx(1e7 * np.log2(1 + snr), rel=2e-3)
    assert (found.delay, found.coverage) == (pytest.approx(0.1), 0.0)


def test_a_user_of_slice_l_alone_has_the_delay_of_its_best_rate():
    scenario, state = slot("small", 0, NO_UAV, NO_SATELLITE, ROOMY, counts=(0, 1, 0))
    best = find_optimum(scenario, state, build_goal((0, 1, 0)), units=1).worth
    assert bound_metrics(scenario, state).delay == pytest.approx((1 - best) * 0.1, rel=0.03)
    assert bound_metrics(scenario, state).delay <= (1 - best) * 0.1


@pytest.mark.parametrize(
    "overrides",
    [
        (NO_UAV,),
        (NO_SATELLITE,),
        (NO_BASE,),
        (NO_UAV, NO_SATELLITE),
        (NO_BASE, NO_UAV, NO_SATELLITE),
    ],
)
@pytest.mark.parametrize("counts", [(2, 2, 2), (0, 2, 0), (2, 0, 1), (0, 0, 0)])
def test_what_is_missing_is_worth_nothing(overrides, counts):
    scenario, state = slot("small", 2, ROOMY, *overrides, counts=counts)
    most = bound_terms(scenario, state, effort=QUICK)
    assert np.array_equal(most > 0, (np.array(counts) > 0) & (len(overrides) < 3))
    assert bound_worth(scenario, state, build_goal(), effort=QUICK) <= most.sum() * 1.01 + 1e-9
    if sum(counts):
        best = find_optimum(scenario, state, build_goal(), units=2, grid=2).worth
        assert bound_worth(scenario, state, build_goal(), effort=QUICK) >= best * (1 - 1e-5)


def test_capacity_binds_unless_nobody_is_disconnected():
    few = ("base_stations.capacity=1", NO_UAV, NO_SATELLITE)
    one, state = slot("small", 3, *few)
    free, _ = slot("small", 3, *few, "balancing.rule=none")
    assert bound_metrics(one, state).throughput < 0.7 * bound_metrics(free, state).throughput
    assert bound_metrics(one, state).coverage == pytest.approx(0.5, rel=1e-2)
    assert bound_metrics(free, state).throughput >= find_optimum(
        free, state, build_goal((1, 0, 0))
    ).worth * 5e8 * (1 - 1e-5)


@pytest.mark.parametrize("rule", ["priority", "uniform", "none"])
def test_priority_takes_away_and_its_optimum_is_kept(rule):
    scenario, state = slot("small", 4, "base_stations.capacity=3", f"balancing.rule={rule}")
    free, kept = (
        bound_worth(scenario, state, build_goal(), respect_priority=respect)
        for respect in (False, True)
    )
    best = find_optimum(scenario, state, build_goal(), respect_priority=True).worth
    assert best * (1 - 1e-5) <= kept <= free * (1 + 2e-3)
    if rule == "none":
        assert (
            bound_metrics(scenario, state, respect_priority=True).throughput
            < bound_metrics(scenario, state).throughput * (1 + 1e-3)  # where prices stop
        )


@pytest.mark.slow
def test_the_coarse_form_bounds_too_and_many_users_take_it():
    small, state = slot("small", 2, ROOMY)
    assert bound_worth(small, state, build_goal(), effort=COARSE) >= find_optimum(
        small, state, build_goal()
    ).worth * (1 - 1e-5)
    big = (
        "users.high_throughput=60",
        "users.low_delay=60",
        "users.wide_coverage=60",
        "uavs.count=6",
        "uavs.positions_m=[]",
    )
    many, state = slot("paper", 2, *big)
    found = np.asarray(
        normalise_terms(many, decided(jax.random.key(0), many, state, policy="greedy"))
    )
    assert np.all(bound_terms(many, state, effort=COARSE._replace(rounds=3)) >= found)


def test_more_weight_is_worth_more_and_wrong_weights_are_refused():
    scenario, state = slot("small", 0, ROOMY)
    once, twice = (
        bound_worth(scenario, state, build_goal((w, w, w)), effort=QUICK) for w in (1.0, 2.0)
    )
    assert twice == pytest.approx(2 * once, rel=5e-3)
    for wrong in ((1.0, -1.0, 1.0), (1.0, 1.0)):
        with pytest.raises(InputError, match="weights"):
            bound_worth(scenario, state, build_goal(wrong))


def test_every_price_bounds_the_slot():
    scenario, state = slot("small", 1, ROOMY, TWO, "users.high_throughput=1", "users.low_delay=1")
    best = find_optimum(scenario, state, build_goal()).worth
    from sagin.planning.certificates.bounds import collect_bids

    problem = build_problem(scenario, state, np.ones(3), respect_priority=False, effort=QUICK)
    limited = np.isfinite(problem.supply)
    rng = np.random.default_rng(0)
    for scale in (0.0, 0.01, 0.1, 1.0):
        price = np.where(
            limited,
            scale
            * rng.random(len(limited))
            / np.where(limited & (problem.supply > 0), problem.supply, 1.0),
            0.0,
        )
        bids = collect_bids(problem, price)
        assert np.where(limited, problem.supply, 0.0) @ price + bids.value.sum() >= best * (
            1 - 1e-5
        )
        assert np.all(bids.net <= bids.value + 1e-9)


def test_power_of_a_user_alone_is_where_its_price_says():
    rng = np.random.default_rng(0)
    gain, other, price = (
        10 ** rng.uniform(-2, 5, 200),
        10 ** rng.uniform(-4, 3, 200),
        10 ** rng.uniform(-4, 1, 200),
    )
    grid = np.concatenate([[0.0], np.geomspace(1e-6, 9.0, 4000)])
    for one, two, cost in zip(gain, other, price, strict=True):
        value, spent = value_alone(np.asarray(one), np.asarray(two), float(cost), 9.0, 1.0)
        every = np.log2(1 + grid * one / (1 + grid * two)) - cost * grid
        assert every.max() - 1e-12 <= value <= every.max() + 1e-3 * (1 + abs(every.max()))
        assert 0 <= spent <= 9.0


def test_matching_is_the_best_over_all_cells():
    from scipy.optimize import linear_sum_assignment

    rng = np.random.default_rng(1)
    for users, subcarriers in ((2, 3), (5, 3), (4, 4)):
        gains = [np.maximum(rng.normal(size=(users, subcarriers, 6)), 0.0) for _ in range(2)]
        every = [
            np.maximum(gains[0][:, :, a], gains[1][:, :, b]) for a in range(6) for b in range(6)
        ]
        best = max(table[linear_sum_assignment(table, maximize=True)].sum() for table in every)
        assert match_subcarriers(gains)[0] == pytest.approx(best)


def test_power_at_a_corner_is_best_for_a_pair():
    """For two interfering links the sum of rates over a box of powers is largest at a corner
    (Gjendemsjø et al. 2008). This is the smallest bound of a pair of slice H on one subcarrier
    without prices.
    """
    rng = np.random.default_rng(0)
    for _ in range(200):
        own, cross = 10 ** rng.uniform(-2, 4, 2), 10 ** rng.uniform(-2, 4, 2)
        one, two = np.meshgrid(np.linspace(0, 1, 21), np.linspace(0, 1, 21))
        total = np.log2(1 + own[0] * one / (1 + cross[0] * two)) + np.log2(
            1 + own[1] * two / (1 + cross[1] * one)
        )
        assert total.max() <= max(total[0, -1], total[-1, 0], total[-1, -1]) * (1 + 1e-12)
