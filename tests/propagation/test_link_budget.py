"""Link budgets: additivity, noise temperatures between their limits, and TR 38.821's rows built
from its parameter tables.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.authorities import entries

from sagin.errors import InputError
from sagin.orbits.circular import slant_range
from sagin.propagation import link_budget, ntn
from sagin.propagation import satellite_terminals as terminals
from sagin.propagation.free_space import path_loss_db

DB = st.floats(-50.0, 50.0, width=32)
CASES = [entry for entry in entries("3gpp_tr38821_link_budget") if "cnr_computed" in entry["id"]]


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("entry", CASES, ids=lambda entry: entry["inputs"]["case"])
def test_study_cases_follow_from_the_parameter_tables(entry):
    i = entry["inputs"]
    parameter_set, orbit, band = i["set"], i["orbit"], i["band"]
    user = terminals.terminal("handheld" if band == "S" else "vsat")
    elevation, frequency = (
        terminals.target_elevation_deg(parameter_set, orbit),
        terminals.FREQUENCY_HZ[band]["downlink"],
    )
    density = terminals.satellite(parameter_set, orbit, band).downlink.eirp_density_dbw_mhz
    budget = link_budget.link_budget(
        link_budget.eirp_dbw(density, i["bandwidth_hz"]),
        link_budget.g_over_t_db_k(
            user.receive_gain_dbi, user.noise_figure_db, user.antenna_temperature_k
        ),
        i["bandwidth_hz"],
        path_loss_db(slant_range(terminals.ALTITUDE_M[orbit], jnp.deg2rad(elevation)), frequency),
        atmospheric_db=ntn.gaseous_loss_db(frequency, elevation),
        shadow_margin_db=terminals.SHADOW_MARGIN_DB[band],
        scintillation_db=ntn.scintillation_loss_db(frequency, elevation),
    )
    # the entry's path loss rounds 20 log10(4π·10⁹/c) to 32.45 dB, which is 2.2 mdB more
    assert budget.carrier_to_noise_db == pytest.approx(entry["expected"], abs=0.005)


@given(DB, DB, DB, DB)
def test_every_decibel_of_loss_costs_a_decibel(eirp, loss, margin, more):
    plain = link_budget.link_budget(eirp, 0.0, 1e6, loss)
    for name in (
        "atmospheric_db",
        "shadow_margin_db",
        "scintillation_db",
        "polarisation_db",
        "additional_db",
    ):
        lossy = link_budget.link_budget(eirp + more, 0.0, 1e6, loss, **{name: margin + more})
        assert lossy.carrier_to_noise_db == pytest.approx(
            float(plain.carrier_to_noise_db) - margin, abs=1e-3
        )
        assert getattr(lossy, name) == pytest.approx(margin + more, abs=1e-4)


@pytest.mark.usefixtures("float64")
@given(st.floats(0.0, 40.0), st.floats(1.0, 500.0), st.floats(1.0, 500.0))
def test_a_lossy_medium_mixes_its_temperature_with_the_sources(attenuation, medium, source):
    found = link_budget.attenuated_noise_temperature(attenuation, medium, source)
    assert min(medium, source) - 1e-9 <= found <= max(medium, source) + 1e-9
    assert link_budget.attenuated_noise_temperature(attenuation, medium, medium) == pytest.approx(
        medium
    )
    assert link_budget.attenuated_noise_temperature(0.0, medium, source) == pytest.approx(source)


@pytest.mark.usefixtures("float64")
@given(st.floats(0.0, 20.0), st.floats(1.0, 400.0), st.floats(-10.0, 60.0))
def test_figure_of_merit_is_the_reports_own_form(figure, antenna, gain):
    reported = gain - figure - 10.0 * np.log10(290.0 + (antenna - 290.0) * 10.0 ** (-0.1 * figure))
    assert link_budget.g_over_t_db_k(gain, figure, antenna) == pytest.approx(reported, abs=1e-9)


@given(st.lists(st.floats(-20.0, 40.0), min_size=1, max_size=4))
def test_a_combined_ratio_is_below_its_worst_part(ratios):
    combined = link_budget.combined_ratio_db(*ratios)
    assert min(ratios) - 10.0 * np.log10(len(ratios)) - 1e-3 <= combined <= min(ratios) + 1e-3
    assert link_budget.combined_ratio_db(*ratios, jnp.inf) == pytest.approx(
        float(combined), abs=1e-4
    )


def test_flux_and_received_power_agree_on_an_isotropic_antenna():
    # an isotropic antenna collects the flux on λ²/4π
    distance, frequency = 1e6, 2e9
    wave = link_budget.flux_density_dbw_m2(10.0, distance) + 10.0 * np.log10(
        (299_792_458.0 / frequency) ** 2 / (4.0 * np.pi)
    )
    assert link_budget.received_power_dbw(
        10.0, 0.0, path_loss_db(distance, frequency)
    ) == pytest.approx(float(wave), abs=1e-4)


def test_budgets_compile_batch_and_differentiate():
    def ratio(loss):
        return link_budget.link_budget(30.0, -10.0, 1e6, loss).carrier_to_noise_db

    losses = jnp.linspace(150.0, 200.0, 5)
    np.testing.assert_allclose(jax.jit(jax.vmap(ratio))(losses), ratio(losses), rtol=1e-6)
    assert jax.grad(ratio)(180.0) == -1.0


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(InputError, match="satellite: set1 MEO S is not one of: set1 GEO S"):
        terminals.satellite("set1", "MEO", "S")
    with pytest.raises(InputError, match="terminal: 'phone' is not one of handheld, vsat"):
        terminals.terminal("phone")
    with pytest.raises(InputError, match="orbit: 'MEO' is not one of GEO, LEO1200, LEO600"):
        terminals.target_elevation_deg("set1", "MEO")
