"""A user's own methods: the same mechanism as the built-in rules, checked, on the same drops."""

import itertools
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.relaying import evaluation
from sagin.relaying.decision import Decision, DecisionRule, Request
from sagin.relaying.evaluation import evaluate_method
from sagin.relaying.frameworks import find_framework
from sagin.relaying.monte_carlo import simulate
from sagin.relaying.placement import DECISION_RULES
from sagin.relaying.scenario import build_scenario

DROPS, SEED = 6, 3
SMALL = ("users.count=40", "base.capacity=10", "relay.radius_m=150", "algorithm.grid=15")


@pytest.fixture(scope="module")
def scenario():
    return build_scenario("paper", SMALL)


def stand_over_hotspot(request):
    """The paper's rule once more, in plain NumPy."""
    positions, needy = np.asarray(request.users_m, float), np.asarray(request.needy)
    share = np.sum((positions[:, None] - positions[None]) ** 2, axis=-1) / request.radius_m**2
    weight = np.where(share <= 1.0, 1.0 + (1.0 - share) / len(positions), 0.0) * needy
    crowd = np.where(needy, weight.sum(axis=1), -1.0)
    return Decision(positions[[crowd.argmax()]])


def test_the_default_is_the_hotspot_row_and_numpy_reaches_the_same(scenario):
    default = simulate(jax.random.key(SEED), scenario, DROPS)
    row = evaluate_method(DECISION_RULES["hotspot"], scenario, DROPS, SEED)
    plain = evaluate_method(DecisionRule("mine", stand_over_hotspot, False), scenario, DROPS, SEED)
    for name, value in default._asdict().items():
        np.testing.assert_allclose(getattr(row, name), value, rtol=1e-6, err_msg=name)
        np.testing.assert_allclose(getattr(plain, name), value, rtol=1e-6, err_msg=name)


@pytest.mark.slow
def test_full_powers_are_the_scenarios_rule_and_no_power_serves_nobody(scenario):
    def at(share):
        def decide(request):
            shape = (request.users_m.shape[0], request.relays)
            hotspot = DECISION_RULES["hotspot"].decide(request).positions_m
            return Decision(hotspot, jnp.full(shape, share * request.power_limit_w))

        return evaluate_method(DecisionRule("level", decide), scenario, DROPS, SEED)

    default = simulate(jax.random.key(SEED), scenario, DROPS)
    for name, value in default._asdict().items():
        np.testing.assert_allclose(getattr(at(1.0), name), value, rtol=1e-6, err_msg=name)
    silent, row = at(0.0), find_framework("cud")
    assert not np.any(silent.relayed[:, row])
    np.testing.assert_array_equal(
        silent.relayed[:, find_framework("uav-bs")],
        np.asarray(default.relayed)[:, find_framework("uav-bs")],
    )


def test_the_exhaustive_row_is_the_best_of_all_grid_points(scenario):
    """The oracle on a small case: the same search, point by point in NumPy."""
    line = np.linspace(-1.0, 1.0, scenario.algorithm.grid) * scenario.base.cell_radius_m
    random = np.random.default_rng(0)
    users, needy = random.uniform(-300.0, 300.0, (40, 2)), random.random(40) < 0.7

    def estimate(point):
        distance = np.hypot(*(users - np.asarray(point)).T)
        rates = np.where(needy & (distance <= 150.0), 5e7 * np.exp(-distance / 400.0), 0.0)
        return np.sort(rates)[::-1][:12].sum()

    request = Request(
        users_m=jnp.asarray(users),
        needy=jnp.asarray(needy),
        relays=1,
        radius_m=150.0,
        capacity=12,
        cell_radius_m=scenario.base.cell_radius_m,
        rate=lambda distance: 5e7 * jnp.exp(-distance / 400.0),
        links=None,
        power_limit_w=1.0,
        seed=0,
        grid=scenario.algorithm.grid,
    )
    position = np.asarray(DECISION_RULES["exhaustive"].decide(request).positions_m)[0]
    best = max(estimate(point) for point in itertools.product(line, line))
    assert estimate(position) == pytest.approx(best, rel=1e-5)


def test_a_method_may_know_channels_and_draw_by_the_drops_seed(scenario):
    """A relay over a random user, at powers that its links tell: the same again for equal seeds."""

    def decide(request):
        random = np.random.default_rng(request.seed)
        positions = request.users_m[[random.choice(np.flatnonzero(request.needy))]]
        links = request.links(positions)
        assert links.hop.shape == (len(request.users_m), 1)
        return Decision(positions, np.where(links.hop > 0, 0.5 * request.power_limit_w, 0.0))

    rule = DecisionRule("random", decide, False)
    runs = [evaluate_method(rule, scenario, DROPS, seed) for seed in (SEED, SEED, SEED + 1)]
    np.testing.assert_array_equal(runs[0].capacity, runs[1].capacity)
    assert not np.allclose(runs[0].capacity, runs[2].capacity)
    row = find_framework("gbs-only")
    default = simulate(jax.random.key(SEED), scenario, DROPS)
    np.testing.assert_allclose(runs[0].capacity[:, row], default.capacity[:, row], rtol=1e-6)


def fail(request):
    raise ValueError("no idea\nat all")


HOME = np.zeros((1, 2))
WRONG = {
    "shape": (lambda r: Decision(np.zeros((2, 2))), r"positions_m has shape \(2, 2\)"),
    "powers' shape": (lambda r: Decision(HOME, np.zeros(3)), r"powers_w has shape \(3,\)"),
    "range": (
        lambda r: Decision(HOME + 501.0),
        r"positions_m holds 501 \(allowed: -500 to 500 m\)",
    ),
    "NaN": (lambda r: Decision(HOME * np.nan), "positions_m holds nan"),
    "power": (lambda r: Decision(HOME, np.ones((40, 1))), r"powers_w holds 1 \(allowed: 0 to 0.79"),
    "negative": (lambda r: Decision(HOME, -np.ones((40, 1))), "powers_w holds -1"),
    "exception": (fail, "ValueError: no idea$"),
    "another thing": (lambda r: HOME, "returned ndarray"),
}


CASES = [(what, False) for what in WRONG]
# a compiled method's shapes are checked as it is traced, its numbers after the run
CASES += [(what, True) for what in ("shape", "exception", "another thing", "NaN")]


@pytest.mark.parametrize(("what", "compiled"), CASES)
def test_what_a_method_does_wrong_is_one_line_that_names_it(scenario, what, compiled):
    decide, text = WRONG[what]
    with pytest.raises(InputError) as caught:
        evaluate_method(DecisionRule("mine", decide, compiled), scenario, 2, SEED)
    # of the message alone: JAX adds a note of its own to what passes through compiled code
    assert re.search(text, str(caught.value))
    assert str(caught.value).startswith("method mine: ")
    assert "\n" not in str(caught.value)


def test_numpy_under_jax_says_what_to_do(scenario):
    with pytest.raises(InputError, match="compiled=False"):
        evaluate_method(DecisionRule("mine", stand_over_hotspot), scenario, 2, SEED)


def test_the_sum_over_a_relays_links_is_limited_where_the_scenario_says_so():
    scenario = build_scenario("paper", (*SMALL, "power.limit=relay"))

    def decide(request):
        hotspot = stand_over_hotspot(request).positions_m
        shape = (len(request.users_m), request.relays)
        return Decision(hotspot, np.full(shape, request.power_limit_w))

    with pytest.raises(InputError, match="method full: the sum of powers_w over a relay's links"):
        evaluate_method(DecisionRule("full", decide, False), scenario, DROPS, SEED)


@pytest.mark.slow
def test_results_do_not_depend_on_the_batch(scenario, monkeypatch):
    whole = evaluate_method(DECISION_RULES["cluster"], scenario, 5, SEED)
    monkeypatch.setattr(evaluation, "chunk_size", lambda _: 2)
    parts = evaluate_method(DECISION_RULES["cluster"], scenario, 5, SEED)
    for name, value in whole._asdict().items():
        np.testing.assert_allclose(getattr(parts, name), value, rtol=1e-6, err_msg=name)
