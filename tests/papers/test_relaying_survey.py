"""The relaying paper's readings: priors fit their fields.

A reading's traced numbers and choices give what its own scenario gives.
"""

import numpy as np
import pytest

from sagin.choices import Options
from sagin.papers.relaying import reading_drops, run, survey
from sagin.parameters import list_fields, vary_fields
from sagin.relaying.frameworks import FRAMEWORKS
from sagin.relaying.monte_carlo import run_drops
from sagin.relaying.scenario import Scenario, build_scenario, check_scenario
from sagin.studies.prediction import predict, read_means
from sagin.studies.space import build_space
from sagin.studies.survey import list_combinations

DROPS = 64


def test_defaults_lie_in_their_priors():
    fields = [row for row in list_fields(Scenario) if row[1].prior is not None]
    assert len(fields) == 26
    for name, parameter, default in fields:
        assert parameter.mark in ("open", "erratum"), name
        if isinstance(parameter.prior, Options):
            assert default in parameter.prior.names, name
            for value in parameter.prior.names:
                vary_fields(Scenario(), [f"{name}={value}"], check_scenario)
        else:
            assert parameter.prior.low <= default <= parameter.prior.high, name
            for value in parameter.prior[:2]:
                vary_fields(Scenario(), [f"{name}={value}"], check_scenario)
        assert parameter.prior.source


def test_every_definition_names_measured_series():
    metrics = reading_drops.list_metrics()
    assert set(survey.ACCOUNTS) == set(reading_drops.ACCOUNTS)
    assert set(survey.SATELLITE) == set(reading_drops.SATELLITE)
    names = {framework.name for framework in FRAMEWORKS}
    for combination in list_combinations(survey.SURVEY):
        for claim in survey.SURVEY.claims:
            assert combination.replace(claim.metric) in metrics
            assert combination.replace(claim.rival) in names
    printed = [claim.printed for claim in survey.SURVEY.claims if claim.kind == "gain"]
    assert printed == [32.49, 3.65, 6.92, 29.59, 25.39, 3.65, 6.93, 28.54]


@pytest.mark.slow
def test_traced_readings_are_those_of_their_own_scenarios(tmp_path):
    """Against the program of `run_drops` with names in their fields, reading by reading."""
    base = build_scenario("paper", ("users.count=40", "base.capacity=15"))
    space = build_space(base)
    readings = space.draw(16, 5).take([0, 3, 9])
    values = space.to_values(readings)
    task = survey.SURVEY.build_task(base, values, drops=DROPS, seed=2, x=40)
    means = read_means(reading_drops.make(task, lambda _: None, tmp_path))
    keys = run.make_keys(2, DROPS)
    for row in range(len(readings)):
        changes = survey.SURVEY.settle(space.list_changes(readings.take([row])))
        fields = [f"{name}={value}" for name, value in changes.items()]
        scenario = vary_fields(base, fields, check_scenario)
        summary = run_drops(keys, scenario, 40)
        for number, framework in enumerate(FRAMEWORKS):
            expected = np.asarray(summary.capacity, np.float64)[:, number].mean()
            np.testing.assert_allclose(
                means[framework.name, "capacity"][row, 0, 0], expected, rtol=1e-4
            )
            for account in ("printed", "link", "radiated", "site"):
                efficiency = np.asarray(getattr(summary, f"{account}_efficiency"), np.float64)
                metric = reading_drops.name_efficiency(account, "excluded")
                np.testing.assert_allclose(
                    means[framework.name, metric][row, 0, 0],
                    efficiency[:, number].mean(),
                    rtol=1e-4,
                )
    gains = predict(survey.SURVEY, means, next(list_combinations(survey.SURVEY)))
    assert gains.shape == (3, 10)
