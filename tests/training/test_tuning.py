"""The tuning of four families: alike for all, and trials that share programs."""

import importlib.util
from pathlib import Path

import pytest

from sagin.training.run import compile_run

PATH = Path(__file__).parents[2] / "tools/tune_learners.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("tool", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_families_have_the_same_trials_and_slots(tool):
    for one in ("maddpg", "mappo"):
        assert tool.list_trials(one) == tool.list_trials(f"two-layer-{one}")
    for family in tool.FAMILIES:
        trials = tool.list_trials(family)
        assert len(set(trials)) == tool.TRIALS
        for settings in trials:
            run = tool.plan_run(family, settings, tool.SLOTS)
            assert run.iterations * run.task.plays == tool.SLOTS


def test_trials_that_differ_in_rates_share_a_program(tool):
    settings = tool.list_trials("maddpg")
    advance = [
        compile_run(tool.plan_run("maddpg", settings[number], tool.SLOTS).task).advance.func
        for number in (0, 2, 3)
    ]
    # other heads are another program
    assert advance[0] is advance[1] is not advance[2]


def test_the_best_so_far_never_falls(tool):
    scores = [1.0, 3.0, 2.0]
    rows = [
        {"family": "mappo", "trial": number, "best": score + shift}
        for number, score in enumerate(scores)
        for shift in (-0.5, 0.5)
    ]
    follow = tool.follow_best(rows)
    assert [row["best"] for row in follow] == [1.0, 3.0, 3.0]
    assert [row["of trial"] for row in follow] == [0, 1, 1]
