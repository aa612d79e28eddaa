"""Walker constellations compared with their definition, published shells, and SGP4."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sgp4.api import WGS72

from sagin import orbits
from sagin.errors import InputError
from sagin.orbits.elements import GRAVITY

from authorities import check, entries

EPOCH = datetime(2024, 3, 1, 6, tzinfo=UTC)


def preset(entry):
    shell = orbits.PRESETS[entry["id"].removeprefix("constellation.")]
    in_metres = entry["quantity"].startswith("[altitude m")
    numbers = [
        shell.altitude_km * (1000 if in_metres else 1),
        shell.inclination_deg,
        shell.planes,
        shell.per_plane,
    ]
    return [*numbers, shell.source_mean_motion_rev_day] if in_metres else numbers


def walker(entry):
    given = entry["inputs"]
    return np.rad2deg(orbits.walker_angles(given["T"], given["P"], given["F"]))


@pytest.mark.parametrize("entry", entries("constellations"), ids=lambda entry: entry["id"])
def test_authorities(entry):
    check(entry, (walker if entry["id"].startswith("walker") else preset)(entry))
    if "star" in entry["quantity"]:
        assert orbits.PRESETS[entry["id"].removeprefix("constellation.")].pattern == "star"


@pytest.mark.parametrize("pattern", ["delta", "star"])
@given(planes=st.integers(1, 12), per_plane=st.integers(1, 12), phasing=st.integers(0, 11))
def test_walker_pattern_is_even(pattern, planes, per_plane, phasing):
    phasing %= planes
    node, latitude = (
        orbits.walker_angles(planes * per_plane, planes, phasing, pattern)
        .reshape(planes, per_plane, 2)
        .transpose(2, 0, 1)
    )
    assert np.all((node >= 0) & (latitude >= 0) & (node < 2 * np.pi) & (latitude < 2 * np.pi))
    np.testing.assert_allclose(
        np.diff(node[:, 0]), (np.pi if pattern == "star" else 2 * np.pi) / planes
    )
    turns = np.exp(1j * latitude)
    np.testing.assert_allclose(turns[:, 1:] / turns[:, :-1], np.exp(2j * np.pi / per_plane))
    np.testing.assert_allclose(
        turns[1:] / turns[:-1], np.exp(2j * np.pi * phasing / (planes * per_plane)), atol=1e-12
    )


@pytest.mark.parametrize("name", ["iridium", "starlink_g1_s3", "kuiper_s3"])
def test_satellites_fly_where_the_shell_says(name):
    shell = orbits.PRESETS[name]
    elements = orbits.constellation(shell, EPOCH, name.upper())
    assert len(elements) == shell.planes * shell.per_plane
    assert (
        len({element.name for element in elements})
        == len({element.number for element in elements})
        == len(elements)
    )
    assert all(element.epoch == EPOCH for element in elements)
    motion = orbits.teme(elements, orbits.time_grid(EPOCH, 6000.0, 60.0))
    assert motion.valid.all()
    radius = np.linalg.norm(motion.position, axis=-1)
    assert abs(radius.mean() - 6_378_137.0 - 1e3 * shell.altitude_km) < 7e3
    assert np.abs(radius - radius.mean()).max() < 20e3
    normal = np.cross(motion.position[:, 0], motion.velocity[:, 0])
    tilt = np.rad2deg(np.arccos(normal[:, 2] / np.linalg.norm(normal, axis=-1)))
    np.testing.assert_allclose(tilt, shell.inclination_deg, atol=0.1)


def test_elements_are_those_of_the_definition():
    element = orbits.constellation(orbits.Walker(550, 53.0, 3, 4, 1), EPOCH)[5]
    satellite = element.satellite
    assert (element.name, element.number) == ("WALKER-02-02", 6)
    np.testing.assert_allclose(
        np.rad2deg([satellite.inclo, satellite.nodeo, satellite.mo, satellite.argpo]),
        [53.0, 120.0, 120.0, 0.0],
        atol=1e-12,
    )
    assert satellite.no_kozai * 1440 / (2 * np.pi) == pytest.approx(15.0549, abs=1e-3)
    assert GRAVITY["wgs72"] == WGS72


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        (orbits.Walker(550, 53.0, 0, 4), "0 planes"),
        (orbits.Walker(550, 53.0, 3, 0), "0 satellites in 3 planes"),
        (orbits.Walker(550, 53.0, 3, 4, 3), "phasing 3; allowed: 0 to 2"),
        (orbits.Walker(-1, 53.0, 3, 4), "altitude -1 km"),
        (orbits.Walker(float("nan"), 53.0, 3, 4), "altitude nan km"),
        (orbits.Walker(550, 181.0, 3, 4), "inclination 181.0"),
    ],
)
def test_impossible_constellation_is_refused_in_one_line(shell, said):
    with pytest.raises(InputError) as caught:
        orbits.constellation(shell, EPOCH)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
