"""Sweeps: each point equals a separate run, whatever other points are computed with it."""

import jax
import numpy as np
import pytest

from sagin.relaying.frameworks import FRAMEWORKS
from sagin.relaying.monte_carlo import simulate, sweep_users
from sagin.relaying.placement import DECISION_RULES
from sagin.relaying.scenario import Scenario, build_scenario


def test_a_sweep_is_paired_and_does_not_depend_on_the_chunk():
    key, users = jax.random.key(2), [20, 120, 200]
    one, other = (
        sweep_users(key, Scenario(), 40, users, chunk=16),
        sweep_users(key, Scenario(), 40, users, chunk=7),
    )
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    np.testing.assert_array_equal(one.users[:, 0], users)
    assert one.capacity.shape == (3, 40, len(FRAMEWORKS))


ALL_RULES = [(placement, relays) for placement in sorted(DECISION_RULES) for relays in (1, 2)]


@pytest.mark.parametrize(
    ("placement", "relays"),
    # each compiles two programs; the two rules that place relays together and one after the other
    # stand for the rest
    [
        pytest.param(*rule, marks=() if rule == ("hotspot", 2) else pytest.mark.slow)
        for rule in ALL_RULES
    ],
)
def test_a_sweep_is_the_runs_alone_whatever_the_padding(float64, placement, relays):
    """The same drops: neither places nor results depend on the rows that pad the users."""
    asked = (
        f"algorithm.placement={placement}",
        f"relay.count={relays}",
        "algorithm.grid=5",
        "base.capacity=20",
        "relay.radius_m=200",
    )
    key = jax.random.key(6)
    swept = sweep_users(key, build_scenario("paper", asked), 6, [40, 70])
    alone = simulate(key, build_scenario("paper", (*asked, "users.count=40")), 6)
    for name, value in alone._asdict().items():
        np.testing.assert_allclose(getattr(swept, name)[0], value, rtol=1e-9, err_msg=name)


def test_numbers_of_relays_share_their_drops(draw):
    (one, _), (other, _) = (
        draw(build_scenario("paper", (f"relay.count={relays}",)), 5) for relays in (1, 3)
    )
    for name, value in one._asdict().items():
        shared = jax.tree.map(
            lambda values, like: values[tuple(slice(size) for size in like.shape)],
            getattr(other, name),
            value,
        )
        jax.tree.map(np.testing.assert_array_equal, shared, value)
