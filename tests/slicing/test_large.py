"""The large slot: equal to the dense step if complete, otherwise as far off as it states."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.slicing import large_links
from sagin.slicing.large import Counts, LargeResult, large_slot
from sagin.slicing.scenario import Scenario, build_scenario, slice_of
from sagin.slicing.state import Actions, NonTerrestrialAction, Outcome, State, TerrestrialAction
from sagin.slicing.step import act_non_terrestrial, act_terrestrial, assess_slot

SCENARIO = build_scenario("paper", ("area.side_m=9000",))
FEW = Counts(30, 25, 20, base_stations=6, uavs=4, satellites=3)
MANY = Counts(700, 650, 650, base_stations=100, uavs=25, satellites=10)


def dense(scenario: Scenario, counts: Counts, found: LargeResult) -> Outcome:
    """Return what the dense step makes of the same draws and choices."""
    places = tuple(map(tuple, np.asarray(found.base_positions, float).tolist()))
    spots = tuple(map(tuple, np.asarray(found.uav_positions, float).tolist()))
    above = dataclasses.replace(
        scenario.uavs, count=counts.uavs, placement="fixed", positions_m=spots
    )
    scenario = dataclasses.replace(
        scenario,
        users=dataclasses.replace(
            scenario.users, high_throughput=counts[0], low_delay=counts[1], wide_coverage=counts[2]
        ),
        base_stations=dataclasses.replace(scenario.base_stations, positions_m=places),
        uavs=above,
        satellites=dataclasses.replace(scenario.satellites, count=counts.satellites),
    )
    users, subcarriers = sum(counts[:3]), scenario.radio.subcarriers

    def draws(nodes: int, seed: jax.Array) -> jax.Array:
        every = jnp.broadcast_to(jnp.arange(nodes * subcarriers), (users, nodes * subcarriers))
        return large_links.link_draws(seed, every).reshape(users, nodes, subcarriers, 2)

    state = State(
        found.user_positions,
        jnp.ones(users, bool),
        draws(counts.base_stations, found.seeds[0])[..., 0],
        draws(counts.uavs, found.seeds[1]),
        found.arrivals,
        found.tiebreak,
        found.uav_positions,
        jnp.zeros((), int),
    )
    ones = jnp.ones(users)
    # who was disconnected has no node in the result; nobody else may take its place, so it is left
    # out of the claims
    actions = Actions(
        TerrestrialAction(
            jax.nn.one_hot(found.terrestrial.node, counts.base_stations),
            jax.nn.one_hot(found.terrestrial.subcarrier, subcarriers),
            ones,
        ),
        NonTerrestrialAction(
            jnp.zeros((3, counts.uavs, 2)),
            jax.nn.one_hot(found.non_terrestrial.node, counts.uavs + counts.satellites),
            jax.nn.one_hot(found.non_terrestrial.subcarrier, subcarriers),
            ones,
        ),
    )
    return made(scenario, state, actions)


@jax.jit
def made(scenario: Scenario, state: State, actions: Actions) -> Outcome:
    """Return what the dense step makes of actions."""
    first = act_terrestrial(scenario, state, actions.terrestrial)
    second, positions = act_non_terrestrial(scenario, state, first, actions.non_terrestrial)
    return assess_slot(scenario, state, first, second, positions)


@pytest.fixture(scope="module")
def many() -> tuple[LargeResult, Outcome]:
    found = large_slot(jax.random.key(3), SCENARIO, MANY, candidates=6)
    return found, dense(SCENARIO, MANY, found)


def test_with_all_nodes_kept_it_is_the_dense_step():
    found = large_slot(jax.random.key(1), SCENARIO, FEW, candidates=6)
    whole = dense(SCENARIO, FEW, found)
    assert not found.spread.any()
    for layer in ("terrestrial", "non_terrestrial"):
        one, other = getattr(found, layer), getattr(whole, layer)
        np.testing.assert_array_equal(one.served, other.served)
        np.testing.assert_array_equal(one.load, other.load)
        np.testing.assert_allclose(one.power, other.power, rtol=1e-5)
        np.testing.assert_allclose(one.distance, other.distance, rtol=1e-5)
        np.testing.assert_allclose(one.sinr, other.sinr, rtol=1e-4)
        np.testing.assert_allclose(one.rate, other.rate, rtol=1e-4)
    for name in (
        "throughput",
        "delay",
        "coverage",
        "load_base",
        "load_uav",
        "load_satellite",
        "unserved",
        "users",
    ):
        np.testing.assert_allclose(
            getattr(found.kpis, name), getattr(whole.kpis, name), rtol=1e-4, err_msg=name
        )


def test_load_is_what_the_users_have():
    found = large_slot(jax.random.key(1), SCENARIO, FEW)
    node = np.asarray(found.terrestrial.node)
    np.testing.assert_array_equal(
        found.terrestrial.load, np.bincount(node[node >= 0], minlength=FEW.base_stations)
    )
    assert (np.asarray(found.terrestrial.load) <= 10).all()
    sent = np.bincount(node[node >= 0], np.asarray(found.terrestrial.power)[node >= 0])
    assert sent.max() <= 10.0 * (1 + 1e-5)


@pytest.mark.slow
def test_sinr_errors_have_the_spread_that_is_returned(many):
    """The far nodes' fading is independent from user to user, so the scaled errors have mean 0 and
    variance 1 within their own errors.
    """
    found, whole = many
    sinr = np.asarray(found.terrestrial.sinr + found.non_terrestrial.sinr, float)
    exact = np.asarray(whole.terrestrial.sinr + whole.non_terrestrial.sinr, float)
    spread = np.asarray(found.spread, float)
    fades = (spread > 1e-6) & (exact > 0)
    score = (sinr[fades] / exact[fades] - 1.0) / spread[fades]
    square = np.square(score)
    assert fades.sum() > 1000
    assert abs(score.mean()) < 5.0 * score.std() / np.sqrt(score.size)
    assert abs(square.mean() - 1.0) < 5.0 * square.std() / np.sqrt(score.size)
    np.testing.assert_allclose(sinr[~fades], exact[~fades], rtol=1e-4)


def test_indicators_are_off_by_what_follows_from_the_spread(many):
    found, whole = many
    sinr, spread = (
        np.asarray(found.terrestrial.sinr + found.non_terrestrial.sinr, float),
        np.asarray(found.spread, float),
    )
    rate_error = 3e6 / np.log(2.0) * sinr / (1.0 + sinr) * spread
    high = np.asarray(found.arrivals)[: MANY.high_throughput].size
    allowed = 5.0 * np.sqrt(np.sum(rate_error[:high] ** 2)) + 3e6 / np.log(2.0) * np.sum(
        spread[:high] ** 2
    )
    assert abs(float(found.kpis.throughput - whole.kpis.throughput)) < allowed
    wide = slice(sum(MANY[:2]), None)
    near = np.abs(np.log(np.maximum(sinr[wide], 1e-30))) < 5.0 * spread[wide] + 1e-4
    assert abs(float(found.kpis.coverage - whole.kpis.coverage)) <= near.mean() + 1e-6


@pytest.mark.slow
def test_more_candidates_leave_less_out(many):
    one, whole = (
        large_slot(jax.random.key(3), SCENARIO, MANY, candidates=kept) for kept in (1, 100)
    )
    spreads = [float(jnp.median(found.spread)) for found in (one, many[0], whole)]
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[-1] == 0.0


def test_no_array_of_users_and_nodes():
    counts = Counts(34_000, 33_000, 33_000, 1000, 100, 50)
    closed = jax.make_jaxpr(lambda key: large_slot(key, SCENARIO, counts))(jax.random.key(0))
    assert largest(closed.jaxpr) <= max(
        100_000 * 8 * 4, large_links.CHUNK * 1000 * 2, 100_000 * 128
    )


def largest(jaxpr) -> int:
    """Return the size of the largest array in a program and those inside it."""
    sizes = [1]
    for equation in jaxpr.eqns:
        sizes += [int(np.prod(out.aval.shape)) for out in equation.outvars]
        for value in equation.params.values():
            for inner in value if isinstance(value, tuple | list) else (value,):
                inner = getattr(inner, "jaxpr", inner)
                if hasattr(inner, "eqns"):
                    sizes.append(largest(inner))
    return max(sizes)


@pytest.mark.parametrize(
    ("counts", "candidates"),
    [
        (Counts(1, 1, 1, 0, 1, 0), 8),
        (Counts(0, 0, 0, 1, 1, 1), 8),
        (FEW, 0),
        (Counts(-1, 2, 2, 1, 1, 0), 1),
    ],
)
def test_impossible_counts_are_refused(counts, candidates):
    with pytest.raises(InputError, match="allowed"):
        large_slot(jax.random.key(0), SCENARIO, counts, candidates=candidates)


def test_slices_stand_in_order():
    found = large_slot(jax.random.key(2), SCENARIO, FEW)
    sized = dataclasses.replace(
        SCENARIO,
        users=dataclasses.replace(
            SCENARIO.users, high_throughput=30, low_delay=25, wide_coverage=20
        ),
    )
    assert not np.asarray(found.arrivals)[slice_of(sized) != 1].any()
