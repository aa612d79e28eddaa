"""A user's own fading and movement enter a scenario from Python, like the built-in rows."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import ScenarioError
from sagin.parameters import read, to_mapping, to_toml
from sagin.slicing import links, reset
from sagin.slicing.draws import uniforms
from sagin.slicing.fading import FADINGS, LinkFading, get_link_fading
from sagin.slicing.large import Counts, large_slot
from sagin.slicing.mobility import MODELS, MobilityModel, get_mobility
from sagin.slicing.scenario import Scenario, build_scenario
from sagin.slicing.step import advance

PLAIN = build_scenario("small")
UNFADED = LinkFading("unfaded", lambda draws, _: jnp.ones_like(draws[..., 0]), lambda _: 0.0)


def walk_east(scenario, state, draws):
    """All users walk 10 m east in a slot."""
    return state.user_positions + jnp.array([10.0, 0.0])


EAST = MobilityModel("east", walk_east)


def build_own():
    return replace(
        PLAIN,
        base_stations=replace(PLAIN.base_stations, fading=UNFADED),
        uavs=replace(PLAIN.uavs, fading=UNFADED),
        mobility=replace(PLAIN.mobility, model=EAST),
    )


@pytest.mark.parametrize("name", FADINGS)
def test_a_rows_moments_are_those_of_its_samples(name):
    draws = uniforms(jax.random.key(1), np.arange(40_000), 2)
    powers = np.asarray(FADINGS[name].power(draws, PLAIN.uavs), float)
    assert powers.mean() == pytest.approx(1.0, abs=5.0 * powers.std() / 200.0)
    square = np.square(powers - 1.0)
    variance = float(FADINGS[name].variance(PLAIN.uavs))
    assert square.mean() == pytest.approx(variance, abs=5.0 * square.std() / 200.0)


def test_ones_own_fading_reaches_its_links():
    state, positions = reset(jax.random.key(0), PLAIN), jnp.array([[100.0, 300.0]])
    mine = build_own()
    paths = links.base_path_gain(PLAIN, state.user_positions)
    gains = links.base_gains(mine, state)
    np.testing.assert_array_equal(gains, np.broadcast_to(paths[..., None], gains.shape))
    paths = links.uav_path_gain(PLAIN, state.user_positions, positions)
    gains = links.uav_gains(mine, state, positions)
    np.testing.assert_array_equal(gains, np.broadcast_to(paths[..., None], gains.shape))


def test_rows_by_name_are_the_default():
    named = replace(
        PLAIN,
        base_stations=replace(PLAIN.base_stations, fading="rayleigh"),
        uavs=replace(PLAIN.uavs, fading="rician"),
        mobility=replace(PLAIN.mobility, model="random-direction"),
    )
    state = reset(jax.random.key(0), PLAIN)
    for scenario in (named, replace(PLAIN, mobility=replace(PLAIN.mobility, model=None))):
        np.testing.assert_array_equal(
            links.base_gains(scenario, state), links.base_gains(PLAIN, state)
        )
        moved = advance(jax.random.key(1), scenario, state)
        plain = advance(jax.random.key(1), PLAIN, state)
        jax.tree.map(np.testing.assert_array_equal, moved, plain)


def test_users_move_by_ones_own_rule_and_stay_in_the_area():
    state = reset(jax.random.key(0), PLAIN)
    following = jax.jit(advance)(jax.random.key(1), build_own(), state)
    east = np.asarray(state.user_positions, float) + [10.0, 0.0]
    side = PLAIN.area.side_m
    east[:, 0] = np.where(east[:, 0] > side, 2.0 * side - east[:, 0], east[:, 0])
    np.testing.assert_allclose(following.user_positions, east, rtol=1e-6)


def test_large_slots_take_it_too():
    counts = Counts(20, 20, 20, 12, 12, 1)
    result = large_slot(jax.random.key(0), build_own(), counts, candidates=2)
    assert np.all(np.asarray(result.spread) == 0.0)
    assert np.all(np.isfinite(np.asarray(result.terrestrial.sinr)))


def test_text_names_a_built_in_row_and_a_function_is_stored_by_its_name():
    stored = to_mapping(build_own())
    assert stored["uavs"]["fading"] == "unfaded"
    assert stored["mobility"]["model"] == "east"
    assert "unfaded" in to_toml(build_own())
    assert "fading" not in to_mapping(PLAIN)["uavs"]
    assert "model" not in to_mapping(PLAIN)["mobility"]
    for section, field in (("uavs", "fading"), ("mobility", "model")):
        with pytest.raises(ScenarioError, match=rf"{section}\.{field}") as caught:
            read(Scenario, {section: {field: "mine"}})
        assert "\n" not in str(caught.value)
    with pytest.raises(ScenarioError, match="fading 'mist': unknown"):
        get_link_fading("mist", "rician")
    with pytest.raises(ScenarioError, match="mobility 'mist': unknown"):
        get_mobility("mist")
    assert set(MODELS) == {"random-direction"}
