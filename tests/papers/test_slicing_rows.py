"""The slicing paper as rows: figures, claims, the tasks that they need, verdicts on invented
numbers.
"""

import dataclasses
import json

import numpy as np
import pytest

from sagin.papers.slicing import PAPER
from sagin.papers.slicing.beyond import OWN
from sagin.papers.slicing.claims import CLAIMS
from sagin.papers.slicing.figures import FIGURES, SIZES
from sagin.papers.slicing.floor import bar
from sagin.papers.slicing.methods import BASELINES, BY_RULE, LEARNED, TITLES, find_unlearned
from sagin.papers.slicing.points import has_figure, list_points
from sagin.papers.slicing.profiles import PROFILES, Profile
from sagin.papers.slicing.tables import list_tables
from sagin.slicing.scenario import build_scenario, slice_sizes
from sagin.studies.figure import find_figures
from sagin.studies.judge import judge
from sagin.studies.record import Result, Table, make_sample

STANDARD = PROFILES["standard"]
SCENARIO = build_scenario("paper")


def make_table(leads, seeds=10, metrics=("throughput", "delay", "coverage"), **constant):
    """Numbers in which each method is so much better than one of lead 0, per metric."""
    rng = np.random.default_rng(0)
    samples = []
    for method, lead in leads.items():
        for metric in metrics:
            sign = -1 if metric == "delay" else 1
            for size in SIZES:
                values = 100 + sign * lead + 2 * size + rng.normal(0, 0.5, (seeds, 4))
                samples.append(make_sample(method, metric, values, x=float(size)))
        for metric, value in constant.items():
            for size in SIZES:
                values = np.full((seeds, 4), value)
                samples.append(make_sample(method, metric, values, x=float(size)))
    return Table(samples)


def judge_figure(name, table, **options):
    claims = [claim for claim in CLAIMS if claim.figure == name]
    return {verdict.claim: verdict for verdict in judge(claims, table, **options)}


def list_tasks(name, methods=()):
    (figure,) = find_figures(FIGURES, [name])
    return [point.task for point in list_points(figure, SCENARIO, STANDARD, methods)]


def test_every_claim_is_of_methods_and_rivals_of_its_figure():
    figures = {figure.id: figure for figure in FIGURES}
    for claim in CLAIMS:
        shown = set(figures[claim.figure].methods)
        assert {claim.method, claim.rival or claim.method} <= shown, claim.id
        number = claim.figure.split("-")[1]
        assert claim.source == OWN or claim.source in (
            f"Fig. {number}",
            "Section VI",
            "Figs. 10 to 12",
        )


def test_all_claims_of_the_first_study_are_there():
    printed = [claim for claim in CLAIMS if claim.source != OWN]
    kinds = [(c.figure, c.kind) for c in printed if not c.figure.endswith("-greedy")]
    of_4_to_6 = [kind for figure, kind in kinds if figure in ("figure-4", "figure-5", "figure-6")]
    assert (of_4_to_6.count("exceeds"), of_4_to_6.count("level")) == (3 + 6 + 4, 2)
    assert of_4_to_6.count("rises") == 9
    of_10_to_12 = [kind for figure, kind in kinds if figure.split("-")[1] in ("10", "11", "12")]
    assert (of_10_to_12.count("exceeds"), of_10_to_12.count("level")) == (15 + 2, 2)
    assert [kind for figure, kind in kinds if figure.startswith("figure-8")] == ["crosses"] * 6
    assert [kind for figure, kind in kinds if figure == "figure-7"] == ["exceeds"] * 2
    of_3 = [kind for figure, kind in kinds if figure == "figure-3"]
    assert (of_3.count("steady"), of_3.count("exceeds"), of_3.count("level")) == (6, 2, 1)


def test_ten_seeds_are_enough_in_every_figure():
    for figure in FIGURES:
        tested = [
            claim
            for claim in CLAIMS
            if claim.figure == figure.id and claim.kind in ("exceeds", "rises")
        ]
        assert len(tested) * 2 / 2**10 < 0.05


def test_every_method_has_a_title():
    shown = {name for figure in FIGURES for name in (*figure.methods, *figure.baselines)}
    floors = {row.floor for row in LEARNED.values()}
    assert shown | floors | set(BY_RULE.values()) <= set(TITLES)


def test_verdicts_follow_the_numbers():
    leads = {"two-layer MADDPG": 10, "uniform balancing": 9, "no balancing": 0}
    table = make_table(leads, offloaded=0.2)
    found = judge_figure("figure-5", table)
    assert found["figure-5-delay-two-layer-maddpg-over-no-balancing"].verdict == "holds"
    assert found["figure-5-delay-rises-no-balancing"].verdict == "holds"
    level = "figure-4-throughput-two-layer-maddpg-level-uniform-balancing"
    assert judge_figure("figure-4", table)[level].verdict == "holds"
    falls = "figure-6-coverage-falls-two-layer-maddpg"
    assert judge_figure("figure-6", table)[falls].verdict == "does not hold"
    table = make_table({"two-layer MADDPG": 0, "fixed UAVs": 20})
    over = "figure-10-throughput-two-layer-maddpg-over-fixed-uavs"
    found = judge_figure("figure-10", table)
    assert found[over].verdict == "does not hold"
    assert not any("mappo" in claim for claim in found), "methods without numbers are not judged"


def test_balancing_that_moves_nobody_is_idle():
    table = make_table({"two-layer MADDPG": 10, "no balancing": 0}, offloaded=0.005)
    found = judge_figure("figure-5", table)
    verdict = found["figure-5-delay-two-layer-maddpg-over-no-balancing"]
    assert (verdict.verdict, verdict.reason[:5]) == ("not tested", "idle:")
    assert found["figure-5-delay-rises-two-layer-maddpg"].verdict == "holds"


def test_few_seeds_decide_nothing():
    table = make_table({"two-layer MADDPG": 10, "uniform balancing": 0}, 3, offloaded=0.2)
    found = judge_figure("figure-5", table)
    assert found["figure-5-delay-two-layer-maddpg-over-uniform-balancing"].verdict == "undecided"


@pytest.mark.parametrize(
    ("load", "verdict", "crossing"),
    [
        (lambda users: users / 3, "holds", 30.0),
        (lambda users: users / 2, "holds in part", 20.0),
        (lambda users: users / 5, "holds in part", 50.0),
        (lambda users: users / 10, "does not hold", np.inf),
    ],
)
def test_verdicts_on_an_excess(load, verdict, crossing):
    samples = [
        make_sample("random, none", "BS 2", [load(users)] * 5, x=float(users))
        for users in range(12, 61, 6)
    ]
    (found,) = judge_figure("figure-8", Table(samples)).values()
    assert (found.verdict, found.estimate) == (verdict, pytest.approx(crossing))


def test_noise_leaves_an_excess_undecided():
    samples = [make_sample("random, none", "BS 2", [0.0, 15.0], x=x) for x in (12.0, 60.0)]
    (found,) = judge_figure("figure-8", Table(samples)).values()
    assert found.verdict == "undecided"


def test_a_learner_below_the_constant_action_does_not_judge():
    names = ("two-layer MADDPG", "uniform balancing")
    learned = make_table(dict.fromkeys(names, 5), offloaded=0.2, score=1.7)
    floors = [
        make_sample(floor, "score", np.full(4, value), x=float(size))
        for floor, value in (("constant", 2.7), ("constant, uniform", 1.6))
        for size in SIZES
    ]
    table = Table([*learned.samples(), *floors])
    barred = bar(table, SCENARIO)
    assert set(barred) == {
        ("two-layer MADDPG", None),
        *(("two-layer MADDPG", factor * size) for size in SIZES for factor in (1.0, 3.0)),
    }
    text = "two-layer MADDPG is not trained: score 1.700 against the constant's 2.700"
    assert barred["two-layer MADDPG", 8.0] == f"{text} at K_s = 8"
    found = judge_figure("figure-5", table, barred=barred)
    proposed = {verdict.verdict for name, verdict in found.items() if "two-layer" in name}
    assert proposed == {"not tested"}
    assert found["figure-5-delay-rises-uniform-balancing"].verdict == "holds"


def test_a_learner_whose_floor_is_unknown_does_not_judge():
    barred = bar(make_table({"MADDPG": 5}, score=1.7), SCENARIO)
    assert "unknown" in barred["MADDPG", None]


@pytest.mark.parametrize(
    ("leads", "allowed"),
    [
        ((0.3, -0.2, 0.1), True),
        ((-0.01, 0.0, 0.005), True),
        ((-0.3, 0.2, -0.1), False),
        ((-0.03, -0.031, -0.029), False),
    ],
)
def test_the_floor_is_a_paired_mean_or_a_narrow_interval(leads, allowed):
    layouts = np.linspace(1.0, 2.0, 50)
    scores = layouts + np.array(leads)[:, None]
    samples = [
        make_sample("MADDPG", "score", scores, x=8.0),
        make_sample("constant", "score", layouts, x=8.0),
    ]
    assert (("MADDPG", None) not in bar(Table(samples), SCENARIO)) == allowed


def test_figures_share_tasks():
    proposed = [task for task in list_tasks("4") if task["method"] == "two-layer MADDPG"]
    assert len(proposed) == STANDARD.seeds * len(STANDARD.sizes)
    for name in ("5", "10", "7", "figure-9-learned"):
        assert all(task in list_tasks(name) for task in proposed), name
    greedy = [task for task in list_tasks("9") if task["method"] == "greedy"]
    assert [task["counts"][0] for task in greedy] == list(range(4, 21, 2))
    assert [task for task in list_tasks("10") if task["method"] == "greedy"] == greedy[2:7]


def test_further_methods_meet_the_slots_of_the_others():
    tasks = list_tasks("10", ["round-robin"])
    further = [task for task in tasks if task["method"] == "round-robin"]
    greedy = [task for task in tasks if task["method"] == "greedy"]
    shared = ("counts", "slots", "runs", "seed")
    assert [[task[key] for key in shared] for task in further] == [
        [task[key] for key in shared] for task in greedy
    ]


def test_planner_and_bound_take_the_first_slots_of_the_others_runs():
    (figure,) = find_figures(FIGURES, ["10"])
    tasks = {task["method"]: task for task in list_tasks("10") if task["method"] in BASELINES}
    amounts = {name: (task["slots"], task["runs"], task["seed"]) for name, task in tasks.items()}
    assert amounts["planner"] == (1, STANDARD.runs, 0)
    assert amounts["bound"] == (1, STANDARD.bounded, 0)
    assert amounts["greedy"] == (STANDARD.slots, STANDARD.runs, 0)
    undisturbed = build_scenario("paper", ("radio.interference=none",))
    names = {point.task["method"] for point in list_points(figure, undisturbed, STANDARD)}
    assert names >= {"greedy", "random", "planner"}
    assert "bound" not in names, "it counts interference"


def test_methods_differ_in_their_row_alone():
    for name, rule in (("greedy, uniform", "uniform"), ("random, none", "none")):
        row = find_unlearned(name)
        assert (row.policy, row.overrides) == (name.split(",")[0], (f"balancing.rule={rule}",))
    plans = {task["method"]: task["plan"] for task in list_tasks("4") if "plan" in task}
    rules = {name: plan["scenario"]["balancing"]["rule"] for name, plan in plans.items()}
    assert rules == {
        "two-layer MADDPG": "priority",
        "uniform balancing": "uniform",
        "no balancing": "none",
    }


def test_profiles_leave_out_what_they_do_not_train():
    shown = {name: [f.id for f in FIGURES if has_figure(f, p)] for name, p in PROFILES.items()}
    alone = [f"figure-{number}-alone" for number in (4, 5, 6)]
    assert shown["standard"] == [figure.id for figure in FIGURES if figure.id not in alone]
    assert "figure-4-alone" not in shown["quick"]
    assert "figure-10-collisions" not in shown["quick"]
    untrained = [figure.id for figure in FIGURES if has_figure(figure, Profile(2, 2))]
    assert set(untrained) >= {"figure-8", "figure-9", "figure-4-greedy"}
    assert "figure-3" not in untrained
    content = json.loads(json.dumps(dataclasses.asdict(STANDARD)))
    assert PAPER.restore_profile(content) == STANDARD


def test_tables_are_over_the_same_numbers_of_users():
    table = make_table({"greedy": 5}, metrics=("throughput",), score=2.0, coverage=0.5)
    tables = list_tables([Result(list(table.samples()))], SCENARIO, STANDARD)
    (head, (row,)), (_, (over_all,)) = tables.values()
    cells = dict(zip(head, row, strict=True))
    assert cells["method"] == "greedy"
    assert cells["coverage of C (%)"].estimate == pytest.approx(50.0)
    assert cells["users collided (%)"] == ""
    mean = np.mean(list(table.values("greedy", "throughput", 10.0).values()))
    assert cells["throughput of H (Mbit/s)"].estimate == pytest.approx(1e-6 * mean)
    assert over_all[1].estimate > row[1].estimate, "it rises with users"


def test_what_acts_stands_beside_chance():
    samples = [
        make_sample("two-layer MADDPG", metric, [[0.25, 0.25], [0.5, 0.5]][:2], x=10.0)
        for metric in ("offloaded", "near_uav", "access_L")
    ]
    tables = list_tables([Result(samples)], SCENARIO, STANDARD)
    head, (row,) = tables["What acts in learned methods at K_s = 10"]
    cells = dict(zip(head, row, strict=True))
    assert cells["users offloaded (%)"].estimate == pytest.approx(37.5)
    assert cells["by chance"] == pytest.approx(30 * np.pi * 0.25 / 9)
    assert cells["access of H to the NTL (%)"] == ""


def test_slices_are_padded_to_the_largest_of_any_figure():
    (figure,) = find_figures(FIGURES, ["9"])
    points = list_points(figure, SCENARIO, STANDARD)
    assert slice_sizes(SCENARIO) == (10, 10, 10)
    assert set(points[0].task["scenario"]["users"].values()) == {20}
    assert len({point.program for point in points}) == 1
