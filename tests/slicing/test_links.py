"""Gains: known values, and the laws of the draws behind them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.propagation import log_distance, rayleigh, rician
from sagin.slicing import links
from sagin.slicing.draws import uniforms
from sagin.slicing.scenario import build_scenario

COUNT = 100_000


@pytest.mark.parametrize("factor", [0.0, 6.0, 100.0])
def test_fading_follows_its_law(factor):
    scenario = build_scenario("paper", (f"uavs.rician_factor={factor}",))
    draws = uniforms(jax.random.key(1), np.arange(COUNT), 2)
    power = np.asarray(links.uav_fading(scenario, draws))
    assert power.mean() == pytest.approx(1.0, abs=5.0 * power.std() / np.sqrt(COUNT))
    for place in (0.5, 1.0, 1.5):
        below = float(rician.power_cdf(place, factor))
        assert np.mean(power <= place) == pytest.approx(
            below, abs=5.0 * np.sqrt(below * (1.0 - below) / COUNT) + 1e-6
        )


def test_the_base_stations_fading_is_exponential_and_falls_with_its_draw():
    draws = jnp.linspace(0.01, 0.99, 99)
    fading = links.base_fading(build_scenario("paper"), draws)
    np.testing.assert_allclose(rayleigh.power_cdf(fading), 1.0 - draws, rtol=1e-5)


def test_path_gains_by_hand():
    scenario = build_scenario("paper", ("base_stations.positions_m=[[0, 0], [3000, 3000]]",))
    users = jnp.array([[0.0, 100.0], [0.0, 0.5]])
    np.testing.assert_allclose(
        links.base_path_gain(scenario, users)[:, 0], [1e-3, 1.0], rtol=1e-5
    )  # 100^−1.5, and not below 1 m
    uav = links.uav_path_gain(scenario, users, jnp.array([[0.0, 100.0]]))
    np.testing.assert_allclose(uav[0, 0], 1e-6, rtol=1e-5)  # −30 dB · 100^−1.5
    satellite = (299_792_458.0 / (4.0 * np.pi * 2e9)) ** 2 * 200e3**-1.5
    np.testing.assert_allclose(
        links.satellite_gains(scenario), np.full((30, 1), satellite), rtol=1e-5
    )
    signal_db = 10.0 * np.log10(1000.0 * satellite / float(links.noise_power(scenario)))
    assert signal_db == pytest.approx(7.2, abs=0.05)  # the specification's figure at 2 GHz


def test_the_power_law_is_the_librarys():
    distance = jnp.geomspace(1.0, 5000.0, 50)
    users = jnp.stack([distance, jnp.zeros(50)], axis=1)
    scenario = build_scenario(
        "paper",
        ("base_stations.positions_m=[[0, 0]]", "base_stations.exponent=3.2", "area.side_m=9000"),
    )
    np.testing.assert_allclose(
        links.base_path_gain(scenario, users)[:, 0],
        log_distance.path_gain(distance, 3.2, 1.0),
        rtol=1e-5,
    )


def test_gains_on_the_own_subcarrier_are_those_of_the_full_arrays(draw):
    scenario = build_scenario("paper")
    state, *_ = draw(scenario, 0)
    subcarrier = jnp.arange(30) % 10
    places = state.uav_positions
    row = np.arange(30)
    full = np.asarray(links.base_gains(scenario, state))[row, :, subcarrier]
    np.testing.assert_allclose(links.terrestrial_gain(scenario, state, subcarrier), full, rtol=1e-6)
    uav = np.asarray(links.uav_gains(scenario, state, places))[row, :, subcarrier]
    np.testing.assert_allclose(
        links.non_terrestrial_gain(scenario, state, places, subcarrier)[:, :2], uav, rtol=1e-5
    )
