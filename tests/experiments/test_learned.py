"""Learned methods of the slicing study: cells that go on where they stopped, figures, and verdicts
on made-up numbers.
"""

import dataclasses
import re

import numpy as np
import pytest

from sagin.experiments import engines, learned, learned_study
from sagin.experiments.learned_claims import COLUMNS, FAMILIES, gains, judgements
from sagin.experiments.store import Store
from sagin.slicing.scenario import build_scenario

TINY = learned.Amount(
    200,
    2,
    2,
    3,
    ("network.kind=shared", "network.row_width=4"),
    ("maddpg.warm_up=20", "maddpg.replay=40", "maddpg.batch=8"),
)


def made_up(leads, seeds=10):
    """Numbers in which each method is so much better than the one before it, per metric."""
    rng = np.random.default_rng(0)
    signs = {"throughput": 1, "delay": -1, "coverage": 1}
    return {
        method: {
            metric: {
                size: (100 + sign * lead + 2 * size + rng.normal(0, 0.5, seeds)).tolist()
                for size in learned.SIZES
            }
            for metric, sign in signs.items()
        }
        for method, lead in leads.items()
    }


def verdicts(found):
    """The verdict of each claim, by its text and rival."""
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in judgements(found)]
    return {(row["claim"], row["against"]): row["verdict"] for row in rows}


def test_verdicts_follow_the_numbers():
    found = verdicts(
        made_up(
            {"two-layer MADDPG": 10, "uniform balancing": 9, "no balancing": 0, "fixed UAVs": 20}
        )
    )
    assert found["no balancing is worst in delay (Fig. 5)", "no balancing"] == "holds"
    assert (
        found[
            "proposed and uniform balancing have almost the same throughput (Fig. 4)",
            "uniform balancing",
        ]
        == "holds"
    )
    assert (
        found["two-layer MADDPG is better in throughput (Fig. 10)", "fixed UAVs"] == "does not hold"
    )
    assert found["throughput rises with users (Fig. 4)", ""] == "holds"
    assert found["coverage falls with users (Fig. 6)", ""] == "does not hold"
    assert not any(rival == "MAPPO" for _, rival in found), (
        "methods that aren't there are not judged"
    )


def test_few_seeds_decide_nothing():
    found = verdicts(made_up({"two-layer MADDPG": 10, "uniform balancing": 0}, seeds=3))
    assert (
        found["proposed balancing is better in delay than uniform (Fig. 5)", "uniform balancing"]
        == "undecided"
    )


def test_every_claim_is_of_a_figure_and_methods_that_are_drawn():
    sources = {"Section VI": "figure-7", "Figs. 10 to 12": "figure-10"}
    for claim in (claim for family in FAMILIES.values() for claim in family):
        numbered = sources.get(claim.source) or claim.source.replace("Fig. ", "figure-")
        figures = [
            one for one in learned_study.FIGURES if one.name.split("-")[:2] == numbered.split("-")
        ]
        assert (
            claim.source in sources
            or numbered == "figure-7"
            or {figure.metric for figure in figures} == {claim.metric}
        )
        drawn = {
            name
            for one in (*figures, *[learned_study.MAP][: not figures])
            for name in learned_study.METHODS_OF[one.name]
        }
        assert {claim.method, claim.rival} - {None} <= drawn


def test_a_gain_over_a_rival_that_varies_is_no_surer_than_the_rival():
    found = made_up({"two-layer MADDPG": 0, "uniform balancing": 0})
    claim = next(
        claim
        for claim in FAMILIES["Figs. 4 to 6"]
        if claim.kind == "better" and claim.metric == "throughput"
    )
    rival = {size: (np.linspace(5, 35, 10)).tolist() for size in learned.SIZES}
    found["uniform balancing"]["throughput"] = rival
    each = gains(found, claim)
    ours = np.mean([found["two-layer MADDPG"]["throughput"][size] for size in learned.SIZES])
    assert each.mean() == pytest.approx(100 * (ours / 20 - 1))
    # the relative error of a ratio is at least that of what it is divided by
    assert each.std() / (each.mean() + 100) == pytest.approx(np.std(rival[8]) / 20, rel=0.05)
    shown = next(row for row in judgements(found) if row[0] == f"{claim.text} ({claim.source})")[
        COLUMNS.index("ours")
    ]
    low, high = (float(text) for text in re.findall(r"[(+ ](\d[\d.]*)", shown)[1:])
    assert high - low > 100


def test_what_a_rival_has_none_of_is_told_as_it_is():
    found = made_up({"two-layer MADDPG": 0, "MADDPG": 0})
    for method, share in (("two-layer MADDPG", 0.0), ("MADDPG", 0.25)):
        found[method]["collided"] = {size: [share] * 10 for size in learned.SIZES}
    (row,) = [
        row for row in judgements(found) if row[0].startswith("one layer has more collisions")
    ]
    assert (row[3], row[7]) == ("0.25 against 0", "holds")


def test_ten_seeds_are_enough_in_every_family():
    for family in FAMILIES.values():
        assert sum(claim.kind != "level" for claim in family) * 2 / 2**10 < 0.05


def test_the_summary_is_of_all_numbers_of_users_alike():
    found = made_up({"two-layer MADDPG": 0})["two-layer MADDPG"]
    found["delay"] = {size: [0.01, 0.01, 0.01, 0.09] for size in learned.SIZES}
    row = dict(zip(learned_study.SUMMARY, learned_study.summary("mine", found), strict=True))
    assert (row["method"], row["seeds"]) == ("mine", "10")
    assert row["mean delay of L (ms), mean"].startswith("30 (")
    assert row["mean delay of L (ms), interquartile mean"].startswith("10 (10 to ")
    assert float(row["coverage of C (%), mean"].split()[0]) == pytest.approx(
        100 * np.mean(list(found["coverage"].values())), rel=1e-3
    )


@pytest.mark.slow
def test_a_cell_that_was_stopped_goes_on_to_the_same_numbers(tmp_path):
    scenario, amount = build_scenario("paper"), dataclasses.replace(TINY, seeds=1)
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
    (line,) = learned_study.lines(
        next(one for one in learned_study.FIGURES if one.name == "figure-5-alone"), runs
    )
    assert line.x == tuple(map(float, learned.SIZES))
    assert whole["kpis"]["10-12-10"]["delay"] * 1e3 == pytest.approx(line.y[2].estimate)
