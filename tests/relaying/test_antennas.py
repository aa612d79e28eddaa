"""Several antennas per user and estimated channels in whole drops: diversity, weights, effects."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.radio import amplify_forward, diversity
from sagin.relaying import links
from sagin.relaying.frameworks import (
    FRAMEWORKS,
    build_branches,
    find_framework,
    join_antennas,
)
from sagin.relaying.monte_carlo import simulate
from sagin.relaying.sampling import sample_drop
from sagin.relaying.scenario import build_scenario
from sagin.units import from_db

RAYLEIGH = (
    "satellite.time=zenith",
    "satellite.fading_user=rayleigh",
    "satellite.fading_relay=rayleigh",
    "users.count=5000",
)


@pytest.fixture(scope="module")
def branches():
    """Satellite SNRs at three antennas of 5000 users, over their mean."""
    scenario = build_scenario("paper", (*RAYLEIGH, "users.antennas=3"))
    drop = sample_drop(jax.random.key(4), scenario, 5000)
    mean = float(links.direct_snr(scenario, drop.serving, 1.0))
    found = links.compute_links(scenario, drop, jnp.zeros((1, 2)))
    assert found.antenna_hop.shape == (5000, 1, 3)
    np.testing.assert_allclose(found.hop, found.antenna_hop.sum(axis=-1), rtol=1e-6)
    return found.antenna_direct / mean


@pytest.mark.parametrize("antennas", [1, 2, 3])
@pytest.mark.parametrize(
    ("name", "outage"),
    [("cud", diversity.maximum_ratio_outage), ("sc", diversity.selection_outage)],
)
def test_outage_is_the_closed_form_and_its_slope_the_number_of_antennas(
    branches, antennas, name, outage
):
    joined, _ = join_antennas(branches[:, :antennas], jnp.ones((5000, 1, antennas)))
    snr, means = np.asarray(joined[find_framework(name)]), np.ones(antennas)
    thresholds = np.array([0.5, 1.0, 2.0])
    expected = np.asarray(outage(thresholds, np.broadcast_to(means, (3, antennas))))
    shares = np.mean(snr[:, None] <= thresholds, axis=0)
    error = np.sqrt(expected * (1 - expected) / 5000)
    assert np.all(np.abs(shares - expected) < 4 * error)
    # where outages are rare they fall by 10 dB per antenna and 10 dB
    small = np.asarray(outage(np.array([1e-3, 1e-2]), np.broadcast_to(means, (2, antennas))))
    assert np.log10(small[1] / small[0]) == pytest.approx(antennas, abs=0.02)
    high, low = 0.5 * antennas, 0.15 * antennas
    slope = np.log(np.mean(snr <= high) / np.mean(snr <= low)) / np.log(high / low)
    closed = np.log(float(outage(high, means)) / float(outage(low, means))) / np.log(high / low)
    assert slope == pytest.approx(closed, rel=0.25)


def test_the_best_weights_of_23_give_what_the_network_gives_cud(float64):
    """Random channels of two antennas, the relay's noise common to both."""
    rng = np.random.default_rng(1)
    draws = rng.standard_normal((3, 2, 2)) @ [1, 1j]
    channels = amplify_forward.Channels(draws[0], draws[1, 0], draws[2], 0.7)
    weights = amplify_forward.combining_weights(channels)
    best = float(amplify_forward.snr_of_weights(weights, channels, 2.0, 0.5))
    # γ = power/noise of each channel; ς = p/(G²N) with the relay's power p = 1 in γ_ij
    direct = 2.0 * np.abs(draws[0]) ** 2 / 0.5
    first, hop = 2.0 * np.abs(draws[1, 0]) ** 2 / 0.5, np.abs(draws[2]) ** 2 / 0.5
    directs, hops = join_antennas(jnp.asarray(direct[None]), jnp.asarray(hop[None, None]))
    row, constant = find_framework("cud"), jnp.asarray(1.0 / (0.7**2 * 0.5))
    paths = build_branches(directs[row], jnp.asarray([first]), hops[row], constant)
    assert float(FRAMEWORKS[row].combine(paths)[0, 0]) == pytest.approx(best, rel=1e-9)


FEW = ("users.count=120", "base.capacity=40")


@pytest.mark.slow
def test_antennas_and_estimates_act():
    """More antennas serve more and faster; a worse estimate leaves less of it, at full power."""
    plain, two, wrong = (
        simulate(jax.random.key(3), build_scenario("paper", (*FEW, *more)), 32)
        for more in ((), ("users.antennas=2",), ("csi.error_variance=0.2",))
    )
    row = find_framework("cud")
    assert np.mean(two.capacity[:, row]) > 1.05 * np.mean(plain.capacity[:, row])
    assert np.mean(wrong.capacity[:, row]) < 0.98 * np.mean(plain.capacity[:, row])
    assert np.mean(wrong.served[:, row]) < np.mean(plain.served[:, row])
    # the draws of the first antenna, and the truth, are those without the option
    drops = [
        sample_drop(jax.random.key(3), build_scenario("paper", (*FEW, *more)), 120)
        for more in ((), ("users.antennas=2",), ("csi.error_variance=0.2",))
    ]
    for other in drops[1:]:
        np.testing.assert_array_equal(other.base_fading[:, :1], drops[0].base_fading)
        np.testing.assert_array_equal(other.direct_fading[:, :1], drops[0].direct_fading)
        np.testing.assert_array_equal(other.hop_fading[:, :, :1], drops[0].hop_fading)
    assert drops[0].estimate is None
    assert not np.any(np.asarray(drops[2].estimate.hop_fading == drops[2].hop_fading))


def test_estimates_do_not_depend_on_the_numbers_of_users_and_relays():
    one, other = (
        sample_drop(
            jax.random.key(5), build_scenario("paper", ("csi.error_variance=0.5", *more)), 60
        ).estimate
        for more in (("users.count=60",), ("users.count=90", "relay.count=3"))
    )
    np.testing.assert_allclose(one.base_fading, other.base_fading[:60], rtol=1e-6)
    np.testing.assert_allclose(one.direct_fading, other.direct_fading[:60], rtol=1e-6)
    np.testing.assert_allclose(one.first_fading, other.first_fading[:1], rtol=1e-6)
    np.testing.assert_allclose(one.hop_fading, other.hop_fading[:60, :1], rtol=1e-6)


@pytest.mark.slow
def test_what_is_chosen_by_a_wrong_estimate_costs_power_and_may_carry_nothing(draw, run):
    # of users admitted at random some are near γ_th; the strongest ones are not
    fields = (*FEW, "csi.error_variance=0.2", "base.admission=random")
    scenario = build_scenario("paper", fields)
    threshold = float(from_db(scenario.algorithm.threshold_db)) * (1 - 1e-6)
    lost = []
    for seed in range(6):
        summary, detail = run(scenario, draw(scenario, seed)[0])
        sends, served = np.asarray(detail.sends), np.asarray(detail.served)
        assert np.all(sends[served])
        assert np.all((np.asarray(detail.power) > 0) == sends[:, :, :-1])
        assert np.all(np.asarray(detail.snr)[served] >= threshold)
        assert np.all(np.asarray(detail.links.base)[np.asarray(detail.base)] >= threshold)
        assert summary.base_users <= scenario.base.capacity
        lost.append((np.any(sends & ~served), summary.base_users < scenario.base.capacity))
    assert np.all(np.any(lost, axis=0)), "links of relays and satellite, and of the base station"
