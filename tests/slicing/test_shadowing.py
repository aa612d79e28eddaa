"""Shadowing over an area: correlation over distance and between stations, effect on a link."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from sagin.slicing import links, shadowing
from sagin.slicing.scenario import build_scenario
from sagin.slicing.shadowing import Shadowing, compute_shadowing_db


def test_correlation_falls_with_distance_as_gudmundson_has_it():
    steps = np.array([0.0, 25.0, 50.0, 100.0, 1000.0])
    users = jnp.asarray(np.stack([steps, 0.3 * steps], axis=1), float)
    keys = jax.random.split(jax.random.key(3), 1500)
    draw = jax.jit(jax.vmap(lambda key: shadowing._evaluate_field(key, users, 50.0)))
    fields = np.asarray(draw(keys), float)
    found = np.mean(fields[:, :1] * fields, axis=0)
    # five standard errors of a mean of products of normal numbers
    spread = 5.0 * np.sqrt(2.0 / len(keys))
    np.testing.assert_allclose(found, np.exp(-steps * np.hypot(1.0, 0.3) / 50.0), atol=spread)
    # nearly normal: the fourth moment
    assert abs(np.mean(fields**4) - 3.0) < 0.4


def test_stations_share_half_of_it_and_the_seed_decides():
    settings = Shadowing(std_db=6.0, distance_m=50.0, site_correlation=0.5, seed=1)
    ticks = np.arange(40) * 400.0
    users = jnp.asarray(np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2), float)
    loss = np.asarray(compute_shadowing_db(settings, users, 3), float)
    assert loss.shape == (1600, 3)
    np.testing.assert_allclose(loss.std(axis=0), 6.0, rtol=0.1)
    np.testing.assert_allclose(loss.mean(axis=0), 0.0, atol=0.8)
    np.testing.assert_allclose(np.corrcoef(loss.T)[np.triu_indices(3, 1)], 0.5, atol=0.12)
    again = np.asarray(compute_shadowing_db(settings, users[::-1], 3), float)[::-1]
    np.testing.assert_allclose(again, loss, atol=1e-4)
    other = dataclasses.replace(settings, seed=2)
    assert np.abs(np.asarray(compute_shadowing_db(other, users, 3)) - loss).mean() > 3.0
    alike = dataclasses.replace(settings, site_correlation=1.0)
    np.testing.assert_allclose(np.ptp(compute_shadowing_db(alike, users, 3), axis=1), 0.0)


def test_a_link_loses_it_on_every_subcarrier():
    plain = build_scenario("small")
    shaded = build_scenario("small", ("base_stations.shadowing.std_db=8",))
    users = jnp.array([[100.0, 200.0], [900.0, 450.0]])
    lost = compute_shadowing_db(shaded.base_stations.shadowing, users, 1)
    ratio = links.base_path_gain(shaded, users) / links.base_path_gain(plain, users)
    np.testing.assert_allclose(-10.0 * np.log10(ratio), lost, atol=1e-3)
    assert plain.base_stations.shadowing is None
