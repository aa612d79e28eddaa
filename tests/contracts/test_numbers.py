"""Integers, NumPy scalars, arrays and lists give exactly what the equal floats give.

Every public function of the physics rooms and of the solvers is named here, with integral arguments
or with the reason why it takes no plain numbers: a new one fails the first test until it is added.
"""

import functools
import importlib
import inspect
import pkgutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagin.propagation import AVERAGE, URBAN, free_space, ntn
from sagin.radio.amplify_forward import Channels
from sagin.radio.relay_statistics import FixedGainRelay
from sagin.units import as_float

ROOMS = ("geometry", "orbits", "propagation", "traffic", "radio", "optimise")
KEY = jax.random.key(0)
POINTS = np.array([[1.0, 2.0], [5.0, 4.0], [9.0, 7.0]])
SPACE = np.array([[1.0, 2.0, 3.0], [5.0, 4.0, 6.0]])
RELAY = FixedGainRelay(10.0, 8.0, 2.0)
SNRS = np.array([1.0, 3.0])
CHANNELS = Channels(np.array([1.0, 2.0]), 2.0, np.array([1.0, 3.0]), 1.0)
AIR = (90.0, 1013.0, 288.0, 7.0)
NODES, CELLS = jnp.array([0, 1]), jnp.zeros(2, int)

CASES = {
    "geometry.distance": {
        "distance": (POINTS, POINTS[::-1].copy()),
        "horizontal_distance": (SPACE, POINTS[:2]),
        "elevation": (3_000_000_000.0, 5_000_000_000.0),
    },
    "geometry.geodetic": {
        "to_earth_fixed": (1.0, 2.0, 5_000_000_000.0),
        "from_earth_fixed": (np.array([6_378_137.0, 5.0, 7.0]),),
        "local_axes": (1.0, 2.0),
        "to_local": (np.array([6_378_137.0, 5.0, 7.0]), 0.0, 1.0, 2.0),
        "from_local": (np.array([10.0, 5.0, 7.0]), 0.0, 1.0, 2.0),
        "look_angles": (SPACE,),
        "elevation_and_range": (SPACE,),
        "surface_distance": (0.0, 1.0, 1.0, 2.0, 6_371_000.0),
    },
    "geometry.mobility": {
        "reflect": (np.array([-1.0, 4.0, 25.0]), 10.0),
        "random_direction": (KEY, POINTS, 3.0, 2.0, 10.0),
    },
    "geometry.points": {
        "uniform_square": (KEY, 4, 3_000_000_000.0),
        "uniform_disc": (KEY, 4, 3_000_000_000.0, np.array([1.0, 2.0])),
        "place_in_disc": (np.array([0.0, 1.0]), np.array([0.5, 1.0]), 3_000_000_000.0),
        "poisson_square": (KEY, 2.0, 3.0, 40),
        "poisson_disc": (KEY, 2.0, 2.0, 60, np.array([1.0, 2.0])),
        "hotspot": (KEY, 6, 500.0, 1.0, np.array([1.0, 2.0]), 20.0),
    },
    "geometry.sight": {"list_sights": "yields blocks of pairs"},
    "geometry.spacing": {
        "minimum_distance": (POINTS,),
        "fits": (4, 100.0, 100.0),
        "separate": (POINTS, 100.0, 40.0),
    },
    "orbits.circular": {
        "mean_motion": (35_786_000.0, 6_378_137.0),
        "period": (5_000_000_000.0,),
        "speed": (600_000.0,),
        "slant_range": (5_000_000_000.0, 1.0),
        "elevation_at": (600_000.0, 1_075_088.0),
        "central_angle": (1_000_000.0, 1.0),
        "visible_fraction": (1_000_000.0, 1.0),
        "pass_duration": (1_000_000.0, 1.0),
        "coverage_fraction": (1_000_000.0, 1.0),
        "visibility_threshold": (1_000_000.0, 2_000_000.0),
        "visible": (3000.0, 6307.0, 1.0, 0.0),
        "orbit_angle": (3000.0, 6307.0, 1.0),
        "slant_range_at": (1.0, 1_000_000.0),
        "elevation_over": (1.0, 1_000_000.0),
        "round_trip_delay": (5_000_000_000.0, 600_000.0),
    },
    "orbits.constellation": {
        "walker_angles": (4, 2, 1),
        "constellation": "its numbers are fields of a Walker pattern",
    },
    "orbits.ephemeris": {
        "doppler": (np.array([-7500.0, 3.0]), 5_000_000_000.0),
        "julian": "takes times",
        "sidereal_angle": "takes times",
        **dict.fromkeys(["teme", "earth_fixed"], "takes elements and times"),
        **dict.fromkeys(["look_chunks", "look", "find_lost", "describe_lost"], "takes elements"),
    },
    "orbits.lifetime": dict.fromkeys(["is_orbit", "drop_lost"], "takes element sets"),
    "orbits.passes": {
        "serving": (np.array([[1.0, 0.0], [0.0, 1.0]]), 1.0, "longest"),
        "handovers": (np.array([-1.0, 3.0, 5.0]),),
        "passes": "takes elements and times",
        "satellites_in_view": "takes elements and a time",
    },
    "orbits.track": {"track_sky": "takes elements and a time"},
    "propagation.air_to_ground": {
        "line_of_sight_probability": (1.0, URBAN),
        "excess_loss_db": (1.0, URBAN),
        "path_loss_db": (300.0, 100.0, 5_000_000_000.0, URBAN),
        "path_gain": (300.0, 100.0, 5_000_000_000.0, URBAN),
        "optimal_elevation": (URBAN,),
        "coverage_radius": (110.0, 5_000_000_000.0, URBAN),
        "coverage_radius_at": (100.0, 110.0, 5_000_000_000.0, URBAN),
    },
    "propagation.aperture": {
        "bessel_j1_over_argument": (np.array([0.0, 2.0, 5.0]),),
        "relative_gain": (1.0, 2.0, 28_000_000_000.0),
        "half_power_beamwidth": (2.0, 28_000_000_000.0),
        "aperture_gain": (2.0, 28_000_000_000.0, 1.0),
    },
    "propagation.free_space": {
        "path_gain": (1000.0, np.array([5_000_000_000.0, 28_000_000_000.0])),
        "path_loss_db": (1000.0, np.array([5_000_000_000.0, 28_000_000_000.0])),
    },
    "propagation.gamma": {"sample": (KEY, 2.0, (3,))},
    "propagation.gases": {
        "gas_specific_attenuation_db_km": (28_000_000_000.0, *AIR[1:]),
        "equivalent_heights_km": (28_000_000_000.0, *AIR[1:]),
        "vapour_zenith_attenuation_db": (28_000_000_000.0, 10.0, 1.0),
        "slant_gaseous_attenuation_db": (28_000_000_000.0, *AIR),
    },
    "propagation.itu_maps": dict.fromkeys(
        (
            "rain_rate_mm_h",
            "rain_height_km",
            "wet_refractivity",
            "cloud_attenuation_db",
            "site",
            "site_attenuation",
        ),
        "scalars that the package itur converts",
    ),
    "propagation.link_budget": {
        "noise_temperature": (3.0, 290.0),
        "attenuated_noise_temperature": (3.0, 290.0, 4.0, 1.0),
        "system_noise_temperature": (20.0, 43.0, 1.0),
        "g_over_t_db_k": (0.0, 7.0, 290.0),
        "eirp_dbw": (34.0, 5_000_000_000.0),
        "flux_density_dbw_m2": (50.0, 5_000_000_000.0),
        "received_power_dbw": (27.0, 52.0, 205.0),
        "combined_ratio_db": (10.0, 12.0),
        "cascade_noise_figure_db": (np.array([10.0, -1.0]), np.array([2.0, 1.0])),
        "link_budget": (40.0, 3.0, 5_000_000_000.0, 170.0),
    },
    "propagation.log_distance": {
        "path_gain": (5_000_000_000.0, 2.0, 3.0),
        "path_loss_db": (500.0, 5_000_000_000.0, 3.0, 1.0),
        "shadow_margin_db": (8.0, 0.5),
    },
    "propagation.mixtures": {
        "poisson_mixture_pdf": (2.0, 0.0, 6.0, -6.0),
        "poisson_mixture_cdf": (2.0, 0.0, 6.0, -6.0),
        "sum_of_exponentials_cdf": (1.0, SNRS),
    },
    "propagation.nakagami": {
        "sample_power": (KEY, 2.0, (3,)),
        "power_cdf": (1.0, 2.0),
        "outage": (2.0, 1.0, 3.0),
    },
    "propagation.ntn": {
        "los_probability": (50.0, "urban"),
        "shadowing_std_db": (50.0, False, 28_000_000_000.0, "dense_urban"),
        "clutter_loss_db": (20.0, False, 28_000_000_000.0, "urban"),
        "zenith_attenuation_db": (28_000_000_000.0,),
        "absorption_db": (28_000_000_000.0, 30.0),
        "gaseous_loss_db": (28_000_000_000.0, 30.0),
        "ionospheric_scintillation_db": (3_000_000_000.0,),
        "tropospheric_scintillation_db": (30.0,),
        "scintillation_loss_db": (28_000_000_000.0, 30.0),
        "line_of_sight_loss_db": (600_000.0, 28_000_000_000.0, 30.0),
        "large_scale": (KEY, 600_000.0, 28_000_000_000.0, 30.0, "urban"),
        "mean_loss_db": (600_000.0, 28_000_000_000.0, 30.0, "urban"),
    },
    "propagation.p618": {
        "rain_attenuation_db": (20.0, 3.0, 28_000_000_000.0, 30.0, 50.0, 1.0),
        "scintillation_db": (50.0, 28_000_000_000.0, 31.0, 1.0, 1.0),
        "total_attenuation_db": (1.0, 1.0, 2.0, 4.0),
    },
    "propagation.quadrature": dict.fromkeys(
        ("half_line", "mean_capacity", "bpsk_error"), "takes a function"
    ),
    "propagation.rain": {
        "rain_coefficients": (28_000_000_000.0, 30.0, 45.0),
        "rain_specific_attenuation_db_km": (50.0, 28_000_000_000.0, 30.0, 45.0),
    },
    "propagation.rayleigh": {
        "sample": "takes a shape",
        "sample_power": "takes a shape",
        "power_pdf": (1.0,),
        "power_cdf": (1.0,),
        "moment": (2.0,),
        "laplace": (1.0,),
        "mean_capacity": (3.0,),
    },
    "propagation.rician": {
        "sample": (KEY, 6.0, (3,)),
        "sample_power": (KEY, 6.0, (3,)),
        "power_pdf": (1.0, 6.0),
        "power_cdf": (1.0, 6.0),
        "outage": (2.0, 6.0, 2.0),
        "second_moment": (6.0,),
        "laplace": (1.0, 6.0),
        "mean_capacity": (6.0, 3.0),
    },
    "propagation.satellite_terminals": dict.fromkeys(
        ("satellite", "terminal", "target_elevation_deg"), "takes names"
    ),
    "propagation.shadowed_rician": {
        "sample": (KEY, AVERAGE._replace(m=10.0), (3,)),
        "sample_power": (KEY, AVERAGE._replace(m=10.0), (3,)),
        "mean_power": (AVERAGE._replace(omega=1.0, scatter=2.0),),
        "second_moment": (AVERAGE._replace(omega=1.0, m=10.0),),
        "power_pdf": (1.0, AVERAGE),
        "power_cdf": (1.0, AVERAGE),
        "outage": (1.0, AVERAGE, 10.0),
        "laplace": (1.0, AVERAGE),
        "mean_capacity": (AVERAGE, 2.0),
        "bpsk_error": (AVERAGE, 2.0),
    },
    "traffic.arrivals": {
        "poisson_packets": (KEY, 50.0, (3,)),
        "poisson_quantile": (np.array([0.0, 1.0]), 2.0, 21),
    },
    "traffic.backlog": {"carry_over": (3.0, np.array([2.0, 0.0]), 4.0)},
    "traffic.erlang": dict.fromkeys(
        ("blocking_probability", "waiting_probability", "waiting_time"), (4.0, 2.0)
    ),
    "traffic.md1": {
        "waiting_time": (8.0, 12.0),
        "relative_waiting_time": (0.0,),
        "number_waiting": (0.0,),
        "number_in_system": (0.0,),
        "waiting_probability": (np.array([1.0, 40.0]), 0.0),
    },
    "radio.amplify_forward": {
        "snr": (6.0, 2.0, 1.0),
        "gain_squared": (8.0, 3.0, 1.0),
        "fixed_gain_constant": (8.0, 2.0, 1.0),
        "semi_blind_constant": (3.0,),
        "combining_weights": (CHANNELS,),
        "snr_of_weights": (np.array([1.0, 2.0, 1.0, 3.0]), CHANNELS, 2.0, 3.0),
    },
    "radio.capacity": {"shannon_rate": (5_000_000_000.0, 3.0)},
    "radio.combining": {
        "maximum_ratio": (SNRS,),
        "equal_gain": (SNRS, np.array([2.0, 5.0])),
        "selection": (SNRS,),
    },
    "radio.csi": {"estimate_coefficient": (2.0, 3.0, 1.0), "estimate_power": (4.0, 1.0, SNRS, 1.0)},
    "radio.diversity": {
        "maximum_ratio_mean": (SNRS,),
        "equal_gain_mean": (SNRS,),
        "selection_mean": (SNRS,),
        "maximum_ratio_outage": (1.0, SNRS),
        "selection_outage": (1.0, SNRS),
        "maximum_ratio_error": (SNRS,),
        "equal_gain_error": (3.0,),
    },
    "radio.noise": {
        "density_from_dbm_per_hz": (-174.0,),
        "thermal_density": (290.0,),
        "power": (5_000_000_000.0, 2.0, 3.0),
    },
    "radio.relay_statistics": {
        "mean_snr": (RELAY,),
        "outage": (2.0, RELAY),
        "laplace_complement": (2.0, RELAY),
        "bpsk_error": (RELAY,),
        "maximum_ratio_mean": (1.0, RELAY),
        "maximum_ratio_outage": (2.0, 1.0, RELAY),
        "maximum_ratio_capacity": (10.0, RELAY),
        "selection_outage": (2.0, 10.0, RELAY),
    },
    "radio.sinr": {
        "received_interference": (POINTS[:2, 0], POINTS[:2], NODES, CELLS, NODES >= 0),
        "sinr": (POINTS[:2, 0], POINTS[:2], NODES, CELLS, NODES >= 0),
    },
    "optimise.pareto": {
        "find_non_dominated": (POINTS,),
        "hypervolume": (POINTS, np.array([0.0, 1.0])),
    },
    "optimise.selection": {
        "select_largest": (np.array([1.0, 4.0, 2.0]), jnp.array([True, True, False]), 1),
        "sum_largest": (np.array([1.0, 4.0, 2.0]), 2),
    },
    "optimise.assignment": {"assign": (np.array([[3.0, 2.0], [1.0, 4.0]]),)},
    "optimise.clustering": {
        "compute_scatter": (POINTS, np.array([1.0, 2.0, 3.0]), POINTS[:2]),
        "k_means": (POINTS, np.array([1.0, 2.0, 3.0]), 2),
    },
    "optimise.exhaustive": {
        "find_best": (jnp.sum, POINTS),
        "find_best_tuple": (jnp.sum, POINTS, 2),
    },
    "optimise.gradient": {"ascend": (lambda x: -jnp.sum((x - 2.0) ** 2), POINTS, 1.0)},
    "optimise.ratio": {"maximise_ratio": "takes a function of a traced ratio"},
    "optimise.water_filling": dict.fromkeys(("find_price_range", "fill"), "takes typed structures"),
    "optimise.power": dict.fromkeys(
        (
            "compute_sinrs",
            "take_fractional_step",
            "scale_to_totals",
            "maximise",
            "maximise_from_starts",
            "list_starts",
        ),
        "takes typed structures",
    ),
    "optimise.local_search": dict.fromkeys(("search", "admit"), "takes typed structures"),
    "optimise.packing": dict.fromkeys(("bound_by_prices", "descend"), "takes a function of prices"),
}
TEXT = ("elements", "files", "omm", "omm_output", "site", "tle")
FILES = tuple(f"orbits.{name}" for name in TEXT)
"""Modules that read and write text."""


def test_every_public_function_is_named():
    for room in ROOMS:
        package = importlib.import_module(f"sagin.{room}")
        for _, name, _ in pkgutil.iter_modules(package.__path__, f"sagin.{room}."):
            if name.removeprefix("sagin.") in FILES:
                continue
            module = importlib.import_module(name)
            public = {
                key
                for key, value in vars(module).items()
                if inspect.isfunction(inspect.unwrap(value))
                and value.__module__ == name
                and not key.startswith("_")
            }
            assert public == set(CASES.get(name.removeprefix("sagin."), {})), name


def integral(value) -> bool:
    """Return whether a leaf is a float, or an array of floats, of whole numbers."""
    return isinstance(value, float | np.ndarray) and np.all(np.asarray(value) % 1 == 0)


FORMS = {
    "int": lambda value: int(value) if isinstance(value, float) else value.astype(np.int64),
    "NumPy scalar": lambda value: np.int64(value) if isinstance(value, float) else value,
    "array of integers": lambda value: np.asarray(value).astype(np.int64),
    "list": lambda value: np.asarray(value).astype(np.int64).tolist(),
    "list of floats": lambda value: np.asarray(value).tolist(),
}
KEYWORDS = {
    "received_interference": {"subcarriers": 1},
    "sinr": {"subcarriers": 1, "noise_w": 3},
}
RUNS = [
    (module, function, arguments)
    for module, functions in CASES.items()
    for function, arguments in functions.items()
    if not isinstance(arguments, str)
]


@pytest.mark.parametrize(
    ("module", "function", "arguments"), RUNS, ids=[f"{module}.{name}" for module, name, _ in RUNS]
)
def test_numbers_of_any_kind_give_what_the_equal_floats_give(module, function, arguments):
    plain = getattr(importlib.import_module(f"sagin.{module}"), function)
    call = functools.partial(plain, **KEYWORDS.get(function, {}))
    expected = jax.tree.map(np.asarray, call(*arguments))
    for name, form in FORMS.items():
        numbers = jax.tree.map(
            lambda leaf, form=form: form(leaf) if integral(leaf) else leaf, arguments
        )
        result = jax.tree.map(np.asarray, call(*numbers))
        for left, right in zip(jax.tree.leaves(expected), jax.tree.leaves(result), strict=True):
            np.testing.assert_array_equal(left, right, err_msg=name)
            assert left.dtype == right.dtype, name


@given(st.integers(1, 2**53), st.integers(10**9, 10**12))
def test_large_integers_lose_nothing(distance, frequency):
    for function in (free_space.path_loss_db, free_space.path_gain):
        assert function(distance, frequency) == function(float(distance), float(frequency))
    assert ntn.clutter_loss_db(20, False, frequency, "urban") == ntn.clutter_loss_db(
        20.0, False, float(frequency), "urban"
    )


def test_known_values():
    loss = free_space.path_loss_db(1000.0, np.array([5_000_000_000, 28_000_000_000]))
    np.testing.assert_allclose(loss, [106.43, 121.39], atol=0.005)  # 20·log10(4πfd/c)


def test_a_list_of_traced_numbers_is_converted():
    assert float(jax.jit(lambda x: as_float([x, [1, 2][0]]).sum())(2.0)) == 3.0
    assert as_float([1j, 2]).dtype.kind == "c"
    assert as_float(2**70) == as_float(2.0**70)
