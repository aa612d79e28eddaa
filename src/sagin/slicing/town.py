"""An invented town as a scenario: its differences from the defaults, all freely chosen."""

from typing import Any

SITES = (
    (47.6500, 9.4700),
    (47.6572, 9.4735),
    (47.6445, 9.4655),
    (47.6470, 9.4810),
    (47.6560, 9.4600),
    (47.6605, 9.4815),
    (47.6412, 9.4765),
    (47.6528, 9.4868),
)
"""Latitude and longitude of its base stations."""

SPOTS = (
    (1600.0, 1450.0, 3.0, 350.0),
    (2250.0, 1100.0, 2.0, 250.0),
    (900.0, 2100.0, 1.0, 300.0),
    (1500.0, 1500.0, 4.0, 1500.0),
)
"""Discs of its users: the centre, a station, a campus, and the whole town; x, y, weight, radius."""

TOWN: dict[str, Any] = {
    "area": {"side_m": 3000.0, "spots": [list(row) for row in SPOTS]},
    "location": {
        "latitude_deg": 47.65,
        "longitude_deg": 9.47,
        "start": "2024-10-07T00:00:00+02:00",
        "profile": "urban-weekday",
        "least_rate_kbit_s": 100.0,
    },
    "sites": {"positions_deg": [list(site) for site in SITES]},
    "orbit": {"planes": 36, "per_plane": 20, "inclination_deg": 53.0, "least_elevation_deg": 20.0},
    "users": {"high_throughput": 100, "low_delay": 100, "wide_coverage": 100},
    "radio": {"bandwidth_mhz": 20.0, "subcarriers": 100, "noise_dbm_per_hz": -167.0},
    "base_stations": {
        "capacity": 28.0,
        "power_dbw": 13.0,
        "link": {
            "antenna": {"gain_dbi": 15.0},
            "losses": {"models": ["log-distance"], "log_distance": {"exponent": 3.5}},
        },
    },
    "uavs": {
        "count": 3,
        "capacity": 25.0,
        "power_dbw": 3.0,
        "positions_m": [],
        "link": {"losses": {"models": ["air-to-ground"]}},
    },
    "satellites": {
        "count": 2,
        "altitude_km": 570.0,
        "power_dbw": 17.0,
        "capacity": 15.0,
        "link": {
            "antenna": {"gain_dbi": 30.0},
            "losses": {"models": ["ntn"], "ntn": {"sight": "line_of_sight"}},
        },
    },
}
"""Its fields; radio as in TR 38.901 and TR 38.821 (S band), users and sites invented."""
