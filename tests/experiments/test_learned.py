"""Learned methods of the slicing study: cells that go on where they stopped, figures, and verdicts on made-up numbers."""

import dataclasses

import numpy as np
import pytest

from sagin.experiments import engines, learned, learned_study
from sagin.experiments.learned_claims import COLUMNS, FAMILIES, judgements
from sagin.experiments.store import Store
from sagin.slicing.scenario import named

TINY = learned.Amount(
    200, 2, 2, 3, ("network.kind=shared", "network.row_width=4"), ("maddpg.warm_up=20", "maddpg.replay=40", "maddpg.batch=8")
)


def made_up(leads, seeds=10):
    """Numbers in which each method is so much better than the one before it, per metric."""
    rng = np.random.default_rng(0)
    signs = {"throughput": 1, "delay": -1, "coverage": 1}
    return {
        method: {
            metric: {size: (100 + sign * lead + 2 * size + rng.normal(0, 0.5, seeds)).tolist() for size in learned.SIZES}
            for metric, sign in signs.items()
        }
        for method, lead in leads.items()
    }


def verdicts(found):
    """The verdict of each claim, by its text and rival."""
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in judgements(found)]
    return {(row["claim"], row["against"]): row["verdict"] for row in rows}


def test_verdicts_follow_the_numbers():
    found = verdicts(made_up({"two-layer MADDPG": 10, "uniform balancing": 9, "no balancing": 0, "fixed UAVs": 20}))
    assert found["no balancing is worst in delay (Fig. 5)", "no balancing"] == "holds"
    assert found["proposed and uniform balancing have almost the same throughput (Fig. 4)", "uniform balancing"] == "holds"
    assert found["two-layer MADDPG is better in throughput (Fig. 10)", "fixed UAVs"] == "does not hold"
    assert found["throughput rises with users (Fig. 10)", ""] == "holds"
    assert found["coverage falls with users (Fig. 12)", ""] == "does not hold"
    assert not any(rival == "MAPPO" for _, rival in found), "methods that aren't there are not judged"


def test_few_seeds_decide_nothing():
    found = verdicts(made_up({"two-layer MADDPG": 10, "uniform balancing": 0}, seeds=3))
    assert found["proposed balancing has less delay than uniform (Fig. 5)", "uniform balancing"] == "undecided"


def test_every_claim_is_of_a_figure_and_methods_that_are_drawn():
    for claim in (claim for family in FAMILIES.values() for claim in family):
        numbered = claim.source.replace("Fig. ", "figure-").replace("Section VI", "figure-7")
        figures = [one for one in learned_study.FIGURES if one.name.split("-")[:2] == numbered.split("-")]
        assert numbered == "figure-7" or {figure.metric for figure in figures} == {claim.metric}
        drawn = {name for one in (*figures, *[learned_study.MAP][: not figures]) for name in learned_study.METHODS_OF[one.name]}
        assert {claim.method, claim.rival} - {None} <= drawn


def test_ten_seeds_are_enough_in_every_family():
    for family in FAMILIES.values():
        assert sum(claim.kind != "level" for claim in family) * 2 / 2**10 < 0.05


@pytest.mark.slow
def test_a_cell_that_was_stopped_goes_on_to_the_same_numbers(tmp_path):
    scenario, amount = named("paper"), dataclasses.replace(TINY, seeds=1)
    (task,) = learned.cells(learned.METHODS["two-layer MADDPG"], scenario, amount, 0)

    def filled(folder, advance):
        store = Store(folder)
        engines.fill(store, [task], "sagin.experiments.learned.make", learned.work, advance)
        return store.find(task)

    whole, steps = filled(tmp_path / "whole", lambda _: None), []

    def stop(count):
        steps.append(count)
        if sum(steps) >= 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filled(tmp_path / "parts", stop)
    assert filled(tmp_path / "parts", lambda _: None) == whole
    runs = learned_study.found(Store(tmp_path / "whole"), scenario, amount)
    (line,) = learned_study.lines(next(one for one in learned_study.FIGURES if one.name == "figure-5-alone"), runs)
    assert line.x == tuple(map(float, learned.SIZES))
    assert whole["kpis"]["10-12-10"]["delay"] * 1e3 == pytest.approx(line.y[2].estimate)
