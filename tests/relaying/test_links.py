"""Links compared with the oracle's equations one by one, and the randomness of a drop."""

import math
import tomllib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.constants import EARTH_RADIUS
from sagin.errors import InputError
from sagin.links import LINKS, Link, check_link, compute_link
from sagin.orbits.circular import period, slant_range
from sagin.parameters import read
from sagin.propagation import shadowed_rician
from sagin.relaying import links
from sagin.relaying.monte_carlo import simulate
from sagin.relaying.sampling import Serving, count_rows, locate_pass, sample_drop
from sagin.relaying.scenario import Scenario, build_scenario

from oracle import relaying_links as oracle


def test_relay_hop(float64, numbers):
    scenario, n = Scenario(), numbers(Scenario())
    for r in (0.0, 3.0, 50.0, 100.0, 400.0):
        loss = links.hop_path_loss_db(scenario, jnp.asarray(r))
        assert float(loss) == pytest.approx(oracle.path_loss_db(n, r), abs=1e-9)
        assert float(links.hop_snr_per_watt(scenario, loss)) * 0.5 == pytest.approx(
            oracle.hop_snr(n, r, 0.5, 1.0)
        )


def test_the_printed_6_multiplies_free_space_in_twice(float64):
    """At the coverage edge and p_max it gives −43 dB without a noise figure, where (7) alone gives
    +36 dB.
    """
    for exponent, expected in ((0.0, 36.0), (2.0, -43.0)):
        scenario = build_scenario(
            "paper", (f"air.repeated_exponent={exponent}", "radio.noise_figure_db=0")
        )
        unit = links.hop_snr_per_watt(
            scenario, links.hop_path_loss_db(scenario, jnp.asarray(100.0))
        )
        assert 10 * np.log10(float(unit)) + 29 - 30 == pytest.approx(expected, abs=0.6)


def test_satellite_and_base(float64, numbers):
    scenario, n = Scenario(), numbers(Scenario())
    for slant, seen in ((1e6, True), (2.7e6, True), (2.7e6, False)):
        found = links.satellite_snr(
            scenario, Serving(jnp.asarray(slant), jnp.asarray(seen)), 0.4, 0.0
        )
        assert float(found) == pytest.approx(oracle.satellite_snr(n, slant, seen, 0.4))
    users = jnp.asarray([[300.0, -400.0], [1.0, 0.0]])
    drop = jax.jit(sample_drop)(jax.random.key(0), scenario, 2)._replace(
        users=users, base_fading=jnp.asarray([[0.3], [2.0]])
    )
    expected = [oracle.base_snr(n, 500.0, 0.3), oracle.base_snr(n, 1.0, 2.0)]
    np.testing.assert_allclose(links.compute_base_snr(scenario, drop), expected, rtol=1e-9)


def test_antenna_gains_count(float64):
    plain, gained = (
        Scenario(),
        build_scenario("paper", ("users.antenna_gain_dbi=3", "relay.antenna_gain_dbi=5")),
    )
    drop = jax.jit(sample_drop)(jax.random.key(0), plain, 200)
    one, other = (
        links.compute_links(scenario, drop, jnp.zeros((1, 2))) for scenario in (plain, gained)
    )
    for name, gain_db in (("base", 3.0), ("direct", 3.0), ("first", 5.0), ("hop", 8.0)):
        np.testing.assert_allclose(
            getattr(other, name), np.asarray(getattr(one, name)) * 10 ** (gain_db / 10), rtol=1e-9
        )


def test_a_pass_is_visible_as_12_says(float64):
    """Times uniform over the orbit see the satellite for the share that (12) gives, from distances
    that it allows.
    """
    scenario = build_scenario("paper", ("satellite.time=any",))
    turns = jax.random.uniform(jax.random.key(1), (4000,), minval=-1.0, maxval=1.0)
    found = jax.vmap(lambda turn: locate_pass(turn, scenario))(turns)
    limit, turn = float(slant_range(1e6, np.deg2rad(10.0))), float(period(1e6))
    share = np.mean(
        [
            oracle.visible(t, turn, 0.0, limit, EARTH_RADIUS, 1e6)
            for t in np.linspace(0, turn, 20_001)
        ]
    )
    assert float(found.visible.mean()) == pytest.approx(
        share, abs=4 * np.sqrt(share * (1 - share) / 4000)
    )
    assert (
        float(found.slant_range[found.visible].max())
        <= limit
        <= float(found.slant_range[~found.visible].min())
    )
    zenith = build_scenario("paper", ("satellite.time=zenith",))
    assert float(locate_pass(jnp.asarray(0.7), zenith).slant_range) == pytest.approx(1e6)


def test_fading_has_the_models_means():
    scenario = build_scenario("paper", ("relay.count=16",))
    drops = jax.jit(jax.vmap(lambda key: sample_drop(key, scenario, 200)))(
        jax.random.split(jax.random.key(3), 300)
    )
    for found, mean in (
        (drops.base_fading, 1.0),
        (drops.hop_fading, 1.0),
        (drops.direct_fading, float(shadowed_rician.mean_power(shadowed_rician.HEAVY))),
        (drops.first_fading, float(shadowed_rician.mean_power(shadowed_rician.LIGHT))),
    ):
        values = np.asarray(found, float).ravel()
        assert values.mean() == pytest.approx(mean, abs=5 * values.std() / np.sqrt(values.size))


def test_users_stand_in_cell_and_hotspot():
    scenario = Scenario()
    users = np.asarray(jax.jit(sample_drop)(jax.random.key(9), scenario, 200).users)
    assert np.all(np.hypot(*users.T) <= 500.0 * (1 + 1e-6))
    gathered = users[1::2]
    assert np.all(
        np.hypot(*(gathered[:, None] - gathered[None]).reshape(-1, 2).T) <= 200.0 * (1 + 1e-5)
    )
    assert np.hypot(*users[0::2].T).mean() == pytest.approx(
        2 * 500 / 3, abs=5 * 500 / np.sqrt(18 * 100)
    )


@pytest.mark.slow
def test_a_poisson_number_of_users_has_mean_and_variance_alike():
    scenario = build_scenario("poisson")
    users = np.asarray(simulate(jax.random.key(0), scenario, 1000).users, float)
    assert users.mean() == pytest.approx(200, abs=5 * np.sqrt(200 / 1000))
    assert users.var() == pytest.approx(200, rel=5 * np.sqrt(2 / 1000))
    assert users.max() < count_rows(scenario)


RAIN = "{models=['free-space', 'rain'], rain={rate_mm_h=30.0, height_km=3.0}}"
GASES = "{models=['free-space', 'gases']}"
ROWS = {
    "base": ("free-space", "log-distance", "air-to-ground", GASES),
    "air": ("free-space", "log-distance", "air-to-ground", GASES),
    "satellite": ("free-space", "log-distance", "ntn", "ntn-budget", GASES, RAIN),
}
"""Loss models that hold on the system's links."""


@pytest.mark.parametrize(("name", "row"), [(n, row) for n, rows in ROWS.items() for row in rows])
def test_every_loss_model_is_the_budget_of_its_geometry(name, row):
    losses = row if row.startswith("{") else f"{{models=['{row}']}}"
    ghz = 20.0 if name == "satellite" else 2.0
    carrier = f"radio.carrier_ghz={ghz}"
    scenario = build_scenario("paper", (carrier, f"{name}.losses={losses}"))
    plain = build_scenario("paper", (carrier,))
    if name == "satellite":
        near = Serving(jnp.asarray(1_500e3), jnp.asarray(True))
        ratio = links.satellite_snr(scenario, near, 1.0, 0.0) / links.satellite_snr(
            plain, near, 1.0, 0.0
        )
        # from the triangle of Earth's centre, user and satellite
        radius, height, reach = EARTH_RADIUS, 1_000e3, 1_500e3
        sine = ((radius + height) ** 2 - radius**2 - reach**2) / (2 * radius * reach)
        elevation = math.degrees(math.asin(sine))
        way = {"upper_height_m": 1e6, "elevation_deg": elevation}
    elif name == "base":
        distance, one = jnp.asarray([200.0]), jnp.ones(1)
        ratio = (links.base_snr(scenario, distance, one) / links.base_snr(plain, distance, one))[0]
        ground = math.sqrt(200.0**2 - float(plain.base.height_m) ** 2)
        way = {"upper_height_m": plain.base.height_m, "ground_distance_m": ground}
    else:
        loss = links.hop_path_loss_db(scenario, jnp.asarray([80.0]))[0]
        way = {"upper_height_m": 30.0, "ground_distance_m": 80.0}
    case = {key: value for key, value in LINKS["SC9-downlink"][1].items() if key != "elevation_deg"}
    case |= {
        "frequency_ghz": ghz,
        "lower_height_m": 0.0,
        "losses": tomllib.loads(f"x={losses}")["x"],
    }
    budget = compute_link(check_link(read(Link, case | way))).path_loss_db
    if name == "air":
        assert float(loss) == pytest.approx(budget, abs=0.02)
        return
    exponent, reach = (3.5, 200.0) if name == "base" else (2.0, 1_500e3)
    start = 20 * math.log10(4 * math.pi * ghz * 1e9 / 299_792_458.0)
    paper = start + 10 * exponent * math.log10(reach)
    assert -10 * math.log10(float(ratio)) == pytest.approx(budget - paper, abs=0.02)


@pytest.mark.parametrize(
    ("name", "model"), [("base", "ntn"), ("air", "ntn-budget"), ("satellite", "air-to-ground")]
)
def test_a_model_outside_its_validity_is_one_line(name, model):
    with pytest.raises(InputError, match=f"loss model {model}") as caught:
        build_scenario("paper", (f"{name}.losses.models=['{model}']",))
    assert "\n" not in str(caught.value)


def test_what_loss_models_make_idle_is_refused():
    for overrides, words in (
        (
            ("base.losses.models=['log-distance']", "base.exponent=3"),
            "no value together with base.losses",
        ),
        (("air.losses.models=['ntn']",), "loss model ntn"),
        (("sites.density_per_km2=9",), "no value without sites.file"),
        (("sites.file=a.csv", "users.count=300"), "sites.density_per_km2 decides"),
    ):
        with pytest.raises(InputError, match=words):
            build_scenario("paper", overrides)
