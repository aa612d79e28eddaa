"""Al-Hourani's model: bounds, monotonicity, the optimum against a fine search, and what the
coverage radius means.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.propagation import air_to_ground, free_space
from sagin.propagation.air_to_ground import ENVIRONMENTS, HIGHRISE, URBAN, Environment

environments = st.sampled_from(sorted(ENVIRONMENTS)).map(ENVIRONMENTS.__getitem__)
each_environment = pytest.mark.parametrize(
    "environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys()
)


@each_environment
def test_sight_gets_likelier_and_the_loss_smaller_with_elevation(environment):
    elevation = jnp.linspace(0.0, jnp.pi / 2, 91)
    probability = air_to_ground.line_of_sight_probability(elevation, environment)
    assert np.all(np.diff(probability) >= 0.0)
    assert float(probability[0]) > 0.0
    excess = np.asarray(air_to_ground.excess_loss_db(elevation, environment))
    assert np.all(np.diff(excess) <= 1e-5)
    assert np.all(
        (excess >= environment.excess_los_db - 1e-5) & (excess <= environment.excess_nlos_db + 1e-5)
    )


@settings(max_examples=30, deadline=None)
@given(radius=st.floats(0.0, 1e4), altitude=st.floats(1.0, 1e4), environment=environments)
def test_loss_lies_between_sight_and_no_sight(radius, altitude, environment):
    loss = float(air_to_ground.path_loss_db(radius, altitude, 2e9, environment))
    free = float(free_space.path_loss_db(np.hypot(radius, altitude), 2e9))
    assert (
        free + environment.excess_los_db - 1e-3 <= loss <= free + environment.excess_nlos_db + 1e-3
    )
    assert float(air_to_ground.path_gain(radius, altitude, 2e9, environment)) == pytest.approx(
        10.0 ** (-loss / 10.0), rel=1e-4
    )


@each_environment
@pytest.mark.usefixtures("float64")
def test_no_elevation_reaches_further_than_the_optimal_one(environment):
    """The radius that a loss allows at an elevation, on a grid of a hundredth of a degree."""
    elevation = jnp.deg2rad(jnp.arange(0.5, 89.9, 0.01))
    allowed = 110.0 - air_to_ground.excess_loss_db(elevation, environment)
    reach = 10.0 ** (allowed / 20.0) * 299_792_458.0 / (4 * jnp.pi * 2e9) * jnp.cos(elevation)
    radius, _ = air_to_ground.coverage_radius(110.0, 2e9, environment)
    assert float(jnp.max(reach)) <= float(radius) * (1.0 + 1e-12)
    assert (
        float(
            jnp.rad2deg(
                abs(elevation[jnp.argmax(reach)] - air_to_ground.optimal_elevation(environment))
            )
        )
        < 0.01
    )


@each_environment
def test_the_loss_at_the_edge_is_the_greatest_allowed(environment, both_widths):
    edge = air_to_ground.coverage_radius_at(100.0, 105.0, 2e9, environment)
    assert float(air_to_ground.path_loss_db(edge, 100.0, 2e9, environment)) == pytest.approx(
        105.0, abs=4e3 * both_widths
    )
    radius, altitude = air_to_ground.coverage_radius(105.0, 2e9, environment)
    at_best = air_to_ground.coverage_radius_at(altitude, 105.0, 2e9, environment)
    assert float(at_best) == pytest.approx(float(radius), rel=1e3 * both_widths)


@each_environment
@pytest.mark.usefixtures("float64")
def test_no_altitude_reaches_further_than_the_best(environment):
    radius, altitude = air_to_ground.coverage_radius(110.0, 2e9, environment)
    others = air_to_ground.coverage_radius_at(
        jnp.linspace(0.05, 1.0, 96) * 1.5 * altitude, 110.0, 2e9, environment
    )
    assert float(jnp.nanmax(others)) <= float(radius) * (1.0 + 1e-12)


def test_no_coverage_from_too_high():
    assert jnp.isnan(air_to_ground.coverage_radius_at(1e6, 110.0, 2e9, URBAN))


@pytest.mark.usefixtures("float64")
def test_derivatives_pass_through_the_searches():
    def elevation(a):
        return air_to_ground.optimal_elevation(Environment(a, 0.16, 1.0, 20.0))

    def radius(altitude):
        return air_to_ground.coverage_radius_at(altitude, 110.0, 2e9, URBAN)

    for function, point, step in ((elevation, 9.61, 1e-4), (radius, 500.0, 1e-2)):
        difference = (function(point + step) - function(point - step)) / (2 * step)
        assert float(jax.grad(function)(point)) == pytest.approx(float(difference), rel=1e-6)


@pytest.mark.usefixtures("float64")
def test_searches_under_jit_and_vmap():
    table = Environment(*jnp.array(list(ENVIRONMENTS.values())).T)
    one_by_one = jnp.stack(
        [air_to_ground.optimal_elevation(environment) for environment in ENVIRONMENTS.values()]
    )
    assert jnp.allclose(jax.vmap(air_to_ground.optimal_elevation)(table), one_by_one, rtol=1e-12)
    assert jnp.allclose(jax.jit(air_to_ground.optimal_elevation)(table), one_by_one, rtol=1e-12)
    altitudes = jnp.array([10.0, 100.0, 1000.0])
    radii = jax.jit(air_to_ground.coverage_radius_at)(altitudes, 110.0, 2e9, HIGHRISE)
    each = [
        air_to_ground.coverage_radius_at(altitude, 110.0, 2e9, HIGHRISE) for altitude in altitudes
    ]
    assert jnp.allclose(radii, jnp.stack(each), rtol=1e-12)


def test_the_gradient_is_finite_below_the_platform():
    slope = jax.grad(air_to_ground.path_loss_db)(0.0, 100.0, 2e9, URBAN)
    assert jnp.isfinite(slope)
