"""A whole slot compared with the oracle: links, balancing, rewards and indicators, over scenarios,
counts and collision rules.
"""

import jax
import numpy as np
import pytest

from sagin.slicing.scenario import build_scenario

from oracle import slicing as oracle

CASES = {
    "paper": ((), None),
    "crowded": (("base_stations.capacity=3",), None),
    "uniform": (("base_stations.capacity=3", "balancing.rule=uniform"), None),
    "to-the-letter": (
        ("base_stations.capacity=8", "balancing.rule=uniform-all", "game.repair=first"),
        None,
    ),
    "repaired-by-none": (("radio.subcarriers=2", "game.repair=none"), None),
    "none": (("base_stations.capacity=3", "balancing.rule=none", "uavs.capacity=1"), None),
    "capacities": (("base_stations.capacity=2", "uavs.capacity=2", "satellites.capacity=1"), None),
    "satellites-only-limited": (
        ("base_stations.capacity=2", "satellites.capacity=2", "satellites.count=2"),
        None,
    ),
    "undisturbed": (("radio.interference=none",), None),
    "orthogonal": (("radio.interference=other-nodes", "radio.subcarriers=3"), None),
    "few": ((), (2, 0, 5)),
    "nobody": ((), (0, 0, 0)),
    "all-users": (("objectives.reward=all-users",), (7, 8, 3)),
    "heavy": (
        ("traffic.packet_bits=50000", "traffic.packets_per_slot=40", "radio.subcarriers=3"),
        None,
    ),
    "no-base": (("base_stations.positions_m=[]",), None),
    "no-uav": (("uavs.count=0",), None),
    "no-satellite": (("satellites.count=0",), None),
    "no-sky": (("satellites.count=0", "uavs.count=0"), None),
    "empty-slices": (("users.high_throughput=0", "users.low_delay=0"), None),
    "no-users": (("users.high_throughput=0", "users.low_delay=0", "users.wide_coverage=0"), None),
    "one-subcarrier": (
        ("radio.subcarriers=1", "uavs.rician_factor=0", "base_stations.reference_gain_db=-30"),
        None,
    ),
    "lowest": (
        (
            "uavs.altitude_m=0",
            "area.side_m=5",
            "base_stations.positions_m=[[1,1],[4,4]]",
            "uavs.spacing_m=1",
        ),
        None,
    ),
}


def same_layer(found, expected, nodes):
    """Compare a layer with the oracle's."""
    users = len(found.served)
    assert set(np.flatnonzero(found.served).tolist()) == set(expected["served"])
    assert set(np.flatnonzero(found.refused).tolist()) == expected["refused"]
    for k in range(users):
        node, subcarrier = expected["served"].get(k, (-1, -1))
        assert (int(found.node[k]), int(found.subcarrier[k])) == (node, subcarrier)
    for name in ("power", "sinr", "rate", "distance"):
        wanted = np.array([expected[name].get(k, 0.0) for k in range(users)])
        np.testing.assert_allclose(getattr(found, name), wanted, rtol=2e-4, atol=0.0, err_msg=name)
    loads = [
        sum(node == other for node, _ in expected["served"].values()) for other in range(nodes)
    ]
    assert np.asarray(found.load).tolist() == loads


def same_slot(found, expected):
    """Compare rewards and indicators with the oracle's."""
    np.testing.assert_allclose(found.rewards, expected["rewards"], rtol=2e-4, atol=1e-6)
    for name in ("throughput", "delay", "coverage"):
        np.testing.assert_allclose(
            getattr(found.kpis, name), expected[name], rtol=2e-4, atol=1e-7, err_msg=name
        )
    for name, parts in (
        ("delay_sum", found.kpis.layer_delays),
        ("coverage_sum", found.kpis.layer_coverages),
    ):
        np.testing.assert_allclose(
            np.sum(parts), expected[name], rtol=2e-4, atol=1e-7, err_msg=name
        )
    np.testing.assert_allclose(found.kpis.access, expected["access"], rtol=1e-6)


RARE = (
    "crowded",
    "uniform",
    "repaired-by-none",
    "satellites-only-limited",
    "heavy",
    "no-satellite",
    "no-sky",
    "empty-slices",
    "lowest",
)
"""Each case compiles its own program; these vary what others vary too and are left to `make
test-slow`.
"""


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=pytest.mark.slow) if case in RARE else case for case in CASES]
)
def test_a_slot_agrees_with_the_oracle(case, numbers, draw, run):
    overrides, counts = CASES[case]
    scenario = build_scenario("paper", overrides)
    for seed in range(4):
        state, actions, drop, plain = draw(
            scenario, seed, None if counts is None else np.array(counts)
        )
        found = jax.tree.map(np.asarray, run(jax.random.key(0), scenario, state, actions)[1])
        expected = oracle.slot(numbers(scenario), drop, plain, found.uav_positions.tolist())
        same_layer(found.terrestrial, expected["first"], len(scenario.base_stations.positions_m))
        same_layer(
            found.non_terrestrial,
            expected["second"],
            scenario.uavs.count + scenario.satellites.count,
        )
        same_slot(found, expected)


@pytest.mark.parametrize("rule", ["terrestrial-first", "drop"])
def test_layers_that_act_at_once_agree_with_the_oracle(rule, numbers, draw, run_together):
    scenario = build_scenario("paper", (f"game.collision={rule}", "base_stations.capacity=4"))
    for seed in range(5):
        state, actions, drop, plain = draw(scenario, seed)
        found = jax.tree.map(
            np.asarray, run_together(jax.random.key(0), scenario, state, actions)[1]
        )
        expected = oracle.slot(numbers(scenario), drop, plain, found.uav_positions.tolist(), rule)
        same_layer(found.terrestrial, expected["first"], 2)
        same_layer(found.non_terrestrial, expected["second"], 3)
        same_slot(found, expected)
        assert expected["clash"]
        assert set(np.flatnonzero(found.non_terrestrial.collided).tolist()) == expected["clash"]
        assert float(found.kpis.collided) == pytest.approx(len(expected["clash"]) / 30)


def test_terrestrial_first_serves_the_same_users_as_layers_in_turn(draw, run, run_together):
    scenario = build_scenario("paper")
    for seed in range(3):
        state, actions, _, _ = draw(scenario, seed)
        one, other = (f(jax.random.key(7), scenario, state, actions) for f in (run, run_together))
        np.testing.assert_allclose(one[1].kpis.throughput, other[1].kpis.throughput, rtol=1e-6)
        np.testing.assert_allclose(one[1].rewards, other[1].rewards, rtol=1e-6)
        assert float(one[1].kpis.collided) == 0.0


def test_shares_of_users(draw, run):
    scenario = build_scenario("paper", ("base_stations.capacity=3",))
    state, actions, _, _ = draw(scenario, 0, np.array([10, 5, 5]))
    found = jax.tree.map(np.asarray, run(jax.random.key(0), scenario, state, actions)[1])
    first, second = found.terrestrial, found.non_terrestrial
    assert found.kpis.users == 20
    assert float(found.kpis.offloaded) == pytest.approx(first.refused.sum() / 20)
    assert float(found.kpis.unserved) == pytest.approx(
        (20 - first.served.sum() - second.served.sum()) / 20
    )
    assert np.asarray(found.kpis.load_base).tolist() == first.load.tolist()
    assert [
        *found.kpis.load_uav.tolist(),
        *found.kpis.load_satellite.tolist(),
    ] == second.load.tolist()
