"""Scenarios: every field states its source, TOML in both directions, one-line errors, one program
for a sweep.
"""

import tomllib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError, ScenarioError
from sagin.parameters import list_fields, read, to_toml
from sagin.planning.certificates import bounds
from sagin.slicing import actions as edge
from sagin.slicing import step
from sagin.slicing.scenario import SCENARIOS, Scenario, Sizes, build_scenario, sizes, slice_of


def test_every_field_is_described_and_every_open_one_names_the_alternatives():
    for name, parameter, _ in list_fields(Scenario):
        assert parameter.text, name
        assert parameter.source or parameter.mark != "paper", name
        assert parameter.other or parameter.mark not in ("open", "erratum"), name


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_named_scenario_survives_toml(name):
    scenario = build_scenario(name)
    assert read(Scenario, tomllib.loads(to_toml(scenario))) == scenario


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("users.low_delay=-1", ["users.low_delay", "-1", "0 to 1000"]),
        ("uavs.speed_m_s=-1", ["uavs.speed_m_s", "-1"]),
        ("uavs.spacing_m=4000", ["uavs.spacing_m", "3000 m for 2 UAVs"]),
        ("base_stations.positions_m=[[1, 9000]]", ["base_stations.positions_m", "9000", "3000 m"]),
        ("traffic.packets_per_slot=200", ["traffic.most_packets", "128", "at least 326"]),
        ("balancing.rule=fair", ["balancing.rule", "fair", "priority"]),
        ("game.least_users=11", ["game.least_users", "11", "10 users"]),
        ("radio.subcarriers=0", ["radio.subcarriers", "0"]),
    ],
)
def test_wrong_input_is_one_line_with_field_value_and_range(override, words):
    with pytest.raises(ScenarioError) as caught:
        build_scenario("paper", (override,))
    assert "\n" not in str(caught.value)
    assert all(word in str(caught.value) for word in words), caught.value


@pytest.mark.parametrize("places", ["[]", "[[1, 1], [2, 2]]", "[[1, 1], [2000, 3001]]"])
def test_fixed_uavs_need_as_many_allowed_places(places):
    with pytest.raises(ScenarioError, match=r"uavs\.positions_m"):
        build_scenario("paper-fixed-uavs", (f"uavs.positions_m={places}",))


def test_unknown_name():
    with pytest.raises(ScenarioError, match="allowed: paper"):
        build_scenario("papers")


def test_sizes_and_order_of_slices():
    scenario = build_scenario(
        "paper",
        (
            "users.high_throughput=1",
            "users.low_delay=0",
            "users.wide_coverage=2",
            "base_stations.positions_m=[]",
        ),
    )
    assert sizes(scenario) == Sizes(3, 0, 2, 1, 10)
    assert slice_of(scenario).tolist() == [0, 2, 2]


def test_counts_and_numbers_are_swept_by_one_program():
    traces = []

    @jax.jit
    def throughput(key, scenario, counts):
        traces.append(1)
        state = step.reset(key, scenario, counts)
        return step.step(key, scenario, state, edge.draw_actions(key, scenario))[1].kpis

    scenario, key = build_scenario("paper"), jax.random.key(0)
    for number in (0, 3, 10):
        kpis = throughput(key, scenario, jnp.full(3, number))
        assert int(kpis.users) == 3 * number
    weaker = build_scenario(
        "paper",
        (
            "base_stations.power_dbw=0",
            "uavs.rician_factor=1",
            "base_stations.capacity=4",
            "traffic.packets_per_slot=9",
        ),
    )
    throughput(key, weaker, jnp.full(3, 10))
    assert len(traces) == 1
    swept = jax.tree.map(
        lambda one, other: jnp.stack([jnp.asarray(one, float), jnp.asarray(other, float)]),
        scenario,
        weaker,
    )
    both = jax.jit(jax.vmap(throughput, in_axes=(None, 0, None)))(key, swept, jnp.full(3, 10))
    alone = [throughput(key, one, jnp.full(3, 10)).throughput for one in (scenario, weaker)]
    np.testing.assert_allclose(both.throughput, alone, rtol=1e-5)


@pytest.mark.parametrize("rule", ["other-nodes", "none"])
def test_bounds_know_the_default_interference_alone(rule):
    scenario = build_scenario("small", (f"radio.interference={rule}",))
    text = f"interference = {rule} is not allowed \\(allowed: same-type\\)"
    with pytest.raises(InputError, match=text):
        bounds.bound_metrics(scenario, step.reset(jax.random.key(0), scenario))
