"""Published values for free space, air-to-ground links and fading, entry by entry."""

import jax.numpy as jnp
import pytest
from tests.authorities import check, entries

from sagin.propagation import air_to_ground, free_space, rician, shadowed_rician
from sagin.propagation.air_to_ground import ENVIRONMENTS
from sagin.propagation.shadowed_rician import SHADOWING, ShadowedRician
from sagin.units import from_db


def environment(i):
    return ENVIRONMENTS[i["environment"]]


def best_elevation_deg(i):
    return jnp.rad2deg(air_to_ground.optimal_elevation(environment(i)))


def fading(i):
    return ShadowedRician(omega=i["Omega"], scatter=i["b0"], m=i["m"])


def parameters_of(i):
    found = SHADOWING[i["shadowing"]]
    return [found.scatter, found.m, found.omega]


def scale(i):
    return from_db(i["rho_db"])


COMPUTE = {
    ("fspl", "free-space"): lambda i: free_space.path_loss_db(i["distance_m"], i["frequency_hz"]),
    ("a2g_alhourani", "S-curve"): environment,
    ("a2g_alhourani", "line-of-sight"): lambda i: air_to_ground.line_of_sight_probability(
        jnp.deg2rad(i["elevation_deg"]), environment(i)
    ),
    ("a2g_alhourani", "maximum coverage"): lambda i: air_to_ground.coverage_radius(
        i["max_path_loss_db"], i["frequency_hz"], environment(i)
    ),
    ("a2g_alhourani", "elevation angle"): best_elevation_deg,
    ("a2g_alhourani", "same"): best_elevation_deg,
    ("rician", "CDF"): lambda i: rician.power_cdf(i["x"], i["K"]),
    ("shadowed_rician", "parameters"): parameters_of,
    ("shadowed_rician", "average coherent BPSK"): lambda i: shadowed_rician.bpsk_error(
        fading(i), scale(i)
    ),
    ("shadowed_rician", "ergodic capacity"): lambda i: shadowed_rician.mean_capacity(
        fading(i), scale(i)
    ),
    ("shadowed_rician", "CDF"): lambda i: shadowed_rician.power_cdf(i["x"], fading(i)),
    ("shadowed_rician", "PDF"): lambda i: shadowed_rician.power_pdf(i["x"], fading(i)),
    ("shadowed_rician", "mean power"): lambda i: shadowed_rician.mean_power(fading(i)),
    ("shadowed_rician", "second moment"): lambda i: shadowed_rician.second_moment(fading(i)),
    ("shadowed_rician", "Laplace"): lambda i: shadowed_rician.laplace(i["s"], fading(i)),
    ("shadowed_rician", "outage"): lambda i: shadowed_rician.outage(
        from_db(i["threshold_db"]), fading(i), scale(i)
    ),
}
"""What sagin computes for a quantity of a group; a quantity is known by its first words."""


@pytest.mark.parametrize(
    "entry", entries(*sorted({group for group, _ in COMPUTE})), ids=lambda entry: entry["id"]
)
@pytest.mark.usefixtures("float64")
def test_authority(entry):
    (compute,) = (
        f
        for (group, start), f in COMPUTE.items()
        if group == entry["group"] and entry["quantity"].startswith(start)
    )
    check(entry, compute(entry["inputs"]))
