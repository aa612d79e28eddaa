"""Energy: the rotary-wing model against its paper, the hovering law (9), (10), and the three
accounts.
"""

import numpy as np
import pytest

from sagin.flight import (
    RotaryWing,
    blade_profile_power,
    induced_power,
    maximum_endurance,
    propulsion_power,
)
from sagin.relaying.energy import (
    NodeActivity,
    compute_accounts,
    hovering_altitude,
    hovering_power,
)
from sagin.relaying.settings import Energy

from authorities import check, entries


def wing(inputs):
    names = {
        "P0": "blade_w",
        "Pi": "induced_w",
        "U_tip": "tip_speed_m_s",
        "v0": "induced_speed_m_s",
        "d0": "drag_ratio",
        "rho": "density_kg_m3",
        "s": "solidity",
    }
    return RotaryWing(
        **{names[key]: value for key, value in inputs.items() if key in names},
        disc_area_m2=inputs["A"],
    )


MODELS = {
    "blade-profile power in hover": lambda x: blade_profile_power(
        x["delta"], x["rho"], x["s"], x["A"], x["omega"], x["R"]
    ),
    "induced power in hover": lambda x: induced_power(x["k"], x["weight_n"], x["rho"], x["A"]),
    "rotary-wing propulsion power at speed V": lambda x: propulsion_power(x["speed_m_s"], wing(x)),
    "maximum-endurance speed (argmin P) and its power": lambda x: np.stack(maximum_endurance()),
}


@pytest.mark.parametrize("entry", entries("uav_power"), ids=lambda entry: entry["id"])
def test_against_the_literature(float64, entry):
    check(entry, MODELS[entry["quantity"]](entry["inputs"]))


def test_the_default_hovering_power_is_the_literatures():
    """(9) at 30 m is the rotary wing's power at rest, to the change of the air's density over 30 m
    (0.15 %).
    """
    default = Energy()
    assert float(
        hovering_power(
            default.hover_ideal_w, default.hover_correction, default.hover_rate_per_m, 0.0
        )
    ) == pytest.approx(168.4842, rel=1e-4)
    assert float(
        hovering_power(
            default.hover_ideal_w, default.hover_correction, default.hover_rate_per_m, 30.0
        )
    ) == pytest.approx(168.4842, rel=2e-3)
    assert default.hover_ideal_w == pytest.approx(
        float(induced_power(0.0, 20.0, 1.225, 0.503)), rel=1e-4
    )
    assert default.hover_rate_per_m == pytest.approx(
        9.80665 / (287.05287 * 288.15) - 0.0065 / 288.15, rel=5e-3
    )


def test_hovering_altitude_is_the_inverse(both_widths):
    power = hovering_power(80.0, 1.0, 1e-3, 250.0)
    assert float(hovering_altitude(power, 80.0, 1.0, 1e-3)) == pytest.approx(
        250.0, rel=1e4 * both_widths
    )


def test_flight_at_rest_is_hovering_and_the_endurance_speed_is_a_minimum():
    speed, least = maximum_endurance()
    assert float(propulsion_power(0.0)) == pytest.approx(79.8563 + 88.6279, rel=1e-6)
    assert np.all(
        np.asarray(propulsion_power(np.linspace(0.0, 40.0, 81))) >= float(least) * (1 - 1e-6)
    )
    assert 10.0 < float(speed) < 10.5


def test_the_least_energy_per_metre_is_at_the_papers_maximum_range_speed():
    speeds = np.linspace(1.0, 40.0, 3901)
    energy = np.asarray(propulsion_power(speeds), float) / speeds
    assert speeds[np.argmin(energy)] == pytest.approx(18.3, abs=0.2)  # Fig. 2 of Zeng et al.


@pytest.mark.parametrize(
    ("satellite", "beams"), [("excluded", 0), ("beam", 1), ("standing", 1), ("bands", 7)]
)
def test_accounts(satellite, beams):
    settings = Energy(satellite=satellite)
    hover, sky = float(hovering_power(80.571, 1.0911, 9.6e-5, 30.0)), 138.0 * beams
    relays = compute_accounts(NodeActivity(2, 5.0, 0, 7, 1.5, 1), settings, 40.0, 30.0, 138.0)
    assert float(relays.radiated) == pytest.approx(40.0 + 5.0 + sky)
    assert float(relays.link) == pytest.approx(40.0 + 1.5 + sky)
    assert float(relays.printed) == pytest.approx(40.0 + 2 * hover + 5.0 + sky)
    assert float(relays.site) == pytest.approx(1000.0 + 2 * hover + (5.0 + sky) / 0.31)
    nobody = compute_accounts(NodeActivity(0, 0.0, 0, 0, 0.0), settings, 40.0, 30.0, 138.0)
    assert [float(part) for part in nobody] == [40.0, 40.0, 40.0, 1000.0]
    stations = compute_accounts(NodeActivity(2, 2.0, 1, 0, 1.6), settings, 40.0, 30.0, 138.0)
    assert float(stations.radiated) == pytest.approx(42.0)
    assert float(stations.printed) == pytest.approx(42.0 + 2 * (hover + 50.0))
    assert float(stations.link) == pytest.approx(41.6 + 2 * 50.0)
    hovering = Energy(satellite=satellite, link_hovering="included")
    relays = compute_accounts(NodeActivity(2, 5.0, 0, 7, 1.5, 1), hovering, 40.0, 30.0, 138.0)
    assert float(relays.link) == pytest.approx(40.0 + 2 * hover + 1.5 + sky)
    assert float(stations.site) == pytest.approx(1000.0 + 2 * (hover + 50.0) + 2.0 / 0.31)
