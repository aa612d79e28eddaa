"""The paper's scenario, and a drop of it in the oracle's form."""

import jax
import numpy as np
import pytest

from sagin.relaying.network import evaluate_drop
from sagin.relaying.sampling import sample_drop


@pytest.fixture
def numbers():
    """A scenario's numbers as the oracle takes them: SI, linear, converted here by hand."""
    return convert


def linear(db):
    return 10.0 ** (db / 10.0)


def convert(scenario):
    relay, base, satellite = scenario.relay, scenario.base, scenario.satellite
    band = scenario.radio.bandwidth_mhz * 1e6
    return {
        "height": relay.altitude_m,
        "radius": relay.radius_m,
        "relays": relay.count,
        "capacity": relay.capacity,
        "power": linear(relay.power_dbm - 30.0),
        "loss_limit_db": relay.path_loss_limit_db,
        "a": scenario.air.a,
        "b": scenario.air.b,
        "los_db": scenario.air.excess_los_db,
        "nlos_db": scenario.air.excess_nlos_db,
        "carrier": scenario.radio.carrier_ghz * 1e9,
        "band": band,
        "noise": linear(scenario.radio.noise_dbm_per_hz - 30.0 + scenario.radio.noise_figure_db)
        * band,
        "eirp": linear(satellite.eirp_dbw_per_mhz) * band / 1e6,
        "masking": linear(satellite.masking_db),
        "satellite_exponent": satellite.exponent,
        "relay_mean_fading": {"heavy": 0.126897, "average": 1.087, "light": 1.606}[
            satellite.fading_relay
        ],
        "stations": [(0.0, 0.0), *base.positions_m],
        "station_watts": linear(base.power_dbm - 30.0),
        "base_power": linear(base.power_dbm - 30.0) * (1 + len(base.positions_m)),
        "base_exponent": base.exponent,
        "base_height": base.height_m,
        "base_capacity": base.capacity,
        "threshold": linear(scenario.algorithm.threshold_db),
        "density": scenario.algorithm.density_per_km2 * 1e-6,
        "gate": scenario.algorithm.gate,
        **convert_energy(scenario, band),
        "band_shared": scenario.radio.band_rule == "shared",
        "power_shared": base.power_rule == "shared",
        "random_admission": base.admission == "random",
        "no_room": scenario.algorithm.excess == "no_room",
        "trigger": scenario.algorithm.trigger,
        "objective": scenario.power.objective,
    }


def convert_energy(scenario, band):
    energy = scenario.energy
    return {
        "p0": energy.hover_ideal_w,
        "delta": energy.hover_correction,
        "epsilon": energy.hover_rate_per_m,
        "site_power": energy.site_power_w * (1 + len(scenario.base.positions_m)),
        "efficiency": energy.amplifier_efficiency,
        "station_extra": energy.station_extra_w,
        "link_hovering": energy.link_hovering == "included",
        "station_power": linear(energy.station_power_dbm - 30.0),
        "satellite": energy.satellite,
        "beam": linear(scenario.satellite.eirp_dbw_per_mhz - energy.satellite_gain_dbi)
        * band
        / 1e6,
    }


def read_fading(powers, here):
    further = powers.further_fading
    further = np.zeros((len(here), 0, 1)) if further is None else np.asarray(further, float)
    return {
        "further_fading": further[here].tolist(),
        "base_fading": np.asarray(powers.base_fading, float)[here].tolist(),
        "direct_fading": np.asarray(powers.direct_fading, float)[here].tolist(),
        "first_fading": np.asarray(powers.first_fading, float).tolist(),
        "hop_fading": np.asarray(powers.hop_fading, float)[here].tolist(),
    }


@pytest.fixture
def draw():
    """Draw a drop of a scenario, and the same as the oracle takes it."""

    def one(scenario, seed, users=None):
        found = jax.jit(sample_drop)(
            jax.random.key(seed), scenario, scenario.users.count if users is None else users
        )
        here = np.asarray(found.present)
        plain = {
            "positions": [tuple(map(float, row)) for row in np.asarray(found.users)[here]],
            **read_fading(found, here),
            "slant": float(found.serving.slant_range),
            "visible": bool(found.serving.visible),
            "order": np.asarray(found.order, float)[here],
        }
        if found.estimate is not None:
            plain["known"] = read_fading(found.estimate, here)
        return found, plain

    return one


@pytest.fixture(scope="session")
def run():
    """`evaluate_drop`, compiled once a scenario's statics."""
    return jax.jit(evaluate_drop)
