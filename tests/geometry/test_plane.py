"""Distance, point sets, spacing and mobility in the plane."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin import geometry

COORDINATE = st.floats(-1e4, 1e4, width=32)
PAIR = st.tuples(COORDINATE, COORDINATE)
DRAWS = 20_000

separated = jax.jit(geometry.separate)


def within(sample, mean, sigmas=5.0):
    """Return whether the mean of a sample is within some of its standard errors of a value."""
    sample = np.asarray(sample, np.float64)
    return abs(sample.mean() - mean) <= sigmas * sample.std() / np.sqrt(len(sample))


def test_distance_and_elevation_by_hand(both_widths):
    assert geometry.distance(jnp.array([1.0, 2.0]), jnp.array([4.0, 6.0])) == 5.0
    assert (
        geometry.horizontal_distance(jnp.array([1.0, 2.0, 7.0]), jnp.array([4.0, 6.0, -9.0])) == 5.0
    )
    for degrees in (0.0, 30.0, 45.0, 90.0):
        found = geometry.elevation(
            100.0 * np.cos(np.deg2rad(degrees)), 100.0 * np.sin(np.deg2rad(degrees))
        )
        assert jnp.rad2deg(found) == pytest.approx(degrees, abs=200 * both_widths)


@given(PAIR, PAIR, PAIR)
def test_distance_is_a_metric(a, b, c):
    a, b, c = jnp.array(a), jnp.array(b), jnp.array(c)
    there = geometry.distance(a, b)
    assert there == geometry.distance(b, a)
    assert there <= (geometry.distance(a, c) + geometry.distance(c, b)) * (1 + 1e-5)


def test_distances_broadcast_and_have_finite_gradients():
    users, nodes = jnp.ones((5, 1, 2)), jnp.ones((3, 2))
    assert geometry.horizontal_distance(users, nodes).shape == (5, 3)
    assert jnp.all(jax.grad(lambda x: geometry.distance(x, nodes).sum())(jnp.ones(2)) == 0.0)
    assert jnp.all(
        jnp.isfinite(
            jax.grad(lambda x: geometry.elevation(geometry.distance(x, nodes), 30.0).sum())(
                jnp.ones(2)
            )
        )
    )
    assert jax.grad(lambda x: geometry.distance(x, jnp.zeros(2)))(
        jnp.array([3.0, 4.0])
    ) == pytest.approx(np.array([0.6, 0.8]))


def test_uniform_square_has_the_moments_of_the_uniform(both_widths):
    points = geometry.uniform_square(jax.random.key(1), DRAWS, 3000.0)
    assert points.shape == (DRAWS, 2)
    assert float(points.min()) >= 0.0
    assert float(points.max()) <= 3000.0
    for axis in range(2):
        assert within(points[:, axis], 1500.0)
        assert within((points[:, axis] - 1500.0) ** 2, 3000.0**2 / 12)
    assert within((points[:, 0] - 1500.0) * (points[:, 1] - 1500.0), 0.0)


def test_uniform_disc_fills_equal_areas_equally(both_widths):
    points = geometry.uniform_disc(jax.random.key(2), DRAWS, 500.0, (100.0, -50.0)) - jnp.array(
        [100.0, -50.0]
    )
    reach = jnp.linalg.norm(points, axis=-1)
    assert float(reach.max()) <= 500.0 * (1 + 1e-4)
    assert within(reach, 1000.0 / 3)
    assert within(reach**2, 500.0**2 / 2)
    assert within(points[:, 0], 0.0)
    assert within(points[:, 1] > 0, 0.5)


PROCESSES = {
    "square": (lambda key: geometry.poisson_square(key, 5e-5, 1000.0, 120), 500.0, 1e6 / 12),
    "disc": (
        lambda key: geometry.poisson_disc(key, 50.0 / (np.pi * 400.0**2), 400.0, 120, (7.0, 7.0)),
        7.0,
        400.0**2 / 4,
    ),
}


@pytest.mark.parametrize("shape", PROCESSES)
def test_poisson_process_has_poisson_counts_and_uniform_places(shape):
    process, mean, variance = PROCESSES[shape]
    drawn = jax.jit(jax.vmap(process))(jax.random.split(jax.random.key(3), 4000))
    counts = drawn.present.sum(axis=-1)
    assert jnp.array_equal(counts, drawn.drawn)
    assert int(drawn.overflow.max()) == 0
    assert within(counts, 50.0)
    assert within((counts - 50.0) ** 2, 50.0)
    places = np.asarray(drawn.points)[np.asarray(drawn.present)]
    for axis in range(2):
        assert within(places[:, axis], mean)
        assert within((places[:, axis] - mean) ** 2, variance)


def test_overflow_of_a_poisson_process_is_told():
    drawn = geometry.poisson_square(jax.random.key(4), 1.0, 100, 30)
    assert bool(drawn.present.all())
    assert int(drawn.overflow) == int(drawn.drawn) - 30 > 0
    none = geometry.poisson_square(jax.random.key(4), 0.0, 100.0, 30)
    assert (int(none.drawn), int(none.overflow), bool(none.present.any())) == (0, 0, False)


@pytest.mark.parametrize(("share", "dense"), [(0.0, 0), (0.5, 100), (1.0, 200)])
def test_hotspot_holds_its_share(share, dense):
    centre = jnp.array([300.0, 100.0])
    points = jax.jit(lambda key, share: geometry.hotspot(key, 200, 500.0, share, centre, 20.0))(
        jax.random.key(5), share
    )
    assert bool(jnp.all(geometry.distance(points[:dense], centre) <= 20.001))
    assert bool(jnp.all(jnp.linalg.norm(points, axis=-1) <= 500.01))
    assert int(jnp.sum(geometry.distance(points[dense:], centre) <= 20.0)) <= 5


def walk(position, side):
    """Reflect at the borders one hit at a time, in a slow loop."""
    while not 0.0 <= position <= side:
        position = -position if position < 0.0 else 2.0 * side - position
    return position


@given(st.floats(-2e3, 2e3), st.floats(1.0, 100.0))
def test_reflection_is_that_of_one_mirror_after_another(position, side):
    with jax.enable_x64(True):
        assert float(geometry.reflect(jnp.array([position]), side)[0]) == pytest.approx(
            walk(position, side), abs=1e-9
        )


@given(st.floats(0.0, 3000.0, width=32))
def test_reflection_leaves_the_inside_alone(position):
    assert float(geometry.reflect(jnp.array([position]), 3000.0)[0]) == position


def test_random_direction_goes_the_distance_in_all_directions():
    start = jnp.full((DRAWS, 2), 500.0)
    moved = geometry.random_direction(jax.random.key(6), start, 1.5, 10.0, 1000.0) - start
    np.testing.assert_allclose(jnp.linalg.norm(moved, axis=-1), 15.0, rtol=1e-4)
    assert within(moved[:, 0], 0.0)
    assert within(moved[:, 0] * moved[:, 1], 0.0)
    far = geometry.random_direction(jax.random.key(6), start, 1e3, 10.0, 1000.0)
    assert bool(jnp.all((far >= 0.0) & (far <= 1000.0)))


def test_minimum_distance_of_few_points():
    assert float(geometry.minimum_distance(jnp.zeros((1, 2)))) == np.inf
    assert float(geometry.minimum_distance(jnp.array([[0.0, 0.0], [0.0, 0.0]]))) == 0.0


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 6).flatmap(
        lambda count: st.lists(
            st.tuples(*[st.floats(-50.0, 350.0, width=32)] * 2), min_size=count, max_size=count
        )
    ),
    st.floats(1.0, 150.0),
)
def test_separated_points_keep_the_spacing_within_the_square(points, spacing):
    points = jnp.array(points, jnp.float32)
    found = separated(points, 300.0, spacing)
    assert bool(jnp.all((found >= 0.0) & (found <= 300.0)))
    if bool(geometry.fits(len(points), 300.0, spacing)):
        assert float(geometry.minimum_distance(found)) >= spacing - 16 * 300.0 * 2.0**-23
    if (
        bool(jnp.all((points >= 0.0) & (points <= 300.0)))
        and float(geometry.minimum_distance(points)) >= spacing
    ):
        assert jnp.array_equal(found, points)


@pytest.mark.parametrize("count", [2, 3, 9])
@pytest.mark.parametrize("place", [(0.0, 0.0), (150.0, 150.0), (300.0, 17.0)])
def test_coincident_points_are_separated_always_alike(count, place, both_widths):
    points = jnp.tile(jnp.array(place), (count, 1))
    spacing = 300.0 / (np.ceil(np.sqrt(count)) - 1)
    assert bool(geometry.fits(count, 300.0, spacing))
    found = separated(points, 300.0, spacing)
    assert float(geometry.minimum_distance(found)) >= spacing - 16 * 300.0 * both_widths
    assert jnp.array_equal(found, separated(points, 300.0, spacing))


def test_separation_is_the_same_compiled_and_batched():
    points = jnp.array(
        [[[10.0, 10.0], [12.0, 10.0], [11.0, 14.0]], [[0.0, 0.0], [0.0, 0.0], [300.0, 300.0]]]
    )
    batched = jax.vmap(lambda some: geometry.separate(some, 300.0, 50.0))(points)
    for some, found in zip(points, batched, strict=True):
        np.testing.assert_allclose(geometry.separate(some, 300.0, 50.0), found, atol=1e-3)
        np.testing.assert_allclose(separated(some, 300.0, 50.0), found, atol=1e-3)


def test_two_close_points_move_apart_along_their_line_by_as_little_as_needed(both_widths):
    found = geometry.separate(
        jnp.array([[100.0, 100.0], [100.0, 130.0], [250.0, 20.0]]), 300.0, 50.0
    )
    np.testing.assert_allclose(
        found, [[100.0, 90.0], [100.0, 140.0], [250.0, 20.0]], rtol=10 * both_widths
    )


def test_what_cannot_fit_is_said_and_still_lies_in_the_square():
    assert not bool(geometry.fits(5, 100.0, 60.0))
    found = geometry.separate(jnp.zeros((30, 2)), 100.0, 60.0)
    assert bool(jnp.all((found >= 0.0) & (found <= 100.0)))
    assert float(geometry.minimum_distance(found)) > 0.0
