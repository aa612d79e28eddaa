"""The relaying system's numbers: means of every metric and framework over drops of fixed keys."""

import jax
import numpy as np
import pytest

from regression.golden import compare_numbers
from sagin.orbits.files import write_tle
from sagin.relaying.inputs import prepare_inputs
from sagin.relaying.monte_carlo import simulate
from sagin.relaying.satellites import load_elements
from sagin.relaying.scenario import build_scenario

FEW = ("users.count=100", "base.capacity=40")
CASES = {
    "paper": ("paper", ()),
    "four relays": ("paper", (*FEW, "relay.count=4", "relay.capacity=12", "relay.radius_m=180")),
    "gate ignored": ("printed", FEW),
    "random admission, no room": (
        "paper",
        (*FEW, "base.admission=random", "algorithm.excess=no_room", "algorithm.trigger=excess"),
    ),
    "density alone": ("paper", ("algorithm.trigger=density", "algorithm.density_per_km2=900")),
    "clusters": ("paper", (*FEW, "algorithm.placement=cluster", "relay.count=2")),
    "gradient": ("paper", (*FEW, "algorithm.placement=gradient", "relay.count=2")),
    "grid": ("paper", (*FEW, "algorithm.placement=exhaustive", "algorithm.grid=15")),
    "efficient": ("efficient", FEW),
    "efficient links": (
        "paper",
        (*FEW, "power.objective=efficiency", "power.minimum=combined", "relay.power_dbm=10"),
    ),
    "sum of powers": ("paper", (*FEW, "power.limit=relay", "relay.count=2")),
    "beam": ("paper", (*FEW, "energy.satellite=beam", "energy.station_power_dbm=20")),
    "bands in turn": ("paper", (*FEW, "energy.satellite=bands", "radio.band_rule=shared")),
    "other channels": (
        "paper",
        (
            *FEW,
            "satellite.time=any",
            "satellite.fading_user=average",
            "satellite.fading_relay=heavy",
            "base.power_rule=shared",
        ),
    ),
    "poisson": ("poisson", ()),
    "walker": ("walker", FEW),
    "elements": ("paper", (*FEW, "satellite.source=elements", "orbit.handover=highest")),
    "sites": ("paper", ("sites.pick=cell", "sites.cell=11", "sites.density_per_km2=150")),
}
SITES = """cell,lon,lat,range,samples
11,10.7500,59.9100,1000,30
12,10.7518,59.9100,1000,10
13,10.7545,59.9125,2000,5
"""
DROPS = 64


def add_files(overrides, folder):
    """Return the overrides with the element file or the site file that they need."""
    if "satellite.source=elements" in overrides:
        write_tle(load_elements(build_scenario("walker")), folder / "walker.tle")
        return (*overrides, f"orbit.elements={folder / 'walker.tle'}")
    if "sites.pick=cell" in overrides:
        (folder / "sites.csv").write_text(SITES)
        return (*overrides, f"sites.file={folder / 'sites.csv'}")
    return overrides


QUICK = (
    "paper",
    "four relays",
    "bands in turn",
    "elements",
    "sites",
)
"""Each compiles a program of its own for ten seconds; the others are slow tests."""


@pytest.mark.parametrize(
    "case",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in CASES],
)
def test_numbers_stay(case, tmp_path):
    name, overrides = CASES[case]
    inputs = prepare_inputs(build_scenario(name, add_files(overrides, tmp_path)), DROPS)
    summary = simulate(
        jax.random.key(11), inputs.scenario, DROPS, layout=inputs.layout, servings=inputs.servings
    )
    metrics = {
        *summary._fields,
        "served",
        "radiated_efficiency",
        "printed_efficiency",
        "site_efficiency",
    }
    means = {
        metric: np.asarray(getattr(summary, metric), np.float64).mean(axis=0) for metric in metrics
    }
    compare_numbers("relaying", case, dict(sorted(means.items())))
