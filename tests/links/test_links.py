"""Link budgets: 3GPP's study cases, ITU-R's rain and gases, antenna patterns, refused input."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import j1
from tests.authorities import check, entries

from sagin.cli.main import run
from sagin.errors import InputError
from sagin.links import (
    MODELS,
    Antenna,
    Losses,
    PathGeometry,
    build_link,
    compute_gain_dbi,
    compute_link,
    compute_losses,
)
from sagin.links.settings import AirToGround, Gases, LogDistance, NonTerrestrial, Rain

CASE_LOSSES = entries("3gpp_tr38821_case_losses")
CASE_RATIOS = [entry for entry in entries("3gpp_tr38821_link_budget") if ".cnr" in entry["id"]]


@pytest.mark.parametrize("entry", CASE_LOSSES, ids=lambda entry: entry["id"])
def test_losses_of_the_study_cases(entry):
    i = entry["inputs"]
    link = build_link(f"{i['case']}-{i['direction']}")
    assert link.frequency_ghz == i["frequency_ghz"]
    assert link.upper_height_m == 1e3 * i["altitude_km"]
    assert link.elevation_deg == i["elevation_deg"]
    lines = {line.name: line.value for line in compute_link(link).lines}
    check(entry, [lines[name] for name in ("free space", "atmosphere", "scintillation")])


@pytest.mark.parametrize("entry", CASE_RATIOS, ids=lambda entry: entry["id"])
def test_carrier_to_noise_ratios_of_the_study_cases(entry):
    case, direction = entry["id"].split(".")[-2:]
    link = build_link(f"{case}-{'uplink' if direction == 'UL' else 'downlink'}")
    ratio = compute_link(link).carrier_to_noise_db
    assert ratio == pytest.approx(entry["expected"], abs=0.11 if direction == "UL" else 0.01)


def sum_losses(path: PathGeometry, losses: Losses) -> float:
    return float(sum(term.value_db for term in compute_losses(path, losses)))


@pytest.mark.usefixtures("float64")
def test_rain_and_gases_are_those_of_itu_r():
    rows = [row for row in entries("itu_p618") if row["quantity"].startswith("rain attenuation")]
    assert len(rows) >= 3
    for row in rows:
        i = row["inputs"]
        top = i["hs"] + i["Ls"] * np.sin(np.deg2rad(i["el"]))
        rain = Rain(
            rate_mm_h=i["R001"],
            height_km=float(top),
            availability_percent=100.0 - i["p"],
            latitude_deg=i["lat"],
            tilt_deg=i["tau"],
        )
        path = PathGeometry(i["f"] * 1e9, 4e7, i["el"], i["hs"] * 1e3, 35_786e3)
        dry = sum_losses(path, Losses())
        check(row, sum_losses(path, Losses(models=("free-space", "rain"), rain=rain)) - dry)
    # a path below 20 km takes the specific attenuation, one above the slant one
    losses = Losses(models=("free-space", "gases"), gases=Gases())
    for height, expected in ((1e3, 14.6 + 0.15), (600e3, None)):
        path = PathGeometry(60e9 if expected else 20e9, 1e3, 90.0, 0.0, height)
        gas = sum_losses(path, losses) - sum_losses(path, Losses())
        assert gas == pytest.approx(expected or 0.24, abs=0.05)


CHOICES = {
    "log-distance": Losses(
        models=("log-distance",), log_distance=LogDistance(coverage_percent=90.0)
    ),
    "air-to-ground": Losses(
        models=("air-to-ground",), air_to_ground=AirToGround(environment="highrise")
    ),
    "ntn": Losses(models=("ntn",), ntn=NonTerrestrial(sight="obstructed", coverage_percent=90.0)),
    "ntn-budget": Losses(models=("ntn-budget",)),
    "gases": Losses(models=("free-space", "gases")),
    "rain": Losses(models=("free-space", "rain"), rain=Rain(rate_mm_h=30.0, height_km=3.0)),
}


@pytest.mark.parametrize("name", CHOICES)
def test_models_act_and_compile(name):
    path = PathGeometry(*(jnp.asarray(x) for x in (20e9, 1e6, 35.0, 0.0, 600e3)))
    eager = sum_losses(path, CHOICES[name])
    assert abs(eager - sum_losses(path, Losses())) > 0.1
    total = jax.jit(lambda p, s: sum(term.value_db for term in compute_losses(p, s)))
    assert total(path, CHOICES[name]) == pytest.approx(eager, rel=1e-5)
    assert set(MODELS) == {*CHOICES, "free-space"}


@pytest.mark.usefixtures("float64")
def test_patterns_are_their_definitions():
    angles = np.linspace(0.1, 80.0, 7)
    # TR 38.811 6.4.1 by scipy's Bessel function
    u = np.pi * 0.6 * 20e9 / 299_792_458.0 * np.sin(np.deg2rad(angles))
    expected = 10.0 * np.log10(4.0 * (j1(u) / u) ** 2) + 40.0
    for angle, value in zip(angles, expected, strict=True):
        dish = Antenna(pattern="parabolic", gain_dbi=40.0, diameter_m=0.6, tilt_deg=float(angle))
        assert float(compute_gain_dbi(dish, 20e9)) == pytest.approx(value, abs=1e-3)
    # TR 38.901 Table 7.3-1: 3 dB at half the beamwidth each way, and a floor behind
    for azimuth, tilt, value in (
        (0.0, 0.0, 8.0),
        (32.5, 0.0, 5.0),
        (32.5, 32.5, 2.0),
        (180.0, 0.0, -22.0),
    ):
        sector = Antenna(pattern="sector", azimuth_deg=azimuth, tilt_deg=tilt)
        assert float(compute_gain_dbi(sector, 2e9)) == pytest.approx(value, abs=1e-9)
    table = Antenna(
        pattern="table", angles_deg=(0.0, 10.0), gains_dbi=(20.0, 10.0), azimuth_deg=4.0
    )
    assert float(compute_gain_dbi(table, 2e9)) == pytest.approx(16.0)
    behind = Antenna(pattern="parabolic", azimuth_deg=120.0)
    assert float(compute_gain_dbi(behind, 2e9)) == -np.inf


def test_a_cascade_is_the_receivers_noise():
    # Pozar, Microwave Engineering, example 10.2: amplifier, filter, mixer: 2.55 dB
    stages = ("receiver.stage_gains_db=[10, -1, -3]", "receiver.stage_noise_figures_db=[2, 1, 4]")
    lines = {line.name: line.value for line in compute_link(build_link("station", stages)).lines}
    assert lines["noise figure"] == pytest.approx(2.55, abs=0.01)
    assert lines["system temperature"] == pytest.approx(150.0 + 290.0 * (1.80 - 1.0), abs=1.0)
    assert lines["rain"] > 1.0


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        (("losses.models=['ntn', 'gases']",), ("losses.models", "do not share gases")),
        (("losses.models=['rain']",), ("losses.models", "one of free-space, log-distance")),
        (("losses.rain.rate_mm_h=5",), ("losses.rain", "with 'rain' among")),
        (("losses.models=['free-space', 'rain']",), ("losses.rain.longitude_deg", "maps")),
        (("losses.models=['free-space', 'fog']",), ("losses.models", "fog")),
        (("losses.ntn_budget.shadow_margin_db=-1",), ("shadow_margin_db", "0 to 50 dB")),
        (("ground_distance_m=5",), ("elevation_deg", "this or ground_distance_m")),
        (("receiver.g_over_t_db_k=5",), ("receiver.noise_figure_db", "one of this")),
        (("transmitter.power_dbm=5",), ("transmitter.power_dbm", "this or eirp_density")),
        (("transmitter.antenna.gain_dbi=5",), ("transmitter", "with power_dbm")),
        (("receiver.antenna.diameter_m=2",), ("receiver.antenna.diameter_m", "parabolic")),
        (("elevation_deg=3",), ("loss model ntn-budget: elevation 3", "5 to 90")),
        (("frequency_ghz=60",), ("loss model ntn-budget: frequency 60 GHz", "1 to 40 GHz")),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(fields, parts, capsys):
    changes = [part for field in fields for part in ("--set", field)]
    assert run(["link", "SC9-downlink", *changes]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert all(part in line for part in parts), line


def test_a_table_of_gains_is_checked():
    table = ("receiver.antenna.pattern=table", "receiver.antenna.gains_dbi=[1]")
    for angles, part in (("[2, 1]", "ascending"), ("[0, 1]", "2 gains, as many as angles")):
        with pytest.raises(InputError, match=part):
            build_link("uav", (*table, f"receiver.antenna.angles_deg={angles}"))


def test_a_demand_is_judged(capsys, tmp_path):
    for rate, met in ((70, True), (80, False)):
        command = ["link", "SC9-downlink", "--set", f"demand.rate_mbit_s={rate}"]
        assert run([*command, "--json"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert report["demand_met"] is met
        assert (report["margin_db"] >= 0) is met
        assert run(command) == 0
        assert ("pass" if met else "fail") in capsys.readouterr().out
    # what is shown as TOML is read again, and a model of one's choice takes the place of the own
    assert run(["link", "cell", "--show"]) == 0
    (tmp_path / "mine.toml").write_text(capsys.readouterr().out)
    ratios = []
    for more in ((), ("--model", "free-space", "--set", "losses.log_distance.coverage_percent=50")):
        assert run(["link", str(tmp_path / "mine.toml"), *more, "--json"]) == 0
        ratios.append(json.loads(capsys.readouterr().out)["carrier_to_noise_db"])
    # 10·(3 − 2)·log10(500.55) + 8·Φ⁻¹(0.9)
    assert ratios[1] - ratios[0] == pytest.approx(26.99 + 10.25, abs=0.02)


def test_links_models_and_patterns_are_listed(capsys):
    assert run(["link", "--json"]) == 0
    tables = json.loads(capsys.readouterr().out)
    assert set(tables["models"]) == set(MODELS)
    assert len(tables["links"]) == 3 + 60
    assert run(["link"]) == 0
    assert "P.618" in capsys.readouterr().out
