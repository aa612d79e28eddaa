"""Earth-space paths by P.618: ITU-R's further rows, monotonicity, dry paths, the zenith; and the
maps of the optional extra.
"""

import importlib.util

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagin.errors import InputError
from sagin.propagation import itu_maps, p618

HAS_MAPS = importlib.util.find_spec("itur") is not None
PATH = {
    "rain_rate_mm_h": 30.0,
    "rain_height_km": 3.0,
    "frequency_hz": 20e9,
    "elevation_deg": 35.0,
    "latitude_deg": 45.0,
}

# lat, hs, GHz, elevation, tilt, p, R001, Ls, A_rain: ITU-R SG3 validation sheet,
# ITURP618-14_A_rain.csv of ITU-Rpy @f282fc13
ROWS = [
    (41.9, 0.046122988, 29.0, 40.232036, 0.0, 0.01, 33.936232, 4.646913874, 28.74272193),
    (25.78, 0.00861728, 29.0, 52.67898486, 0.0, 0.001, 78.2994993, 5.735098894, 93.39562548),
    (3.133, 0.051251456, 14.25, 85.80459566, 90.0, 0.1, 99.15117186, 4.91990658, 11.00145492),
    (3.133, 0.051251456, 29.0, 85.80459566, 90.0, 1.0, 99.15117186, 4.91990658, 10.2131477),
    (9.05, 2.539861878, 29.0, 20.14335809, 90.0, 0.01, 42.91007183, 6.516372436, 35.97037673),
]


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("row", ROWS)
def test_rain_agrees_with_further_validation_rows(row):
    lat, hs, ghz, el, tilt, p, rate, slant, expected = row
    top = hs + slant * np.sin(np.deg2rad(el))
    found = p618.rain_attenuation_db(
        rate, top, ghz * 1e9, el, lat, p, station_height_km=hs, tilt_deg=tilt
    )
    assert found == pytest.approx(expected, rel=1e-6)


@given(
    st.floats(1.0, 120.0),
    st.floats(0.5, 6.0),
    st.floats(10e9, 55e9),
    st.floats(1.0, 90.0),
    st.floats(-60.0, 60.0),
)
def test_rarer_rain_and_heavier_rain_attenuate_more(rate, height, frequency, elevation, latitude):
    def attenuation(rate, p):
        return float(p618.rain_attenuation_db(rate, height, frequency, elevation, latitude, p))

    assert 0.0 < attenuation(rate, 0.1) < attenuation(rate, 0.01)
    assert attenuation(rate, 0.01) < attenuation(1.2 * rate, 0.01)


@pytest.mark.usefixtures("both_widths")
@pytest.mark.parametrize("elevation", [2.0, 5.0, 25.0, 90.0])
def test_a_path_is_finite_at_the_corners_of_its_formulas(elevation):
    assert np.isfinite(p618.rain_attenuation_db(**PATH | {"elevation_deg": elevation}))


@pytest.mark.parametrize(
    "change", [{"rain_rate_mm_h": 0.0}, {"station_height_km": 3.0}, {"station_height_km": 4.0}]
)
def test_a_dry_path_has_no_loss_and_no_nan_gradient(change):
    path = PATH | {"station_height_km": 0.0} | change
    assert p618.rain_attenuation_db(**path) == 0.0
    slope = jax.grad(
        lambda elevation: p618.rain_attenuation_db(**path | {"elevation_deg": elevation})
    )(35.0)
    assert slope == 0.0


def test_the_curved_and_the_flat_slant_path_meet_at_five_degrees():
    below, above = (p618.rain_attenuation_db(**PATH | {"elevation_deg": x}) for x in (4.999, 5.001))
    assert below == pytest.approx(float(above), rel=0.02)


@given(st.floats(20.0, 130.0), st.floats(4e9, 55e9), st.floats(5.0, 45.0), st.floats(0.1, 3.0))
def test_scintillation_falls_with_elevation_and_time(wet, frequency, elevation, diameter):
    def fade(elevation, p):
        return float(p618.scintillation_db(wet, frequency, elevation, p, diameter))

    assert fade(elevation, 0.1) > fade(elevation, 1.0) > fade(2.0 * elevation, 1.0) > 0.0


def test_a_large_antenna_averages_scintillation_out():
    small, large, huge = (
        float(p618.scintillation_db(80.0, 30e9, 60.0, 1.0, d)) for d in (0.5, 5.0, 40.0)
    )
    assert small > large > huge == 0.0


@given(*[st.floats(0.0, 20.0)] * 4)
def test_the_total_lies_between_the_root_sum_and_the_sum(gas, cloud, rain, scintillation):
    total = float(p618.total_attenuation_db(gas, cloud, rain, scintillation))
    assert (
        gas + max(cloud + rain, scintillation) - 1e-4
        <= total
        <= gas + cloud + rain + scintillation + 1e-4
    )


def test_rain_compiles_batches_and_differentiates():
    def attenuation(elevation):
        return p618.rain_attenuation_db(**PATH | {"elevation_deg": elevation})

    elevations = jnp.array([3.0, 10.0, 40.0, 80.0])
    np.testing.assert_allclose(
        jax.jit(jax.vmap(attenuation))(elevations), attenuation(elevations), rtol=1e-4
    )
    assert np.isfinite(jax.vmap(jax.grad(attenuation))(elevations)).all()


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(91.0, 0.0), (0.0, 361.0), (float("nan"), 0.0)]
)
def test_a_place_off_the_globe_is_refused(latitude, longitude):
    with pytest.raises(InputError, match="degrees is not between"):
        itu_maps.rain_height_km(latitude, longitude)


@pytest.mark.skipif(HAS_MAPS, reason="the extra sagin[itu] is installed")
def test_without_the_maps_the_extra_is_named():
    with pytest.raises(ImportError, match=r"pip install 'sagin\[itu\]'"):
        itu_maps.rain_height_km(51.5, -0.14)


@pytest.mark.skipif(not HAS_MAPS, reason="the maps of ITU-R come with the extra sagin[itu]")
def test_a_site_has_a_height_and_its_attenuation_adds_up():
    place = itu_maps.site(51.5, -0.14)
    assert 0.0 < place.height_km < 0.2
    gas, cloud, rain, scintillation, total = map(
        float, itu_maps.site_attenuation(place, 20e9, 31.0, 0.1, 1.0)
    )
    assert total == pytest.approx(gas + np.hypot(rain + cloud, scintillation), rel=1e-5)
    assert total < itu_maps.site_attenuation(place, 20e9, 31.0, 0.01, 1.0).total_db
