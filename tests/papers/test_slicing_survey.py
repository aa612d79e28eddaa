"""The slicing paper's readings: priors fit their fields, definitions name measured series, and a
reading's slots are those of its own scenario.
"""

import jax
import numpy as np
import pytest

from sagin.choices import Options
from sagin.methods.play import make_run_keys
from sagin.papers.slicing import reading_slots
from sagin.papers.slicing.survey import RULE, SURVEY
from sagin.parameters import list_fields, vary_fields
from sagin.policies.table import POLICIES
from sagin.slicing.evaluation import evaluate
from sagin.slicing.scenario import Scenario, build_scenario, check_scenario
from sagin.studies.prediction import find_aim, read_means
from sagin.studies.space import build_space
from sagin.studies.survey import list_combinations

DROPS = 3


def test_defaults_lie_in_their_priors():
    fields = [row for row in list_fields(Scenario) if row[1].prior is not None]
    assert len(fields) == 7
    for name, parameter, default in fields:
        assert parameter.mark == "open", name
        ends = (
            parameter.prior.names if isinstance(parameter.prior, Options) else parameter.prior[:2]
        )
        if isinstance(parameter.prior, Options):
            assert default in ends
        else:
            assert ends[0] <= default <= ends[1], name
        for value in ends:
            changes = SURVEY.settle({name: value})
            vary_fields(
                Scenario(), [f"{key}={part}" for key, part in changes.items()], check_scenario
            )


def test_every_definition_names_measured_series():
    methods = {f"{name}{suffix}" for name in POLICIES for suffix in reading_slots.VARIANTS}
    for combination in list_combinations(SURVEY):
        for claim in SURVEY.claims:
            assert combination.replace(claim.method) in methods
            assert combination.replace(claim.rival) in {"", *methods}
            for metric in filter(None, (claim.metric, claim.rival_metric, claim.acts)):
                assert combination.replace(metric) in reading_slots.METRICS
    assert len({claim.id for claim in SURVEY.claims}) == len(SURVEY.claims)
    assert all(np.diff(find_aim(claim)) > 0.0 for claim in SURVEY.claims)


@pytest.mark.slow
def test_slots_of_a_reading_are_those_of_its_own_scenario(tmp_path):
    """Against `evaluate` of each scenario, with names in its fields and slices of its own size."""
    base = build_scenario("paper", ("users.high_throughput=4", "users.low_delay=4"))
    space = build_space(base)
    readings = space.draw(8, 3).take([6])
    task = SURVEY.build_task(base, space.to_values(readings), drops=DROPS, seed=2, x=4)
    means = read_means(reading_slots.make(task, lambda _: None, tmp_path))
    keys = make_run_keys(2, DROPS)
    for row in range(len(readings)):
        changes = SURVEY.settle(space.list_changes(readings.take([row])))
        for suffix in (", uniform", ", none", ", fixed UAVs"):
            rule, placement = reading_slots.VARIANTS[suffix]
            fields = changes | {"balancing.rule": rule, "uavs.placement": placement}
            fields |= {f"users.{name}": 4 for name in ("high_throughput", "low_delay")}
            fields["users.wide_coverage"] = 4
            text = [f"{name}={value}" for name, value in fields.items()]
            scenario = vary_fields(base, text, check_scenario)
            kpis = jax.vmap(lambda key, at=scenario: evaluate(key, at, POLICIES[RULE], 1))(keys)
            for metric in ("throughput", "delay", "coverage", "offloaded"):
                expected = np.asarray(getattr(kpis, metric), np.float64).mean()
                found = means[f"{RULE}{suffix}", metric][row, 0, 0]
                np.testing.assert_allclose(found, expected, rtol=1e-3, err_msg=f"{suffix} {metric}")
            (load,) = np.asarray(kpis.load_base, np.float64).mean(axis=(0, 1))[1:]
            np.testing.assert_allclose(means[f"{RULE}{suffix}", "BS 2"][row, 0, 0], load, rtol=1e-6)
