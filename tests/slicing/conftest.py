"""A slicing scenario in the oracle's form, and random slots of it."""

import jax
import numpy as np
import pytest

from sagin.slicing import actions as edge
from sagin.slicing import step
from sagin.slicing.fading import normal_part, rayleigh_power
from sagin.slicing.scenario import slice_of

AIRCRAFT = {
    "P0": "blade_w",
    "Pi": "induced_w",
    "U_tip": "tip_speed_m_s",
    "v0": "induced_speed_m_s",
    "d0": "drag_ratio",
    "rho": "density_kg_m3",
    "s": "solidity",
    "A": "disc_area_m2",
}
"""Letters of Zeng, Xu and Zhang, and the fields of the scenario."""

reset, uniform = jax.jit(step.reset), jax.jit(edge.draw_actions)


def linear(db):
    """Convert a number to linear units without sagin."""
    return 10.0 ** (db / 10.0)


@pytest.fixture
def numbers():
    """Return a scenario's numbers in SI and linear units."""

    def convert(scenario):
        base, uavs, satellites, traffic, goals = (
            scenario.base_stations,
            scenario.uavs,
            scenario.satellites,
            scenario.traffic,
            scenario.objectives,
        )
        band = scenario.radio.bandwidth_mhz * 1e6 / scenario.radio.subcarriers
        return {
            "bases": base.positions_m,
            "base_power": linear(base.power_dbw),
            "base_exponent": base.exponent,
            "capacity": base.capacity,
            "base_reference": linear(base.reference_gain_db),
            "uav_power": linear(uavs.power_dbw),
            "uav_exponent": uavs.exponent,
            "uav_reference": linear(uavs.reference_gain_db),
            "rician": uavs.rician_factor,
            "altitude": uavs.altitude_m,
            "uav_capacity": np.inf if uavs.capacity is None else uavs.capacity,
            "satellite_capacity": np.inf if satellites.capacity is None else satellites.capacity,
            "satellites": satellites.count,
            "satellite_power": linear(satellites.power_dbw),
            "satellite_exponent": satellites.exponent,
            "satellite_altitude": satellites.altitude_km * 1e3,
            "carrier": satellites.carrier_ghz * 1e9,
            "band": band,
            "noise": band * linear(scenario.radio.noise_dbm_per_hz - 30.0),
            "rule": scenario.balancing.rule,
            "repair": scenario.game.repair,
            "bits": traffic.packet_bits,
            "mean": traffic.packets_per_slot,
            "slot": traffic.slot_s,
            "cap": goals.delay_limit_s,
            "threshold": linear(goals.coverage_threshold_db),
            "reference": goals.throughput_reference_mbps * 1e6,
            "all_users": goals.reward == "all-users",
            "speed": uavs.speed_m_s,
            "aircraft": {name: getattr(scenario.flight, part) for name, part in AIRCRAFT.items()},
            "interference": scenario.radio.interference,
        }

    return convert


def plain_state(state, slices):
    """Return a state's random numbers in the oracle's form."""
    scatter = np.asarray(normal_part(state.uav_draws), float)
    return {
        "positions": np.asarray(state.user_positions, float).tolist(),
        "slices": [
            "HLC"[s] if here else None
            for s, here in zip(slices, np.asarray(state.active), strict=True)
        ],
        "h": np.asarray(rayleigh_power(state.base_draws[..., None]), float),
        "scatter": scatter[..., 0] + 1j * scatter[..., 1],
        "packets": np.asarray(state.arrivals, float),
        "order": np.asarray(state.tiebreak, float),
    }


@pytest.fixture
def plain_slot():
    """Return a slot's random numbers in the oracle's form."""
    return plain_state


def plain_actions(actions):
    """Return actions in the oracle's form."""
    return {
        layer: {
            name: np.asarray(value) for name, value in getattr(actions, layer)._asdict().items()
        }
        for layer in actions._fields
    }


@pytest.fixture
def draw():
    """Draw a slot's state and actions, and return them also in the oracle's form."""

    def one(scenario, seed, counts=None):
        state = reset(jax.random.key(seed), scenario, counts)
        actions = uniform(jax.random.key(seed + 1000), scenario)
        return state, actions, plain_state(state, slice_of(scenario)), plain_actions(actions)

    return one


@pytest.fixture(scope="session")
def run():
    """Run `step`, compiled once per set of static fields."""
    return jax.jit(step.step)


@pytest.fixture(scope="session")
def run_together():
    """Run `step_together`, compiled once per set of static fields."""
    return jax.jit(step.step_together)
