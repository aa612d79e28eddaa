"""A user's own fading enters a scenario from Python, like the built-in rows."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from sagin.errors import ScenarioError
from sagin.parameters import read, to_mapping, to_toml
from sagin.relaying.fading import FADINGS, Fading, get_fading
from sagin.relaying.monte_carlo import simulate
from sagin.relaying.placement import DECISION_RULES
from sagin.relaying.sampling import sample_drop
from sagin.relaying.scenario import Scenario, build_scenario


def sample_nakagami(key, parameters, shape):
    """Nakagami-m powers of unit mean: gamma of shape m and scale 1/m."""
    (m,) = parameters
    return jax.random.gamma(key, m, shape) / m


NAKAGAMI = Fading("nakagami", sample_nakagami, lambda _: 1.0, (3.0,))


def constant(level):
    """A channel without fading."""
    return Fading("constant", lambda key, _, shape: jax.numpy.full(shape, level), lambda _: level)


@pytest.mark.parametrize("name", FADINGS)
def test_a_rows_mean_is_that_of_its_samples(name):
    fading = FADINGS[name]
    powers = np.asarray(fading.sample_power(jax.random.key(1), fading.parameters, (40_000,)))
    error = powers.std() / np.sqrt(powers.size)
    assert powers.mean() == pytest.approx(float(fading.mean), abs=5 * error)


def test_ones_own_fading_reaches_every_link_and_no_other():
    plain = build_scenario("paper", ("relay.count=2",))
    mine = replace(
        plain,
        base=replace(plain.base, fading=NAKAGAMI),
        air=replace(plain.air, fading=constant(0.5)),
        satellite=replace(plain.satellite, fading_user=NAKAGAMI, fading_relay=constant(2.0)),
    )
    one, other = (jax.jit(sample_drop)(jax.random.key(0), each, 200) for each in (plain, mine))
    np.testing.assert_array_equal(one.users, other.users)
    np.testing.assert_array_equal(other.hop_fading, np.full((200, 2, 1), 0.5))
    np.testing.assert_array_equal(other.first_fading, [2.0, 2.0])
    for powers in (other.base_fading, other.direct_fading):
        values = np.asarray(powers, float)
        assert values.mean() == pytest.approx(1.0, abs=5 / np.sqrt(3 * values.size))
        assert values.var() == pytest.approx(1 / 3, abs=0.2)


def test_a_run_with_it_is_a_run_and_a_row_by_name_is_the_row_itself():
    plain = build_scenario("paper", ("users.count=40", "base.capacity=10"))
    named, row = (
        replace(plain, satellite=replace(plain.satellite, fading_user=fading))
        for fading in ("average", FADINGS["average"])
    )
    results = [simulate(jax.random.key(2), each, 6) for each in (named, row)]
    np.testing.assert_array_equal(results[0].capacity, results[1].capacity)
    assert np.all(np.isfinite(results[0].capacity))
    assert DECISION_RULES["hotspot"].compiled


def test_text_names_a_built_in_fading_and_a_function_is_stored_by_its_name():
    plain = Scenario()
    mine = replace(plain, base=replace(plain.base, fading=NAKAGAMI))
    assert to_mapping(mine)["base"]["fading"] == "nakagami"
    assert "nakagami" in to_toml(mine)
    assert "fading" not in to_mapping(plain)["base"]
    for value in ("nakagami", {"name": "nakagami"}):
        with pytest.raises(ScenarioError, match=r"base\.fading.*rayleigh") as caught:
            read(Scenario, {"base": {"fading": value}})
        assert "\n" not in str(caught.value)
    with pytest.raises(ScenarioError, match="fading 'mist': unknown"):
        get_fading("mist")
